// The timeline of the HTML report. Everything it shows is in the page; it asks for nothing from anywhere.
import { App } from "./app";
import { load } from "./data";
import { button, el } from "./dom";
import { watchPointer } from "./input";
import { keyTable, watchKeys } from "./keys";
import { TaskList } from "./list";
import { Model } from "./model";
import { currentTheme, setTheme } from "./theme";
import { helpDialog, Toolbar } from "./toolbar";

async function main(): Promise<void> {
  const root = document.getElementById("lt-timeline");
  if (!root) return;
  setTheme(currentTheme());
  root.classList.add("lt");
  root.replaceChildren(el("p", { class: "lt-note" }, "Reading the timeline…"));
  try {
    build(root, new Model(await load()));
  } catch (error) {
    const old = typeof DecompressionStream === "undefined";
    const why = old ? "this browser is too old for it (DecompressionStream is missing)" : error instanceof Error ? error.message : String(error);
    root.replaceChildren(el("p", { class: "lt-note", role: "alert" }, `The timeline cannot be shown: ${why}. Everything else on this page is complete.`));
    root.dataset.error = why;
  }
}

function build(root: HTMLElement, model: Model): void {
  const app = new App(model);
  const status = el("div", { class: "lt-sr", role: "status" });
  const list = new TaskList(app);
  const maximise = (): void => {
    app.stage.maximised = root.classList.toggle("lt-full");
    app.arrange();
  };
  let dialog: HTMLDialogElement;
  const help = (): void => dialog.showModal();
  const toolbar = new Toolbar(app, maximise, help);
  const keys = keyTable({ search: () => toolbar.focus(), help, maximise });
  dialog = helpDialog(keys);
  app.panel.element.tabIndex = -1;
  app.say = (text) => { status.textContent = text; };
  app.changed = app.stage.onDrawn = () => { toolbar.update(); list.stale(); };
  const body = el("div", { class: "lt-body" }, app.stage.element, app.panel.element);
  root.replaceChildren(toolbar.element, body, toolbar.status, list.element, status, dialog);
  app.start();
  watchPointer(app);
  watchKeys(app, root, keys);
  watchPage(app, root);
  linkFindings(app, root);
  goToHash(app, root);
  publish(app, root);
}

/** watchPage follows changes of size and colours, and links to tasks anywhere on the page. */
function watchPage(app: App, root: HTMLElement): void {
  new ResizeObserver(() => app.stage.resize()).observe(root);
  addEventListener("resize", () => app.stage.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => app.stage.recolour());
  addEventListener("hashchange", () => goToHash(app, root));
  document.addEventListener("click", (e) => {
    const a = (e.target as Element).closest?.('a[href^="#task-"]');
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const i = taskOf(app, a.getAttribute("href")!);
    if (i < 0) return;
    e.preventDefault();
    app.select(i);
    if (!root.contains(a)) comeIntoView(root);
  });
}

function taskOf(app: App, hash: string): number {
  const id = /^#task-(\d+)$/.exec(hash);
  return id ? app.model.byId(Number(id[1])) : -1;
}

function goToHash(app: App, root: HTMLElement): void {
  const i = taskOf(app, location.hash);
  if (i < 0) return;
  app.select(i);
  comeIntoView(root);
}

function comeIntoView(root: HTMLElement): void {
  (document.getElementById("timeline") ?? root).scrollIntoView({ block: "start" });
}

/** linkFindings gives each finding of the page a button that goes to its tasks. */
function linkFindings(app: App, root: HTMLElement): void {
  app.model.meta.findings.forEach((f, k) => {
    const place = document.getElementById(f.anchor);
    if (!place || (!f.tasks.length && f.time === null)) return;
    place.append(el("p", { class: "lt-goto" }, button("show in timeline", "Show the tasks of this finding in the timeline", () => {
      app.finding(k);
      comeIntoView(root);
    })));
  });
}

/** publish lets the console and tests ask what is shown. */
function publish(app: App, root: HTMLElement): void {
  const { model, view, stage, state } = app;
  stage.draw();
  root.dataset.ready = String(Math.round(performance.now()));
  (globalThis as Record<string, unknown>).looptrace = Object.freeze({
    tasks: model.tasks,
    steps: model.steps,
    callbacks: model.data.cb.begin.length,
    view: () => [model.ns(view.t0), model.ns(view.t1)],
    show: (from: number, to: number) => { view.show(from / model.meta.tick_ns, to / model.meta.tick_ns, false); stage.invalidate(); },
    select: (id: number) => app.select(model.byId(id)),
    selected: () => (state.selected < 0 ? 0 : model.data.task.id[state.selected]),
    hits: () => state.hits.length,
    moving: () => view.moving,
    place: (id: number) => {
      const i = model.byId(id), row = app.layout.row(i);
      return row && [view.px((model.data.task.spawned[i]! + model.until[i]!) / 2), row.y + row.h / 2 - view.scroll + stage.scene.top];
    },
    draw: () => { const ms = stage.draw(); const begin = performance.now(); stage.pixel(); return [ms, performance.now() - begin]; },
  });
}

void main();
