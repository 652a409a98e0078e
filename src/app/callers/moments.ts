import { limits, type Clock } from '../../kernel/index.ts';

/** What was looked up, good for `limits.keyLookupTtlMs` or until somebody says that something has changed. */
export interface Moments<Value> {
  /** Null is not remembered: what is not there may come. */
  get(key: string, look: () => Promise<Value | null>): Promise<Value | null>;
  forgetAll(): void;
}

interface Known<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

export function createMoments<Value>(clock: Clock, max: number): Moments<Value> {
  // In order of look-up, so the oldest come first.
  const known = new Map<string, Known<Value>>();
  let generation = 0;
  return {
    async get(key, look) {
      const now = clock.monotonicMs();
      const present = known.get(key);
      if (present !== undefined && present.untilMs > now) return present.value;
      known.delete(key);
      const asked = generation;
      const value = await look();
      // What was read before a change is not kept after it.
      if (value === null || asked !== generation) return value;
      known.set(key, { value, untilMs: now + limits.keyLookupTtlMs });
      for (const oldest of known.keys()) {
        if (known.size <= max) break;
        known.delete(oldest);
      }
      return value;
    },
    forgetAll() {
      generation += 1;
      known.clear();
    },
  };
}
