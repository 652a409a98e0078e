import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeRecord } from '../../src/connectors/index.ts';
import type { JsonObject, TenantId } from '../../src/kernel/index.ts';
import type { NativeField, NativeObject } from '../../src/schema/index.ts';
import { latestSchemaVersion, saveQuarantine, saveSchemaVersion, type Db, type Tx } from '../../src/store/index.ts';
import { keepRecords, replayQuarantine } from '../../src/sync/index.ts';
import { deferred, ingest, makeStream, version, type TestStream } from '../store/fixtures.ts';
import { openerOf } from '../support/stores.ts';
import { documents } from './harness.ts';

const field = (name: string, type: NativeField['type']): NativeField => ({
  name,
  label: name,
  type,
  nativeType: type,
  nullable: true,
  custom: false,
  writable: true,
});
const object: NativeObject = {
  name: 'Account',
  label: 'Account',
  custom: false,
  idField: 'id',
  linkTemplate: null,
  fields: [field('id', 'string'), field('name', 'string'), field('size', 'integer')],
};

/** As a provider tells of a record without saying when it changed. */
const told = (values: JsonObject): NativeRecord => ({ id: 'a', modifiedAt: null, deleted: false, values });

/** Two writers of one record whose versions have no upstream time: nothing but the order in which they read tells which is newer. */
describe('two that keep the same record at the same time', () => {
  const open = openerOf('postgres');
  let db: Db;
  let at: TestStream;
  let schema: number;
  let count = 0;

  beforeAll(async () => {
    db = await open();
  });
  const begin = async (): Promise<TestStream> => {
    count += 1;
    at = await makeStream(db, `writers-${String(count)}`);
    schema = await db.tenantTx(at.tenant, async (tx) => {
      await saveSchemaVersion(tx, { tenant: at.tenant, stream: at.stream, object });
      return (await latestSchemaVersion(tx, at.tenant, at.stream))?.version ?? 0;
    });
    await ingest(db, at, [version('a', { id: 'a', name: 'old' })]);
    return at;
  };
  const now = (tenant: TenantId): Promise<Date> => db.tenantRead(tenant, async (tx) => tx.now);
  const keep = (tx: Tx, values: JsonObject, readAt: Date): Promise<unknown> =>
    keepRecords(tx, { ...at, object, version: schema, records: [told(values)], permissions: null, readAt });
  const name = async (): Promise<unknown> => (await documents(db, at.tenant, at.stream)).get('a')?.['name'];
  /** Somebody in this database stands before a lock. */
  const isWaiting = async (): Promise<boolean> => {
    const rows = await db.query<{ n: number }>(
      `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return (rows[0]?.n ?? 0) > 0;
  };

  it('values that are tried again go into the record as it is by then', async () => {
    const { tenant, stream } = await begin();
    await db.tenantTx(tenant, (tx) =>
      saveQuarantine(tx, {
        tenant,
        stream,
        schemaVersion: schema,
        records: [{ id: 'a', fields: [{ field: 'size', reason: 'no integer', value: '5', native: '5' }] }],
      }),
    );
    const [kept, proceed] = [deferred(), deferred()];
    const readAt = await now(tenant);
    const keeping = db.tenantTx(tenant, async (tx) => {
      await keep(tx, { id: 'a', name: 'new', size: 7 }, readAt);
      kept.resolve();
      await proceed.promise;
    });
    await kept.promise;
    const replaying = replayQuarantine({ db }, { tenant, stream });
    await expect.poll(isWaiting, { timeout: 120_000 }).toBe(true);
    proceed.resolve();
    await Promise.all([keeping, replaying]);
    expect(await name()).toBe('new');
  });

  it('what was read earlier and comes later changes nothing', async () => {
    const { tenant } = await begin();
    const earlier = await now(tenant);
    const later = await now(tenant);
    await db.tenantTx(tenant, (tx) => keep(tx, { id: 'a', name: 'new' }, later));
    await db.tenantTx(tenant, (tx) => keep(tx, { id: 'a', name: 'between' }, earlier));
    expect(await name()).toBe('new');
    const after = await now(tenant);
    await db.tenantTx(tenant, (tx) => keep(tx, { id: 'a', name: 'newer' }, after));
    expect(await name()).toBe('newer');
  });
});
