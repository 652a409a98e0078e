import { postSigned } from '../../src/alerts/post-message.ts';
import { fetchClientDocument } from '../../src/app/identity/client-documents.ts';
import { trustedIssuers } from '../../src/app/identity/trusted-issuers.ts';
import { checkedValues } from '../../src/connection/credential-values.ts';
import { appAt } from '../../src/connection/index.ts';
import { connectorRegistry } from '../../src/connectors/index.ts';
import { authCall } from '../../src/connectors/kit/auth-call.ts';
import { httpClient } from '../../src/connectors/kit/http-client.ts';
import { revokeGrant } from '../../src/connectors/kit/oauth-revoke.ts';
import { issuersIn } from '../../src/identity/index.ts';
import { GantryError, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { checkReceiverUrl, createReceiverAgent } from '../../src/subscriptions/index.ts';
import { postEvent } from '../../src/subscriptions/post-event.ts';

/** Tries to have us call the address, as somebody can who may set it there. Resolves with why not; null: we would have. */
export interface Door {
  readonly name: string;
  readonly call: (address: string) => Promise<string | null>;
}

const registry = connectorRegistry({ clock: systemClock, random: systemRandom });
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const REFUSED = ['address_refused', 'upstream_address_refused', 'subscription_url_refused', 'bad_request'];

const refusal = (cause: string | null | undefined): string | null =>
  cause !== null && cause !== undefined && REFUSED.includes(cause) ? cause : null;

/** The code that it raises, if it is a refusal. */
async function refused(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
  } catch (error) {
    return error instanceof GantryError ? refusal(error.code) : null;
  }
  return null;
}

/** `toLoopback`: as an operator may have set it, for what follows an answer. */
export function doorsFor(toLoopback: boolean): readonly Door[] {
  const rules = { toLoopback };
  const receivers = createReceiverAgent(rules);
  const out = { clock: systemClock, receivers, rules, timeoutMs: 5_000 };
  return [
    {
      name: 'events out',
      call: async (url) => {
        const deps = out as Parameters<typeof postEvent>[0];
        return refusal((await postEvent(deps, { url, secrets: [secret] }, { id: 'e1', body: '{}' })).cause);
      },
    },
    {
      name: 'alerts',
      call: async (url) => {
        const deps = { ...out, checkUrl: (text: string) => checkReceiverUrl(text, rules) };
        return refusal((await postSigned(deps, { url, secret }, { id: 'a1', bodyAt: () => ({}) })).cause);
      },
    },
    { name: 'client documents', call: (url) => refused(() => fetchClientDocument(url)) },
    { name: 'base address', call: (url) => refused(() => callOdoo(url)) },
    ...[...registry.values()].flatMap((connector): Door[] =>
      connector.oauth === null
        ? []
        : [
            {
              name: `login address of ${connector.title}`,
              call: (url) =>
                refused(async () => {
                  const app = { clientId: 'id', clientSecret: 'secret', loginUrl: 'https://login.example' };
                  const { loginUrl } = appAt(connector, app, url);
                  await authCall({ title: 'it', url: new URL('/token', loginUrl), body: { as: 'form', fields: {} } });
                }),
            },
          ],
    ),
  ];
}

/** As an administrator enters it, and then the first call. */
async function callOdoo(address: string): Promise<void> {
  const method = registry.get('odoo')?.credentials.find(({ name }) => name === 'api_key');
  if (method === undefined) throw new Error('Odoo is not connected with a key');
  const values = checkedValues(method, { url: address, database: 'd', login: 'l', api_key: 'k' }, null);
  await providerCall(values['url'] ?? '');
}

async function providerCall(apiUrl: string): Promise<void> {
  const token = { value: 't', generation: 1 } as const;
  const access = { apiUrl, token: async () => token, renew: async () => token };
  const dialect = { title: 'it', headers: {}, errors: [], waitHeaders: [], resetHeaders: [] };
  await httpClient(access as never, dialect, { clock: systemClock, random: systemRandom, deadlineMs: 2_000 })({
    path: '/x',
  });
}

/** Calls of ours to places that answer with another place to go. */
export const followers: readonly { readonly name: string; readonly call: (address: string) => Promise<unknown> }[] = [
  ...doorsFor(true).slice(0, 2),
  { name: 'provider call', call: providerCall },
  {
    name: 'token',
    call: (url) => authCall({ title: 'it', url: new URL(url), body: { as: 'form', fields: { s: '1' } } }),
  },
  {
    name: 'end of a grant',
    call: (url) => revokeGrant({ path: url, by: 'token' }, url, { refreshToken: 'r', accessToken: 'a' }),
  },
  { name: 'keys of an issuer', call: askForKeys },
];

/** A token of this issuer comes, whose keys have to be read. */
export async function askForKeys(jwksUri: string): Promise<void> {
  const issuers = issuersIn({ issuers: [{ issuer: 'https://idp.example', jwks_uri: jwksUri }] }, 'test', ['x']);
  const config = {
    identity: { issuers, signIn: false },
    publicUrl: 'https://gantry.example',
    masterKey: new Uint8Array(32),
    otherMasterKeys: [],
  };
  const [issuer] = trustedIssuers(config as unknown as Parameters<typeof trustedIssuers>[0], systemClock);
  await issuer?.keys.keyFor({ alg: 'RS256' }, { payload: '', signature: '' });
}
