import type { Model } from "./model";

/** find returns the tasks whose name, coroutine, place, test or seen waits hold the text, or whose id it is. */
export function find(model: Model, text: string): Uint32Array {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return new Uint32Array(0);
  const { meta, data } = model;
  const { task } = data;
  const names = holding(meta.names, wanted), waits = holding(meta.waits, wanted), tests = holding(meta.tests, wanted);
  const sites = holding(meta.sites.map((s) => `${s.coro}()\n${s.place}\n${s.text}\n${s.via}`), wanted);
  const seen = seenWaiting(model, waits);
  const id = /^#?\d+$/.test(wanted) ? Number(wanted.replace("#", "")) : -1;
  const found: number[] = [];
  for (let i = 0; i < model.tasks; i++) {
    if (names[task.name[i]!] || sites[task.site[i]!] || seen?.[i] || (task.test[i] && tests[task.test[i]! - 1]) || task.id[i] === id) found.push(i);
  }
  return Uint32Array.from(found);
}

function holding(strings: string[], wanted: string): Uint8Array {
  const out = new Uint8Array(strings.length);
  strings.forEach((s, k) => { out[k] = s.toLowerCase().includes(wanted) ? 1 : 0; });
  return out;
}

/** seenWaiting returns which tasks were seen in one of the waits. */
function seenWaiting(model: Model, waits: Uint8Array): Uint8Array | undefined {
  if (!waits.includes(1)) return undefined;
  const { sight, live } = model.data;
  const seen = new Uint8Array(model.tasks);
  for (let k = 0; k < sight.wait.length; k++) if (waits[sight.wait[k]!]) seen[sight.task[k]!] = 1;
  for (let k = 0; k < live.wait.length; k++) if (live.wait[k] && waits[live.wait[k]! - 1]) seen[live.task[k]!] = 1;
  return seen;
}
