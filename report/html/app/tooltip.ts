import { el } from "./dom";
import { NEVER } from "./data";
import { markerWords } from "./groups";
import type { Hit } from "./hit";
import type { Model } from "./model";
import { outcomeWords, waitWords } from "./story";
import { capital, clean, count, duration, instant } from "./text";

/** Tooltip says what is under the pointer. */
export class Tooltip {
  readonly element = el("div", { class: "lt-tip", role: "tooltip", hidden: "" });
  private last = "";

  constructor(private readonly model: Model) {}

  hide(): void { this.element.hidden = true; }

  /** show places it beside the pointer, within width × height. */
  show(hit: Hit, t: number, x: number, y: number, width: number, height: number): void {
    const lines = this.lines(hit, t);
    if (!lines.length) return this.hide();
    const text = lines.join("\n");
    if (text !== this.last) {
      this.element.replaceChildren(...lines.map((line, k) => el(k ? "div" : "strong", {}, line)));
      this.last = text;
    }
    this.element.hidden = false;
    const box = this.element.getBoundingClientRect();
    const left = x + 14 + box.width > width ? Math.max(0, x - box.width - 10) : x + 14;
    const top = y + 16 + box.height > height ? Math.max(0, y - box.height - 8) : y + 16;
    this.element.style.transform = `translate(${Math.round(left)}px,${Math.round(top)}px)`;
  }

  private lines(hit: Hit, t: number): string[] {
    const { model } = this;
    if (hit.task !== undefined) return this.task(hit.task, hit.step, t);
    if (hit.markers) return hit.markers.slice(0, 5).flatMap((k) => this.marker(k)).concat(hit.markers.length > 5 ? [`and ${hit.markers.length - 5} more`] : []);
    if (hit.callback !== undefined) {
      const { begin, dur } = model.data.cb;
      return ["callback", "at " + instant(model.ns(begin[hit.callback]!), 1e4), took(model, dur[hit.callback]!)];
    }
    if (hit.run !== undefined && hit.loop !== undefined) {
      const run = model.meta.loops[hit.loop]!.runs[hit.run]!;
      return [clean(run.label), this.range(run.begin, run.end)];
    }
    return [];
  }

  private task(i: number, step: number | undefined, t: number): string[] {
    const { model } = this;
    const { task } = model.data;
    const lines = [model.title(i), outcomeWords(model, i) + " · " + this.range(task.spawned[i]!, task.ended[i] === NEVER ? null : task.ended[i]!)];
    const place = clean(model.meta.sites[task.site[i]!]?.place ?? "");
    if (place) lines.push("spawned at " + place);
    lines.push(`${count(task.steps[i]!, "step")}, busy for ${duration(task.busy[i]!)}`);
    if (step !== undefined) {
      const { begin, dur } = model.data.step;
      lines.push(`step ${step - task.step0[i]! + 1 + task.steps[i]! - (task.step0[i + 1]! - task.step0[i]!)}: at ${instant(model.ns(begin[step]!), 1e4)}, ${took(model, dur[step]!)}`);
    } else if (task.first[i] === NEVER || t < task.first[i]!) {
      lines.push("not started");
    } else {
      const wait = this.waitAt(i, t);
      if (wait) lines.push("seen " + waitWords(wait));
    }
    return lines;
  }

  /** waitAt returns what the task was seen waiting for between the steps around a time. */
  private waitAt(i: number, t: number): string {
    const { begin } = this.model.data.step, { step0 } = this.model.data.task;
    let from = this.model.data.task.spawned[i]!, to = this.model.until[i]!;
    for (let lo = step0[i]!, hi = step0[i + 1]!; lo < hi;) {
      const mid = (lo + hi) >>> 1;
      if (begin[mid]! <= t) { from = this.model.stepEnd(i, mid); lo = mid + 1; } else { to = begin[mid]!; hi = mid; }
    }
    return this.model.waitIn(i, from, to);
  }

  private marker(k: number): string[] {
    const m = this.model.marker(k);
    const lines = [capital(markerWords[m.kind]) + ": " + clean(m.label), this.range(m.time, m.end)];
    if (m.live.length) lines.push(count(m.live.length, "task") + " live");
    return lines;
  }

  private range(from: number, to: number | null): string {
    const begin = instant(this.model.ns(from), 1e5);
    return to === null ? begin : `${begin} – ${instant(this.model.ns(to), 1e5)} (${duration(this.model.ns(to - from))})`;
  }
}

function took(model: Model, dur: number): string {
  return dur === NEVER ? "had not ended" : "took " + duration(model.ns(dur));
}
