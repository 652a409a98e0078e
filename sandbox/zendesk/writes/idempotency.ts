import { createHash } from 'node:crypto';
import type { SandboxClock, SandboxResponse } from '../../kit/index.ts';

/** Source: Zendesk API reference, "Introduction", idempotency: keys are known for two hours. */
const KNOWN_MS = 2 * 3_600_000;

export type LookUp =
  /** Not seen, or forgotten: `remember` what is answered. */
  | { readonly kind: 'miss'; remember(answer: SandboxResponse): void }
  | { readonly kind: 'hit'; readonly answer: SandboxResponse }
  /** The key came with another body before. */
  | { readonly kind: 'other_body' };

export interface IdempotencyKeys {
  /** Of this caller. */
  lookUp(user: number, key: string, body: string): LookUp;
}

export function createIdempotencyKeys(clock: SandboxClock): IdempotencyKeys {
  const known = new Map<string, { readonly body: string; readonly answer: SandboxResponse; readonly atMs: number }>();
  return {
    lookUp: (user, key, body) => {
      const name = `${user} ${key}`;
      const digest = createHash('sha256').update(body).digest('hex');
      const found = known.get(name);
      const fresh = found !== undefined && clock.now().getTime() - found.atMs < KNOWN_MS;
      if (fresh && found.body !== digest) return { kind: 'other_body' };
      if (fresh) return { kind: 'hit', answer: found.answer };
      return {
        kind: 'miss',
        remember: (answer) => {
          known.set(name, { body: digest, answer, atMs: clock.now().getTime() });
        },
      };
    },
  };
}
