/** el makes an element. Text is set as text: nothing that was recorded is ever read as HTML. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K, attributes: Record<string, string> = {}, ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** button makes a button with a label, what it says on hovering, and what it does. */
export function button(label: string, title: string, act: () => void, attributes: Record<string, string> = {}): HTMLButtonElement {
  const b = el("button", { type: "button", title, ...attributes }, label);
  b.addEventListener("click", act);
  return b;
}
