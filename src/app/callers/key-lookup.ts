import { limits, type Clock } from '../../kernel/index.ts';
import { findApiKey, type ApiKeyRow, type Db } from '../../store/index.ts';

/** Agents' keys, remembered for a moment: a turn of an agent is many calls, and each would ask the database first. */
export interface KeyLookup {
  /** Null: unknown, revoked or expired. */
  find(bearer: string): Promise<ApiKeyRow | null>;
  /** Some key was revoked. */
  forgetAll(): void;
}

interface Known {
  readonly row: ApiKeyRow;
  readonly untilMs: number;
}

export function createKeyLookup(db: Db, clock: Clock): KeyLookup {
  // In order of look-up, so the oldest come first.
  const known = new Map<string, Known>();
  let generation = 0;
  return {
    async find(bearer) {
      const now = clock.monotonicMs();
      const present = known.get(bearer);
      if (present !== undefined && present.untilMs > now) return present.row;
      known.delete(bearer);
      const asked = generation;
      const row = await findApiKey(db, bearer);
      // What was read before a revocation is not kept after it.
      if (row === null || asked !== generation) return row;
      known.set(bearer, { row, untilMs: now + limits.keyLookupTtlMs });
      for (const oldest of known.keys()) {
        if (known.size <= limits.keysKnownMax) break;
        known.delete(oldest);
      }
      return row;
    },
    forgetAll() {
      generation += 1;
      known.clear();
    },
  };
}
