import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteConnection, type ConnectionDeps } from '../../src/connection/index.ts';
import { limits, systemClock, systemRandom, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  connectionChores,
  ensureStream,
  listDeletedConnections,
  migrate,
  openPostgres,
  saveCredential,
  type Db,
} from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { ingest, version } from '../store/fixtures.ts';
import { programOf } from '../support/program.ts';
import { freshDatabase } from '../support/stores.ts';
import type { DeletionOrder } from './deletion-process.ts';

const program = await programOf('./deletion-process.ts', import.meta.url);

/** How the process ended. */
function worker(order: DeletionOrder): Promise<string> {
  const child = spawn(process.execPath, [...program, JSON.stringify(order)], { stdio: 'inherit' });
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  });
}

describe('deleting a connection while workers are killed', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Db;
  let deps: ConnectionDeps;
  let tenant: TenantId;
  const masterKey = systemRandom.bytes(32);
  const RECORDS = 2 * limits.purgePortionMax + 100;

  const made = (slug: string, records: number): Promise<StreamId> =>
    db
      .tenantTx(tenant, async (tx) => {
        const facts = { tenant, slug, integration: 'crm', provider: 'tokens', state: 'working' };
        const connection = await addConnection(tx, facts);
        const sealed = { sealed: new Uint8Array([1]), expiresAt: null, endsAt: null, renewable: false };
        await saveCredential(tx, { tenant, connection, principal: '' }, sealed);
        return ensureStream(tx, { tenant, connection, object: 'Account', everyS: 300 });
      })
      .then(async (stream) => {
        const names = Array.from({ length: records }, (_, at) => `r${String(at).padStart(6, '0')}`);
        await ingest(
          db,
          { tenant, stream },
          names.map((name) => version(name, { n: 1 })),
        );
        return stream;
      });
  const count = async (table: string, stream: StreamId): Promise<number> => {
    const [row] = await db.tenantRead(tenant, (tx) =>
      tx.query<{ n: number }>(`select count(*)::int as n from ${table} where tenant = $1 and stream = $2`, [
        tenant,
        stream,
      ]),
    );
    return row?.n ?? -1;
  };

  beforeAll(async () => {
    database = await freshDatabase();
    db = await openPostgres({ connectionString: database.url });
    await migrate(db);
    const vault = createVault({ masterKey, random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined };
    tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-01-01') });
  }, 300_000);
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it(
    'is carried on by the next one from wherever the last one died, and counts every row once',
    { timeout: 120_000 },
    async () => {
      const spared = await made('support', 30);
      const doomed = await made('crm', RECORDS);
      // The tenant's newest change is of another connection: none of the deleted one's has to stay.
      await ingest(db, { tenant, stream: spared }, [version('r000000', { n: 2 })]);
      await deleteConnection(deps, { tenant, slug: 'crm', by: 'ada', note: null });
      const order = { databaseUrl: database.url, masterKey: Buffer.from(masterKey).toString('hex'), tenant };
      const deaths = [
        { at: 'connection.destroy_credentials.after_commit', hit: 1 },
        { at: 'connection.bury.after_commit', hit: 1 },
        { at: 'connection.purge.before_commit', hit: 2 },
        { at: 'connection.purge.after_commit', hit: 2 },
      ];
      // It is left to whoever asked for a while; nobody did.
      await db.query('update connection_chore set due_at = now()');
      for (const crash of deaths) {
        expect(await worker({ ...order, crash }), crash.at).toBe('SIGKILL');
        expect(await connectionChores(db, tenant), crash.at).toHaveLength(1);
        // What it had taken is free once its time is over.
        await db.query('update connection_chore set due_at = now()');
      }
      expect(await worker({ ...order, crash: null })).toBe('0');
      const [stone] = await db.tenantRead(tenant, (tx) => listDeletedConnections(tx, tenant));
      expect(stone).toMatchObject({
        slug: 'crm',
        removed: { credential: 1, stream: 1, record: RECORDS, change: RECORDS },
      });
      expect(stone?.purgedAt).not.toBeNull();
      for (const table of ['record', 'change', 'quarantine']) expect(await count(table, doomed), table).toBe(0);
      expect(await count('record', spared)).toBe(30);
    },
  );
});
