import { GantryError } from '../../kernel/index.ts';
import type { WriteOutcome, WriteRefusal, WriteRefusalCode } from '../writes.ts';

export const UNKNOWN: WriteOutcome = { kind: 'unknown' };
export const CHANGED: WriteOutcome = { kind: 'changed' };

export const applied = (
  recordId: string,
  { created = false, existed = false }: { readonly created?: boolean; readonly existed?: boolean } = {},
): WriteOutcome => ({ kind: 'applied', recordId, created, existed });

/** `native`: a code that the provider documents, never its text. */
export const refusal = (
  code: WriteRefusalCode,
  native: string | null = null,
  fields: readonly string[] = [],
): WriteRefusal => ({ code, native, fields });

/** What passes by itself is to be sent again; everything else would be refused again. */
export function refusedBy(known: WriteRefusal, afterMs: number | null = null): WriteOutcome {
  return PASSING.has(known.code) ? { kind: 'try_again', afterMs, refusal: known } : { kind: 'refused', refusal: known };
}

const PASSING = new Set<WriteRefusalCode>(['record_locked', 'limited', 'unavailable']);

/** Sent item by item: what cannot be sent any more after others were comes again; before any was, the whole sending is raised. */
export async function sendEach<Item>(
  items: readonly Item[],
  one: (item: Item) => Promise<WriteOutcome>,
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  for (const item of items) {
    try {
      outcomes.push(await one(item));
    } catch (error) {
      if (outcomes.length === 0) throw error;
      const left: WriteOutcome = { kind: 'try_again', afterMs: null, refusal: whyUnsent(error) };
      return [...outcomes, ...items.slice(outcomes.length).map(() => left)];
    }
  }
  return outcomes;
}

function whyUnsent(error: unknown): WriteRefusal {
  const limited = error instanceof GantryError && error.code === 'upstream_rate_limited';
  return refusal(limited ? 'limited' : 'unavailable');
}
