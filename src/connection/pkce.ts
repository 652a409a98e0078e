import { createHash } from 'node:crypto';
import type { Random } from '../kernel/index.ts';

/** RFC 7636 with S256, the only method that a careful provider accepts. */
export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

export function newPkce(random: Random): Pkce {
  const verifier = Buffer.from(random.bytes(32)).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}

/** The `state` that the browser carries; the database keeps its hash only (store/oauth-states.ts). */
export function newState(random: Random): string {
  return Buffer.from(random.bytes(24)).toString('base64url');
}
