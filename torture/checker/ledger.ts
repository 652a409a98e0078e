import type { SystemFacts } from './facts.ts';

/** What a call did in the provider, as its own ledger has it. */
export interface Effect {
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Of the entry: the order in which they happened. */
  readonly seq: number;
}

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly path: string;
  readonly effects: readonly (Omit<Effect, 'seq' | 'fields'> & {
    readonly fields?: Readonly<Record<string, unknown>>;
    readonly cause?: string;
  })[];
}

/** Without what people did over the control API, and without what the customer's automations did because of something else. */
export async function effectsOfCalls(system: SystemFacts): Promise<Effect[]> {
  return (await entriesOf(system))
    .filter(({ kind }) => kind === 'call' || kind === 'background')
    .flatMap(({ seq, effects }) =>
      effects
        .filter(({ cause }) => cause === undefined)
        .map(({ op, object, id, fields = {} }) => ({ op, object, id, fields, seq })),
    );
}

/** Jobs that did something, each by its address, with what they did. */
export async function effectsOfJobs(system: SystemFacts): Promise<ReadonlyMap<string, readonly Effect[]>> {
  const jobs = new Map<string, Effect[]>();
  for (const { seq, kind, path, effects } of await entriesOf(system)) {
    if (kind !== 'background') continue;
    const own = effects.map(({ op, object, id, fields = {} }) => ({ op, object, id, fields, seq }));
    jobs.set(path, [...(jobs.get(path) ?? []), ...own]);
  }
  return jobs;
}

/** Everything that happened to records, whoever did it. */
export async function effectsOf(system: SystemFacts): Promise<Effect[]> {
  return (await entriesOf(system)).flatMap(({ seq, effects }) =>
    effects.map(({ op, object, id, fields = {} }) => ({ op, object, id, fields, seq })),
  );
}

async function entriesOf({ sandbox }: SystemFacts): Promise<Entry[]> {
  const all: Entry[] = [];
  for (;;) {
    const answer = await fetch(`${sandbox.url}/__sandbox/ledger?since=${String(all.length)}&limit=5000`);
    const { entries } = (await answer.json()) as { entries: Entry[] };
    if (entries.length === 0) return all;
    all.push(...entries);
  }
}
