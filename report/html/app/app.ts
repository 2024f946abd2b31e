import { AXIS } from "./axis";
import { laneHeights } from "./layout";
import { lowerBound, type Model } from "./model";
import type { State } from "./paint";
import { type Actions, Panel } from "./panel";
import { find } from "./search";
import { Stage } from "./stage";
import { outcomeWords } from "./story";

/** App is what the reader can do: every key, button and link ends in one of its methods. */
export class App implements Actions {
  readonly state: State = { selected: -1, focused: -1, marker: -1, mask: null, marked: null, hits: new Uint32Array(0), hit: -1 };
  readonly stage: Stage;
  readonly panel: Panel;
  filter = -1; // the marker whose live tasks are the only ones shown
  say: (text: string) => void = () => {};
  changed: () => void = () => {};

  constructor(readonly model: Model) {
    this.stage = new Stage(model, this.state);
    this.panel = new Panel(model, this);
    this.stage.onToggle = (loop) => this.toggle(loop);
  }

  get view() { return this.stage.scene.view; }
  get layout() { return this.stage.scene.layout; }

  /** start lays everything out for the first time. */
  start(): void {
    this.layout.arrange(null);
    this.layout.fit(this.stage.room(), 6);
    this.arrange();
  }

  /** arrange lays everything out anew. */
  arrange(): void {
    this.layout.arrange(this.state.mask);
    this.stage.besidePanel = !this.panel.element.hidden;
    this.stage.resize();
    this.panel.element.style.maxHeight = this.stage.outer + "px";
    this.changed();
  }

  /** select tells about a task; with centre, it goes there, too. */
  select(i: number, centre = true): void {
    if (i < 0 || i >= this.model.tasks) return;
    this.state.selected = i;
    this.state.marker = this.state.focused = -1;
    this.panel.task(i);
    this.arrange();
    if (centre) this.reveal(i);
    this.link("#task-" + this.model.data.task.id[i]);
    this.say(`${this.model.title(i)}, ${outcomeWords(this.model, i)}`);
  }

  deselect(): void {
    const { state } = this;
    if (state.focused < 0 && state.selected < 0 && state.marker < 0 && (state.marked || state.mask)) this.showAll();
    state.selected = state.focused = state.marker = -1;
    this.panel.close();
    this.arrange();
    this.link("");
  }

  /** link puts the selection into the address, so that it can be sent to somebody. */
  private link(hash: string): void {
    try {
      history.replaceState(null, "", hash || location.pathname + location.search);
    } catch {
      // Some browsers refuse that for files.
    }
  }

  /** reveal scrolls and, if need be, zooms until a task can be seen. */
  reveal(i: number): void {
    const { model, view, layout, state } = this;
    if (state.mask && !state.mask[i]) this.showAll();
    if (layout.collapsed.delete(model.data.task.loop[i]!)) this.arrange();
    this.scrollTo(i);
    const from = model.data.task.spawned[i]!, to = model.until[i]!;
    const width = to - from, shown = view.t1 - view.t0;
    if (width * view.scale < 24) view.show(from - width * 4, to + width * 4);
    else if (from > view.t1 || to < view.t0 || width < shown * 0.8 && (from < view.t0 || to > view.t1)) view.show((from + to - shown) / 2, (from + to + shown) / 2);
    this.stage.invalidate();
  }

  private scrollTo(i: number): void {
    const row = this.layout.row(i);
    if (!row) return;
    const { scroller, scene } = this.stage;
    const seen = scene.height - AXIS;
    if (row.y < scroller.scrollTop + 20 || row.y + row.h > scroller.scrollTop + seen - 20) scroller.scrollTop = Math.max(0, row.y - seen / 2);
    this.view.scroll = scroller.scrollTop;
  }

  /** fit shows all of the selection and nothing else. */
  fit(): void {
    const { state, model, view } = this;
    if (state.selected >= 0) {
      const from = model.data.task.spawned[state.selected]!, to = model.until[state.selected]!;
      const margin = Math.max(1, (to - from) * 0.06);
      if (this.layout.laneHeight < 13) this.setLaneHeight(18);
      view.show(from - margin, to + margin);
      this.scrollTo(state.selected);
    } else if (state.marker >= 0) {
      const m = model.marker(state.marker);
      const width = Math.max((m.end ?? m.time) - m.time, model.duration * 0.01);
      view.show(m.time - width, (m.end ?? m.time) + width);
    } else if (state.marked) {
      this.fitTasks(indexes(state.marked), null);
    } else {
      return this.fitAll();
    }
    this.stage.invalidate();
  }

  fitAll(): void {
    this.view.show(...this.view.home);
    this.layout.fit(this.stage.room(), 3);
    this.arrange();
    this.stage.scroller.scrollTop = 0;
  }

  private fitTasks(tasks: number[], time: number | null): void {
    const { model } = this;
    let from = time ?? Infinity, to = time ?? 0;
    for (const i of tasks) {
      from = Math.min(from, model.data.task.spawned[i]!);
      to = Math.max(to, model.until[i]!);
    }
    const margin = Math.max((to - from) * 0.06, model.duration * 0.005);
    this.view.show(from - margin, to + margin);
    this.stage.invalidate();
  }

  /** marker tells about a marker and has what was live then stand out. */
  marker(k: number): void {
    this.state.selected = -1;
    this.state.marker = k;
    const live = this.model.marker(k).live;
    this.state.marked = live.length ? this.maskOf(live) : null;
    this.panel.marker(k, this.filter === k);
    this.arrange();
    this.say(this.model.marker(k).label);
  }

  onlyLive(k: number): void {
    this.filter = k;
    this.state.mask = this.maskOf(this.model.marker(k).live);
    this.marker(k);
    this.state.marked = null;
    this.refit();
  }

  showAll(): void {
    this.filter = -1;
    this.state.mask = this.state.marked = null;
    if (this.state.marker >= 0) this.panel.marker(this.state.marker, false);
    this.refit();
  }

  private refit(): void {
    this.layout.arrange(this.state.mask);
    this.layout.fit(this.stage.room(), 6);
    this.arrange();
  }

  /** finding has the tasks of a finding stand out and goes there. */
  finding(k: number): void {
    const f = this.model.meta.findings[k]!;
    this.deselect();
    this.showAll();
    this.state.marked = f.tasks.length ? this.maskOf(f.tasks) : null;
    if (f.tasks.length === 1) this.select(f.tasks[0]!, false);
    this.fitTasks(f.tasks, f.time);
    if (f.tasks.length) this.scrollTo(f.tasks[0]!);
    this.arrange();
  }

  private maskOf(tasks: ArrayLike<number>): Uint8Array {
    const mask = new Uint8Array(this.model.tasks);
    for (let k = 0; k < tasks.length; k++) mask[tasks[k]!] = 1;
    return mask;
  }

  toggle(loop: number): void {
    if (!this.layout.collapsed.delete(loop)) this.layout.collapsed.add(loop);
    this.arrange();
  }

  /** rows makes the lanes higher or lower. */
  rows(by: number): void {
    const k = laneHeights.indexOf(this.layout.laneHeight) + by;
    if (laneHeights[k] !== undefined) this.setLaneHeight(laneHeights[k]);
  }

  private setLaneHeight(h: number): void {
    const { scroller } = this.stage;
    const middle = scroller.scrollTop + (this.stage.scene.height - AXIS) / 2, before = this.layout.height;
    this.layout.laneHeight = h;
    this.arrange();
    scroller.scrollTop = (middle * this.layout.height) / before - (this.stage.scene.height - AXIS) / 2;
    if (this.state.selected >= 0) this.scrollTo(this.state.selected);
  }

  /** search has the tasks that hold a text stand out. */
  search(text: string): void {
    const { state } = this;
    state.hits = find(this.model, text);
    state.hit = -1;
    state.marked = state.hits.length ? this.maskOf(state.hits) : null;
    this.stage.minimap.stale();
    this.stage.invalidate();
    this.changed();
  }

  /** hit goes to the next task found, or with -1 to the one before. */
  hit(by: number): void {
    const { state } = this;
    if (!state.hits.length) return;
    state.hit = state.hit < 0 ? (by > 0 ? 0 : state.hits.length - 1) : (state.hit + by + state.hits.length) % state.hits.length;
    this.select(state.hits[state.hit]!);
  }

  /** focus goes from task to task: along its lane, or to another lane at about the same time. */
  focus(along: number, across: number): void {
    const { state, model } = this;
    const now = state.focused >= 0 ? state.focused : state.selected;
    const next = now < 0 ? this.firstInView() : across ? this.inOtherLane(now, across) : this.inLane(now, along);
    if (next < 0) return;
    state.focused = next;
    this.reveal(next);
    const { task } = model.data;
    this.say(`${model.title(next)}, ${outcomeWords(model, next)}, spawned at ${model.when(model.ns(task.spawned[next]!))}`);
  }

  private firstInView(): number {
    const { state, model } = this;
    return state.mask ? state.mask.indexOf(1) : model.tasks ? Math.max(0, this.inSight(1)[0] ?? 0) : -1;
  }

  private inLane(i: number, by: number): number {
    const { model, state } = this;
    for (let k = i + by; k >= 0 && k < model.tasks && model.laneOf[k] === model.laneOf[i]; k += by) {
      if (!state.mask || state.mask[k]) return k;
    }
    return -1;
  }

  private inOtherLane(i: number, by: number): number {
    const { model, state } = this;
    const t = (Math.max(this.view.t0, model.data.task.spawned[i]!) + Math.min(this.view.t1, model.until[i]!)) / 2;
    for (let lane = model.laneOf[i]! + by; lane >= 0 && lane < model.laneFirst.length - 1; lane += by) {
      let best = -1, far = Infinity;
      for (let k = model.laneFirst[lane]!; k < model.laneFirst[lane + 1]!; k++) {
        const d = Math.max(0, model.data.task.spawned[k]! - t, t - model.until[k]!);
        if (d < far && (!state.mask || state.mask[k])) { best = k; far = d; }
      }
      if (best >= 0) return best;
    }
    return -1;
  }

  /** inSight returns the tasks in view, at most so many. */
  inSight(most: number): number[] {
    const { model, view, layout, state, stage } = this;
    const out: number[] = [];
    for (const g of layout.visible(view.scroll, view.scroll + stage.scene.height - AXIS)) {
      if (g.collapsed) continue;
      const first = Math.max(0, Math.floor((view.scroll - g.lanesY) / layout.laneHeight));
      const last = Math.min(g.lanes, Math.ceil((view.scroll + stage.scene.height - AXIS - g.lanesY) / layout.laneHeight));
      for (let row = first; row < last; row++) {
        const lane = layout.lane(g, row);
        const end = model.laneFirst[lane + 1]!;
        for (let i = lowerBound(model.until, view.t0, model.laneFirst[lane]!, end); i < end && model.data.task.spawned[i]! <= view.t1; i++) {
          if (state.mask && !state.mask[i]) continue;
          if (out.length === most) return out;
          out.push(i);
        }
      }
    }
    return out;
  }
}

function indexes(mask: Uint8Array): number[] {
  const out: number[] = [];
  mask.forEach((on, i) => { if (on) out.push(i); });
  return out;
}
