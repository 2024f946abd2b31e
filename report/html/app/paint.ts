import type { Palette } from "./theme";
import type { Layout } from "./layout";
import type { Model } from "./model";
import type { View } from "./view";

/** State is what the reader chose. Tasks and markers are indexes, -1 for none. */
export interface State {
  selected: number;
  focused: number;
  marker: number;
  mask: Uint8Array | null; // tasks that are shown; null: all
  marked: Uint8Array | null; // tasks that stand out, the others stand back; null: none
  hits: Uint32Array; // what the search found
  hit: number;
}

/** Scene is everything that drawing depends on. The canvas is width × height; rows begin below top. */
export interface Scene {
  model: Model;
  view: View;
  layout: Layout;
  state: State;
  palette: Palette;
  width: number;
  height: number;
  top: number;
  ratio: number; // device pixels for one of ours
}

/** Rects collects rectangles of one colour. Neighbours in a row become one. */
export class Rects {
  private data = new Float32Array(1024);
  private n = 0;

  push(x: number, y: number, w: number, h: number): void {
    const d = this.data, last = this.n - 4;
    if (last >= 0 && d[last + 1] === y && d[last + 3] === h && x <= d[last]! + d[last + 2]! && x >= d[last]!) {
      d[last + 2] = Math.max(d[last + 2]!, x + w - d[last]!);
      return;
    }
    if (this.n + 4 > d.length) {
      this.data = new Float32Array(d.length * 2);
      this.data.set(d);
    }
    this.data[this.n++] = x;
    this.data[this.n++] = y;
    this.data[this.n++] = w;
    this.data[this.n++] = h;
  }

  fill(ctx: CanvasRenderingContext2D, style: string | CanvasPattern): void {
    if (this.n === 0) return;
    ctx.fillStyle = style;
    const d = this.data;
    for (let k = 0; k < this.n; k += 4) ctx.fillRect(d[k]!, d[k + 1]!, d[k + 2]!, d[k + 3]!);
  }

  /** write writes the rectangles as pixels of a picture. */
  write(pixels: Uint32Array, width: number, height: number, ratio: number, colour: number): void {
    const d = this.data;
    for (let k = 0; k < this.n; k += 4) {
      const x0 = Math.max(0, Math.round(d[k]! * ratio)), y0 = Math.max(0, Math.round(d[k + 1]! * ratio));
      const x1 = Math.min(width, Math.max(x0 + 1, Math.round((d[k]! + d[k + 2]!) * ratio)));
      const y1 = Math.min(height, Math.max(y0 + 1, Math.round((d[k + 1]! + d[k + 3]!) * ratio)));
      if (x1 - x0 === 1) for (let at = y0 * width + x0; at < y1 * width; at += width) pixels[at] = colour;
      else if (x1 > x0) for (let y = y0; y < y1; y++) pixels.fill(colour, y * width + x0, y * width + x1);
    }
  }

  get count(): number { return this.n / 4; }

  clear(): void { this.n = 0; }
}

export const font = '11px system-ui, -apple-system, "Segoe UI", sans-serif';
export const boldFont = "600 " + font;

/** Texts collects short texts, and draws those that have room. */
export class Texts {
  private jobs: { x: number; y: number; text: string; style: string; bold: boolean; back: string }[] = [];
  private readonly widths = new Map<string, number>();

  constructor(private readonly ctx: CanvasRenderingContext2D) {}

  /** width measures a text in the font of the timeline. */
  width(text: string, bold = false): number {
    const key = bold ? "\n" + text : text;
    let w = this.widths.get(key);
    if (w === undefined) {
      if (this.widths.size > 5000) this.widths.clear();
      this.ctx.font = bold ? boldFont : font;
      w = this.ctx.measureText(text).width;
      this.widths.set(key, w);
    }
    return w;
  }

  /** add puts a text at x, cut to room; it returns how wide it became, 0 where there is no room for it. */
  add(text: string, x: number, y: number, room: number, style: string, o: { bold?: boolean; back?: string } = {}): number {
    if (room < 18 || !text || this.jobs.length > 1500) return 0;
    let w = this.width(text, o.bold);
    if (w > room) {
      const letters = Math.floor((text.length * (room - 10)) / w);
      if (letters < 6) return 0; // a stump tells nothing
      text = text.slice(0, letters) + "…";
      w = room;
    }
    this.jobs.push({ x, y, text, style, bold: o.bold ?? false, back: o.back ?? "" });
    return w;
  }

  draw(): void {
    const { ctx } = this;
    ctx.textBaseline = "middle";
    for (const j of this.jobs) {
      if (!j.back) continue;
      ctx.fillStyle = j.back;
      ctx.fillRect(j.x - 2, j.y - 6, this.width(j.text, j.bold) + 4, 12);
    }
    for (const bold of [false, true]) {
      ctx.font = bold ? boldFont : font;
      for (const j of this.jobs) {
        if (j.bold !== bold) continue;
        ctx.fillStyle = j.style;
        ctx.fillText(j.text, j.x, j.y);
      }
    }
    this.jobs.length = 0;
  }
}
