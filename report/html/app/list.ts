import type { App } from "./app";
import { button, el } from "./dom";
import { outcomeWords } from "./story";
import { count } from "./text";

const listed = 100;

/** TaskList names the tasks in view as text, for keyboards and screen readers. */
export class TaskList {
  readonly element = el("details", { class: "lt-list" });
  private readonly summary = el("summary", {}, "Tasks in view, as a list");
  private readonly items = el("ol");
  private timer = 0;

  constructor(private readonly app: App) {
    this.element.append(this.summary, this.items);
    this.element.addEventListener("toggle", () => this.write());
  }

  /** stale writes the list anew, once things have come to rest. */
  stale(): void {
    if (!this.element.open) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.write(), 250);
  }

  private write(): void {
    const { app } = this;
    const tasks = app.inSight(listed);
    if (app.state.selected >= 0 && !tasks.includes(app.state.selected)) tasks.unshift(app.state.selected);
    this.summary.textContent = `Tasks in view, as a list: ${tasks.length === listed ? "the first " + listed : count(tasks.length, "task")}`;
    this.items.replaceChildren(...tasks.map((i) => this.item(i)));
  }

  private item(i: number): HTMLElement {
    const { app } = this;
    const { model } = app;
    const text = `${model.title(i)}, ${outcomeWords(model, i)}, spawned at ${model.when(model.ns(model.data.task.spawned[i]!))}`;
    const b = button(text, "Tell about this task", () => {
      app.select(i);
      app.panel.element.focus();
    });
    if (i === app.state.selected) b.setAttribute("aria-current", "true");
    return el("li", {}, b);
  }
}
