import { GantryError } from '../kernel/index.ts';
import { ingestRecords, saveQuarantine, sqlState } from '../store/index.ts';
import type { LetterFor } from './dead-letters.ts';
import type { SyncDeps } from './deps.ts';
import type { NormalRecord } from './normalise-record.ts';
import { quarantined } from './quarantined.ts';

export interface RefusedRecord {
  readonly id: string;
  readonly error: GantryError;
}

/**
 * Keeps records by `keep`; where the database refuses some of them, once more
 * without those, which are searched for by halving: one value that it cannot
 * store must not hold up all others. Other failures, and refusals that no
 * single record explains, are raised as they are.
 */
export async function keepAround<Kept>(
  { db }: Pick<SyncDeps, 'db'>,
  letters: LetterFor,
  records: () => readonly NormalRecord[],
  keep: (refused: readonly RefusedRecord[]) => Promise<Kept>,
): Promise<Kept> {
  try {
    return await keep([]);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const refused = await refusedOf(db, letters, records());
    if (refused.length === 0) throw error;
    return keep(refused);
  }
}

/** Classes of SQLSTATE: 22 values, 23 constraints, 54 limits of the program; 53200: no memory for so large a one. */
const isRefusal = (error: unknown): boolean => /^(?:22|23|54|53200)/.test(sqlState(error) ?? '');

async function refusedOf(
  db: SyncDeps['db'],
  letters: LetterFor,
  records: readonly NormalRecord[],
): Promise<readonly RefusedRecord[]> {
  const [only, ...others] = records;
  if (only === undefined) return [];
  const refusal = await trial(db, letters, records);
  if (refusal === null) return [];
  if (others.length === 0) return [{ id: only.id, error: notKept(only.id, refusal) }];
  const half = Math.ceil(records.length / 2);
  const first = await refusedOf(db, letters, records.slice(0, half));
  return [...first, ...(await refusedOf(db, letters, records.slice(half)))];
}

/** Writes them and takes that back. Returns what the database said against it. */
async function trial(db: SyncDeps['db'], letters: LetterFor, records: readonly NormalRecord[]): Promise<unknown> {
  const { tenant, stream } = letters;
  const takenBack = new Error('a trial');
  try {
    await db.tenantTx(
      tenant,
      async (tx) => {
        await saveQuarantine(tx, { tenant, stream, schemaVersion: null, records: records.map(quarantined) });
        await ingestRecords(tx, { tenant, stream, records, seenAt: tx.now, compareFirst: false });
        throw takenBack;
      },
      'sync.try_records',
    );
  } catch (error) {
    if (error === takenBack) return null;
    if (isRefusal(error)) return error;
    throw error;
  }
  return null;
}

function notKept(id: string, refusal: unknown): GantryError {
  return new GantryError('store_record_refused', {
    message: 'The database does not take this record.',
    data: { record: id, class: `sqlstate_${sqlState(refusal) ?? 'unknown'}` },
    cause: refusal,
  });
}
