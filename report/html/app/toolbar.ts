import type { App } from "./app";
import { button, el } from "./dom";
import type { Key } from "./keys";
import { markerWords } from "./groups";
import { clean, count, duration, instant, number } from "./text";
import { currentTheme, nextTheme, setTheme } from "./theme";

/** Toolbar has the search, what is shown, and buttons for what the keys do. */
export class Toolbar {
  readonly element = el("div", { class: "lt-bar", role: "toolbar", "aria-label": "Timeline" });
  readonly status = el("div", { class: "lt-status" });
  private readonly input = el("input", {
    type: "search", placeholder: "Search: name, function, place  ( / )", "aria-label": "Search tasks by name, function, place or id", spellcheck: "false", autocomplete: "off",
  });
  private readonly found = el("output", { class: "lt-found", "aria-live": "polite" });
  private readonly show = el("select", { "aria-label": "Which tasks are shown" });
  private timer = 0;

  constructor(private readonly app: App, private readonly maximise: () => void, private readonly help: () => void) {
    this.fillShow();
    const theme = this.themeButton();
    this.element.append(
      el("span", { class: "lt-search" }, this.input, this.found,
        button("‹", "Task found before (P)", () => app.hit(-1), { "aria-label": "task found before" }),
        button("›", "Next task found (N)", () => app.hit(1), { "aria-label": "next task found" })),
      this.show,
      el("span", { class: "lt-grow" }),
      this.group("time", button("−", "Zoom out (S)", () => this.zoom(1 / 0.6), { "aria-label": "zoom out" }), button("+", "Zoom in (W)", () => this.zoom(0.6), { "aria-label": "zoom in" })),
      this.group("rows", button("−", "Lower rows (−)", () => app.rows(-1), { "aria-label": "lower rows" }), button("+", "Higher rows (+)", () => app.rows(1), { "aria-label": "higher rows" })),
      button("Fit all", "Show everything (0)", () => app.fitAll()),
      button("Full window", "Fill the window, or go back (M)", this.maximise, { class: "lt-max" }),
      theme,
      button("?", "Keys and signs (?)", this.help, { "aria-label": "help" }),
    );
    this.watchInput();
  }

  focus(): void {
    this.input.focus();
    this.input.select();
  }

  private group(name: string, ...buttons: HTMLElement[]): HTMLElement {
    return el("span", { class: "lt-group", role: "group", "aria-label": name }, el("span", {}, name), ...buttons);
  }

  private zoom(factor: number): void {
    this.app.view.zoom(this.app.view.width / 2, factor);
    this.app.stage.invalidate();
  }

  private themeButton(): HTMLElement {
    const place = document.getElementById("lt-tools");
    const b = button("", "Colours: as the system, light, or dark", () => {
      setTheme(nextTheme(currentTheme()));
      b.textContent = "Theme: " + currentTheme();
      this.app.stage.recolour();
    }, { class: "lt-theme" });
    b.textContent = "Theme: " + currentTheme();
    place?.replaceChildren(b);
    return place ? el("span") : b;
  }

  private watchInput(): void {
    const { input, app } = this;
    input.addEventListener("input", () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => app.search(input.value), 120);
    });
    input.addEventListener("keydown", (e) => {
      if (e.key === "Enter") {
        clearTimeout(this.timer);
        if (input.value !== this.searched) app.search(input.value);
        this.searched = input.value;
        app.hit(e.shiftKey ? -1 : 1);
      } else if (e.key === "Escape") {
        input.value = this.searched = "";
        app.search("");
        app.stage.scroller.focus({ preventScroll: true });
        e.preventDefault();
      }
    });
  }

  private searched = "";

  /** fillShow offers every moment that has a list of what was live. */
  private fillShow(): void {
    const { app, show } = this;
    const { model } = app;
    show.append(el("option", { value: "-1" }, "All tasks"));
    model.meta.markers.forEach((m, k) => {
      if (!m.live.length || show.options.length > 300) return;
      const loop = model.meta.loops.length > 1 && m.loop !== null ? " of " + clean(model.meta.loops[m.loop]!.label) : "";
      show.append(el("option", { value: String(k) }, `Only live at the ${markerWords[m.kind]}${loop}, ${model.when(model.ns(m.time))} (${number(m.live.length)})`));
    });
    show.hidden = show.options.length < 2;
    show.addEventListener("change", () => {
      const k = Number(show.value);
      if (k >= 0) app.onlyLive(k); else { app.deselect(); app.showAll(); }
    });
  }

  /** update says how much was found and what is in view. */
  update(): void {
    const { app } = this;
    const { state, view, model } = app;
    const asked = this.input.value.trim() !== "";
    const n = state.hits.length;
    this.found.textContent = !asked ? "" : !n ? "nothing found" : state.hit >= 0 ? `${number(state.hit + 1)} of ${number(n)}` : `${number(n)} found`;
    if (this.show.value !== String(app.filter)) this.show.value = String(app.filter);
    const from = Math.max(0, model.ns(view.t0)), to = Math.min(model.meta.duration_ns, model.ns(view.t1));
    const missing = model.meta.dropped_steps ? ` · ${count(model.meta.dropped_steps, "step")} not in the report` : "";
    const fewer = model.meta.dropped_tasks ? ` · ${count(model.meta.dropped_tasks, model.noun)} not in the report` : "";
    const callbacks = model.data.cb.begin.length ? ` · ${count(model.data.cb.begin.length, "callback")}` : "";
    const resolution = Math.max(1, (to - from) / 1000);
    this.status.textContent = `${instant(from, resolution)} – ${instant(to, resolution)} (${duration(to - from)}) · ` +
      `${count(model.tasks, model.noun)} · ${count(model.steps, "step")}${callbacks}${missing}${fewer}`;
  }
}

/** helpDialog lists the keys and what the signs mean. */
export function helpDialog(keys: Key[]): HTMLDialogElement {
  const dialog = el("dialog", { class: "lt-help", "aria-label": "Keys and signs of the timeline" });
  const rows = keys.map((k) => el("tr", {}, el("td", {}, el("kbd", {}, k.shown)), el("td", {}, k.does)));
  const mouse = [["drag", "move"], ["Shift and drag", "zoom to a stretch of time"], ["Ctrl and wheel", "zoom at the pointer"], ["Shift and wheel", "move in time"],
    ["click", "tell about a task or marker"], ["double click", "fit the selection"]]
    .map(([what, does]) => el("tr", {}, el("td", {}, el("kbd", {}, what!)), el("td", {}, does!)));
  const signs = [["before", "spawned, not started yet"], ["life", "suspended; text says where it was seen"], ["step", "a step: it ran"],
    ["o2", "× raised an exception"], ["o3", "⊘ cancelled; ▼ where it was cancelled"], ["o0", "» never ended"], ["o4", "collected before it ended"], ["cb", "callback of the loop"]]
    .map(([kind, means]) => el("tr", {}, el("td", {}, el("i", { class: "lt-sign lt-s-" + kind })), el("td", {}, means!)));
  const arrows = [["spawn", "spawned by, spawned"], ["cancel", "cancelled by"], ["wake", "made ready by"]]
    .map(([kind, means]) => el("tr", {}, el("td", {}, el("i", { class: "lt-arrow lt-a-" + kind })), el("td", {}, "arrow of the selected task: " + means)));
  dialog.append(
    el("form", { method: "dialog" }, el("button", { "aria-label": "close", class: "lt-x" }, "×")),
    el("div", { class: "lt-two" },
      el("section", {}, el("h3", {}, "Keys"), el("table", {}, ...rows)),
      el("section", {}, el("h3", {}, "Mouse"), el("table", {}, ...mouse), el("h3", {}, "Signs"), el("table", {}, ...signs, ...arrows))));
  dialog.addEventListener("click", (e) => { if (e.target === dialog) dialog.close(); });
  return dialog;
}
