import type { Marker, MarkerKind } from "./data";
import { type Group, HEAD, MARKS, RUNS } from "./layout";
import { skipTo } from "./model";
import { Rects, type Scene, type Texts } from "./paint";
import type { Palette } from "./theme";
import { clean } from "./text";

export const markerWords: Record<MarkerKind, string> = {
  close: "close", refused: "refused close", shutdown: "runner shutdown", stop: "stop", signal: "signal", exit: "exit", fork: "fork",
};

export function markerColour(kind: MarkerKind, p: Palette): string {
  switch (kind) {
    case "close": return p.close;
    case "refused": return p.error;
    case "shutdown": return p.shutdown;
    case "stop": return p.callback;
    case "signal": return p.live;
    default: return p.muted;
  }
}

/** drawGroups draws what belongs to loops as such: heads, runs and callbacks. */
export function drawGroups(ctx: CanvasRenderingContext2D, scene: Scene, texts: Texts): void {
  const { layout, view, palette, width, height, top } = scene;
  const callbacks = new Rects();
  for (const g of layout.visible(view.scroll, view.scroll + height - top)) {
    const y = g.y - view.scroll + top;
    ctx.fillStyle = palette.lane;
    ctx.fillRect(0, y, width, HEAD);
    ctx.fillStyle = palette.line;
    ctx.fillRect(0, y, width, 1);
    if (g.runs) drawRuns(ctx, scene, g, y + HEAD + (g.marks ? MARKS : 0), texts, callbacks);
  }
  callbacks.fill(ctx, palette.callback);
}

function drawRuns(ctx: CanvasRenderingContext2D, scene: Scene, g: Group, y: number, texts: Texts, callbacks: Rects): void {
  const { model, view, palette, width } = scene;
  for (const run of model.meta.loops[g.loop]!.runs) {
    const x0 = Math.max(-1, view.px(run.begin)), x1 = Math.min(width + 1, view.px(model.runEnd(g.loop, run)));
    if (x1 < 0 || x0 > width) continue;
    ctx.fillStyle = palette.run;
    ctx.fillRect(x0, y + 2, Math.max(1, x1 - x0), RUNS - 4);
    ctx.fillStyle = palette.callback;
    ctx.fillRect(x0, y + 2, 2, RUNS - 4);
    if (run.end !== null) ctx.fillRect(x1 - 1, y + 2, 1, RUNS - 4);
    texts.add(clean(run.label), Math.max(0, x0) + 6, y + RUNS / 2 - 2, x1 - Math.max(0, x0) - 10, palette.fg);
  }
  drawCallbacks(scene, g, y, callbacks);
}

function drawCallbacks(scene: Scene, g: Group, y: number, rects: Rects): void {
  const { model, view } = scene;
  const { begin } = model.data.cb;
  if (begin.length === 0) return;
  const rows = model.callbacksOf(g.loop);
  const times = new Lookup(begin, rows);
  let k = times.from(view.t0, 0);
  if (k > 0) k--;
  while (k < rows.length && begin[rows[k]!]! <= view.t1) {
    const row = rows[k]!;
    const x = Math.floor(view.px(begin[row]!)), x1 = Math.max(x + 1, Math.round(view.px(model.cbEnd(row))));
    rects.push(Math.max(-4, x), y + RUNS - 7, Math.min(x1, scene.width + 4) - Math.max(-4, x), 5);
    k = x1 > x + 1 ? k + 1 : times.from(view.time(x + 1), k + 1);
  }
}

/** Lookup searches times that are reached through rows. */
class Lookup {
  constructor(private readonly times: Uint32Array, private readonly rows: Uint32Array) {}

  from(time: number, lo: number): number {
    if (this.rows.length === this.times.length) return skipTo(this.times, time, lo, this.times.length); // rows are the identity
    let hi = this.rows.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.times[this.rows[mid]!]! < time) lo = mid + 1; else hi = mid;
    }
    return lo;
  }
}

/** span returns from where to where the line of a marker goes: through its loop, or all loops of its process. */
export function markerSpan(scene: Scene, m: Marker): [number, number] | undefined {
  const { layout, view, top, model } = scene;
  const groups = m.loop !== null
    ? [layout.ofLoop(m.loop)]
    : layout.groups.filter((g) => model.meta.loops[g.loop]!.process === m.process);
  const first = groups[0], last = groups[groups.length - 1];
  if (!first || !last) return undefined;
  return [first.y + HEAD - view.scroll + top, last.y + last.height - view.scroll + top - 6];
}

/** drawMarkers draws the lines of all markers, and their names in the row of markers. */
export function drawMarkers(ctx: CanvasRenderingContext2D, scene: Scene, texts: Texts): void {
  const { layout, view, height, top, model } = scene;
  model.meta.markers.forEach((m, k) => {
    if (m.loop === null) drawLine(ctx, scene, m, k);
  });
  for (const g of layout.visible(view.scroll, view.scroll + height - top)) {
    const list = layout.markers[g.loop]!;
    let last = -1; // lines on the same pixels are one
    for (const k of list) {
      const m = model.marker(k), x = Math.round(view.px(m.time));
      if (m.loop === null || (x === last && m.end === null && k !== scene.state.marker)) continue;
      drawLine(ctx, scene, m, k);
      last = x;
    }
    drawFlags(ctx, scene, g, list, texts);
  }
}

function drawLine(ctx: CanvasRenderingContext2D, scene: Scene, m: Marker, k: number): void {
  const { view, palette, width, top, height, state } = scene;
  const x = view.px(m.time), x1 = m.end === null ? x : view.px(m.end);
  if (x1 < -2 || x > width + 2) return;
  const rows = markerSpan(scene, m);
  if (!rows) return;
  const y0 = Math.max(top, rows[0]), y1 = Math.min(height, rows[1]);
  if (y1 <= y0) return;
  const colour = markerColour(m.kind, palette);
  if (m.end !== null && x1 > x + 1) {
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = colour;
    ctx.fillRect(Math.max(0, x), y0, Math.min(width, x1) - Math.max(0, x), y1 - y0);
    ctx.globalAlpha = 1;
  }
  ctx.strokeStyle = colour;
  ctx.lineWidth = k === state.marker ? 2.5 : 1.25;
  ctx.setLineDash(m.kind === "close" || m.kind === "exit" ? [] : m.kind === "refused" ? [6, 3] : [2, 3]);
  ctx.beginPath();
  for (const at of x1 > x + 1 ? [x, x1] : [x]) {
    ctx.moveTo(Math.round(at) + 0.5, y0);
    ctx.lineTo(Math.round(at) + 0.5, y1);
  }
  ctx.stroke();
  ctx.setLineDash([]);
}

/** drawFlags draws the signs in the row of markers, each with its label where there is room: behind it, or else before it. */
function drawFlags(ctx: CanvasRenderingContext2D, scene: Scene, g: Group, list: number[], texts: Texts): void {
  const { model, view, palette, width, top, state } = scene;
  const y = g.y + HEAD + MARKS / 2 - view.scroll + top;
  if (y < 0) return;
  const at = (k: number): number => view.px(model.marker(list[k]!).time);
  let taken = 0; // up to where the row is full
  let k = list.findIndex((m) => view.px(model.marker(m).end ?? model.marker(m).time) >= -8);
  for (; k >= 0 && k < list.length && at(k) <= width + 8;) {
    const x = Math.max(7, at(k));
    let next = k + 1;
    while (next < list.length && at(next) < x + 9) next++;
    const together = list.slice(k, next);
    const chosen = together.includes(state.marker);
    const label = labels(together.map((m) => clean(model.marker(m).label)));
    const room = (next < list.length ? Math.min(width, at(next) - 8) : width) - x - 12;
    const wide = texts.width(label, chosen);
    const o = { bold: chosen, back: palette.bg };
    drawSign(ctx, x, y, model.marker(list[k]!).kind, palette, chosen);
    if (wide > room && x - 12 - wide > taken) texts.add(label, x - 10 - wide, y, wide + 1, palette.fg, o);
    else taken = x + 12 + texts.add(label, x + 9, y, room, palette.fg, o);
    taken = Math.max(taken, x + 10);
    k = next;
  }
}

/** labels joins the labels of markers that are at the same place. */
function labels(all: string[]): string {
  const unique = [...new Set(all)];
  return unique.length > 3 ? `${all.length} markers: ${unique[0]}` : unique.join(" · ");
}

/** drawSign draws the sign of a kind of marker; each has a shape of its own. */
export function drawSign(ctx: CanvasRenderingContext2D, x: number, y: number, kind: MarkerKind, palette: Palette, chosen: boolean): void {
  const r = chosen ? 6 : 4.5;
  ctx.fillStyle = ctx.strokeStyle = markerColour(kind, palette);
  ctx.lineWidth = 1.6;
  ctx.beginPath();
  switch (kind) {
    case "close":
      ctx.rect(x - r, y - r, 2 * r, 2 * r);
      break;
    case "refused":
      ctx.arc(x, y, r, 0, 2 * Math.PI);
      ctx.moveTo(x - r * 0.6, y - r * 0.6); ctx.lineTo(x + r * 0.6, y + r * 0.6);
      ctx.moveTo(x + r * 0.6, y - r * 0.6); ctx.lineTo(x - r * 0.6, y + r * 0.6);
      ctx.stroke();
      return;
    case "signal":
      ctx.moveTo(x, y - r - 1); ctx.lineTo(x + r, y + r - 1); ctx.lineTo(x - r, y + r - 1);
      break;
    case "stop":
      ctx.moveTo(x - r, y - r); ctx.lineTo(x - r / 3, y - r); ctx.lineTo(x - r / 3, y + r); ctx.lineTo(x - r, y + r);
      ctx.rect(x + r / 3, y - r, r * 0.66, 2 * r);
      break;
    case "shutdown":
      ctx.moveTo(x - r, y - r); ctx.lineTo(x + r, y); ctx.lineTo(x - r, y + r);
      break;
    case "fork":
      ctx.moveTo(x, y + r); ctx.lineTo(x, y); ctx.lineTo(x - r, y - r); ctx.moveTo(x, y); ctx.lineTo(x + r, y - r);
      ctx.stroke();
      return;
    default:
      ctx.moveTo(x, y - r - 1); ctx.lineTo(x + r + 1, y); ctx.lineTo(x, y + r + 1); ctx.lineTo(x - r - 1, y);
  }
  ctx.closePath();
  ctx.fill();
}

/** markersNear returns the markers whose signs are at a place of a group, the nearest first. */
export function markersNear(scene: Scene, g: Group, x: number): number[] {
  const { layout, model, view } = scene;
  const far = (k: number): number => Math.abs(view.px(model.marker(k).time) - x);
  return layout.markers[g.loop]!.filter((k) => far(k) <= 9).sort((a, b) => far(a) - far(b));
}
