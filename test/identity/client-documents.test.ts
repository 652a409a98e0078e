import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchClientDocument } from '../../src/app/identity/client-documents.ts';
import { createOauthItems } from '../../src/app/identity/oauth-items.ts';
import { authorizationDoor, ownAudiences, signingKey, type AuthorizationDoor } from '../../src/identity/index.ts';
import { openerOf } from '../support/stores.ts';

/** Clients that name themselves by the address of a document about them. */
describe('client metadata documents', () => {
  const open = openerOf('pglite');
  const fetched: string[] = [];
  let url: string;
  let door: AuthorizationDoor;
  let documents: Readonly<Record<string, object>> = {};
  const ends: (() => void)[] = [];

  beforeAll(async () => {
    const db = await open();
    const server = createServer((incoming, outgoing) => {
      void door.handle({ incoming, outgoing, address: '' });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    ends.push(() => server.close());
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    door = await authorizationDoor(() => ({
      publicUrl: url,
      resources: ownAudiences(url),
      scopes: ['records:read'],
      keys: [signingKey(new Uint8Array(32).fill(1))],
      sessionS: 60,
      cookieKeys: ['test'],
      items: createOauthItems(db),
      declared: async () => null,
      isKnownClient: async (id) => id.startsWith('https://client.example/'),
      // Its place in the world is played: what the library makes of a document is under test here, the way to it below.
      fetchDocument: async (address) => {
        fetched.push(address);
        return Response.json(documents[address] ?? {}, { status: address in documents ? 200 : 404 });
      },
      claimsOf: async () => null,
      exchange: async () => {
        throw new Error('nobody exchanges here');
      },
      errorPage: (message) => new Response(message, { status: 400 }),
      onError: () => undefined,
    }))();
  }, 300_000);
  afterAll(() => {
    for (const end of ends) end();
  });

  const ask = (clientId: string, redirect = 'https://client.example/back'): Promise<Response> => {
    const params = new URLSearchParams({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: redirect,
      code_challenge: 'a'.repeat(43),
      code_challenge_method: 'S256',
      scope: 'records:read',
      resource: `${url}/mcp`,
    });
    return fetch(`${url}/oauth/auth?${params.toString()}`, { redirect: 'manual' });
  };
  const document = (id: string, more: object = {}): object => ({
    client_id: id,
    client_name: 'Pad',
    redirect_uris: ['https://client.example/back'],
    token_endpoint_auth_method: 'none',
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    ...more,
  });

  it('make a client of whoever an agent names, as the document says', async () => {
    const good = 'https://client.example/pad.json';
    const liar = 'https://client.example/liar.json';
    const secret = 'https://client.example/secret.json';
    documents = {
      [good]: document(good),
      [liar]: document('https://client.example/other.json'),
      [secret]: document(secret, { token_endpoint_auth_method: 'client_secret_post', client_secret: 'x'.repeat(40) }),
    };
    const asked = await ask(good);
    expect([asked.status, asked.headers.get('location')]).toEqual([303, expect.stringMatching(/^\/oauth\/sign-in\//)]);
    expect((await ask(good, 'https://evil.example/back')).status).toBe(400);
    for (const id of [liar, secret, 'https://client.example/none.json'])
      expect([id, (await ask(id)).status]).toEqual([id, 400]);
    // Whom no agent names is not even looked at.
    const before = fetched.length;
    for (const id of [
      'https://evil.example/pad.json',
      'http://client.example/pad.json',
      'https://127.0.0.1/pad.json',
    ]) {
      expect([id, (await ask(id)).status]).toEqual([id, 400]);
    }
    expect(fetched).toHaveLength(before);
  });

  it('are fetched from public places only, however the address is written', async () => {
    let connections = 0;
    const inside = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => {
      inside.listen(0, '127.0.0.1', resolve);
    });
    ends.push(() => inside.close());
    const port = String((inside.address() as AddressInfo).port);
    const refused = [
      `http://127.0.0.1:${port}/c.json`,
      `https://127.0.0.1:${port}/c.json`,
      `https://localhost:${port}/c.json`,
      `https://[::1]:${port}/c.json`,
      `https://[::ffff:127.0.0.1]:${port}/c.json`,
      `https://[::ffff:7f00:1]:${port}/c.json`,
      `https://2130706433:${port}/c.json`,
      `https://0x7f.1:${port}/c.json`,
      `https://0177.0.0.1:${port}/c.json`,
      `https://127.1:${port}/c.json`,
      'https://10.0.0.7/c.json',
      'https://169.254.169.254/latest/meta-data',
      'https://192.168.1.1/c.json',
      'https://[fd00::1]/c.json',
      'https://[64:ff9b::7f00:1]/c.json',
      'https://user:password@client.example/c.json',
      'file:///etc/passwd',
      'nonsense',
    ];
    for (const address of refused) {
      const code = await fetchClientDocument(address).then(
        () => 'fetched',
        (error: { code?: string }) => error.code,
      );
      expect([address, code]).toEqual([address, 'upstream_address_refused']);
    }
    expect(connections).toBe(0);
  });
});
