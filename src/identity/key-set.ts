import { createLocalJWKSet, errors, type JWTHeaderParameters, type FlattenedJWSInput, type JSONWebKeySet } from 'jose';
import { GantryError, limits, type Clock } from '../kernel/index.ts';

/** A provider's keys, by which its tokens are checked. */
export interface KeySet {
  /** For jose. Raises jose's `JWKSNoMatchingKey`, and `identity_unavailable`. */
  keyFor(header: JWTHeaderParameters, token: FlattenedJWSInput): ReturnType<ReturnType<typeof createLocalJWKSet>>;
}

type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * Asked for when the first token comes, and again when they are old or a token
 * names a key that is not among them (the provider has a new one). However
 * many such tokens come, also forged ones, and however the asking ends, it is
 * done once per cooldown; meanwhile old keys go on being good for a while.
 */
export function createKeySet(fetchKeys: () => Promise<JSONWebKeySet>, clock: Clock): KeySet {
  let keys: Keys | null = null;
  let keysAt = 0;
  let askedAt: number | null = null;
  let asking: Promise<void> | null = null;

  const fetchNow = async (): Promise<void> => {
    try {
      keys = createLocalJWKSet(await fetchKeys());
      keysAt = clock.monotonicMs();
    } catch {
      // What is known goes on being good; where nothing is, the caller is told.
    } finally {
      asking = null;
    }
  };

  const ask = async (): Promise<void> => {
    const now = clock.monotonicMs();
    if (asking === null) {
      if (askedAt !== null && now - askedAt < limits.keySetCooldownMs) return;
      askedAt = now;
      asking = fetchNow();
    }
    await asking;
  };

  return {
    async keyFor(header, token) {
      if (keys === null || clock.monotonicMs() - keysAt > limits.keySetFreshMs) await ask();
      if (keys === null || clock.monotonicMs() - keysAt > limits.keySetGoodMs) throw unavailable();
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
      await ask();
      return keys(header, token);
    },
  };
}

const unavailable = (): GantryError =>
  new GantryError('identity_unavailable', { message: 'The keys of the identity provider cannot be read.' });
