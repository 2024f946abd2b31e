import { button, el } from "./dom";
import type { Model } from "./model";
import { findingsOf, head, momentWords, outcomeWords, type Part, type Sentence, tell } from "./story";
import { markerWords } from "./groups";
import { capital, clean, count, duration } from "./text";

/** Actions are what links and buttons of the panel do. */
export interface Actions {
  select(task: number): void;
  deselect(): void;
  fit(): void;
  onlyLive(marker: number): void;
  showAll(): void;
  marker(marker: number): void;
}

const listed = 200;

/** Panel tells about one task or marker, beside the timeline. */
export class Panel {
  readonly element = el("aside", { class: "lt-panel", "aria-label": "Details of what is selected", hidden: "" });

  constructor(private readonly model: Model, private readonly act: Actions) {}

  close(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  task(i: number): void {
    const { model } = this;
    const { task } = model.data;
    const chip = el("span", { class: "lt-chip lt-o" + task.outcome[i] }, outcomeWords(model, i));
    const facts = el("p", { class: "lt-facts" }, chip, ` #${task.id[i]} · ${count(task.steps[i]!, "step")} · busy ${duration(task.busy[i]!)}`);
    const story = el("ol", { class: "lt-story" });
    for (const s of tell(model, i)) story.append(this.sentence(s));
    this.open(model.name(i), el("p", { class: "lt-what" }, head(model, i)), facts, story, ...this.findings(i));
  }

  private sentence(s: Sentence): HTMLElement {
    const timed = s.ns !== null && s.ns < Number.MAX_SAFE_INTEGER;
    return el("li", {}, el("span", { class: "lt-when" }, timed ? this.model.when(s.ns!) : ""), el("span", {}, ...this.parts(s.parts)));
  }

  private parts(parts: Part[]): (Node | string)[] {
    return parts.map((p) => {
      if (typeof p === "string") return p;
      return "task" in p ? this.link(p.task, this.model.name(p.task)) : this.finding(p.finding);
    });
  }

  private link(i: number, text: string): HTMLElement {
    const a = el("a", { href: "#task-" + this.model.data.task.id[i] }, text);
    a.addEventListener("click", (e) => {
      e.preventDefault();
      this.act.select(i);
    });
    return a;
  }

  private finding(k: number): HTMLElement {
    const f = this.model.meta.findings[k]!;
    return el("a", { href: "#" + f.anchor, class: "lt-finding lt-" + f.severity }, `${f.severity}[${f.rule}]`);
  }

  private findings(i: number): HTMLElement[] {
    return findingsOf(this.model, i).slice(0, 20).map((k) =>
      el("p", { class: "lt-about" }, this.finding(k), ": " + clean(this.model.meta.findings[k]!.message)));
  }

  /** marker tells of a close, a shutdown or the like, with what was live then. */
  marker(k: number, filtered: boolean): void {
    const m = this.model.marker(k);
    const loop = m.loop === null ? this.model.meta.processes[m.process]?.label : this.model.meta.loops[m.loop]!.label;
    const until = m.end === null ? "" : " to " + this.model.when(this.model.ns(m.end));
    const body: HTMLElement[] = [el("p", { class: "lt-what" }, `${clean(loop ?? "")} · ${this.model.when(this.model.ns(m.time))}${until}`), el("p", {}, clean(m.label))];
    if (m.live.length) {
      const toggle = filtered
        ? button("show all tasks", "Show all tasks again", () => this.act.showAll())
        : button("only tasks live at this " + noun(m.kind), "Hide all other tasks", () => this.act.onlyLive(k));
      body.push(el("p", { class: "lt-facts" }, `${count(m.live.length, "task")} live ${momentWords(m)} `, toggle), this.liveList(k));
    } else {
      body.push(el("p", { class: "lt-facts" }, "No task is known to have been live then."));
    }
    this.open(capital(markerWords[m.kind]), ...body);
  }

  private liveList(k: number): HTMLElement {
    const { live } = this.model.data;
    const m = this.model.marker(k);
    const waits = new Map<number, number>();
    for (let row = 0; row < live.marker.length; row++) if (live.marker[row] === k) waits.set(live.task[row]!, live.wait[row]!);
    const list = el("ul", { class: "lt-live" });
    for (const i of m.live.slice(0, listed)) {
      const wait = this.model.waitText(waits.get(i) ?? 0);
      list.append(el("li", {}, this.link(i, this.model.title(i)), wait ? ": " + wait : ""));
    }
    if (m.live.length > listed) list.append(el("li", {}, `and ${m.live.length - listed} more`));
    return list;
  }

  private open(title: string, ...body: HTMLElement[]): void {
    const bar = el("div", { class: "lt-panelbar" },
      button("fit", "Show all of it (F)", () => this.act.fit()),
      button("×", "Close this panel (Esc)", () => this.act.deselect(), { "aria-label": "close" }));
    this.element.replaceChildren(bar, el("h3", {}, title), ...body);
    this.element.hidden = false;
    this.element.scrollTop = 0;
  }
}

function noun(kind: string): string {
  return kind === "refused" || kind === "close" ? "close" : kind;
}
