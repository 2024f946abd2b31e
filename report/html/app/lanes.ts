import { ACCUSED, CANCELLED, COLLECTED, LIVE_AT_CLOSE, LIVE_AT_EXIT, NEVER, PENDING, RAISED } from "./data";
import type { Group } from "./layout";
import { lowerBound, skipTo } from "./model";
import { Rects, type Scene, type Texts } from "./paint";
import { Raster } from "./raster";
import { DIM, KINDS } from "./theme";
import { duration } from "./text";

interface Glyph { x: number; y: number; kind: number; style: string }

/** Bar is where on the canvas the parts of a task are. */
interface Bar { y: number; h: number; textY: number; stepY: number; stepH: number }

/** LanePainter draws the lanes of tasks. What is smaller than a pixel is skipped by search, so that the cost depends on
 *  the pixels, not on the number of steps. */
export class LanePainter {
  private readonly life = kinds();
  private readonly step = kinds();
  private readonly before = kinds(); // not started
  private readonly ready = new Rects();
  private readonly raster = new Raster();
  private readonly seen: number[] = [];
  private readonly cancels: number[] = [];
  private readonly glyphs: Glyph[] = [];
  private readonly important: Uint32Array;
  private s!: Scene;

  constructor(scene: Scene, private readonly texts: Texts) {
    const { flags } = scene.model.data.task;
    const list: number[] = [];
    for (let i = 0; i < flags.length && list.length <= 50_000; i++) {
      if (flags[i]! & (LIVE_AT_CLOSE | LIVE_AT_EXIT | ACCUSED)) list.push(i);
    }
    this.important = Uint32Array.from(list);
  }

  /** draw draws the lanes of all groups that are in sight. */
  draw(ctx: CanvasRenderingContext2D, scene: Scene): void {
    this.s = scene;
    const { layout, view, top, height } = scene;
    for (const g of layout.visible(view.scroll, view.scroll + height - top)) {
      if (g.collapsed) continue;
      const h = layout.laneHeight, y0 = g.lanesY - view.scroll + top;
      const first = Math.max(0, Math.floor((top - y0) / h)), last = Math.min(g.lanes, Math.ceil((height - y0) / h));
      for (let k = first; k < last; k++) this.lane(layout.lane(g, k), y0 + k * h);
      if (last > first) this.standOut(g, first, last);
    }
    this.flush(ctx);
  }

  private lane(lane: number, y: number): void {
    const { model, view, state } = this.s;
    const { spawned } = model.data.task;
    const hi = model.laneFirst[lane + 1]!;
    const bar = this.bar(y);
    let i = lowerBound(model.until, view.t0, model.laneFirst[lane]!, hi);
    while (i < hi && spawned[i]! <= view.t1) {
      if (state.mask && !state.mask[i]) { i++; continue; }
      const x0 = view.px(spawned[i]!), x1 = view.px(model.until[i]!);
      if (x1 - x0 < 1) {
        (model.data.task.steps[i] ? this.life : this.before)[this.kind(i)]!.push(Math.floor(x0), bar.y, 1, bar.h);
        i = Math.max(i + 1, skipTo(model.until, view.time(Math.floor(x0) + 1), i + 1, hi));
        continue;
      }
      this.task(i, x0, x1, bar, i + 1 < hi ? view.px(spawned[i + 1]!) : this.s.width);
      i++;
    }
  }

  private bar(y: number): Bar {
    const h = this.s.layout.laneHeight;
    if (h >= 22) return { y: y + 2, h: h - 3, textY: y + 9, stepY: y + h - 12, stepH: 10 };
    const gap = h >= 6 ? 1 : 0;
    return { y: y + gap, h: h - gap - (h >= 3 ? 1 : 0), textY: y + h / 2, stepY: y + gap, stepH: h - gap - (h >= 3 ? 1 : 0) };
  }

  private kind(i: number): number {
    const { marked } = this.s.state;
    return marked && !marked[i] ? DIM : this.s.model.data.task.outcome[i]!;
  }

  private task(i: number, x0: number, x1: number, bar: Bar, next: number): void {
    const { model, view, width, layout } = this.s;
    const kind = this.kind(i);
    const first = model.data.task.first[i]!;
    const xf = first === NEVER ? x1 : view.px(first);
    const left = Math.max(-4, Math.floor(x0)), right = Math.min(width + 4, Math.max(Math.floor(x0) + 1, Math.round(x1)));
    const begun = Math.min(right, Math.max(left, Math.floor(xf)));
    if (begun > left) {
      if (bar.stepH >= 4) this.before[kind]!.push(left, bar.stepY + Math.floor(bar.stepH / 2), begun - left, 1);
      this.before[kind]!.push(left, bar.y, 1, bar.h);
    }
    if (right > begun) this.life[kind]!.push(begun, bar.y, right - begun, bar.h);
    this.steps(i, kind, bar);
    this.wakes(i, bar);
    if (right - left > 5) this.marks(i, bar);
    if (layout.laneHeight >= 13) this.label(i, kind, x0, x1, bar, next);
  }

  private steps(i: number, kind: number, bar: Bar): void {
    const { model, view, layout } = this.s;
    const { begin } = model.data.step, { step0 } = model.data.task;
    const a = step0[i]!, b = step0[i + 1]!;
    const rects = this.step[kind]!;
    const wordy = layout.laneHeight >= 22;
    let k = lowerBound(begin, view.t0, a, b);
    if (k > a) k--;
    if (wordy && k < b && k === a) this.gap(i, model.data.task.spawned[i]!, begin[a]!, bar);
    while (k < b && begin[k]! <= view.t1) {
      const end = model.stepEnd(i, k);
      const x = Math.floor(view.px(begin[k]!)), x1 = Math.max(x + 1, Math.round(view.px(end)));
      rects.push(Math.max(x, -4), bar.stepY, Math.min(x1, this.s.width + 4) - Math.max(x, -4), bar.stepH);
      if (wordy) {
        if (x1 - x > 60) this.stepLabel(k, x, x1, bar);
        this.gap(i, end, k + 1 < b ? begin[k + 1]! : model.until[i]!, bar);
      }
      if (x1 > x + 1) { k++; continue; }
      const after = skipTo(begin, view.time(x + 1), k + 1, b);
      k = after - 1 > k && view.px(model.stepEnd(i, after - 1)) > x + 1 ? after - 1 : after; // it may last beyond the pixel
    }
  }

  private stepLabel(k: number, x: number, x1: number, bar: Bar): void {
    const { model, palette } = this.s;
    const { dur } = model.data.step;
    const text = dur[k] === NEVER ? "step that had not ended" : "step " + duration(model.ns(dur[k]!));
    const at = Math.max(x, 0) + 4;
    this.texts.add(text, at, bar.stepY + bar.stepH / 2 + 0.5, Math.min(x1, this.s.width) - at - 4, palette.onStep);
  }

  /** gap writes into the time between two steps what the task was seen waiting for, if it was seen. */
  private gap(i: number, from: number, to: number, bar: Bar): void {
    const { model, view, width, palette } = this.s;
    const x0 = Math.max(0, view.px(from)), x1 = Math.min(width, view.px(to));
    if (x1 - x0 < 34) return;
    const text = model.waitIn(i, from, to);
    if (text) this.texts.add(text, x0 + 4, bar.stepY + bar.stepH / 2 + 0.5, x1 - x0 - 7, palette.muted);
  }

  /** wakes shows the time between being made ready and the step. */
  private wakes(i: number, bar: Bar): void {
    const { model, view } = this.s;
    const { wake, step, task } = model.data;
    if (wake.time.length === 0) return;
    const [lo, hi] = model.wakesOf(i);
    const a = task.step0[i]!, b = task.step0[i + 1]!;
    for (let k = lowerBound(wake.time, view.t0, lo, hi); k < hi && wake.time[k]! <= view.t1;) {
      const at = lowerBound(step.begin, wake.time[k]!, a, b);
      const x = Math.floor(view.px(wake.time[k]!));
      const end = at < b ? Math.min(this.s.width, view.px(step.begin[at]!)) : x + 1;
      if (end - x >= 1) this.ready.push(x, bar.stepY + Math.floor(bar.stepH / 2) - 1, end - x, 2);
      k = skipTo(wake.time, view.time(x + 1), k + 1, hi);
    }
  }

  /** marks collects where the task was looked at, and where it was cancelled. */
  private marks(i: number, bar: Bar): void {
    const { model, view, layout } = this.s;
    const { sight, cancel } = model.data;
    if (layout.laneHeight >= 22) {
      const [lo, hi] = model.sightsOf(i);
      for (let k = lowerBound(sight.time, view.t0, lo, hi); k < hi && sight.time[k]! <= view.t1;) {
        const x = view.px(sight.time[k]!);
        this.seen.push(x, bar.stepY + bar.stepH);
        k = skipTo(sight.time, view.time(x + 6), k + 1, hi);
      }
    }
    if (cancel.time.length === 0 || layout.laneHeight < 6) return;
    for (const row of model.cancelsOf(i)) {
      const x = view.px(cancel.time[row]!);
      if (x > -5 && x < this.s.width + 5) this.cancels.push(x, bar.stepY, bar.stepH);
    }
  }

  private label(i: number, kind: number, x0: number, x1: number, bar: Bar, next: number): void {
    const { model, width, palette, layout } = this.s;
    const two = layout.laneHeight >= 22;
    const left = Math.max(x0, 0), right = Math.min(x1, width);
    const outcome = model.data.task.outcome[i]!;
    const glyph = outcome !== 1 && x1 < width + 8 && right - left > 26;
    if (glyph) this.glyphs.push({ x: x1 - 8, y: bar.textY, kind: outcome, style: palette.step[kind]! });
    const style = kind === DIM ? palette.muted : palette.fg;
    const room = right - left - 8 - (glyph ? 12 : 0);
    const title = model.title(i);
    const named = [title, model.name(i)].find((text) => this.texts.width(text) * (two ? 1 : 1.6) <= room); // not to hide the steps
    if (named || (two && room > 70)) {
      this.texts.add(named ?? title, left + 5, bar.textY, room, style, two ? {} : { back: palette.life[kind]! });
    } else if (two && x1 < width - 30 && next - x1 > this.texts.width(title) + 12) {
      this.texts.add(title, Math.max(x1, 0) + 5, bar.textY, next - x1 - 8, palette.muted);
    }
  }

  /** standOut draws tasks that matter and are too small to be seen. */
  private standOut(g: Group, first: number, last: number): void {
    const { model, view, layout, state, top } = this.s;
    const list = this.important;
    const from = model.laneFirst[layout.lane(g, first)]!, to = model.laneFirst[layout.lane(g, last - 1) + 1]!;
    for (let k = lowerBound(list, from, 0, list.length); k < list.length && list[k]! < to; k++) {
      const i = list[k]!;
      if (state.mask && !state.mask[i]) continue;
      const x0 = view.px(model.data.task.spawned[i]!), x1 = view.px(model.until[i]!);
      if (x1 - x0 >= 2 || x1 < 0 || x0 > this.s.width) continue;
      const row = layout.row(i);
      if (!row) continue;
      const bar = this.bar(row.y - view.scroll + top);
      this.step[this.kind(i)]!.push(Math.floor(x0), bar.y, 2, bar.h);
    }
  }

  private flush(ctx: CanvasRenderingContext2D): void {
    const { palette, layout } = this.s;
    const { width, height, ratio } = this.s;
    this.raster.fill(ctx, [...this.before, ...this.life], [...palette.step, ...palette.life], width, height, ratio);
    for (let kind = 0; kind < KINDS; kind++) {
      const pattern = palette.pattern[kind];
      if (pattern && layout.laneHeight >= 6) this.life[kind]!.fill(ctx, pattern);
    }
    this.ready.fill(ctx, palette.wake);
    this.raster.fill(ctx, this.step, palette.step, width, height, ratio);
    this.drawMarks(ctx);
    for (const g of this.glyphs) drawGlyph(ctx, g);
    this.glyphs.length = 0;
    for (const list of [this.life, this.step, this.before]) for (const r of list) r.clear();
    this.ready.clear();
  }

  private drawMarks(ctx: CanvasRenderingContext2D): void {
    const { palette } = this.s;
    ctx.fillStyle = palette.muted;
    for (let k = 0; k < this.seen.length; k += 2) ctx.fillRect(this.seen[k]! - 1, this.seen[k + 1]! - 1, 2, 2);
    ctx.fillStyle = palette.cancel;
    ctx.strokeStyle = palette.bg;
    ctx.lineWidth = 1;
    for (let k = 0; k < this.cancels.length; k += 3) {
      const x = this.cancels[k]!, y = this.cancels[k + 1]!, h = this.cancels[k + 2]!;
      ctx.beginPath();
      ctx.moveTo(x - 4, y - 1);
      ctx.lineTo(x + 4, y - 1);
      ctx.lineTo(x, y + h);
      ctx.closePath();
      ctx.fill();
      ctx.stroke();
    }
    this.seen.length = this.cancels.length = 0;
  }
}

function kinds(): Rects[] {
  return Array.from({ length: KINDS }, () => new Rects());
}

/** drawGlyph draws how a task ended: a cross, a struck circle, an open end, a dashed circle. */
function drawGlyph(ctx: CanvasRenderingContext2D, g: Glyph): void {
  const { x, y } = g;
  ctx.strokeStyle = g.style;
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  if (g.kind === RAISED) {
    ctx.moveTo(x - 3, y - 3); ctx.lineTo(x + 3, y + 3);
    ctx.moveTo(x + 3, y - 3); ctx.lineTo(x - 3, y + 3);
  } else if (g.kind === CANCELLED) {
    ctx.arc(x, y, 3.6, 0, 2 * Math.PI);
    ctx.moveTo(x - 2.5, y + 2.5); ctx.lineTo(x + 2.5, y - 2.5);
  } else if (g.kind === PENDING) {
    for (const shift of [-3, 1]) { ctx.moveTo(x + shift, y - 3.5); ctx.lineTo(x + shift + 3.5, y); ctx.lineTo(x + shift, y + 3.5); }
  } else if (g.kind === COLLECTED) {
    ctx.setLineDash([2, 2]);
    ctx.arc(x, y, 3.6, 0, 2 * Math.PI);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}
