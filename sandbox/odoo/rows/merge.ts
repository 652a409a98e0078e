/** A list of records in ascending order of `key`, ties by id. */
export interface Run {
  readonly first: number;
  readonly count: number;
  id(at: number): number;
  key(at: number): number;
  skip(at: number): boolean;
}

/** The ids of all runs as one list in order of key and id. There are few runs, so a look at each head will do. */
export function* merged(runs: readonly Run[]): Generator<number> {
  const heads = runs.map((run) => head(run, run.first));
  for (;;) {
    let best = -1;
    for (let at = 0; at < heads.length; at += 1) {
      const candidate = heads[at];
      const leader = heads[best];
      if (candidate === null || candidate === undefined) continue;
      if (leader === null || leader === undefined || isBefore(candidate, leader)) best = at;
    }
    const chosen = heads[best];
    const run = runs[best];
    if (chosen === null || chosen === undefined || run === undefined) return;
    yield chosen.id;
    heads[best] = head(run, chosen.at + 1);
  }
}

interface Head {
  readonly at: number;
  readonly id: number;
  readonly key: number;
}

function head(run: Run, from: number): Head | null {
  let at = from;
  while (at < run.count && run.skip(at)) at += 1;
  return at < run.count ? { at, id: run.id(at), key: run.key(at) } : null;
}

function isBefore(a: Head, b: Head): boolean {
  return a.key < b.key || (a.key === b.key && a.id < b.id);
}
