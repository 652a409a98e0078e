import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Provider } from 'oidc-provider';

/**
 * An authorization server that is not ours (`oidc-provider`), with rotating
 * refresh tokens: whoever uses one twice ends the whole grant. Its token
 * endpoint is as slow as it is told.
 */
export interface TokenServer {
  readonly url: string;
  readonly client: { readonly id: string; readonly secret: string };
  /** A grant as after a sign-in in a browser: its first refresh token. */
  grant(): Promise<string>;
  /** Whether an access token is good now. */
  isGood(accessToken: string): Promise<boolean>;
  /** Token calls that arrived so far. */
  calls(): number;
  /** Before it passes a call on, and before it passes the answer back, ms. */
  setDelays(delays: { readonly before?: number; readonly after?: number }): void;
  stop(): Promise<void>;
}

const client = { id: 'gantry', secret: 'secret-of-the-test-application' };

export async function startTokenServer(): Promise<TokenServer> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const provider = new Provider(url, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: false } },
    ttl: { AccessToken: 3_600, Grant: 86_400, RefreshToken: 86_400, IdToken: 3_600 },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub }) }),
  });
  let calls = 0;
  let delays: { readonly before?: number; readonly after?: number } = {};
  const handle = provider.callback();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/token') {
      calls += 1;
      // Whoever hangs up before it began has not been served.
      if (!(await stillThere(response, delays.before ?? 0))) return;
      holdBack(response, delays.after ?? 0);
    }
    await handle(request, response);
  };
  server.on('request', (request, response) => void answer(request, response));
  return {
    url,
    client,
    grant: () => mint(provider),
    isGood: async (accessToken) => (await provider.AccessToken.find(accessToken)) !== undefined,
    calls: () => calls,
    setDelays: (next) => {
      delays = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function stillThere(response: ServerResponse, ms: number): Promise<boolean> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  return sleep(ms, true, { signal: gone.signal }).catch(() => false);
}

/** The answer has been made, and what it says is true; it only leaves later. */
function holdBack(response: ServerResponse, ms: number): void {
  if (ms === 0) return;
  const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
  response.end = ((...args: unknown[]) => {
    void sleep(ms).then(() => end(...args));
    return response;
  }) as typeof response.end;
}

async function mint(provider: Provider): Promise<string> {
  const found = await provider.Client.find(client.id);
  if (found === undefined) throw new Error('the test application is not there');
  const grant = new provider.Grant({ accountId: 'user-1', clientId: client.id });
  grant.addOIDCScope('openid offline_access');
  const grantId = await grant.save();
  // The declared types leave out that models are made from their payload.
  const Model = provider.RefreshToken as unknown as new (payload: object) => { save(ttl: number): Promise<string> };
  const token = new Model({
    accountId: 'user-1',
    client: found,
    grantId,
    gty: 'authorization_code',
    scope: 'openid offline_access',
    expiresWithSession: false,
    rotations: 0,
    iiat: Math.floor(Date.now() / 1_000),
  });
  return token.save(86_400);
}
