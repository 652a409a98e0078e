import type { Context } from 'hono';
import { bearerOf, isJsonObject, type Challenge, type ErrorBody, type Json } from '../kernel/index.ts';

/** Tells a client that was refused where its user signs in, and with which scopes (RFC 9728 §5.1, RFC 6750 §3.1). */
export async function addChallenge(context: Context, challenge: Challenge): Promise<void> {
  const { status } = context.res;
  if (status !== 401 && status !== 403) return;
  const body = (await context.res
    .clone()
    .json()
    .catch(() => null)) as Json;
  if (!isJsonObject(body)) return;
  const header = challenge(body as unknown as ErrorBody, status, bearerOf(context.req.raw) !== null);
  if (header !== null) context.header('www-authenticate', header);
}
