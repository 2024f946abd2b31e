import {
  BIRTH_UNSEEN, CANCELLED, COLLECTED, EAGER, type Marker, NEVER, PENDING, RAISED, RETURNED,
} from "./data";
import type { Model } from "./model";
import { capital, clean, count, duration, plural } from "./text";

/** Part is a piece of a sentence: text, a task to go to, or a finding of the page. */
export type Part = string | { task: number } | { finding: number };

/** Sentence is what happened, and when in ns; null belongs to the one before. */
export interface Sentence { ns: number | null; parts: Part[] }

const shown = 12;

/** outcomeWords says in a word or two how a task ended. */
export function outcomeWords(model: Model, i: number): string {
  const { task } = model.data;
  switch (task.outcome[i]) {
    case RETURNED: return "returned";
    case RAISED: return task.exc[i] ? "raised " + clean(model.meta.names[task.exc[i]! - 1] ?? "an exception") : "raised an exception";
    case CANCELLED: return "cancelled";
    case COLLECTED: return "garbage collected before it ended";
    default: return "never ended";
  }
}

/** head says what a task is. */
export function head(model: Model, i: number): string {
  const coro = model.coro(i), process = model.meta.processes[model.data.task.process[i]!];
  let text = coro ? coro + "()" : "a task";
  const loop = model.loop(i);
  text += ", on " + clean(loop.label);
  if (process && model.meta.processes.length > 1) text += ", " + clean(process.label);
  const test = model.meta.tests[model.data.task.test[i]! - 1];
  return test ? text + ", made by the test " + clean(test) : text;
}

/** tell tells what is known of a task, in sentences in the order of time. */
export function tell(model: Model, i: number): Sentence[] {
  const out = [...spawn(model, i), ...steps(model, i), ...sightings(model, i), ...wakeups(model, i), ...cancels(model, i),
    ...moments(model, i), ending(model, i), ...children(model, i)];
  let last = -1;
  const keyed = out.map((s, order) => ({ s, order, at: (last = s.ns ?? last) }));
  keyed.sort((a, b) => a.at - b.at || a.order - b.order);
  return keyed.map((k) => k.s);
}

function spawn(model: Model, i: number): Sentence[] {
  const { task } = model.data;
  if (task.flags[i]! & BIRTH_UNSEEN) return [{ ns: null, parts: ["Its spawn was not observed."] }];
  const site = model.meta.sites[task.site[i]!];
  let where = "";
  if (site?.place) where += " at " + clean(site.place);
  if (site?.via) where += ", through " + clean(site.via);
  if (site?.text) where += ": " + clean(site.text);
  const parent = model.parent(i);
  const out: Sentence[] = [{
    ns: model.ns(task.spawned[i]!),
    parts: parent >= 0 ? [{ task: parent }, " spawned it" + where] : ["It was spawned outside any task" + where],
  }];
  const line = parent < 0 ? [] : ancestors(model, parent);
  if (line.length) out.push({ ns: null, parts: ["The line of its parents: ", ...line, "."] });
  return out;
}

function ancestors(model: Model, i: number): Part[] {
  const parts: Part[] = [];
  for (let n = 0; model.parent(i) >= 0; n++, i = model.parent(i)) {
    if (n === 8) return [...parts, ", and so on"];
    parts.push(n ? ", " : "", { task: i }, " was spawned by ", { task: model.parent(i) });
  }
  return parts;
}

function steps(model: Model, i: number): Sentence[] {
  const { task } = model.data;
  const eager = (task.flags[i]! & EAGER) !== 0;
  const counted = `${count(task.steps[i]!, "step")} ${eager ? "later" : "in all"}, which kept the loop busy for ${duration(task.busy[i]!)}`;
  let text = `It took its first step, and ${counted}.`;
  if (eager) text = `It took its first step at once, as it was spawned (an eager task)${task.steps[i] === 0 ? "" : ", and " + counted}.`;
  else if (task.steps[i] === 0) return [{ ns: null, parts: ["It never took a step."] }];
  const out: Sentence[] = [{ ns: task.first[i] === NEVER ? null : model.ns(task.first[i]!), parts: [text] }];
  const kept = task.step0[i + 1]! - task.step0[i]!;
  if (kept < task.steps[i]!) out.push({ ns: null, parts: [kept ? `Only the last ${count(kept, "step")} ${plural(kept, "is", "are")} drawn.` : "None of them is drawn."] });
  return out;
}

/** sightings tells where the task was seen suspended, each place once, but not before its first step, which is told anyway. */
function sightings(model: Model, i: number): Sentence[] {
  const { sight, task } = model.data;
  const [lo, hi] = model.sightsOf(i);
  const seen = new Map<number, { first: number; last: number; times: number }>();
  for (let k = lo; k < hi; k++) {
    const time = sight.time[k]!;
    if (time < task.first[i]!) continue;
    const before = seen.get(sight.wait[k]!);
    if (before) Object.assign(before, { last: time, times: before.times + 1 });
    else seen.set(sight.wait[k]!, { first: time, last: time, times: 1 });
  }
  const out: Sentence[] = [...seen].slice(0, shown).map(([wait, s]) => {
    const again = s.times > 1 ? `, ${s.times} times until ${model.when(model.ns(s.last))}` : "";
    return { ns: model.ns(s.first), parts: ["It was seen " + waitWords(model.waitText(wait + 1)) + again + "."] };
  });
  if (seen.size > shown) out.push({ ns: null, parts: [`It was seen waiting at ${count(seen.size - shown, "more place")}.`] });
  return out;
}

/** waitWords makes a part of a sentence of what is known of a wait; of some no more is known than that there is one. */
export function waitWords(wait: string): string {
  return wait === "suspended" ? wait : "waiting: " + wait;
}

/** wakeups counts who made the task ready. */
function wakeups(model: Model, i: number): Sentence[] {
  const { wake } = model.data;
  const [lo, hi] = model.wakesOf(i);
  if (lo === hi) return [];
  const by = new Map<number, number>();
  for (let k = lo; k < hi; k++) by.set(wake.by[k]!, (by.get(wake.by[k]!) ?? 0) + 1);
  const ranked = [...by].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const parts: Part[] = [`It was made ready ${count(hi - lo, "time")}: `];
  ranked.slice(0, 5).forEach(([who, n], k) => parts.push(k ? ", " : "", who ? { task: who - 1 } : "by no task", ` (${n})`));
  if (ranked.length > 5) parts.push(` and ${ranked.length - 5} more`);
  return [{ ns: null, parts: [...parts, "."] }];
}

function cancels(model: Model, i: number): Sentence[] {
  const { cancel } = model.data;
  const rows = [...model.cancelsOf(i)].sort((a, b) => cancel.time[a]! - cancel.time[b]!);
  const out: Sentence[] = rows.slice(0, shown).map((row) => {
    const place = cancel.place[row] ? " at " + clean(model.meta.places[cancel.place[row]! - 1] ?? "") : "";
    const who: Part = cancel.by[row] ? { task: cancel.by[row]! - 1 } : "Something outside any task";
    return { ns: model.ns(cancel.time[row]!), parts: [who, " cancelled it" + place + "."] };
  });
  if (rows.length > shown) out.push({ ns: null, parts: [`It was cancelled ${count(rows.length - shown, "more time")}.`] });
  return out;
}

/** momentWords says what a snapshot was taken at. */
export function momentWords(m: Marker): string {
  switch (m.kind) {
    case "close": return "when the loop was closed";
    case "refused": return "when close() was refused";
    case "shutdown": return "when the runner began to cancel what was left";
    case "exit": return "when the process ended";
    default: return "at " + clean(m.label);
  }
}

function moments(model: Model, i: number): Sentence[] {
  const { live } = model.data;
  return [...model.livesOf(i)].slice(0, shown).map((row) => {
    const m = model.marker(live.marker[row]!);
    const wait = model.waitText(live.wait[row]!);
    return { ns: model.ns(m.time), parts: [capital(momentWords(m)) + ", it was live" + (wait ? ": " + wait : "") + "."] };
  });
}

function ending(model: Model, i: number): Sentence {
  const { task } = model.data;
  const ns = task.ended[i] === NEVER ? null : model.ns(task.ended[i]!);
  switch (task.outcome[i]) {
    case PENDING: return { ns: Number.MAX_SAFE_INTEGER, parts: ["It never ended."] };
    case CANCELLED: return { ns, parts: ["It ended as cancelled."] };
    case COLLECTED: return { ns, parts: ["It was garbage collected before it ended."] };
    default: return { ns, parts: ["It " + outcomeWords(model, i) + "."] };
  }
}

function children(model: Model, i: number): Sentence[] {
  const list = model.childrenOf(i);
  if (!list.length) return [];
  const parts: Part[] = [`It spawned ${count(list.length, "task")}: `];
  list.subarray(0, shown).forEach((child, k) => parts.push(k ? ", " : "", { task: child }));
  if (list.length > shown) parts.push(` and ${list.length - shown} more`);
  return [{ ns: null, parts: [...parts, "."] }];
}

/** findingsOf returns the findings that are about a task. */
export function findingsOf(model: Model, i: number): number[] {
  if (!(model.data.task.flags[i]! & 4)) return [];
  return model.meta.findings.flatMap((f, k) => (f.tasks.includes(i) ? [k] : []));
}
