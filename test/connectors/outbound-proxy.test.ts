import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { setOutboundProxy, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { startConnectProxy, type ConnectProxy } from '../support/connect-proxy.ts';
import { scriptServer } from '../support/script-server.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { accessBy, authConnector } from './auth-fixture.ts';

describe('the outbound proxy', () => {
  let proxy: ConnectProxy;
  let guarded: ConnectProxy;
  let sandbox: TestSandbox;
  beforeAll(async () => {
    [proxy, guarded, sandbox] = await Promise.all([
      startConnectProxy(),
      startConnectProxy('gantry:p@ss'),
      startSandbox('zendesk', { scale: 2_000 }),
    ]);
  }, 300_000);
  afterAll(async () => {
    await Promise.all([proxy.stop(), guarded.stop(), sandbox.stop()]);
  });
  afterEach(() => setOutboundProxy(null));

  const zendesk = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'zendesk');
  const ledger = async (): Promise<number> =>
    (await sandbox.control<{ entries: unknown[] }>('GET', 'ledger?limit=100000')).entries.length;
  /** A key that a server at `url` never sees. */
  const knock = async (url: string): Promise<unknown> => {
    const connector = authConnector(
      "  - { kind: client_credentials, name: app, title: App, address: { title: A, hosts: ['*'] }, token: /t, client_auth: body }",
    );
    return accessBy(connector, 'app', { url, client_id: 'a', client_secret: 'canary-51' });
  };

  it.each([
    ['without a password', () => proxy, ''],
    ['with one', () => guarded, 'gantry:p%40ss@'],
  ])(
    'carries every call to a provider, sign-in and API, %s',
    async (_, which, pair) => {
      const through = which();
      setOutboundProxy(through.url.replace('//', `//${pair}`));
      const { access } = await signIn(sandbox, zendesk);
      const session = zendesk.open(access);
      await session.identify();
      await session.countRecords('tickets');
      const target = new URL(sandbox.url).host;
      expect(new Set(through.targets())).toEqual(new Set([target]));
      // With its way closed, nothing finds another one.
      const before = await ledger();
      setOutboundProxy('http://127.0.0.1:1');
      await expect(session.identify()).rejects.toMatchObject({ code: 'outbound_proxy_failed' });
      const { generation } = await access.token();
      await expect(access.renew(generation)).rejects.toMatchObject({ code: 'outbound_proxy_failed' });
      expect(await ledger()).toBe(before);
    },
    20_000,
  );

  it('is told apart from the provider when it refuses, and no secret with it', async () => {
    const gone = await scriptServer();
    await gone.stop();
    setOutboundProxy(guarded.url.replace('//', '//gantry:wrong@'));
    const error: unknown = await knock(gone.url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'outbound_proxy_failed', details: { data: { status: 407 } } });
    expect(JSON.stringify(error)).not.toMatch(/wrong|canary/);
    setOutboundProxy(proxy.url);
    await expect(knock(gone.url)).rejects.toMatchObject({
      code: 'outbound_proxy_failed',
      details: { data: { status: 502 } },
    });
  });

  it('is refused where its address is none', () => {
    for (const text of ['proxy:3128', 'ftp://proxy.example.com', 'http://u:canary@proxy/path', '']) {
      let thrown: unknown = null;
      try {
        setOutboundProxy(text);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'config_invalid', details: { where: 'GANTRY_OUTBOUND_PROXY' } });
      expect(String(thrown)).not.toContain('canary');
    }
  });
});
