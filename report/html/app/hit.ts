import { HEAD, MARKS, RUNS } from "./layout";
import { markersNear } from "./groups";
import { lowerBound, type Model } from "./model";
import type { Scene } from "./paint";

/** Hit is what is at a place of the canvas. Fields are indexes; those that do not apply are undefined. */
export interface Hit {
  task?: number;
  step?: number; // of the task
  callback?: number;
  run?: number; // of the loop
  markers?: number[];
  loop?: number;
}

/** hitAt returns what is at a place, undefined where there is nothing. Small things are hit from some pixels away. */
export function hitAt(scene: Scene, x: number, y: number): Hit | undefined {
  const { layout, view, top } = scene;
  const at = y - top + view.scroll;
  const g = layout.at(at);
  if (!g || y < top || at < g.y) return undefined;
  if (at < g.y + HEAD) return { loop: g.loop };
  if (g.marks && at < g.y + HEAD + MARKS) {
    const markers = markersNear(scene, g, x);
    return markers.length ? { markers, loop: g.loop } : undefined;
  }
  if (at < g.lanesY) return hitRuns(scene, g.loop, x, at >= g.lanesY - RUNS / 2);
  const row = Math.floor((at - g.lanesY) / layout.laneHeight);
  if (g.collapsed || row >= g.lanes) return undefined;
  return hitLane(scene, layout.lane(g, row), x);
}

function hitRuns(scene: Scene, loop: number, x: number, low: boolean): Hit | undefined {
  const { model, view } = scene;
  const near = 3 / view.scale, t = view.time(x);
  const { begin } = model.data.cb;
  if (low && begin.length) {
    const rows = model.callbacksOf(loop);
    let lo = 0, hi = rows.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (begin[rows[mid]!]! <= t + near) lo = mid + 1; else hi = mid;
    }
    const row = rows[lo - 1];
    if (row !== undefined && model.cbEnd(row) >= t - near) return { callback: row, loop };
  }
  const runs = model.meta.loops[loop]!.runs;
  for (let k = runs.length - 1; k >= 0; k--) {
    if (runs[k]!.begin <= t && model.runEnd(loop, runs[k]!) >= t) return { run: k, loop };
  }
  return undefined;
}

function hitLane(scene: Scene, lane: number, x: number): Hit | undefined {
  const { model, view, state } = scene;
  const near = 4 / view.scale, t = view.time(x);
  const hi = model.laneFirst[lane + 1]!;
  let best: number | undefined, bestFar = Infinity;
  for (let i = lowerBound(model.until, t - near, model.laneFirst[lane]!, hi); i < hi; i++) {
    const from = model.data.task.spawned[i]!;
    if (from > t + near || bestFar === 0) break;
    if (state.mask && !state.mask[i]) continue;
    const far = Math.max(0, from - t, t - model.until[i]!);
    if (far < bestFar) { best = i; bestFar = far; }
  }
  return best === undefined ? undefined : { task: best, step: stepAt(model, best, t, near / 2) };
}

/** stepAt returns the step of a task at a time, or the next one that is at most near away. */
export function stepAt(model: Model, i: number, t: number, near: number): number | undefined {
  const { begin } = model.data.step, { step0 } = model.data.task;
  const a = step0[i]!, b = step0[i + 1]!;
  const k = lowerBound(begin, t, a, b);
  let best: number | undefined, far = near;
  for (const candidate of [k - 1, k]) {
    if (candidate < a || candidate >= b) continue;
    const d = Math.max(0, begin[candidate]! - t, t - model.stepEnd(i, candidate));
    if (d <= far) { best = candidate; far = d; }
  }
  return best;
}
