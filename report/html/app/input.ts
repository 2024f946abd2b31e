import type { App } from "./app";
import { AXIS } from "./axis";
import { hitAt } from "./hit";
import { MINIMAP } from "./minimap";
import { Tooltip } from "./tooltip";

/** watchPointer connects the mouse: drag to move, Shift and drag to zoom, wheel, click. */
export function watchPointer(app: App): void {
  const { layers } = app.stage;
  const tip = new Tooltip(app.model);
  layers.append(tip.element);
  new Drag(app, tip).watch();
  layers.addEventListener("wheel", (e) => wheel(app, e, layers), { passive: false });
  layers.addEventListener("dblclick", () => app.fit());
  layers.addEventListener("pointerleave", () => {
    app.stage.pointer.inside = false;
    app.stage.pointer.hit = undefined;
    tip.hide();
    app.stage.invalidateTop();
  });
  watchMinimap(app);
}

/** Drag follows the pointer from press to release. */
class Drag {
  private from: { x: number; y: number; t0: number; t1: number; scroll: number; band: boolean } | null = null;
  private moved = false;

  constructor(private readonly app: App, private readonly tip: Tooltip) {}

  watch(): void {
    const { layers } = this.app.stage;
    layers.addEventListener("pointerdown", (e) => this.press(e));
    layers.addEventListener("pointermove", (e) => this.move(e));
    layers.addEventListener("pointerup", (e) => this.release(e));
    layers.addEventListener("pointercancel", () => this.end());
  }

  private at(e: PointerEvent): [number, number] {
    const box = this.app.stage.layers.getBoundingClientRect();
    return [e.clientX - box.left, e.clientY - box.top];
  }

  private press(e: PointerEvent): void {
    if (e.button !== 0 || (e.target as Element).closest("button")) return;
    const [x, y] = this.at(e);
    const { view, stage } = this.app;
    this.from = { x, y, t0: view.t0, t1: view.t1, scroll: stage.scroller.scrollTop, band: e.shiftKey };
    this.moved = false;
    stage.layers.setPointerCapture(e.pointerId);
    stage.scroller.focus({ preventScroll: true });
    e.preventDefault();
  }

  private move(e: PointerEvent): void {
    const [x, y] = this.at(e);
    const { stage, view } = this.app;
    const { pointer, scene } = stage;
    Object.assign(pointer, { x, y, inside: true });
    if (!this.from) {
      const button = (e.target as Element).closest("button");
      pointer.hit = button ? undefined : hitAt(scene, x, y);
      if (pointer.hit) this.tip.show(pointer.hit, view.time(x), x, y, scene.width, scene.height); else this.tip.hide();
      stage.layers.style.cursor = pointer.hit?.task !== undefined || pointer.hit?.markers ? "pointer" : "";
      return stage.invalidateTop();
    }
    const dx = x - this.from.x;
    if (!this.moved && Math.hypot(dx, y - this.from.y) < 4) return;
    this.moved = true;
    this.tip.hide();
    if (this.from.band) {
      pointer.band = [this.from.x, x];
      return stage.invalidateTop();
    }
    stage.layers.style.cursor = "grabbing";
    const by = (dx / view.width) * (this.from.t1 - this.from.t0);
    view.show(this.from.t0 - by, this.from.t1 - by, false);
    stage.scroller.scrollTop = this.from.scroll - (y - this.from.y);
    stage.invalidate();
  }

  private release(e: PointerEvent): void {
    const from = this.from, { view, stage } = this.app;
    const [x, y] = this.at(e);
    if (from && !this.moved) this.click(x, y);
    else if (from?.band && Math.abs(x - from.x) > 3) view.show(view.time(Math.min(x, from.x)), view.time(Math.max(x, from.x)));
    this.end();
    stage.invalidate();
  }

  private end(): void {
    this.from = null;
    this.app.stage.pointer.band = null;
    this.app.stage.layers.style.cursor = "";
    this.app.stage.invalidateTop();
  }

  private click(x: number, y: number): void {
    const hit = hitAt(this.app.stage.scene, x, y);
    if (hit?.task !== undefined) this.app.select(hit.task, false);
    else if (hit?.markers) this.app.marker(hit.markers[0]!);
    else this.app.deselect();
  }
}

function wheel(app: App, e: WheelEvent, layers: HTMLElement): void {
  const unit = e.deltaMode === 1 ? 20 : e.deltaMode === 2 ? 400 : 1;
  const x = e.clientX - layers.getBoundingClientRect().left;
  if (e.ctrlKey || e.metaKey) {
    e.preventDefault();
    app.view.zoom(x, Math.exp(Math.max(-0.7, Math.min(0.7, e.deltaY * unit * 0.003))), false);
  } else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) {
    e.preventDefault();
    app.view.pan(((e.deltaX || e.deltaY) * unit) / app.view.width, false);
  } else {
    return; // the rows scroll, and where they end the page does
  }
  app.stage.invalidate();
}

/** watchMinimap moves the window of the minimap, or one of its edges. */
function watchMinimap(app: App): void {
  const { map, minimap, scene } = app.stage;
  let grip: { side: -1 | 0 | 1; off: number } | null = null;
  const time = (e: PointerEvent): number => minimap.time(scene, e.clientX - map.getBoundingClientRect().left);
  const move = (e: PointerEvent): void => {
    if (!grip) return;
    const { view } = app;
    const t = time(e), width = view.t1 - view.t0;
    if (grip.side === 0) view.show(t - grip.off, t - grip.off + width, false);
    else if (grip.side < 0) view.show(Math.min(t, view.t1 - 20), view.t1, false);
    else view.show(view.t0, Math.max(t, view.t0 + 20), false);
    app.stage.invalidate();
  };
  map.style.height = MINIMAP + "px";
  map.addEventListener("pointerdown", (e) => {
    const { view } = app;
    const t = time(e), near = minimap.time(scene, 7) - minimap.time(scene, 0);
    const inside = t > view.t0 && t < view.t1;
    const side = Math.abs(t - view.t0) < near ? -1 : Math.abs(t - view.t1) < near ? 1 : 0;
    grip = { side, off: inside ? t - view.t0 : (view.t1 - view.t0) / 2 };
    map.setPointerCapture(e.pointerId);
    e.preventDefault();
    if (!inside || side) move(e);
  });
  map.addEventListener("pointermove", move);
  map.addEventListener("pointerup", () => { grip = null; });
  map.addEventListener("pointercancel", () => { grip = null; });
}

/** pointerX is where zooming by keys is centred. */
export function pointerX(app: App): number {
  const { pointer, scene } = app.stage;
  return pointer.inside && pointer.y > AXIS ? pointer.x : scene.width / 2;
}
