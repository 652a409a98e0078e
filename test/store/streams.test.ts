import { beforeAll, expect, it } from 'vitest';
import { GantryError, type TenantId } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import {
  addConnection,
  addTenant,
  claimDue,
  countQuarantine,
  currentSchemas,
  ensureStream,
  findConnection,
  heartbeat,
  latestSchemaVersion,
  listConnections,
  listQuarantine,
  listStreams,
  readCredential,
  readSchemaVersion,
  readStream,
  release,
  removeConnection,
  requestSync,
  restartStream,
  saveCredential,
  saveQuarantine,
  saveSchemaVersion,
  setExpectedRecords,
  updateConnection,
  type Db,
  type StreamRow,
  type Tx,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, version } from './fixtures.ts';

const code = (wanted: string) => (error: unknown) => error instanceof GantryError && error.code === wanted;

const addCrm = (tx: Tx, tenant: TenantId, slug: string) =>
  addConnection(tx, { tenant, slug, integration: 'crm', provider: 'salesforce', state: 'pending' });

describeEachStore('connections and streams', (open) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });
  const makeTenant = (): Promise<TenantId> => {
    count += 1;
    return addTenant(db, { slug: `t${count}`, at: new Date('2026-01-01') });
  };
  /** Moves every lease and due time of the tenant into the past, as if that much time had gone by. */
  const pass = (tenant: TenantId, seconds: number) =>
    db.query(
      `update stream set due_at = due_at - make_interval(secs => $2), lease_until = lease_until - make_interval(secs => $2) where tenant = $1`,
      [tenant, seconds],
    );

  it('number connections and streams per tenant, and never use a number twice', async () => {
    for (const tenant of [await makeTenant(), await makeTenant()]) {
      const ids = await db.tenantTx(tenant, async (tx) => {
        const first = await addCrm(tx, tenant, 'a');
        const stream = await ensureStream(tx, { tenant, connection: first, object: 'Account', everyS: 60 });
        await removeConnection(tx, tenant, first);
        const second = await addCrm(tx, tenant, 'a');
        return [
          first,
          stream,
          second,
          await ensureStream(tx, { tenant, connection: second, object: 'Account', everyS: 60 }),
        ];
      });
      expect(ids).toEqual([1, 1, 2, 2]);
    }
  });

  it('keep a connection under one name, change it in part', async () => {
    const tenant = await makeTenant();
    const id = await db.tenantTx(tenant, (tx) => addCrm(tx, tenant, 'crm'));
    await expect(db.tenantTx(tenant, (tx) => addCrm(tx, tenant, 'crm'))).rejects.toSatisfy(code('store_name_taken'));
    const lastError = new GantryError('not_found', { message: 'x' }).toBody();
    await db.tenantTx(tenant, (tx) =>
      updateConnection(tx, tenant, id, { accountId: '00D1', state: 'ready', lastError }),
    );
    await db.tenantTx(tenant, (tx) => updateConnection(tx, tenant, id, { accountName: 'Acme' }));
    const row = await db.tenantTx(tenant, (tx) => findConnection(tx, tenant, 'crm'));
    expect(row).toMatchObject({ id, accountId: '00D1', accountName: 'Acme', apiUrl: null, state: 'ready', lastError });
    await db.tenantTx(tenant, (tx) => updateConnection(tx, tenant, id, { lastError: null }));
    expect(await db.tenantTx(tenant, (tx) => listConnections(tx, tenant))).toMatchObject([
      { slug: 'crm', lastError: null },
    ]);
  });

  it('keep credentials with a generation that counts refreshes', async () => {
    const tenant = await makeTenant();
    await db.tenantTx(tenant, async (tx) => {
      const key = { tenant, connection: await addCrm(tx, tenant, 'crm'), principal: '' };
      expect(await readCredential(tx, key)).toBeNull();
      const expiresAt = new Date('2026-05-01T00:00:00Z');
      expect(
        await saveCredential(tx, key, { sealed: new Uint8Array([1, 2]), expiresAt, endsAt: null, renewable: false }),
      ).toBe(1);
      expect(
        await saveCredential(tx, key, { sealed: new Uint8Array([3]), expiresAt: null, endsAt: null, renewable: false }),
      ).toBe(2);
      expect(await readCredential(tx, key)).toEqual({
        generation: 2,
        sealed: new Uint8Array([3]),
        expiresAt: null,
        renewalBeganAt: null,
        endedAt: null,
      });
    });
  });

  it('make a stream once and change its schedule after that', async () => {
    const tenant = await makeTenant();
    await db.tenantTx(tenant, async (tx) => {
      const connection = await addCrm(tx, tenant, 'crm');
      const plan = { tenant, connection, object: 'Account', everyS: 60 };
      const id = await ensureStream(tx, plan);
      expect(await ensureStream(tx, { ...plan, everyS: 30, enabled: false })).toBe(id);
      await setExpectedRecords(tx, tenant, id, 1_000_000);
      expect(await listStreams(tx, tenant, connection)).toMatchObject([
        { id, object: 'Account', everyS: 30, enabled: false, phase: 'new', expectedRecords: 1_000_000 },
      ]);
    });
  });

  it('read everything again after a restart, keeping what is known', async () => {
    const at = await makeStream(db, 'restart');
    await ingest(db, at, [version('a', {})], { asOf: new Date('2026-02-01') });
    await db.tenantTx(at.tenant, (tx) => restartStream(tx, at.tenant, at.stream));
    const row = await db.tenantTx(at.tenant, (tx) => readStream(tx, at.tenant, at.stream));
    expect(row).toMatchObject({ cursor: null, phase: 'new', backfillRecords: 0, asOf: new Date('2026-02-01') });
  });

  it('lease a due stream to one worker at a time', async () => {
    const tenant = await makeTenant();
    await db.tenantTx(tenant, async (tx) => {
      const connection = await addCrm(tx, tenant, 'crm');
      for (const object of ['A', 'B', 'C']) await ensureStream(tx, { tenant, connection, object, everyS: 60 });
      await ensureStream(tx, { tenant, connection, object: 'off', everyS: 60 });
      await ensureStream(tx, { tenant, connection, object: 'off', everyS: 60, enabled: false });
    });
    const claim = (worker: string) =>
      db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker, leaseMs: 10_000, limit: 1 }));
    const claimed = (await Promise.all(['w1', 'w2', 'w3', 'w4', 'w5'].map(claim))).flat();
    expect(claimed.map(({ object }) => object).toSorted()).toEqual(['A', 'B', 'C']);
    expect(new Set(claimed.map(({ leaseBy }) => leaseBy)).size).toBe(3);
    expect(await claim('w6')).toEqual([]);
  });

  it('hand a stream over when its lease ran out, and tell the old worker', async () => {
    const { tenant, stream } = await makeStream(db, 'handover');
    const claim = (worker: string): Promise<StreamRow[]> =>
      db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker, leaseMs: 10_000, limit: 5 }));
    expect(await claim('old')).toHaveLength(1);
    await pass(tenant, 9);
    await db.tenantTx(tenant, (tx) => heartbeat(tx, { tenant, stream, worker: 'old' }, 10_000));
    await pass(tenant, 9);
    expect(await claim('new')).toEqual([]);
    await pass(tenant, 2);
    expect(await claim('new')).toMatchObject([{ id: stream, leaseBy: 'new' }]);
    const late = { tenant, stream, worker: 'old' };
    await expect(db.tenantTx(tenant, (tx) => heartbeat(tx, late, 1))).rejects.toSatisfy(code('stream_lease_lost'));
    await expect(db.tenantTx(tenant, (tx) => release(tx, late, { error: null }))).rejects.toSatisfy(
      code('stream_lease_lost'),
    );
  });

  it('run again after the interval, or earlier when asked', async () => {
    const { tenant, stream } = await makeStream(db, 'interval');
    const claim = () => db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker: 'w', leaseMs: 10_000, limit: 5 }));
    await claim();
    const error = new GantryError('bad_request', { message: 'no' }).toBody();
    const now = await db.tenantTx(tenant, async (tx) => {
      await release(tx, { tenant, stream, worker: 'w' }, { error });
      return tx.now;
    });
    const row = await db.tenantTx(tenant, (tx) => readStream(tx, tenant, stream));
    expect(row).toMatchObject({ leaseBy: null, leaseUntil: null, lastError: error, lastRunAt: now });
    expect(row?.dueAt).toEqual(new Date(now.getTime() + 60_000));
    expect(await claim()).toEqual([]);
    expect(await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, object: 'Other' }))).toBe(0);
    expect(await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant }))).toBe(1);
    expect(await claim()).toHaveLength(1);
  });

  it('are read again where that was asked for while they were being read', async () => {
    const { tenant, stream } = await makeStream(db, 'again');
    const lease = { tenant, worker: 'w', leaseMs: 60_000, limit: 5 };
    const claim = (): Promise<StreamRow[]> => db.tenantTx(tenant, (tx) => claimDue(tx, lease));
    const end = (): Promise<void> =>
      db.tenantTx(tenant, (tx) => release(tx, { tenant, stream, worker: 'w' }, { error: null }));
    expect(await claim()).toHaveLength(1);
    expect(await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant }))).toBe(1);
    // Not by two at a time.
    expect(await claim()).toEqual([]);
    await end();
    expect(await claim()).toHaveLength(1);
    await end();
    expect(await claim()).toEqual([]);
  });

  it('are read again no sooner after a run than whoever asks says', async () => {
    const { tenant, stream } = await makeStream(db, 'pause');
    const lease = { tenant, worker: 'w', leaseMs: 60_000, limit: 5 };
    await db.tenantTx(tenant, (tx) => claimDue(tx, lease));
    const endedAt = await db.tenantTx(tenant, async (tx) => {
      await release(tx, { tenant, stream, worker: 'w' }, { error: null });
      return tx.now;
    });
    await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, pauseMs: 30_000 }));
    const row = await db.tenantTx(tenant, (tx) => readStream(tx, tenant, stream));
    expect(row?.dueAt).toEqual(new Date(endedAt.getTime() + 30_000));
    expect(await db.tenantTx(tenant, (tx) => claimDue(tx, lease))).toEqual([]);
    await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant }));
    expect(await db.tenantTx(tenant, (tx) => claimDue(tx, lease))).toHaveLength(1);
  });

  it('keep a schema as a new version only when it differs', async () => {
    const { tenant, stream } = await makeStream(db, 'schema');
    const field = {
      name: 'Name',
      label: 'Name',
      type: 'string',
      nativeType: 'string',
      nullable: true,
      custom: false,
      writable: true,
    } as const;
    const object: NativeObject = {
      name: 'Account',
      label: 'Account',
      custom: false,
      idField: 'Id',
      linkTemplate: null,
      fields: [field],
    };
    const save = (next: NativeObject) =>
      db.tenantTx(tenant, (tx) => saveSchemaVersion(tx, { tenant, stream, object: next }));
    expect(await save(object)).toEqual({ version: 1, changed: true });
    expect(await save({ ...object, fields: [{ ...field }] })).toEqual({ version: 1, changed: false });
    const wider = { ...object, fields: [field, { ...field, name: 'Extra__c', custom: true }] };
    expect(await save(wider)).toEqual({ version: 2, changed: true });
    expect(await db.tenantTx(tenant, (tx) => currentSchemas(tx, tenant))).toMatchObject([
      { stream, version: 2, object: wider },
    ]);
    expect(await db.tenantTx(tenant, (tx) => readSchemaVersion(tx, tenant, stream, 1))).toMatchObject({ object });
    expect(await db.tenantTx(tenant, (tx) => latestSchemaVersion(tx, tenant, stream))).toMatchObject({ version: 2 });
    // A provider's label may hold what jsonb refuses; the object must not stop for it.
    const odd = { ...object, fields: [{ ...field, label: 'Na\u0000me \ud800' }] };
    expect(await save(odd)).toEqual({ version: 3, changed: true });
    expect(await save(odd)).toEqual({ version: 3, changed: false });
    const kept = await db.tenantTx(tenant, (tx) => latestSchemaVersion(tx, tenant, stream));
    expect(kept?.object.fields[0]?.label).toBe('Na\ufffdme \ufffd');
  });

  it('show values that did not fit until the record recovers', async () => {
    const { tenant, stream } = await makeStream(db, 'quarantine');
    const save = (records: Parameters<typeof saveQuarantine>[1]['records']) =>
      db.tenantTx(tenant, (tx) => saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records }));
    const bad = { field: 'amount', reason: 'not a number', value: 'a\u0000b' };
    await save([
      { id: '1', fields: [bad, { ...bad, field: 'day', value: null }] },
      { id: '2', fields: [bad] },
    ]);
    expect(await db.tenantTx(tenant, (tx) => countQuarantine(tx, tenant))).toEqual(new Map([[stream, 3]]));
    await save([
      { id: '1', fields: [{ ...bad, reason: 'too large' }] },
      { id: '2', fields: [] },
    ]);
    const rows = await db.tenantTx(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 10 }));
    expect(rows).toMatchObject([
      { id: '1', field: 'amount', reason: 'too large', value: 'a\ufffdb', schemaVersion: 1 },
    ]);
    expect(rows).toHaveLength(1);
  });

  it('set nothing aside of a version that is older than the stored one, and forget nothing for it', async () => {
    const { tenant, stream } = await makeStream(db, 'late-quarantine');
    const [early, late] = [version('1', { amount: 1 }, 10), version('1', { amount: 2 }, 20)];
    const fields = [{ field: 'day', reason: 'not a day', value: 'soon' }];
    const save = (records: Parameters<typeof saveQuarantine>[1]['records']) =>
      db.tenantTx(tenant, (tx) => saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records }));
    const kept = () => db.tenantRead(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 10 }));
    await ingest(db, { tenant, stream }, [late]);
    await save([{ id: '1', srcAt: early.srcAt, fields }]);
    expect(await kept()).toEqual([]);
    await save([{ id: '1', srcAt: late.srcAt, fields }]);
    await save([{ id: '1', srcAt: early.srcAt, fields: [] }]);
    expect(await kept()).toMatchObject([{ id: '1', value: 'soon' }]);
    // Both in one page: the order of its records says nothing.
    await save([
      { id: '1', srcAt: late.srcAt, fields: [] },
      { id: '1', srcAt: early.srcAt, fields },
    ]);
    expect(await kept()).toEqual([]);
  });
});
