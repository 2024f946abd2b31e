import type { Model } from "./model";
import { lowerBound } from "./model";

export const HEAD = 24, MARKS = 20, RUNS = 20, GAP = 8;

/** The heights that a lane can have. From 22 on there is a line of text in it, from 13 on a name. */
export const laneHeights = [2, 3, 4, 6, 9, 13, 18, 28];

/** Group is one loop: its head, a row of markers, a row of what the loop itself did, and lanes of tasks. */
export interface Group {
  loop: number;
  y: number;
  height: number;
  marks: number; // markers that are told here
  runs: boolean;
  lanesY: number;
  lanes: number; // how many are shown
  kept: Uint32Array | null; // which ones; null: all of the loop's
  collapsed: boolean;
}

/** Layout says what is where, from the top of the first group. Only loops take memory, not rows. */
export class Layout {
  groups: Group[] = [];
  height = 0;
  laneHeight = 28;
  readonly collapsed = new Set<number>();
  readonly markers: number[][] = []; // of each loop, by time
  private readonly groupOf = new Map<number, Group>();

  constructor(private readonly model: Model) {
    this.markers = model.meta.loops.map(() => []);
    model.meta.markers.forEach((m, k) => this.markers[m.loop ?? this.firstLoop(m.process)]?.push(k));
    for (const list of this.markers) list.sort((a, b) => model.marker(a).time - model.marker(b).time);
  }

  /** firstLoop is where the markers of a process are told. */
  private firstLoop(process: number): number {
    return this.model.meta.loops.findIndex((l) => l.process === process);
  }

  /** arrange places everything anew; only tasks in the mask are shown. */
  arrange(mask: Uint8Array | null): void {
    const { meta, loopLane } = this.model;
    const kept = mask && this.keep(mask);
    let y = 0;
    this.groups = [];
    this.groupOf.clear();
    for (let loop = 0; loop < meta.loops.length; loop++) {
      const lo = loopLane[loop]!, hi = loopLane[loop + 1]!;
      const rows = kept && kept.subarray(lowerBound(kept, lo, 0, kept.length), lowerBound(kept, hi, 0, kept.length));
      if (rows && rows.length === 0) continue;
      const group = this.group(loop, y, rows, rows ? rows.length : hi - lo);
      this.groups.push(group);
      this.groupOf.set(loop, group);
      y += group.height;
    }
    this.height = y;
  }

  private group(loop: number, y: number, kept: Uint32Array | null, lanes: number): Group {
    const { meta, data } = this.model;
    const marks = this.markers[loop]!.length;
    const runs = meta.loops[loop]!.runs.length > 0 || (data.cb.loop.length > 0 && this.model.callbacksOf(loop).length > 0);
    const collapsed = this.collapsed.has(loop);
    const lanesY = y + HEAD + (marks ? MARKS : 0) + (runs ? RUNS : 0);
    const height = lanesY - y + (collapsed ? 0 : lanes * this.laneHeight) + GAP;
    return { loop, y, height, marks, runs, lanesY, lanes, kept, collapsed };
  }

  private keep(mask: Uint8Array): Uint32Array {
    const { laneOf, laneFirst } = this.model;
    const wanted = new Uint8Array(laneFirst.length - 1);
    let n = 0;
    for (let i = 0; i < mask.length; i++) {
      if (mask[i] && !wanted[laneOf[i]!]) { wanted[laneOf[i]!] = 1; n++; }
    }
    const kept = new Uint32Array(n);
    for (let lane = 0, at = 0; lane < wanted.length; lane++) if (wanted[lane]) kept[at++] = lane;
    return kept;
  }

  /** lane returns the lane in row k of a group. */
  lane(g: Group, k: number): number {
    return g.kept ? g.kept[k]! : this.model.loopLane[g.loop]! + k;
  }

  /** at returns the group at a height. */
  at(y: number): Group | undefined {
    let lo = 0, hi = this.groups.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.groups[mid]!.y + this.groups[mid]!.height <= y) lo = mid + 1; else hi = mid;
    }
    return this.groups[lo];
  }

  /** visible returns the groups between two heights. */
  visible(from: number, to: number): Group[] {
    const first = this.at(from);
    if (!first) return [];
    const out: Group[] = [];
    for (let k = this.groups.indexOf(first); k < this.groups.length && this.groups[k]!.y < to; k++) out.push(this.groups[k]!);
    return out;
  }

  ofLoop(loop: number): Group | undefined { return this.groupOf.get(loop); }

  /** row returns where the lane of a task begins and how high it is; undefined if it is not shown. */
  row(i: number): { y: number; h: number } | undefined {
    const g = this.groupOf.get(this.model.data.task.loop[i]!);
    if (!g) return undefined;
    if (g.collapsed) return { y: g.y, h: HEAD };
    const lane = this.model.laneOf[i]!;
    let k = lane - this.model.loopLane[g.loop]!;
    if (g.kept) {
      k = lowerBound(g.kept, lane, 0, g.kept.length);
      if (g.kept[k] !== lane) return undefined;
    }
    return { y: g.lanesY + k * this.laneHeight, h: this.laneHeight };
  }

  /** fit picks the greatest height of lanes with which everything is at most that high, but not below least. */
  fit(height: number, least: number): void {
    let lanes = 0, rest = 0;
    for (const g of this.groups) {
      const shown = g.collapsed ? 0 : g.lanes;
      lanes += shown;
      rest += g.height - shown * this.laneHeight;
    }
    const fitting = laneHeights.filter((h) => h >= least && rest + lanes * h <= height);
    const best = laneHeights[laneHeights.length - 1]!;
    const heads = lanes * best <= rest; // it is the heads that take the room
    this.laneHeight = fitting.length ? fitting[fitting.length - 1]! : heads ? best : least;
  }
}
