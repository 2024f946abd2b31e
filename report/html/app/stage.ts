import { AXIS, drawAxis, drawGrid, drawMissing } from "./axis";
import { goroutines } from "./data";
import { button, el } from "./dom";
import { drawGroups, drawMarkers } from "./groups";
import { LanePainter } from "./lanes";
import { Layout } from "./layout";
import { Minimap } from "./minimap";
import type { Model } from "./model";
import { drawOverlay, type Pointer } from "./overlay";
import { type Scene, type State, Texts } from "./paint";
import { clean, count } from "./text";
import { readPalette } from "./theme";
import { View } from "./view";

const motion = matchMedia("(prefers-reduced-motion: reduce)");

/** Stage is the canvases and when they are drawn: once a frame, if something changed. No canvas is higher than the window:
 *  the rows scroll below it. */
export class Stage {
  readonly map = el("canvas", { class: "lt-map", role: "img", "aria-label": "The whole recording; drag to choose what is shown below" });
  readonly scroller = el("div", { class: "lt-view", tabindex: "0", role: "application" });
  readonly layers = el("div", { class: "lt-layers" });
  readonly element = el("div", { class: "lt-stage" });
  readonly scene: Scene;
  readonly pointer: Pointer = { x: 0, y: 0, inside: false, band: null, hit: undefined };
  readonly minimap = new Minimap(this.map);
  maximised = false;
  besidePanel = false; // which then has room for its text
  onDrawn: () => void = () => {};
  onToggle: (loop: number) => void = () => {};
  private readonly base = el("canvas", { role: "img" });
  private readonly top = el("canvas", { "aria-hidden": "true" });
  private readonly heads = el("div", { class: "lt-heads" });
  private readonly spacer = el("div");
  private readonly texts: Texts;
  private readonly painter: LanePainter;
  private ratio = 1;
  private dirty = true;
  private dirtyTop = true;
  private waiting = false;
  private last = 0;

  constructor(private readonly model: Model, state: State) {
    const view = new View(model.duration, model.eventful(), () => motion.matches);
    const layout = new Layout(model);
    this.ratio = devicePixelRatio || 1;
    const palette = readPalette(document.body, this.ratio);
    this.scene = { model, view, layout, state, palette, width: 1, height: 1, top: AXIS, ratio: this.ratio };
    this.texts = new Texts(this.base.getContext("2d")!);
    this.painter = new LanePainter(this.scene, this.texts);
    this.layers.append(this.base, this.top, this.heads);
    this.scroller.append(this.layers, this.spacer);
    this.element.append(this.map, this.scroller);
    this.scroller.addEventListener("scroll", () => {
      view.scroll = this.scroller.scrollTop;
      this.invalidate();
    });
    const what = `Timeline of ${count(model.tasks, model.noun)} on ${count(model.meta.loops.length, "loop")}`;
    this.base.setAttribute("aria-label", what + ". The list below it names the tasks in view.");
    this.scroller.setAttribute("aria-label", what + ". Arrow keys move, w and s zoom, Shift with arrow keys goes from task to task, Enter tells about it, question mark lists all keys.");
  }

  /** recolour reads the colours of the page again. */
  recolour(): void {
    this.scene.palette = readPalette(document.body, this.ratio);
    this.minimap.stale();
    this.invalidate();
  }

  /** room is how high the rows may be at most. */
  room(): number {
    const used = this.maximised ? 156 : 0;
    return Math.max(200, Math.round(this.maximised ? innerHeight - used : innerHeight * 0.72)) - AXIS;
  }

  /** resize fits the canvases to the page and to what is to be shown. */
  resize(): void {
    const { scene } = this;
    const least = this.maximised ? Infinity : this.besidePanel && innerWidth > 800 ? 420 : 90;
    const height = Math.min(this.room(), Math.max(least, scene.layout.height + 4)) + AXIS;
    this.scroller.style.height = height + "px";
    this.spacer.style.height = Math.max(0, Math.min(scene.layout.height + 4 + AXIS - height, 16_000_000)) + "px";
    const width = Math.max(50, this.scroller.clientWidth);
    const ratio = devicePixelRatio || 1;
    if (ratio !== this.ratio) {
      this.ratio = scene.ratio = ratio;
      this.recolour();
    }
    scene.width = scene.view.width = width;
    scene.height = height;
    this.layers.style.height = height + "px";
    for (const c of [this.base, this.top]) {
      const w = Math.round(width * ratio), h = Math.round(height * ratio);
      if (c.width !== w || c.height !== h) { c.width = w; c.height = h; }
      c.style.width = width + "px";
      c.style.height = height + "px";
    }
    scene.view.scroll = this.scroller.scrollTop;
    this.invalidate();
  }

  /** outer is how high all of it is; the element itself stretches to what is beside it. */
  get outer(): number { return this.map.offsetHeight + this.scene.height; }

  invalidate(): void {
    this.dirty = true;
    this.invalidateTop();
  }

  /** invalidateTop draws only what follows the pointer and the selection. */
  invalidateTop(): void {
    this.dirtyTop = true;
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame((now) => this.frame(now));
  }

  private frame(now: number): void {
    this.waiting = false;
    const { view } = this.scene;
    if (view.glide(Math.min(50, this.last ? now - this.last : 16))) this.dirty = true;
    this.last = view.moving ? now : 0;
    if (this.dirty) this.draw();
    else if (this.dirtyTop) this.drawTop();
    if (view.moving) this.invalidate();
  }

  /** draw draws everything at once and returns how long that took, in ms. */
  draw(): number {
    const begin = performance.now();
    this.dirty = false;
    const { scene, texts, ratio } = this;
    const ctx = this.base.getContext("2d")!;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = scene.palette.bg;
    ctx.fillRect(0, 0, scene.width, scene.height);
    drawGrid(ctx, scene);
    drawGroups(ctx, scene, texts);
    this.painter.draw(ctx, scene);
    drawMarkers(ctx, scene, texts);
    drawMissing(ctx, scene, texts);
    texts.draw();
    drawAxis(ctx, scene, texts);
    texts.draw();
    this.minimap.draw(scene, ratio);
    this.drawTop();
    this.placeHeads();
    this.onDrawn();
    return performance.now() - begin;
  }

  /** pixel reads one pixel back, which waits until all of the drawing is done. */
  pixel(): number { return this.base.getContext("2d")!.getImageData(0, 0, 1, 1).data[0]!; }

  private drawTop(): void {
    this.dirtyTop = false;
    const ctx = this.top.getContext("2d")!;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    drawOverlay(ctx, this.scene, this.pointer);
  }

  /** placeHeads puts a button on the head of each loop in sight. */
  private placeHeads(): void {
    const { layout, view, top, height } = this.scene;
    const groups = layout.visible(view.scroll, view.scroll + height - top);
    while (this.heads.children.length > groups.length) this.heads.lastElementChild!.remove();
    groups.forEach((g, k) => {
      let head = this.heads.children[k] as HTMLButtonElement | undefined;
      if (!head) {
        const made = button("", "Fold or unfold this loop", () => this.onToggle(Number(made.dataset.loop)), { class: "lt-head" });
        this.heads.append((head = made));
      }
      const text = this.headText(g.loop);
      if (head.textContent !== text) head.textContent = text;
      head.dataset.loop = String(g.loop);
      head.setAttribute("aria-expanded", String(!g.collapsed));
      head.style.transform = `translateY(${Math.round(g.y - view.scroll + top)}px)`;
      head.style.visibility = g.y - view.scroll < -4 ? "hidden" : "visible";
    });
  }

  private headText(loop: number): string {
    const { model } = this;
    const l = model.meta.loops[loop]!;
    const tasks = model.laneFirst[model.loopLane[loop + 1]!]! - model.laneFirst[model.loopLane[loop]!]!;
    const process = model.meta.processes.length > 1 ? " · " + clean(model.meta.processes[l.process]?.label ?? "") : "";
    return l.label === goroutines ? count(tasks, "goroutine") + process : `${clean(l.label)}${process} · ${count(tasks, "task")}`;
  }
}
