import { AXIS } from "./axis";
import type { Hit } from "./hit";
import { lowerBound, skipTo } from "./model";
import { type Scene, font } from "./paint";
import { instant } from "./text";

/** Pointer is what the pointer does over the timeline. */
export interface Pointer { x: number; y: number; inside: boolean; band: [number, number] | null; hit: Hit | undefined }

const arrowsShown = 200;

/** drawOverlay draws what changes with the pointer and the selection: rings, arrows, the line of time. */
export function drawOverlay(ctx: CanvasRenderingContext2D, scene: Scene, p: Pointer): void {
  ctx.clearRect(0, 0, scene.width, scene.height);
  ctx.save();
  ctx.beginPath();
  ctx.rect(0, AXIS, scene.width, scene.height - AXIS);
  ctx.clip();
  const { state, palette } = scene;
  if (p.hit?.task !== undefined && p.hit.task !== state.selected) ring(ctx, scene, p.hit.task, palette.fg, 1);
  if (state.hit >= 0 && state.hits.length) ring(ctx, scene, state.hits[state.hit]!, palette.accent, 1.5);
  if (state.selected >= 0) {
    arrows(ctx, scene, state.selected);
    ring(ctx, scene, state.selected, palette.accent, 2);
  }
  if (state.focused >= 0) {
    ctx.setLineDash([4, 2]);
    ring(ctx, scene, state.focused, palette.fg, 2);
    ctx.setLineDash([]);
  }
  ctx.restore();
  if (p.band) drawBand(ctx, scene, p.band);
  else if (p.inside) drawTimeLine(ctx, scene, p.x);
}

function ring(ctx: CanvasRenderingContext2D, scene: Scene, i: number, colour: string, width: number): void {
  const { layout, view, model, top } = scene;
  const row = layout.row(i);
  if (!row) return;
  const x0 = Math.max(-5, view.px(model.data.task.spawned[i]!)), x1 = Math.min(scene.width + 5, view.px(model.until[i]!));
  if (x1 < -4 || x0 > scene.width + 4) return;
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.strokeRect(Math.floor(x0) - 1.5, row.y - view.scroll + top + 0.5, Math.max(3, x1 - x0) + 3, Math.max(3, row.h - 0.5));
}

type Place = [x: number, y: number];

/** place is where a task is at a time; undefined if it is not shown. */
function place(scene: Scene, i: number, t: number): Place | undefined {
  const row = scene.layout.row(i);
  return row && [scene.view.px(t), row.y + row.h / 2 - scene.view.scroll + scene.top];
}

function arrows(ctx: CanvasRenderingContext2D, scene: Scene, i: number): void {
  const { model, palette } = scene;
  const { spawned } = model.data.task, { cancel } = model.data;
  const link = (from: number, to: number, t: number, colour: string, dash: number[]): void => {
    const a = place(scene, from, t), b = place(scene, to, t);
    if (a && b) arrow(ctx, scene, a, b, colour, dash);
  };
  const parent = model.parent(i);
  if (parent >= 0) link(parent, i, spawned[i]!, palette.accent, []);
  for (const child of model.childrenOf(i).subarray(0, arrowsShown)) link(i, child, spawned[child]!, palette.accent, []);
  wakeArrows(scene, i, (by, t) => link(by, i, t, palette.wake, [2, 3]));
  for (const row of model.cancelsOf(i)) {
    if (cancel.by[row]) link(cancel.by[row]! - 1, i, cancel.time[row]!, palette.cancel, [6, 3]);
  }
  let n = 0;
  for (let row = 0; row < cancel.by.length && n < arrowsShown; row++) {
    if (cancel.by[row] === i + 1) { link(i, cancel.task[row]!, cancel.time[row]!, palette.cancel, [6, 3]); n++; }
  }
}

function wakeArrows(scene: Scene, i: number, link: (by: number, t: number) => void): void {
  const { model, view } = scene;
  const { wake } = model.data;
  const [lo, hi] = model.wakesOf(i);
  let n = 0;
  for (let k = lowerBound(wake.time, view.t0, lo, hi); k < hi && wake.time[k]! <= view.t1 && n < arrowsShown; n++) {
    if (wake.by[k]) link(wake.by[k]! - 1, wake.time[k]!);
    k = skipTo(wake.time, view.time(view.px(wake.time[k]!) + 4), k + 1, hi);
  }
}

/** arrow draws a curve beside the moment that it is about, from one row to another. */
function arrow(ctx: CanvasRenderingContext2D, scene: Scene, a: Place, b: Place, colour: string, dash: number[]): void {
  const [x0, y0] = a, [x1, y1] = b;
  if (Math.max(x0, x1) < -40 || Math.min(x0, x1) > scene.width + 40 || Math.max(y0, y1) < 0 || Math.min(y0, y1) > scene.height) return;
  const bend = Math.min(26, 8 + Math.abs(y1 - y0) / 6);
  const half = Math.min(scene.layout.laneHeight / 2 - 2, 10) * Math.sign(y1 - y0 || 1);
  const tip = y1 - Math.max(0, Math.abs(half)) * Math.sign(half);
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.lineWidth = 1.5;
  ctx.setLineDash(dash);
  ctx.beginPath();
  ctx.moveTo(x0, y0);
  ctx.bezierCurveTo(x0 - bend, y0, x1 - bend, tip, x1, tip);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.moveTo(x1 + 1, tip);
  ctx.lineTo(x1 - 6, tip - 3.5);
  ctx.lineTo(x1 - 6, tip + 3.5);
  ctx.fill();
}

function drawBand(ctx: CanvasRenderingContext2D, scene: Scene, band: [number, number]): void {
  const x0 = Math.min(...band), x1 = Math.max(...band);
  ctx.globalAlpha = 0.18;
  ctx.fillStyle = scene.palette.accent;
  ctx.fillRect(x0, AXIS, x1 - x0, scene.height - AXIS);
  ctx.globalAlpha = 1;
  ctx.fillRect(x0, 0, 1, scene.height);
  ctx.fillRect(x1, 0, 1, scene.height);
  tag(ctx, scene, x1, instantAt(scene, x0) + " – " + instantAt(scene, x1));
}

function drawTimeLine(ctx: CanvasRenderingContext2D, scene: Scene, x: number): void {
  ctx.fillStyle = scene.palette.muted;
  ctx.globalAlpha = 0.5;
  ctx.fillRect(Math.round(x), AXIS, 1, scene.height - AXIS);
  ctx.globalAlpha = 1;
  tag(ctx, scene, x, instantAt(scene, x));
}

function instantAt(scene: Scene, x: number): string {
  const { view, model } = scene;
  return instant(Math.max(0, model.ns(view.time(x))), model.ns(1) / view.scale);
}

/** tag writes into the axis, above a place. */
function tag(ctx: CanvasRenderingContext2D, scene: Scene, x: number, text: string): void {
  ctx.font = font;
  const w = ctx.measureText(text).width + 10;
  const left = Math.max(0, Math.min(scene.width - w, x - w / 2));
  ctx.fillStyle = scene.palette.fg;
  ctx.fillRect(left, 2, w, AXIS - 6);
  ctx.fillStyle = scene.palette.bg;
  ctx.textBaseline = "middle";
  ctx.fillText(text, left + 5, AXIS / 2 - 0.5);
}
