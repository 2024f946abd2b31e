/** View is the stretch of time that is shown, and how far the rows are scrolled. Times are ticks, places CSS pixels. */
export class View {
  t0 = 0;
  t1 = 1;
  width = 1;
  scroll = 0;
  private goal: [number, number] | null = null;

  /** home is the stretch in which something happened. */
  constructor(readonly duration: number, readonly home: [number, number], private readonly reducedMotion: () => boolean) {
    [this.t0, this.t1] = home;
  }

  /** whole is everything, with a margin for what is at the edges. */
  whole(): [number, number] {
    return [-this.duration * 0.01, this.duration * 1.02];
  }

  get scale(): number { return this.width / (this.t1 - this.t0); }
  px(t: number): number { return (t - this.t0) * this.scale; }
  time(x: number): number { return this.t0 + x / this.scale; }
  get moving(): boolean { return this.goal !== null; }

  /** show goes to a stretch of time, gliding there unless the user asks for less motion. */
  show(t0: number, t1: number, glide = true): void {
    const [low, high] = this.whole();
    const span = Math.min(high - low, Math.max(t1 - t0, Math.min(20, high - low)));
    const middle = (t0 + t1) / 2;
    const begin = Math.min(Math.max(middle - span / 2, low), high - span);
    this.goal = [begin, begin + span];
    if (!glide || this.reducedMotion()) this.arrive();
  }

  arrive(): void {
    if (this.goal) [this.t0, this.t1] = this.goal;
    this.goal = null;
  }

  /** glide goes a part of the way, and reports whether something moved. */
  glide(ms: number): boolean {
    if (!this.goal) return false;
    const part = 1 - Math.exp(-ms / 45);
    const [t0, t1] = this.goal;
    const close = (t1 - t0) * 2e-3;
    if (Math.abs(t0 - this.t0) < close && Math.abs(t1 - this.t1) < close) {
      this.arrive();
    } else {
      this.t0 += (t0 - this.t0) * part;
      this.t1 += (t1 - this.t1) * part;
    }
    return true;
  }

  /** zoom changes the stretch by a factor around a place, which stays where it is. */
  zoom(x: number, factor: number, glide = true): void {
    const [t0, t1] = this.goal ?? [this.t0, this.t1];
    const at = t0 + (x / this.width) * (t1 - t0);
    this.show(at - (at - t0) * factor, at + (t1 - at) * factor, glide);
  }

  /** pan moves by a part of what is shown. */
  pan(part: number, glide = true): void {
    const [t0, t1] = this.goal ?? [this.t0, this.t1];
    const by = (t1 - t0) * part;
    this.show(t0 + by, t1 + by, glide);
  }
}
