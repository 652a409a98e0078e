import { canaryOf, type Facts, type SystemFacts } from './facts.ts';
import type { Finding } from './finding.ts';
import type { Intent } from './intents.ts';
import type { Effect } from './ledger.ts';

/** The same for a write and for what it did: the harness gives each of its writes a text of its own. */
export interface Mark {
  readonly object: string;
  readonly op: string;
  /** Null: a new record. */
  readonly id: string | null;
  readonly texts: readonly string[];
}

const keyOf = ({ object, op, id, texts }: Mark): string => JSON.stringify([object, op, id, texts]);

/** Texts of ours among values, however deep, each once. */
export function canariesIn(values: unknown, canary: string): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string' && value.startsWith(canary)) found.add(value);
    else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) look(inner);
  };
  look(values);
  return [...found].toSorted();
}

export function markOfIntent(intent: Intent): Mark {
  const { object, operation, recordId, values, tenant } = intent;
  const texts = canariesIn(values, canaryOf(tenant));
  return { object, op: operation, id: operation === 'create' ? null : plainId(recordId), texts };
}

export const markOfEffect = ({ object, op, id, fields }: Effect, tenant: string): Mark => ({
  object,
  op,
  id: op === 'create' ? null : plainId(id),
  texts: canariesIn(fields, canaryOf(tenant)),
});

/** Google's events have the name of their calendar before their own. */
const plainId = (id: string | null): string | null => id?.split('/').at(-1) ?? null;

/** Nobody can tell yet, or ever, what became of it. */
const UNCLEAR: ReadonlySet<string> = new Set(['sending', 'outcome_unknown', 'reconciling', 'needs_human']);

/**
 * I3 and I4: what the provider's ledger has, against what the database says of
 * each write. Succeeded: exactly once. Unclear: once at most. Everything else:
 * never. What nobody accepted is never there.
 */
export function wrongEffects(system: SystemFacts, intents: readonly Intent[], effects: readonly Effect[]): Finding[] {
  const { tenant, integration } = system;
  const own = intents.filter((intent) => intent.tenant === tenant && intent.integration === integration);
  const objects = new Set(own.map(({ object }) => object));
  const said = grouped(own, (intent) => keyOf(markOfIntent(intent)));
  const done = grouped(
    effects.filter(({ object }) => objects.has(object)),
    (effect) => keyOf(markOfEffect(effect, tenant)),
  );
  const found: Finding[] = [];
  for (const key of new Set([...said.keys(), ...done.keys()])) {
    const writes = said.get(key) ?? [];
    const there = done.get(key) ?? [];
    const least = writes.filter(({ state }) => state === 'succeeded').length;
    const most = least + writes.filter(({ state }) => UNCLEAR.has(state)).length;
    const count = there.length;
    if (count >= least && count <= most) continue;
    const about = `${integration}.${key}`;
    const states = writes.map(({ state, plan, item }) => `${plan}/${String(item)} ${state}`).join(', ');
    const what =
      writes.length === 0
        ? `${about} was written ${String(count)} times, and nobody accepted it`
        : `${about} was written ${String(count)} times: ${states}`;
    // More than once is an effect too many; said to have ended so, and not so, is the untruth.
    const invariant = count > most && most > 0 ? 'I3' : 'I4';
    found.push({ invariant, tenant, object: writes[0]?.object ?? there[0]?.object ?? '', what });
  }
  return found;
}

/** I5: to one record, in the order of acceptance. */
export function turnedWrites(system: SystemFacts, intents: readonly Intent[], effects: readonly Effect[]): Finding[] {
  const { tenant, integration } = system;
  const own = intents.filter(
    (intent) =>
      intent.tenant === tenant &&
      intent.integration === integration &&
      intent.state === 'succeeded' &&
      intent.operation !== 'create',
  );
  const found: Finding[] = [];
  for (const [record, writes] of grouped(own, ({ object, recordId }) => `${object} ${String(recordId)}`)) {
    const places = writes
      .toSorted((one, other) => (one.seq ?? 0) - (other.seq ?? 0))
      .map((write) => {
        const key = keyOf(markOfIntent(write));
        const same = effects.filter((effect) => keyOf(markOfEffect(effect, tenant)) === key);
        // Written twice under one mark: no telling which was which.
        return same.length === 1 ? (same[0]?.seq ?? null) : null;
      })
      .filter((seq) => seq !== null);
    const turned = places.some((seq, at) => seq < (places[at - 1] ?? seq));
    if (turned) found.push({ invariant: 'I5', tenant, what: `${integration}.${record} was written in another order` });
  }
  return found;
}

/** What a case says that may not be written at all. */
export function forbiddenEffects(facts: Facts, system: SystemFacts, effects: readonly Effect[]): Finding[] {
  const { tenant, integration } = system;
  const texts = new Set(effects.flatMap(({ fields }) => canariesIn(fields, canaryOf(tenant))));
  return facts.never
    .filter(({ text }) => texts.has(text))
    .map(({ text, invariant, why }) => ({ invariant, tenant, what: `${text} was written to ${integration}: ${why}` }));
}

export function grouped<Item>(items: readonly Item[], keyOfItem: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOfItem(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
