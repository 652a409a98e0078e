import { createHash, randomBytes } from 'node:crypto';
import { adminOf, browse, type RunningSandboxProcess as TestSandbox } from '../../sandbox/client/index.ts';
import { oauthOf } from '../../src/connection/index.ts';
import type {
  AccessToken,
  Connector,
  OAuthApp,
  ProviderAccess,
  TokenSet,
  UpstreamCall,
} from '../../src/connectors/index.ts';
import { GantryError } from '../../src/kernel/index.ts';

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
  scopes: readonly string[] = [],
): Promise<SignedIn> {
  const codeVerifier = randomBytes(32).toString('base64url');
  const state = randomBytes(8).toString('hex');
  const address = oauthOf(connector).authorizeUrl(sandbox.app, {
    redirectUri: sandbox.redirectUri,
    state,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    scopes,
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

/** A sign-in with what an administrator would enter; renewals sign in again. */
export async function signInWithValues(
  connector: Connector,
  method: string,
  values: Readonly<Record<string, string>>,
  app: OAuthApp | null = null,
): Promise<SignedIn> {
  const found = connector.credentials.find(({ name }) => name === method);
  if (found === undefined) throw new Error(`${connector.provider} has no way in named ${method}`);
  const enter = (): Promise<TokenSet> => found.signIn(app, values);
  return heldTokens(await enter(), () =>
    enter().catch((error: unknown) => {
      throw error instanceof GantryError && error.code === 'credentials_refused' ? grantEnded() : error;
    }),
  );
}

const grantEnded = (): GantryError =>
  new GantryError('connection_reauth_required', { message: 'What was entered is no longer accepted.' });

/** Holds tokens in memory and renews once per generation, whoever asks. */
export function signedIn(connector: Connector, app: OAuthApp, first: TokenSet): SignedIn {
  return heldTokens(first, ({ refreshToken, apiUrl }) =>
    oauthOf(connector).refresh(app, { refreshToken: refreshToken ?? '', apiUrl }),
  );
}

function heldTokens(first: TokenSet, fresh: (old: TokenSet) => Promise<TokenSet>): SignedIn {
  let tokens = first;
  let generation = 1;
  let renewing: Promise<void> | null = null;
  const calls: UpstreamCall[] = [];
  const current = (): AccessToken => {
    const { accessToken, context } = tokens;
    return { accessToken, generation, ...(context === undefined ? {} : { context }) };
  };
  const access: ProviderAccess = {
    apiUrl: first.apiUrl,
    token: async () => current(),
    renew: async (refused) => {
      if (refused === generation) {
        renewing ??= (async () => {
          tokens = await fresh(tokens);
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
