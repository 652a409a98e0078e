import { GantryError } from '../../kernel/index.ts';
import type { TokenSet } from '../contract.ts';
import { textAt } from './answer-values.ts';
import { authCall, isSendable, notAToken, type AuthAnswer } from './auth-call.ts';
import type { CredentialOf } from './auth-declaration.ts';
import type { AuthProvider, SignInCall } from './auth-methods.ts';
import { readPath } from './value-path.ts';

/**
 * A login call that answers with a session's id, in a cookie or in its body.
 * Sessions end; signing in again with what was entered is how they are renewed.
 */
export async function sessionSignIn(
  way: CredentialOf<'session'>,
  { title }: AuthProvider,
  { values, apiUrl }: SignInCall,
): Promise<TokenSet> {
  const url = new URL(way.login, apiUrl);
  const named = Object.entries(way.fields).map(([param, { name }]) => [param, values[name] ?? ''] as const);
  const answer = await authCall({
    title,
    url,
    body: { as: way.login_body, fields: { ...way.params, ...Object.fromEntries(named) } },
  });
  if (isRefusal(way, answer)) {
    throw new GantryError('credentials_refused', { message: `${title} does not sign in with what was entered.` });
  }
  const id = 'cookie' in way.id ? cookieIn(answer.headers, way.id.cookie) : textAt(answer.value, way.id.at);
  // Some logins lead on to a page; the cookie is there all the same.
  if (answer.status >= 400 || !isSendable(id)) throw notAToken(title, url.pathname);
  return { accessToken: id, refreshToken: null, expiresInS: way.life_s ?? null, scope: null, apiUrl };
}

function isRefusal({ refused }: CredentialOf<'session'>, { status, value }: AuthAnswer): boolean {
  if (status === 400 || status === 401 || status === 403) return true;
  if (refused === undefined) return false;
  const said = readPath(value, refused.at);
  return refused.is.some((word) => word === said);
}

/** The value as it came: a session's id is never decoded. */
function cookieIn(headers: Headers, name: string): string | null {
  for (const line of headers.getSetCookie()) {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}
