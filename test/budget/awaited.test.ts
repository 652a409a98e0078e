import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTenant } from '../../src/app/index.ts';
import type { ConnectionId, TenantId } from '../../src/kernel/index.ts';
import {
  addConnection,
  claimDue,
  ensureStream,
  listConnections,
  listStreams,
  release,
  requestSync,
  type ClaimedStream,
  type Db,
} from '../../src/store/index.ts';
import { startLifeRig, type LifeRig } from '../connection/rig.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('an object that somebody waits for', (open) => {
  let db: Db;
  let tenant: TenantId;
  let connection: ConnectionId;
  beforeAll(async () => {
    db = await open();
    tenant = await createTenant(db, 'acme');
    connection = await db.tenantTx(tenant, async (tx) => {
      const crm = { tenant, slug: 'crm', integration: 'crm', provider: 'example', state: 'working' };
      const added = await addConnection(tx, crm);
      for (const object of ['First', 'Second', 'Third'])
        await ensureStream(tx, { tenant, connection: added, object, everyS: 60 });
      await tx.query("update stream set phase = 'current' where tenant = $1 and object <> 'Third'", [tenant]);
      return added;
    });
  });

  const claim = (limit: number): Promise<ClaimedStream[]> =>
    db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker: 'w', leaseMs: 60_000, limit }));
  const giveBack = async (all: readonly ClaimedStream[]): Promise<void> => {
    for (const { id: stream } of all)
      await db.tenantTx(tenant, (tx) => release(tx, { tenant, stream, worker: 'w' }, { error: null, dueAt: tx.now }));
  };
  const told = (all: readonly ClaimedStream[]): [string, boolean][] =>
    all.map(({ object, awaited }) => [object, awaited]);

  it('comes first, and only its next run is for whoever waits', async () => {
    await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, connection, object: 'Second', awaited: true }));
    const first = await claim(1);
    expect(told(first)).toEqual([['Second', true]]);
    await giveBack(first);
    const next = await claim(3);
    expect(new Map(told(next))).toEqual(
      new Map([
        ['First', false],
        ['Second', false],
        ['Third', false],
      ]),
    );
    // Asked for during a run: the next one is theirs.
    await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, connection, object: 'First', awaited: true }));
    await giveBack(next);
    expect(told(await claim(1))).toEqual([['First', true]]);
  });

  it('is like any other during its first load, which nobody can wait for', async () => {
    await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, connection, object: 'Third', awaited: true }));
    expect(told(await claim(3))).toContainEqual(['Third', false]);
  });
});

describe('an agent that wants an answer of now, while background work has used up its share of the calls (row S12)', () => {
  let rig: LifeRig;
  beforeAll(async () => {
    rig = await startLifeRig();
  }, 300_000);
  afterAll(() => rig.stop());

  it('gets it from the reserve, and the connection stays healthy', async () => {
    await rig.signIn('support');
    await rig.loaded('support');
    const { db } = rig.gantry;
    const tenants = await db.query<{ id: TenantId }>('select id from tenant');
    const tenant = tenants[0]?.id;
    if (tenant === undefined) throw new Error('no tenant');
    const connection = await db.tenantRead(tenant, async (tx) => (await listConnections(tx, tenant))[0]?.id);
    if (connection === undefined) throw new Error('no connection');
    const lastError = async (object: string): Promise<unknown> => {
      const streams = await db.tenantRead(tenant, (tx) => listStreams(tx, tenant));
      return streams.find((stream) => stream.object === object)?.lastError?.data;
    };
    const asOf = async (): Promise<number> => {
      const streams = await db.tenantRead(tenant, (tx) => listStreams(tx, tenant));
      return streams.find(({ object }) => object === 'organizations')?.asOf?.getTime() ?? Number.NaN;
    };
    const organizations = { tenant, connection, object: 'organizations' };
    await expect
      .poll(
        async () => {
          await db.tenantTx(tenant, (tx) => requestSync(tx, organizations));
          return lastError('organizations');
        },
        { timeout: 120_000, interval: 100 },
      )
      .toMatchObject({ class: 'budget', limit: 'incremental_exports' });
    // Nothing is wrong with it: it waits for its share.
    const waits = {
      object: 'organizations',
      state: 'waiting',
      who_can_fix: null,
      what: expect.stringContaining('for calls that the provider allows (limit "incremental_exports")') as string,
    };
    expect(await rig.connection('support')).toMatchObject({
      health: 'ok',
      problem: null,
      objects: expect.arrayContaining([expect.objectContaining(waits)]) as unknown[],
    });
    const before = await asOf();
    const answer = await rig.agent('query_records', {
      object: 'support.organizations',
      fields: ['name'],
      min_as_of: new Date(before + 1).toISOString(),
    });
    expect(answer).toMatchObject({ freshness: { as_of: expect.any(String) as string } });
    expect(await asOf()).toBeGreaterThan(before);
    expect(await rig.connection('support')).toMatchObject({ state: 'working' });
  }, 300_000);
});
