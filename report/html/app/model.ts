import { type Data, goroutines, type Loop, type LoopRun, type Marker, type Meta, NEVER } from "./data";
import { clean, instant } from "./text";

/** Model answers questions about the recorded run. Tasks are named by their index, times are ticks. */
export class Model {
  readonly meta: Meta;
  readonly tasks: number;
  readonly noun: string; // of which the tasks are, if all of them are of one kind
  readonly steps: number;
  readonly duration: number;
  readonly laneFirst: Uint32Array; // first task of each lane, one entry more at the end
  readonly laneOf: Uint32Array; // lane of each task
  readonly loopLane: Uint32Array; // first lane of each loop, one entry more at the end
  readonly until: Uint32Array; // where the bar of each task ends
  private readonly exits: number[] = []; // of processes
  private children?: Index;
  private cancels?: Index;
  private lives?: Index;
  private callbacks?: Index;

  constructor(readonly data: Data) {
    const { meta, task } = data;
    this.meta = meta;
    this.tasks = task.id.length;
    this.noun = this.meta.loops.length > 0 && this.meta.loops.every((l) => l.label === goroutines) ? "goroutine" : "task";
    this.steps = data.step.begin.length;
    this.duration = Math.max(1, meta.duration_ns / meta.tick_ns);
    this.laneOf = new Uint32Array(this.tasks);
    this.loopLane = new Uint32Array(meta.loops.length + 1);
    this.laneFirst = this.findLanes();
    this.until = this.findEnds();
  }

  /** findLanes uses that tasks are sorted by loop, then lane. */
  private findLanes(): Uint32Array {
    const { loop, lane } = this.data.task;
    const first: number[] = [];
    let known = 0;
    for (let i = 0; i < this.tasks; i++) {
      if (i === 0 || lane[i] !== lane[i - 1] || loop[i] !== loop[i - 1]) {
        for (; known <= loop[i]!; known++) this.loopLane[known] = first.length;
        first.push(i);
      }
      this.laneOf[i] = first.length - 1;
    }
    this.loopLane.fill(first.length, known);
    first.push(this.tasks);
    return Uint32Array.from(first);
  }

  /** findEnds ends the bars of tasks that never ended where their loop was closed, or else with their process. */
  private findEnds(): Uint32Array {
    for (const m of this.meta.markers) if (m.kind === "exit") this.exits[m.process] = m.time;
    const { ended, loop, process, spawned } = this.data.task;
    const until = ended.slice();
    for (let i = 0; i < this.tasks; i++) {
      if (ended[i] === NEVER) until[i] = Math.min(this.lastOf(loop[i]!, process[i]!, spawned[i]!), NEVER - 1);
    }
    return until;
  }

  /** lastOf returns when the last can have happened of what began on a loop at a time and was not seen to end: its loop was
   *  closed, or its process ended. */
  lastOf(loop: number, process: number, begin: number): number {
    const shut = this.meta.loops[loop]?.closed;
    return Math.max(begin, shut != null && shut >= begin ? shut : this.exits[process] ?? this.duration);
  }

  /** runEnd is lastOf a run, or when it ended. */
  runEnd(loop: number, run: LoopRun): number {
    return run.end ?? this.lastOf(loop, this.meta.loops[loop]!.process, run.begin);
  }

  /** cbEnd is when a callback ended. */
  cbEnd(row: number): number {
    const { begin, dur, loop } = this.data.cb;
    if (dur[row] !== NEVER) return begin[row]! + dur[row]!;
    return this.lastOf(loop[row]!, this.meta.loops[loop[row]!]?.process ?? 0, begin[row]!);
  }

  /** taskOfStep returns the task that a step is of. */
  taskOfStep(k: number): number { return lowerBound(this.data.task.step0, k + 1, 0, this.tasks) - 1; }

  /** eventful returns from when to when anything was recorded of loops and tasks, with a margin. */
  eventful(): [number, number] {
    let from = Infinity, to = 0;
    for (const l of this.meta.loops) if (l.id) from = Math.min(from, l.opened);
    for (let i = 0; i < this.tasks; i++) {
      from = Math.min(from, this.data.task.spawned[i]!);
      to = Math.max(to, this.until[i]!);
    }
    for (const m of this.meta.markers) {
      from = Math.min(from, m.time);
      to = Math.max(to, m.end ?? m.time);
    }
    if (from >= to) return [-this.duration * 0.01, this.duration * 1.02];
    return [from - (to - from) * 0.01, to + (to - from) * 0.02];
  }

  /** when tells a moment, as exact as the length of the recording asks for. */
  when(ns: number): string {
    return instant(ns, Math.min(1e6, this.meta.duration_ns / 100));
  }

  ns(ticks: number): number { return ticks * this.meta.tick_ns; }
  loop(i: number): Loop { return this.meta.loops[this.data.task.loop[i]!]!; }
  name(i: number): string { return clean(this.meta.names[this.data.task.name[i]!] ?? "") || "task " + this.data.task.id[i]; }
  coro(i: number): string { return clean(this.meta.sites[this.data.task.site[i]!]?.coro ?? ""); }
  parent(i: number): number { return this.data.task.parent[i]! - 1; }
  marker(k: number): Marker { return this.meta.markers[k]!; }

  /** title is the name of a task with its coroutine. */
  title(i: number): string {
    const coro = this.coro(i);
    return coro ? this.name(i) + " · " + coro + "()" : this.name(i);
  }

  /** byId returns the index of the task with that id, -1 if there is none. */
  byId(id: number): number { return this.data.task.id.indexOf(id); }

  /** stepEnd is when step k of task i ended; of one that had not, where the bar of its task ends. */
  stepEnd(i: number, k: number): number {
    const begin = this.data.step.begin[k]!, dur = this.data.step.dur[k]!;
    return dur === NEVER ? Math.max(begin, this.until[i]!) : begin + dur;
  }

  childrenOf(i: number): Uint32Array {
    this.children ??= new Index(this.tasks, this.data.task.parent, -1);
    return this.children.of(i);
  }

  cancelsOf(i: number): Uint32Array {
    this.cancels ??= new Index(this.tasks, this.data.cancel.task, 0);
    return this.cancels.of(i);
  }

  /** livesOf returns the rows of the table live that are about a task. */
  livesOf(i: number): Uint32Array {
    this.lives ??= new Index(this.tasks, this.data.live.task, 0);
    return this.lives.of(i);
  }

  callbacksOf(loop: number): Uint32Array {
    this.callbacks ??= new Index(this.meta.loops.length, this.data.cb.loop, 0);
    return this.callbacks.of(loop);
  }

  /** sightsOf returns the first and the last but one row of the table sight that are about a task. */
  sightsOf(i: number): [number, number] { return range(this.data.sight.task, i); }
  wakesOf(i: number): [number, number] { return range(this.data.wake.task, i); }

  /** waitIn returns what a task was seen waiting for between two times, "" if it was not seen. */
  waitIn(i: number, from: number, to: number): string {
    const { sight, live } = this.data;
    const [lo, hi] = this.sightsOf(i);
    const k = lowerBound(sight.time, from, lo, hi);
    if (k < hi && sight.time[k]! <= to) return this.waitText(sight.wait[k]! + 1);
    for (const row of this.livesOf(i)) {
      const time = this.marker(live.marker[row]!).time;
      if (time >= from && time <= to && live.wait[row]) return this.waitText(live.wait[row]!);
    }
    return "";
  }

  /** waitText takes the index + 1. */
  waitText(wait: number): string { return wait ? clean(this.meta.waits[wait - 1] ?? "") : ""; }
}

/** Index lists the rows of a table by what they refer to. */
class Index {
  private readonly start: Uint32Array;
  private readonly rows: Uint32Array;

  /** keys are shifted by offset; those that are then below 0 refer to nothing. */
  constructor(size: number, keys: ArrayLike<number>, offset: number) {
    this.start = new Uint32Array(size + 1);
    for (let r = 0; r < keys.length; r++) {
      const key = keys[r]! + offset;
      if (key >= 0 && key < size) this.start[key + 1]!++;
    }
    for (let k = 0; k < size; k++) this.start[k + 1]! += this.start[k]!;
    const next = this.start.slice();
    this.rows = new Uint32Array(this.start[size]!);
    for (let r = 0; r < keys.length; r++) {
      const key = keys[r]! + offset;
      if (key >= 0 && key < size) this.rows[next[key]!++] = r;
    }
  }

  of(key: number): Uint32Array { return this.rows.subarray(this.start[key], this.start[key + 1]); }
}

/** lowerBound returns the first position in [lo, hi) whose value is at least x, or hi. */
export function lowerBound(a: ArrayLike<number>, x: number, lo: number, hi: number): number {
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (a[mid]! < x) lo = mid + 1; else hi = mid;
  }
  return lo;
}

/** skipTo is lowerBound for a position that is likely near lo. */
export function skipTo(a: ArrayLike<number>, x: number, lo: number, hi: number): number {
  let stride = 1, at = lo;
  while (at < hi && a[at]! < x) {
    lo = at + 1;
    at += stride;
    stride *= 2;
  }
  return lowerBound(a, x, lo, Math.min(at, hi));
}

function range(sorted: ArrayLike<number>, key: number): [number, number] {
  return [lowerBound(sorted, key, 0, sorted.length), lowerBound(sorted, key + 1, 0, sorted.length)];
}
