// What the page carries: a description in JSON and columns of numbers, gzipped. The encoder is in package html, which
// says what each field and column means.

export const NEVER = 0xffffffff;

/** goroutines is the label of the loop whose tasks are the goroutines of a Go program. */
export const goroutines = "goroutines";

export interface LoopRun { begin: number; end: number | null; label: string }
export interface Loop { id: number; process: number; label: string; lanes: number; opened: number; closed: number | null; runs: LoopRun[] }
export type MarkerKind = "close" | "refused" | "shutdown" | "stop" | "signal" | "exit" | "fork";
export interface Marker { kind: MarkerKind; loop: number | null; process: number; time: number; end: number | null; label: string; live: number[] }
export interface Site { coro: string; place: string; text: string; via: string }
export interface Finding { anchor: string; rule: string; severity: string; message: string; tasks: number[]; time: number | null }
export interface Process { id: number; pid: number; label: string }

export interface Meta {
  schema: string;
  tick_ns: number;
  duration_ns: number;
  from_ns: number;
  dropped_steps: number;
  dropped_tasks: number;
  processes: Process[];
  loops: Loop[];
  markers: Marker[];
  sites: Site[];
  names: string[];
  waits: string[];
  places: string[];
  findings: Finding[];
  tests: string[];
  columns: { name: string; type: string; count: number; offset: number }[];
}

export interface Data {
  meta: Meta;
  task: {
    id: Uint32Array; loop: Uint16Array; process: Uint16Array; site: Uint32Array; name: Uint32Array; parent: Uint32Array;
    spawned: Uint32Array; first: Uint32Array; ended: Uint32Array; outcome: Uint8Array; flags: Uint8Array; steps: Uint32Array;
    busy: Float64Array; lane: Uint32Array; exc: Uint32Array; test: Uint32Array; step0: Uint32Array;
  };
  step: { begin: Uint32Array; dur: Uint32Array };
  cb: { begin: Uint32Array; dur: Uint32Array; loop: Uint16Array };
  sight: { time: Uint32Array; task: Uint32Array; wait: Uint32Array };
  wake: { time: Uint32Array; task: Uint32Array; by: Uint32Array };
  cancel: { time: Uint32Array; task: Uint32Array; by: Uint32Array; place: Uint32Array };
  live: { marker: Uint32Array; task: Uint32Array; wait: Uint32Array };
}

// Outcomes, as task.outcome has them.
export const PENDING = 0, RETURNED = 1, RAISED = 2, CANCELLED = 3, COLLECTED = 4;

// Bits of task.flags.
export const LIVE_AT_CLOSE = 1, LIVE_AT_EXIT = 2, ACCUSED = 4, LIVE_AT_SHUTDOWN = 8, BIRTH_UNSEEN = 16, EAGER = 32;

/** load reads what the page carries; it fails where the browser is too old for that. */
export async function load(): Promise<Data> {
  const meta = JSON.parse(textOf("lt-meta")) as Meta;
  if (!meta.schema.startsWith("looptrace.html/v1")) throw new Error("this page has another format: " + meta.schema);
  const bytes = await inflate(decode(textOf("lt-data")));
  const types: Record<string, (count: number, offset: number) => unknown> = {
    u8: (count, offset) => new Uint8Array(bytes, offset, count),
    u16: (count, offset) => new Uint16Array(bytes, offset, count),
    u32: (count, offset) => new Uint32Array(bytes, offset, count),
    f64: (count, offset) => new Float64Array(bytes, offset, count),
  };
  const data: Record<string, unknown> = { meta, task: {}, step: {}, cb: {}, sight: {}, wake: {}, cancel: {}, live: {} };
  for (const c of meta.columns) {
    const [table, name] = c.name.split(".");
    const rows = data[table!] as Record<string, unknown> | undefined;
    if (rows) rows[name!] = types[c.type]!(c.count, c.offset);
  }
  return data as unknown as Data;
}

function textOf(id: string): string {
  const element = document.getElementById(id);
  if (!element) throw new Error("the page has no " + id);
  return element.textContent ?? "";
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const direct = (Uint8Array as unknown as { fromBase64?: (s: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  if (direct) return direct.call(Uint8Array, base64);
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}
