import type { App } from "./app";
import { pointerX } from "./input";

/** Key is one thing that keys do, and what the help says of it. */
export interface Key { keys: string[]; shown: string; does: string; act(app: App): void }

/** keyTable returns all keys; help and search are of the toolbar. */
export function keyTable(toolbar: { search(): void; help(): void; maximise(): void }): Key[] {
  return [
    { keys: ["w"], shown: "W", does: "zoom in at the pointer", act: (a) => zoom(a, 0.6) },
    { keys: ["s"], shown: "S", does: "zoom out", act: (a) => zoom(a, 1 / 0.6) },
    { keys: ["a", "ArrowLeft"], shown: "A or ←", does: "move to the left", act: (a) => pan(a, -0.2) },
    { keys: ["d", "ArrowRight"], shown: "D or →", does: "move to the right", act: (a) => pan(a, 0.2) },
    { keys: ["ArrowUp"], shown: "↑", does: "scroll up", act: (a) => a.stage.scroller.scrollBy({ top: -60 }) },
    { keys: ["ArrowDown"], shown: "↓", does: "scroll down", act: (a) => a.stage.scroller.scrollBy({ top: 60 }) },
    { keys: ["+", "="], shown: "+", does: "higher rows", act: (a) => a.rows(1) },
    { keys: ["-"], shown: "−", does: "lower rows", act: (a) => a.rows(-1) },
    { keys: ["f"], shown: "F", does: "fit the selection", act: (a) => a.fit() },
    { keys: ["0"], shown: "0", does: "fit everything", act: (a) => a.fitAll() },
    { keys: ["/"], shown: "/", does: "search", act: () => toolbar.search() },
    { keys: ["n"], shown: "N", does: "next task found", act: (a) => a.hit(1) },
    { keys: ["p"], shown: "P", does: "task found before", act: (a) => a.hit(-1) },
    { keys: ["Shift+ArrowLeft"], shown: "Shift ←", does: "task before, in the same lane", act: (a) => a.focus(-1, 0) },
    { keys: ["Shift+ArrowRight"], shown: "Shift →", does: "next task in the same lane", act: (a) => a.focus(1, 0) },
    { keys: ["Shift+ArrowUp"], shown: "Shift ↑", does: "task in the lane above", act: (a) => a.focus(0, -1) },
    { keys: ["Shift+ArrowDown"], shown: "Shift ↓", does: "task in the lane below", act: (a) => a.focus(0, 1) },
    { keys: ["Enter"], shown: "Enter", does: "tell about that task", act: (a) => { if (a.state.focused >= 0) a.select(a.state.focused); } },
    { keys: ["m"], shown: "M", does: "fill the window, or go back", act: () => toolbar.maximise() },
    { keys: ["Escape"], shown: "Esc", does: "deselect", act: (a) => a.deselect() },
    { keys: ["?"], shown: "?", does: "this help", act: () => toolbar.help() },
  ];
}

function zoom(app: App, factor: number): void {
  app.view.zoom(pointerX(app), factor);
  app.stage.invalidate();
}

function pan(app: App, part: number): void {
  app.view.pan(part);
  app.stage.invalidate();
}

/** watchKeys connects the keys. They act on the timeline when it has the focus; letters also when only the pointer is there. */
export function watchKeys(app: App, root: HTMLElement, keys: Key[]): void {
  const byKey = new Map<string, Key>();
  for (const k of keys) for (const name of k.keys) byKey.set(name, k);
  let pointerInside = false;
  root.addEventListener("pointerenter", () => { pointerInside = true; });
  root.addEventListener("pointerleave", () => { pointerInside = false; });
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.defaultPrevented) return;
    const target = e.target as HTMLElement;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable;
    const name = e.shiftKey && e.key.startsWith("Arrow") ? "Shift+" + e.key : e.key.length === 1 ? e.key.toLowerCase() : e.key;
    const key = byKey.get(name);
    if (!key || typing || (e.key === "Enter" && target.closest("button,a,summary"))) return;
    const inside = root.contains(target) && !document.querySelector("dialog[open]");
    const global = e.key === "/" || (pointerInside && e.key.length === 1 && target === document.body);
    if (!inside && !global) return;
    e.preventDefault();
    key.act(app);
  });
}
