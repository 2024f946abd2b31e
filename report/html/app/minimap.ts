import { NEVER } from "./data";
import type { Scene } from "./paint";
import { markerColour } from "./groups";

/** The height of the minimap. */
export const MINIMAP = 44;

/** Minimap shows the whole recording: how many tasks lived, how busy the loops were, and what is in sight below. */
export class Minimap {
  private busy = new Float32Array(0);
  private alive = new Float32Array(0);
  private drawn: HTMLCanvasElement | null = null;

  constructor(private readonly canvas: HTMLCanvasElement) {}

  /** stale makes the next draw paint everything anew. */
  stale(): void { this.drawn = null; }

  px(scene: Scene, t: number): number {
    const [a, b] = scene.view.whole();
    return ((t - a) / (b - a)) * scene.width;
  }

  time(scene: Scene, x: number): number {
    const [a, b] = scene.view.whole();
    return a + (x / scene.width) * (b - a);
  }

  draw(scene: Scene, ratio: number): void {
    const { canvas } = this;
    const width = Math.round(scene.width * ratio), height = Math.round(MINIMAP * ratio);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.drawn = null;
    }
    this.drawn ??= this.paint(scene, width, height, ratio);
    const ctx = canvas.getContext("2d")!;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.drawn, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.window(ctx, scene);
  }

  private window(ctx: CanvasRenderingContext2D, scene: Scene): void {
    const { view, palette, width } = scene;
    const x0 = Math.max(0, this.px(scene, view.t0)), x1 = Math.max(x0 + 3, Math.min(width, this.px(scene, view.t1)));
    ctx.globalAlpha = 0.55;
    ctx.fillStyle = palette.bg;
    ctx.fillRect(0, 0, x0, MINIMAP);
    ctx.fillRect(x1, 0, width - x1, MINIMAP);
    ctx.globalAlpha = 1;
    ctx.strokeStyle = palette.accent;
    ctx.lineWidth = 1.5;
    ctx.strokeRect(x0 + 0.75, 0.75, x1 - x0 - 1.5, MINIMAP - 1.5);
    ctx.fillStyle = palette.accent;
    for (const x of [x0, x1 - 4]) ctx.fillRect(x, MINIMAP / 2 - 8, 4, 16);
  }

  private paint(scene: Scene, width: number, height: number, ratio: number): HTMLCanvasElement {
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const ctx = canvas.getContext("2d")!;
    ctx.scale(ratio, ratio);
    const { palette, model, state } = scene;
    ctx.fillStyle = palette.lane;
    ctx.fillRect(0, 0, scene.width, MINIMAP);
    this.count(scene);
    const inner = MINIMAP - 6;
    const most = Math.max(1, ...this.alive);
    ctx.fillStyle = palette.life[1]!;
    this.alive.forEach((n, x) => ctx.fillRect(x, MINIMAP - (n / most) * inner, 1, (n / most) * inner));
    ctx.fillStyle = palette.step[1]!;
    this.busy.forEach((share, x) => { if (share > 0) { const h = Math.max(1, Math.min(1, share) * inner); ctx.fillRect(x, MINIMAP - h, 1, h); } });
    const line = model.meta.markers.length > 100 ? 8 : MINIMAP; // lest they hide everything
    for (const m of model.meta.markers) {
      ctx.fillStyle = markerColour(m.kind, palette);
      const x = this.px(scene, m.time);
      ctx.fillRect(Math.round(x), 0, Math.max(1.5, m.end === null ? 0 : this.px(scene, m.end) - x), m.end === null ? line : 3);
    }
    this.paintHits(ctx, scene, state.hits);
    return canvas;
  }

  private paintHits(ctx: CanvasRenderingContext2D, scene: Scene, hits: Uint32Array): void {
    const at = new Set<number>();
    for (const i of hits) at.add(Math.round(this.px(scene, scene.model.data.task.spawned[i]!)));
    ctx.fillStyle = scene.palette.accent;
    for (const x of at) ctx.fillRect(x - 1, 0, 2, 6);
  }

  /** count counts what each column of pixels shows, once for each width. */
  private count(scene: Scene): void {
    const columns = Math.max(1, Math.ceil(scene.width));
    if (this.busy.length === columns) return;
    this.busy = new Float32Array(columns);
    this.alive = new Float32Array(columns);
    const { model } = scene;
    const [a, b] = scene.view.whole();
    const scale = columns / (b - a);
    for (let i = 0; i < model.tasks; i++) {
      this.alive[clamp((model.data.task.spawned[i]! - a) * scale, columns)]! += 1;
      const end = clamp((model.until[i]! - a) * scale, columns) + 1;
      if (end < columns) this.alive[end]! -= 1;
    }
    for (let x = 1; x < columns; x++) this.alive[x]! += this.alive[x - 1]!;
    addBusy(this.busy, model.data.step, a, scale, (k) => model.stepEnd(model.taskOfStep(k), k));
    addBusy(this.busy, model.data.cb, a, scale, (row) => model.cbEnd(row));
  }
}

function clamp(x: number, columns: number): number {
  return Math.max(0, Math.min(columns - 1, Math.floor(x)));
}

/** addBusy adds to each column the part of it that spans cover; endOf is asked about those that were not seen to end. */
function addBusy(busy: Float32Array, spans: { begin: Uint32Array; dur: Uint32Array }, a: number, scale: number, endOf: (k: number) => number): void {
  const { begin, dur } = spans;
  const last = busy.length - 1;
  for (let k = 0; k < begin.length; k++) {
    const x = (begin[k]! - a) * scale;
    const end = dur[k] === NEVER ? (endOf(k) - a) * scale : x + dur[k]! * scale;
    let column = Math.max(0, Math.floor(x));
    if (column > last) continue;
    if (end <= column + 1) { busy[column]! += end - x; continue; }
    busy[column]! += column + 1 - x;
    for (column++; column < end && column <= last; column++) busy[column]! += Math.min(1, end - column);
  }
}
