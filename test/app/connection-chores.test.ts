import { afterAll, describe, expect, it } from 'vitest';
import { createConnectionChores } from '../../src/app/connections/connection-chores.ts';
import { openChoreLane } from '../../src/app/connections/chore-lane.ts';
import type { GantryEvent } from '../../src/app/index.ts';
import { createTokenStore } from '../../src/connection/token-store.ts';
import { revokeConnection, type ConnectionLogEvent } from '../../src/connection/index.ts';
import { limits, systemClock, systemRandom, type ConnectionId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, connectionChores } from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { raw, scriptServer, silence } from '../support/script-server.ts';
import { openerOf } from '../support/stores.ts';
import { tokenConnector } from '../support/token-connector.ts';

describe('chores of connections', () => {
  const open = openerOf('pglite');
  const ends: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const end of ends.toReversed()) await end();
  });

  it('a provider that never answers when its grants are ended holds up no other', async () => {
    const [db, hanging, well] = await Promise.all([open(), scriptServer(silence), scriptServer(raw('', 200))]);
    ends.push(hanging.stop, well.stop);
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    const told: ConnectionLogEvent[] = [];
    const failures: GantryEvent[] = [];
    const connection = {
      db,
      vault,
      clock: systemClock,
      random: systemRandom,
      onEvent: (event: ConnectionLogEvent) => void told.push(event),
    };
    const tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
    const tokens = {
      accessToken: 'access',
      refreshToken: 'refresh',
      apiUrl: well.url,
      expiresInS: 3_600,
      identityUrl: null,
      scope: null,
    };
    const revoked = async (slug: string, loginUrl: string): Promise<ConnectionId> => {
      const id = await db.tenantTx(tenant, async (tx) => {
        const facts = { tenant, slug, integration: 'crm', provider: 'tokens', state: 'working' };
        const made = await addConnection(tx, facts);
        await createTokenStore(vault).save(tx, { tenant, connection: made }, tokens, { loginUrl, entered: null });
        return made;
      });
      await revokeConnection(connection, { tenant, slug, by: 'ada', note: null });
      return id;
    };
    const stuck = limits.choresAtOnce - 1;
    for (let at = 0; at < stuck; at += 1) await revoked(`hangs-${String(at)}`, hanging.url);
    const last = await revoked('last', well.url);
    // The one that would be answered is due last.
    await db.query(`update connection_chore set due_at = now() - interval '1 day' + connection * interval '1 second'`);
    const connector = tokenConnector('  revoke: { path: /revoke, by: token }');
    const app = { clientId: 'gantry', clientSecret: 'secret', loginUrl: '', redirectUri: '' };
    const chores = createConnectionChores({
      connection,
      targets: { connector: () => ({ connector, app }) } as unknown as Parameters<
        typeof createConnectionChores
      >[0]['targets'],
      emit: (event) => void failures.push(event),
      beforeGrantEnds: async () => undefined,
      onGone: async () => undefined,
      onPurged: async () => undefined,
    });
    chores.start();
    const ended = () => told.flatMap((event) => (event.kind === 'connection_grant_ended' ? [event] : []));
    await expect.poll(() => ended().length, { timeout: 120_000 }).toBeGreaterThan(0);
    // The others were asked before and have not answered yet.
    expect(ended()).toEqual([{ kind: 'connection_grant_ended', tenant, connection: last, revocation: 'at_provider' }]);
    expect(hanging.requests).toHaveLength(stuck);
    await hanging.stop();
    await expect.poll(async () => (await connectionChores(db, tenant)).length, { timeout: 120_000 }).toBe(0);
    expect(ended().slice(1)).toEqual(
      Array.from({ length: stuck }, () => expect.objectContaining({ revocation: 'not_confirmed' })),
    );
    expect(failures).toEqual([]);
    await chores.stop();
  }, 300_000);

  it('what takes too long loses its place, and is waited for no longer', async () => {
    const waiting = ['hangs', 'well'];
    const done: string[] = [];
    const failures: unknown[] = [];
    const lane = openChoreLane<string>({
      clock: systemClock,
      most: 1,
      timeMs: 20,
      due: async (most) => waiting.splice(0, most),
      work: async (item, ending) => {
        if (item === 'hangs') {
          await new Promise<void>(() => ending.addEventListener('abort', () => done.push('told to end')));
        }
        done.push(item);
        return true;
      },
      onFailure: (cause) => void failures.push(cause),
    });
    lane.start();
    await expect.poll(() => done, { timeout: 120_000 }).toEqual(['told to end', 'well']);
    expect(failures).toEqual([expect.objectContaining({ name: 'TimeoutError' })]);
    await lane.stop();
  });

  it('a database that is away is asked after each rest, not without an end', async () => {
    let asked = 0;
    const rests: (() => void)[] = [];
    const lane = openChoreLane<string>({
      clock: { ...systemClock, sleep: () => new Promise<void>((resolve) => rests.push(resolve)) },
      most: 1,
      timeMs: 30_000,
      due: async () => ['one'],
      work: async () => {
        asked += 1;
        throw new Error('the database is away');
      },
      onFailure: () => undefined,
    });
    lane.start();
    await expect.poll(() => rests.length, { timeout: 120_000 }).toBe(1);
    await systemClock.sleep(50);
    expect(asked).toBe(1);
    rests[0]?.();
    await expect.poll(() => asked, { timeout: 120_000 }).toBe(2);
    const stopped = lane.stop();
    for (const resolve of rests) resolve();
    await stopped;
  });
});
