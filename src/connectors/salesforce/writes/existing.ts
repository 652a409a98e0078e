import type { SessionContext } from '../../kit/declared-connector.ts';
import { applied, UNKNOWN } from '../../kit/write-outcomes.ts';
import type { WriteOutcome, WriteRequest } from '../../writes.ts';
import { findBy } from './look-up.ts';
import { keyFieldOf } from './way.ts';

/**
 * A new record that is refused as a duplicate may be one of an earlier sending:
 * our key stands in it then. It is left as it is, whatever somebody made of it
 * since; an upsert would overwrite that, and run the org's automations again.
 */
export async function orExisting(
  context: SessionContext,
  { object, operation, items }: WriteRequest,
  outcomes: readonly WriteOutcome[],
): Promise<readonly WriteOutcome[]> {
  const key = operation === 'create' ? keyFieldOf(object) : null;
  const doubtful = items.filter((_item, at) => isDuplicate(outcomes[at]));
  if (key === null || doubtful.length === 0) return outcomes;
  const keys = doubtful.map((item) => item.key);
  // Nothing was written by this sending; whether by an earlier one, reading has to tell.
  const found = await findBy(context, object, key.name, keys).catch(() => null);
  return outcomes.map((outcome, at) => {
    if (!isDuplicate(outcome)) return outcome;
    if (found === null) return UNKNOWN;
    const [id] = found.get(items[at]?.key ?? '') ?? [];
    return id === undefined ? outcome : applied(id, { existed: true });
  });
}

const isDuplicate = (outcome: WriteOutcome | undefined): boolean =>
  outcome?.kind === 'refused' && outcome.refusal.code === 'duplicate';
