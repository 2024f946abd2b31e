import { CANCELLED, COLLECTED, PENDING, RAISED, RETURNED } from "./data";

/** How many kinds of bars there are: one for each outcome, and one for tasks in the background. */
export const KINDS = 6, DIM = 5;

/** Palette holds the colours of the page, and what is derived from them. */
export interface Palette {
  bg: string; fg: string; muted: string; line: string; lane: string; accent: string; error: string;
  callback: string; cancel: string; close: string; live: string; shutdown: string; wake: string; select: string; run: string; onStep: string;
  life: string[]; step: string[]; // by kind
  pattern: (CanvasPattern | null)[]; // over life, by kind
  missing: CanvasPattern | null; // where nothing was recorded
}

type Rgb = [number, number, number];

/** readPalette reads the colours of the page as they are now. */
export function readPalette(root: HTMLElement, scale: number): Palette {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  const read = (name: string): Rgb => {
    probe.style.color = `var(--${name}, #888)`;
    const parts = getComputedStyle(probe).color.match(/[\d.]+/g) ?? [];
    return [Number(parts[0] ?? 136), Number(parts[1] ?? 136), Number(parts[2] ?? 136)];
  };
  const bg = read("panel"), muted = read("muted"), step = read("step");
  const kinds: Rgb[] = [];
  kinds[PENDING] = read("live");
  kinds[RETURNED] = step;
  kinds[RAISED] = read("error");
  kinds[CANCELLED] = read("cancel");
  kinds[COLLECTED] = muted;
  kinds[DIM] = mix(muted, bg, 0.45);
  const named = (name: string): string => css(read(name));
  const palette: Palette = {
    bg: css(bg), fg: named("fg"), muted: css(muted), line: named("line"), lane: named("lane"), accent: named("accent"),
    error: named("error"), callback: named("callback"), cancel: named("cancel"), close: named("close"),
    live: named("live"), shutdown: named("shutdown"), wake: named("wake"), select: named("select"), run: css(mix(read("callback"), bg, 0.16)), onStep: css(bg),
    life: kinds.map((c, k) => css(mix(c, bg, k === DIM ? 0.3 : 0.2))),
    step: kinds.map((c) => css(c)),
    pattern: kinds.map((c, k) => patterns[k]?.(css(mix(c, bg, 0.32)), scale) ?? null),
    missing: diagonal(css(mix(muted, bg, 0.3)), scale),
  };
  probe.remove();
  return palette;
}

// Outcomes are told apart without colour, too.
const patterns: Record<number, (colour: string, scale: number) => CanvasPattern | null> = {
  [CANCELLED]: diagonal,
  [RAISED]: (colour, scale) => tile(colour, scale, 6, (ctx) => { ctx.fillRect(1, 1, 1.6, 1.6); ctx.fillRect(4, 4, 1.6, 1.6); }),
  [COLLECTED]: (colour, scale) => tile(colour, scale, 5, (ctx) => ctx.fillRect(0, 2, 5, 1)),
};

function diagonal(colour: string, scale: number): CanvasPattern | null {
  return tile(colour, scale, 7, (ctx) => {
    ctx.lineWidth = 1;
    for (const shift of [-7, 0, 7]) {
      ctx.beginPath();
      ctx.moveTo(shift - 1, 8);
      ctx.lineTo(shift + 8, -1);
      ctx.stroke();
    }
  });
}

/** tile draws a small square in device pixels, so that it is sharp, which the pattern repeats. */
function tile(colour: string, scale: number, size: number, draw: (ctx: CanvasRenderingContext2D) => void): CanvasPattern | null {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.round(size * scale);
  const ctx = canvas.getContext("2d");
  if (!ctx) return null;
  ctx.scale(canvas.width / size, canvas.height / size);
  ctx.fillStyle = ctx.strokeStyle = colour;
  draw(ctx);
  const pattern = ctx.createPattern(canvas, "repeat");
  pattern?.setTransform(new DOMMatrix().scale(size / canvas.width));
  return pattern;
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] * share + b[0] * (1 - share), a[1] * share + b[1] * (1 - share), a[2] * share + b[2] * (1 - share)];
}

function css(c: Rgb): string {
  return `rgb(${Math.round(c[0])},${Math.round(c[1])},${Math.round(c[2])})`;
}

export type Theme = "auto" | "light" | "dark";
const themes: Theme[] = ["auto", "light", "dark"];
const key = "looptrace-theme";

/** currentTheme returns what the reader chose the last time. Some browsers keep nothing for pages that are files. */
export function currentTheme(): Theme {
  try {
    const kept = localStorage.getItem(key) as Theme | null;
    return kept && themes.includes(kept) ? kept : "auto";
  } catch {
    return "auto";
  }
}

export function setTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // It holds for this page, then.
  }
}

export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length]!;
}
