import { createHash, randomBytes } from 'node:crypto';
import { adminOf, browse, type RunningSandboxProcess as TestSandbox } from '../../sandbox/client/index.ts';
import { oauthOf } from '../../src/connection/index.ts';
import type { Connector, OAuthApp, ProviderAccess, TokenSet, UpstreamCall } from '../../src/connectors/index.ts';

export {
  adminOf,
  browse,
  startSandbox,
  type SandboxHealth,
  type SandboxStart,
  type SandboxUser,
} from '../../sandbox/client/index.ts';
export type { TestSandbox };

/** A signed-in connection as src/connection would hold it, without a vault. */
export interface SignedIn {
  readonly tokens: TokenSet;
  readonly access: ProviderAccess;
  /** Every upstream call so far. */
  readonly calls: UpstreamCall[];
  /** How many times the token was renewed. */
  renewals(): number;
}

/** The whole browser part of OAuth: login form, consent, code, token. */
export async function signIn(
  sandbox: TestSandbox,
  connector: Connector,
  user: { username: string; password: string } = adminOf(sandbox),
): Promise<SignedIn> {
  const codeVerifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const address = oauthOf(connector).authorizeUrl(sandbox.app, {
    redirectUri: sandbox.redirectUri,
    state,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
  });
  const answer = await browse(address, sandbox.redirectUri, user);
  if (answer.searchParams.get('state') !== state) throw new Error('the login page lost the state');
  const code = answer.searchParams.get('code');
  if (code === null) throw new Error(`the login page gave no code: ${answer.search}`);
  const tokens = await oauthOf(connector).exchangeCode(sandbox.app, {
    code,
    redirectUri: sandbox.redirectUri,
    codeVerifier,
  });
  return signedIn(connector, sandbox.app, tokens);
}

/** Holds tokens in memory and renews once per generation, whoever asks. */
export function signedIn(connector: Connector, app: OAuthApp, first: TokenSet): SignedIn {
  let tokens = first;
  let generation = 1;
  let renewing: Promise<void> | null = null;
  const calls: UpstreamCall[] = [];
  const current = (): { accessToken: string; generation: number } => ({ accessToken: tokens.accessToken, generation });
  const access: ProviderAccess = {
    apiUrl: first.apiUrl,
    token: async () => current(),
    renew: async (refused) => {
      if (refused === generation) {
        renewing ??= (async () => {
          const refreshToken = tokens.refreshToken ?? '';
          tokens = await oauthOf(connector).refresh(app, { refreshToken, apiUrl: tokens.apiUrl });
          generation += 1;
        })().finally(() => {
          renewing = null;
        });
        await renewing;
      }
      return current();
    },
    onCall: (call) => calls.push(call),
  };
  return { tokens: first, access, calls, renewals: () => generation - 1 };
}
