// Words and numbers for people. Names come from the recorded program, so they are cleaned before they are shown.

// Control characters, and those that change the direction of what follows.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const longest = 300;

/** clean returns a recorded string that can be shown: control and bidi characters are replaced, and it is cut. */
export function clean(s: string): string {
  const cut = s.length > longest ? s.slice(0, longest) + "…" : s;
  return cut.replace(unsafe, "\ufffd");
}

/** count returns "1 task", "2,000 tasks". */
export function count(n: number, noun: string): string {
  return number(n) + " " + noun + (n === 1 ? "" : "s");
}

/** number groups digits by thousands. */
export function number(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** duration returns ns with three digits, in the unit that suits it. */
export function duration(ns: number): string {
  if (ns < 0) return "-" + duration(-ns);
  if (ns === 0) return "0 s";
  if (ns < 1e3) return Math.round(ns) + " ns";
  if (ns < 1e6) return digits(ns / 1e3) + " us";
  if (ns < 1e9) return digits(ns / 1e6) + " ms";
  if (ns < 60e9) return digits(ns / 1e9) + " s";
  if (ns < 3600e9) return Math.floor(ns / 60e9) + " min " + pad(Math.floor(ns / 1e9) % 60) + " s";
  return Math.floor(ns / 3600e9) + " h " + pad(Math.floor(ns / 60e9) % 60) + " min";
}

function digits(f: number): string {
  return f.toFixed(f < 9.995 ? 2 : f < 99.95 ? 1 : 0);
}

function pad(n: number): string {
  return n < 10 ? "0" + n : String(n);
}

/** instant returns a moment of the run in seconds, as exact as the resolution in ns asks for. */
export function instant(ns: number, resolution = 1e6): string {
  const places = Math.min(9, Math.max(3, Math.ceil(9 - Math.log10(Math.max(1, resolution)))));
  return (ns / 1e9).toFixed(places) + " s";
}

/** plural picks the form of a verb. */
export function plural(n: number, one: string, many: string): string {
  return n === 1 ? one : many;
}

/** list joins names: "a, b and c". */
export function capital(s: string): string {
  return s.charAt(0).toUpperCase() + s.slice(1);
}
