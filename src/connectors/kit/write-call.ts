import { GantryError, type Json } from '../../kernel/index.ts';
import type { SessionContext } from './declared-connector.ts';
import { classifyAnswer } from './error-map.ts';
import type { UpstreamRequest } from './http-client.ts';

/** What came of a call that may change something there. */
export type WriteAnswer =
  /** Done, or refused in the provider's words; `body` is null where there is none, text where it is no JSON. */
  | { readonly kind: 'answered'; readonly status: number; readonly body: Json; readonly headers: Headers }
  /** Bytes left, and no answer says what became of them. */
  | { readonly kind: 'unknown' };

/**
 * Sends once. Raises where surely nothing was taken: no connection, no turn,
 * too many calls, or what `beforeSend` raises. An answer of a provider in
 * trouble (5xx), half of one, or none at all is `unknown`, never a failure.
 */
export async function writeCall(
  { http, declaration }: SessionContext,
  request: UpstreamRequest,
  beforeSend: () => Promise<void>,
): Promise<WriteAnswer> {
  const accept = (status: number, body: Json): boolean => {
    const diagnosis = classifyAnswer(declaration.errors, status, body);
    if (diagnosis === null) return true;
    // Limits and refused tokens are the client's affair; of an error of the provider's own nobody knows what it did before.
    return status < 500 && !CLIENTS.has(diagnosis.class);
  };
  try {
    const { status, body, headers } = await http({ ...request, accept, once: { beforeSend } });
    return { kind: 'answered', status, body, headers };
  } catch (error) {
    if (error instanceof GantryError && error.details.data?.['taken'] === 'unknown') return { kind: 'unknown' };
    throw error;
  }
}

const CLIENTS = new Set(['auth_invalidated', 'rate_limited', 'quota_exhausted']);
