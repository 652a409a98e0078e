import { timingSafeEqual } from 'node:crypto';
import type { SandboxRequest } from '../http.ts';
import type { OAuthClient, OAuthFailure } from './types.ts';

/** Checks id and secret of the app, from the form fields or from a Basic header (RFC 6749 §2.3.1). */
export function authenticateClient(
  client: OAuthClient,
  request: SandboxRequest,
  fields: ReadonlyMap<string, string>,
): OAuthFailure | null {
  const basic = basicCredentials(request.headers.authorization);
  const id = basic?.id ?? fields.get('client_id');
  const secret = basic?.secret ?? fields.get('client_secret');
  if (id !== client.clientId) return failure('invalid client identifier');
  if (secret === undefined || !sameText(secret, client.clientSecret)) return failure('invalid client credentials');
  return null;
}

function failure(description: string): OAuthFailure {
  return { kind: 'failure', error: 'invalid_client', description };
}

function basicCredentials(header: string | undefined): { id: string; secret: string } | null {
  const match = /^Basic\s+(\S+)$/i.exec(header ?? '');
  if (match?.[1] === undefined) return null;
  const text = Buffer.from(match[1], 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return null;
  return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) };
}

function formDecode(text: string): string {
  return new URLSearchParams(`v=${text}`).get('v') ?? '';
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
