import type { Rects } from "./paint";

/** So many rectangles are faster written as pixels than drawn one by one. */
const worthwhile = 3000;

/** Raster fills rectangles by writing pixels. */
export class Raster {
  private readonly canvas = document.createElement("canvas");
  private image: ImageData | null = null;
  private pixels = new Uint32Array(0);

  /** fill fills lists of rectangles, each with its colour, later ones above. The context is scaled by ratio and width ×
   *  height CSS pixels big. */
  fill(ctx: CanvasRenderingContext2D, lists: Rects[], styles: string[], width: number, height: number, ratio: number): void {
    const count = lists.reduce((n, r) => n + r.count, 0);
    if (count < worthwhile) {
      lists.forEach((r, k) => r.fill(ctx, styles[k]!));
      return;
    }
    const own = this.begin(Math.round(width * ratio), Math.round(height * ratio));
    if (!own) return;
    lists.forEach((r, k) => r.write(this.pixels, this.canvas.width, this.canvas.height, ratio, packed(styles[k]!)));
    own.putImageData(this.image!, 0, 0);
    ctx.save();
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(this.canvas, 0, 0);
    ctx.restore();
  }

  /** begin clears as many pixels as are needed. */
  private begin(width: number, height: number): CanvasRenderingContext2D | null {
    const own = this.canvas.getContext("2d");
    if (!this.image || this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
      this.image = new ImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    } else {
      this.pixels.fill(0);
    }
    return own;
  }
}

/** packed returns a colour of the palette as a pixel, little endian: alpha first. */
function packed(style: string): number {
  const [r, g, b] = (style.match(/\d+/g) ?? []).map(Number);
  return ((255 << 24) | ((b ?? 0) << 16) | ((g ?? 0) << 8) | (r ?? 0)) >>> 0;
}
