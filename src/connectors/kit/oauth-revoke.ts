import { limits, send } from '../../kernel/index.ts';
import type { Declaration } from './declaration.ts';

export type DeclaredRevoke = NonNullable<NonNullable<Declaration['auth']>['revoke']>;

/**
 * Ends a grant at the provider, asked once. `token`: RFC 7009, the refresh token in a form
 * where there is one, because it ends the access tokens made from it as well.
 * `bearer`: a call that ends the very token it is made with. True: the provider
 * confirmed it, or says that there is no such token any more.
 */
export async function revokeGrant(
  { path, by }: DeclaredRevoke,
  origin: string,
  { refreshToken, accessToken }: { readonly refreshToken: string | null; readonly accessToken: string },
): Promise<boolean> {
  const url = new URL(path, origin);
  const request: RequestInit =
    by === 'token'
      ? {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'gantry' },
          body: new URLSearchParams({ token: refreshToken ?? accessToken }).toString(),
        }
      : { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}`, 'user-agent': 'gantry' } };
  try {
    const response = await send('connector.revoke', url, {
      ...request,
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.signInTimeoutMs),
    });
    await response.body?.cancel();
    return response.status < 300 || (by === 'token' && response.status === 400);
  } catch {
    return false;
  }
}
