import type { Scene, Texts } from "./paint";
import { instant } from "./text";

/** The height of the axis. */
export const AXIS = 24;

/** ticks returns the times of marks on the axis in ns, about 110 pixels apart, and how far they are from each other. */
export function ticks(scene: Scene): { at: number[]; step: number } {
  const { view, model } = scene;
  const perPixel = model.ns(1) / view.scale;
  const raw = Math.max(1, perPixel * 110);
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw * 0.999)!;
  if (step >= 60e9) step = [60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400].map((s) => s * 1e9).find((s) => s >= raw) ?? Math.ceil(raw / 86400e9) * 86400e9;
  const from = Math.max(0, model.ns(view.t0)), to = Math.min(model.meta.duration_ns, model.ns(view.t1));
  const at: number[] = [];
  for (let k = Math.ceil(from / step - 1e-9); k * step <= to && at.length < 200; k++) at.push(k * step);
  return { at, step };
}

/** tickLabel names a time; where that needs many digits, as a distance from base. */
function tickLabel(ns: number, step: number, base: number): string {
  if (base > 0) return "+" + inUnit(ns - base, step);
  return inUnit(ns, step);
}

function inUnit(ns: number, step: number): string {
  if (step >= 60e9) return clock(ns);
  const [unit, size] = step >= 1e8 ? ["s", 1e9] as const : step >= 1e5 ? ["ms", 1e6] as const : step >= 1e2 ? ["us", 1e3] as const : ["ns", 1] as const;
  const places = Math.max(0, Math.ceil(Math.log10(size / step) - 1e-9));
  return (ns / size).toFixed(places) + " " + unit;
}

function clock(ns: number): string {
  const minutes = Math.round(ns / 60e9);
  return minutes < 60 ? minutes + " min" : Math.floor(minutes / 60) + " h " + String(minutes % 60).padStart(2, "0");
}

/** drawGrid draws the lines behind the rows, and what is outside of the recording. */
export function drawGrid(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { view, palette, model, height } = scene;
  ctx.fillStyle = palette.line;
  for (const ns of ticks(scene).at) ctx.fillRect(Math.round(view.px(ns / model.meta.tick_ns)), AXIS, 1, height - AXIS);
  const end = view.px(model.duration), begin = view.px(0);
  ctx.fillStyle = palette.lane;
  if (begin > 0) ctx.fillRect(0, AXIS, begin, height);
  if (end < scene.width) ctx.fillRect(end, AXIS, scene.width - end, height);
}

/** drawMissing hatches the time whose steps were not kept. */
export function drawMissing(ctx: CanvasRenderingContext2D, scene: Scene, texts: Texts): void {
  const { view, model, palette, height } = scene;
  if (!model.meta.from_ns) return;
  const x = Math.min(scene.width, view.px(model.meta.from_ns / model.meta.tick_ns));
  if (x <= 0) return;
  const left = Math.max(0, view.px(0));
  ctx.globalAlpha = 0.5;
  ctx.fillStyle = palette.missing ?? palette.line;
  ctx.fillRect(left, AXIS, x - left, height - AXIS);
  ctx.globalAlpha = 1;
  texts.add("steps of this time are not in the report", left + 6, height - 10, x - left - 10, palette.muted, { back: palette.bg });
}

/** drawAxis draws the axis, above everything else. */
export function drawAxis(ctx: CanvasRenderingContext2D, scene: Scene, texts: Texts): void {
  const { view, palette, model, width } = scene;
  ctx.fillStyle = palette.bg;
  ctx.fillRect(0, 0, width, AXIS);
  ctx.fillStyle = palette.line;
  ctx.fillRect(0, AXIS - 1, width, 1);
  const { at, step } = ticks(scene);
  const far = at.length > 1 && at[at.length - 1]! / step > 20_000;
  const base = far ? at[0]! : 0;
  at.forEach((ns, k) => {
    const x = Math.round(view.px(ns / model.meta.tick_ns));
    ctx.fillStyle = palette.muted;
    ctx.fillRect(x, AXIS - 6, 1, 5);
    const label = far && k === 0 ? instant(ns, step) : tickLabel(ns, step, base);
    texts.add(label, x + 4, AXIS / 2 - 1, width - x - 4, palette.muted, { bold: far && k === 0 });
  });
}
