import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  AddressRefused,
  guardedLookup,
  send,
  setTrustedOrigins,
  systemClock,
  systemRandom,
} from '../../src/kernel/index.ts';
import { createLog, openGantry, readConfig } from '../../src/app/index.ts';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';

describe('a name that leads into a private network', () => {
  const stops: (() => void)[] = [];
  afterEach(() => {
    setTrustedOrigins([]);
    for (const stop of stops.splice(0)) stop();
  });

  /** A neighbour that hangs up on whoever connects, and counts them. */
  async function neighbour() {
    let connected = 0;
    const server = createServer((socket) => {
      connected += 1;
      socket.destroy();
    }).listen(0);
    await once(server, 'listening');
    stops.push(() => server.close());
    return { url: `https://localhost:${(server.address() as AddressInfo).port}`, connected: () => connected };
  }

  it('is not connected to by a sign-in, unless the operator configured it', async () => {
    const { url, connected } = await neighbour();
    const odoo = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');
    const [method] = odoo.credentials;
    const knock = async () => method?.signIn(null, { url, database: 'd', api_key: 'canary-52' });
    const error: unknown = await knock().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'upstream_address_refused',
      details: { where: url, fix: expect.stringContaining('GANTRY_APP_<INTEGRATION>_LOGIN_URL') as string },
    });
    expect(JSON.stringify(error)).not.toContain('canary');
    expect(connected()).toBe(0);
    setTrustedOrigins([`${url}/`]);
    await expect(send('connector.call', `${url}/web/version`, {})).rejects.not.toMatchObject({
      code: 'upstream_address_refused',
    });
    expect(connected()).toBeGreaterThan(0);
  });

  it('is not connected to in numbers either, which a customer’s server may answer with', async () => {
    const { url, connected } = await neighbour();
    const { port } = new URL(url);
    // As Salesforce's token endpoint says where the org is called.
    for (const address of [`https://127.0.0.1:${port}`, `https://[::1]:${port}`, `https://2130706433:${port}`]) {
      const { origin } = new URL(address);
      await expect(send('connector.call', `${address}/services/data`, {})).rejects.toMatchObject({
        code: 'upstream_address_refused',
        details: { where: origin },
      });
      expect(connected()).toBe(0);
    }
    const { origin } = new URL(`https://127.0.0.1:${port}`);
    setTrustedOrigins([origin]);
    await expect(send('connector.call', `${origin}/services/data`, {})).rejects.toBeInstanceOf(TypeError);
    expect(connected()).toBeGreaterThan(0);
  });

  it('is connected to by a process whose configuration names it', async () => {
    const { url, connected } = await neighbour();
    const dataDir = await mkdtemp(join(tmpdir(), 'gantry-trusted-'));
    const env = { GANTRY_DATA_DIR: dataDir, GANTRY_APP_ERP_LOGIN_URL: url };
    const gantry = await openGantry({ config: await readConfig(env, systemRandom), emit: createLog('silent') });
    try {
      await expect(send('connector.call', url, {})).rejects.toBeInstanceOf(TypeError);
      expect(connected()).toBeGreaterThan(0);
    } finally {
      await gantry.close();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 300_000);

  it.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.64.0.1', 'fd00::1', 'fe80::1', '::1', '::ffff:10.0.0.1'])(
    'is refused for %s, also beside a public address',
    (address) => {
      for (const found of [[address], ['8.8.8.8', address]]) {
        const lookup = guardedLookup({ toLoopback: false }, (_name, _options, done) =>
          done(
            null,
            found.map((each) => ({ address: each, family: each.includes(':') ? 6 : 4 })),
          ),
        );
        let error: unknown = null;
        lookup('erp.globex.example', { all: true }, (failure) => (error = failure));
        expect(error).toBeInstanceOf(AddressRefused);
      }
    },
  );

  it('stands in the way of no public address', () => {
    const found = [
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ];
    const lookup = guardedLookup({ toLoopback: false }, (_name, _options, done) => done(null, found));
    const told: unknown[] = [];
    lookup('erp.globex.example', { all: true }, (...answer) => told.push(answer));
    lookup('erp.globex.example', {}, (...answer) => told.push(answer));
    expect(told).toEqual([
      [null, found],
      [null, '8.8.8.8', 4],
    ]);
  });
});
