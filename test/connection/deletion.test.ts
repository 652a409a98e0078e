import { beforeAll, expect, it } from 'vitest';
import {
  bury,
  deleteConnection,
  pauseConnection,
  purge,
  type ConnectionDeps,
  type ConnectionLogEvent,
} from '../../src/connection/index.ts';
import {
  limits,
  systemClock,
  systemRandom,
  type ConnectionId,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  connectionChores,
  ensureStream,
  findConnection,
  listDeletedConnections,
  saveCredential,
  saveQuarantine,
  type Db,
} from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { ingest, version } from '../store/fixtures.ts';
import { describeEachStore } from '../support/stores.ts';

/** Deletion in the database: in portions that may be interrupted anywhere, counted exactly, and of one connection only. */
describeEachStore('deleting a connection', (open, kind) => {
  let db: Db;
  let deps: ConnectionDeps;
  let tenant: TenantId;
  let other: TenantId;
  let doomed: { id: ConnectionId; stream: StreamId };
  let spared: { id: ConnectionId; stream: StreamId };
  let neighbour: { id: ConnectionId; stream: StreamId };
  const events: ConnectionLogEvent[] = [];
  const tables = ['record', 'record_history', 'quarantine', 'change'];
  const RECORDS = limits.purgePortionMax + 300;

  const made = async (of: TenantId, slug: string, records: number): Promise<{ id: ConnectionId; stream: StreamId }> => {
    const { id, stream } = await db.tenantTx(of, async (tx) => {
      const connection = await addConnection(tx, {
        tenant: of,
        slug,
        integration: 'crm',
        provider: 'salesforce',
        state: 'working',
      });
      await saveCredential(
        tx,
        { tenant: of, connection, principal: '' },
        { sealed: new Uint8Array([1]), expiresAt: null, endsAt: null, renewable: false },
      );
      return {
        id: connection,
        stream: await ensureStream(tx, { tenant: of, connection, object: 'Account', everyS: 300 }),
      };
    });
    const names = Array.from({ length: records }, (_, index) => `r${String(index).padStart(6, '0')}`);
    await ingest(
      db,
      { tenant: of, stream },
      names.map((name) => version(name, { n: 1 })),
    );
    await ingest(
      db,
      { tenant: of, stream },
      names.slice(0, 10).map((name) => version(name, { n: 2 })),
    );
    await db.tenantTx(of, (tx) =>
      saveQuarantine(tx, {
        tenant: of,
        stream,
        schemaVersion: null,
        records: [{ id: 'r000000', fields: [{ field: 'Amount', reason: 'no number', value: '"x"' }] }],
      }),
    );
    return { id, stream };
  };
  const counts = async (of: TenantId, stream: StreamId): Promise<Record<string, number>> => {
    const found: Record<string, number> = {};
    for (const table of tables) {
      const rows = await db.tenantRead(of, (tx) =>
        tx.query<{ n: number }>(`select count(*)::int as n from ${table} where tenant = $1 and stream = $2`, [
          of,
          stream,
        ]),
      );
      found[table] = rows[0]?.n ?? -1;
    }
    return found;
  };
  const act = (slug: string) => ({ tenant, slug, by: 'ada', note: 'churned' });

  beforeAll(async () => {
    db = await open();
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: (event) => events.push(event) };
    tenant = await addTenant(db, { slug: `acme-${kind}`, at: new Date('2026-01-01') });
    other = await addTenant(db, { slug: `globex-${kind}`, at: new Date('2026-01-01') });
    spared = await made(tenant, 'support', 20);
    doomed = await made(tenant, 'crm', RECORDS);
    neighbour = await made(other, 'crm', 20);
  });

  it('takes it out of sight at once, with its credentials and streams, and leaves a stone', async () => {
    const row = await deleteConnection(deps, act('crm'));
    expect(row).toMatchObject({ id: doomed.id, state: 'deleted', act: { by: 'ada', note: 'churned' } });
    await expect(pauseConnection(deps, act('crm'))).rejects.toMatchObject({ code: 'not_found' });
    expect(await connectionChores(db, tenant)).toMatchObject([{ connection: doomed.id, kind: 'bury' }]);
    expect(await bury(deps, tenant, doomed.id)).toBe(true);
    // Whoever comes second finds it done.
    expect(await bury(deps, tenant, doomed.id)).toBe(false);
    expect(await db.tenantRead(tenant, (tx) => findConnection(tx, tenant, 'crm'))).toBeNull();
    const [stone] = await db.tenantRead(tenant, (tx) => listDeletedConnections(tx, tenant));
    expect(stone).toMatchObject({
      slug: 'crm',
      objects: ['Account'],
      streams: [doomed.stream],
      deletedBy: 'ada',
      purgedAt: null,
      removed: { credential: 1, stream: 1 },
    });
    expect(await connectionChores(db, tenant)).toMatchObject([{ connection: doomed.id, kind: 'purge' }]);
  });

  it('removes the rows in bounded portions, may stop between any two, and counts what went', async () => {
    const before = await counts(tenant, doomed.stream);
    expect(before).toMatchObject({ record: RECORDS, record_history: 10, quarantine: 1, change: RECORDS + 10 });
    let portions = 0;
    let last = await counts(tenant, doomed.stream);
    // Each call stands for a process that dies right after it: nothing but the database is carried on.
    while (!(await purge(deps, tenant, doomed.id))) {
      portions += 1;
      const now = await counts(tenant, doomed.stream);
      const gone = tables.reduce((sum, table) => sum + (last[table] ?? 0) - (now[table] ?? 0), 0);
      expect(gone).toBeGreaterThan(0);
      expect(gone).toBeLessThanOrEqual(limits.purgePortionMax);
      last = now;
    }
    expect(portions).toBeGreaterThanOrEqual(5);
    // The tenant's newest change stays, so that readers know the database by it.
    expect(await counts(tenant, doomed.stream)).toEqual({ record: 0, record_history: 0, quarantine: 0, change: 1 });
    const [stone] = await db.tenantRead(tenant, (tx) => listDeletedConnections(tx, tenant));
    expect(stone?.removed).toMatchObject({ record: RECORDS, record_history: 10, quarantine: 1, change: RECORDS + 9 });
    expect(stone?.purgedAt).not.toBeNull();
    expect(await connectionChores(db, tenant)).toEqual([]);
    expect(events.filter((event) => event.kind === 'connection_purged')).toHaveLength(1);
    expect(await purge(deps, tenant, doomed.id)).toBe(true);
  });

  it('touches no other connection and no other tenant', async () => {
    const whole = { record: 20, record_history: 10, quarantine: 1, change: 30 };
    expect(await counts(tenant, spared.stream)).toEqual(whole);
    expect(await counts(other, neighbour.stream)).toEqual(whole);
    expect(await db.tenantRead(other, (tx) => listDeletedConnections(tx, other))).toEqual([]);
  });

  it('frees the name', async () => {
    const again = await made(tenant, 'crm', 1);
    expect(again.id).not.toBe(doomed.id);
    expect(again.stream).not.toBe(doomed.stream);
  });
});
