import { limits, type Clock } from '../../kernel/index.ts';
import { findApiKey, noteKeyUse, type ApiKeyRow, type Db } from '../../store/index.ts';
import { createMoments } from './moments.ts';

/** Agents' keys, remembered for a moment: a turn of an agent is many calls, and each would ask the database first. */
export interface KeyLookup {
  /** Null: unknown, revoked or expired. */
  find(bearer: string): Promise<ApiKeyRow | null>;
  /** Some key was revoked. */
  forgetAll(): void;
}

export function createKeyLookup(db: Db, clock: Clock): KeyLookup {
  const moments = createMoments<ApiKeyRow>(clock, limits.keysKnownMax);
  return {
    find: (bearer) =>
      moments.get(bearer, async () => {
        const row = await findApiKey(db, bearer);
        if (row?.useDue === true) void noteUse(db, row);
        return row;
      }),
    forgetAll: () => moments.forgetAll(),
  };
}

/** To the hour, and nobody waits for it: a database that cannot write now answers all the same, and is told the next time. */
async function noteUse(db: Db, { tenant, hash }: ApiKeyRow): Promise<void> {
  await db.tx((tx) => noteKeyUse(tx, { tenant, hash, at: tx.now }), 'app.note_key_use').catch(() => undefined);
}
