import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { listQuarantine, type Db, type QuarantineRow } from '../../src/store/index.ts';
import { refreshSchema, replayQuarantine, type RunReport } from '../../src/sync/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';
import { heldOf, truthOf } from './truth.ts';

describeEachStore('S9: a schema that changes while its object is read', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  const FIELD = 'Kundennummer__c';

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([
      open(),
      startSandbox('salesforce', { scale: kind === 'postgres' ? 40_000 : 5_000 }),
    ]);
    harness = await syncHarness(db, sandbox, ['Account'], { slug: `drift-${kind}` });
  });
  afterAll(() => sandbox.stop());

  const change = (input: JsonObject): Promise<unknown> =>
    sandbox.control('POST', 'schema', { object: 'Account', ...input });
  const setAside = (): Promise<QuarantineRow[]> =>
    db.tenantRead(harness.tenant, (tx) => listQuarantine(tx, { tenant: harness.tenant, limit: 20_000 }));
  const drifts = () => harness.events.flatMap((event) => (event.kind === 'schema_changed' ? [event] : []));
  const described = async () => harness.target.session.describeObject('Account');
  const reads = (): number => harness.signedIn.calls.filter(({ path }) => path.includes('/query')).length;
  /** Changes something once, after the first page. */
  const midway = (act: () => Promise<unknown>): ConnectorSession => {
    const { session } = harness.target;
    let done = false;
    return {
      ...session,
      readPage: async (request) => {
        const page = await session.readPage(request);
        if (!done) await act();
        done = true;
        return page;
      },
    };
  };
  /** As a worker would, until nothing is left to be tried. */
  const runs = async (session?: ConnectorSession): Promise<RunReport> => {
    const first = await harness.run('Account', undefined, session);
    for (let more = 0; more < 3; more += 1) {
      if ((await harness.run('Account')).error === null) return first;
    }
    throw new Error(JSON.stringify((await harness.stream('Account')).lastError));
  };

  it('a field that is dropped between two pages costs its own values and nothing else', async () => {
    await change({ add: { name: 'Kurz__c', label: 'Kurz', type: 'string', length: 20 } });
    const first = await runs(midway(() => change({ remove: 'Kurz__c' })));
    // Two pages on one of the stores: the second one was refused.
    if (kind === 'postgres') expect(first).toMatchObject({ pages: 1, error: { code: 'upstream_schema_changed' } });
    expect((await described()).fields.some(({ name }) => name === 'Kurz__c')).toBe(false);
    expect(await heldOf(harness, 'Account', ['Name', FIELD])).toEqual(
      await truthOf(harness, 'Account', ['Name', FIELD]),
    );
    const told = drifts().filter(({ fieldsRemoved }) => fieldsRemoved.includes('Kurz__c'));
    expect(told).toHaveLength(1);
    expect((await harness.stream('Account')).schemaVersion).toBe(told[0]?.version);
    expect(await setAside()).toEqual([]);
  });

  it('values of a field that became another type are set aside, as many as there are, and all other fields go on', async () => {
    const truth = await truthOf(harness, 'Account', ['Name', FIELD]);
    const affected = [...truth.values()].filter((record) => record[FIELD] !== null).length;
    expect(affected).toBeGreaterThan(100);
    const before = drifts().length;
    await change({ change: { name: FIELD, type: 'double', precision: 18, scale: 0 } });
    await runs(midway(async () => undefined));
    const aside = await setAside();
    expect(aside).toHaveLength(affected);
    expect(new Set(aside.map(({ field }) => field))).toEqual(new Set([FIELD]));
    expect(aside[0]).toMatchObject({ reason: 'expected a number, got text', native: expect.stringMatching(/^"K-/) });
    // Set aside, not made into something else.
    expect([...(await heldOf(harness, 'Account', [FIELD])).values()].every((held) => held[FIELD] === null)).toBe(true);
    expect(await heldOf(harness, 'Account', ['Name'])).toEqual(await truthOf(harness, 'Account', ['Name']));
    expect(drifts().slice(before)).toMatchObject([{ fieldsAdded: [FIELD], fieldsRemoved: [FIELD] }]);
    await runs();
    expect(drifts()).toHaveLength(before + 1);
    expect(await setAside()).toHaveLength(affected);
  });

  it('what still does not fit stays set aside, however often it is tried', async () => {
    const { id: stream } = await harness.stream('Account');
    const left = (await setAside()).length;
    const calls = reads();
    expect(await replayQuarantine(harness.deps, { tenant: harness.tenant, stream })).toEqual({
      records: left,
      fitted: 0,
      left,
      unkept: 0,
    });
    expect(await setAside()).toHaveLength(left);
    expect(reads()).toBe(calls);
  });

  it('once the type fits again, they are in their records by themselves, without a call for one of them', async () => {
    await change({ change: { name: FIELD, type: 'string', length: 40 } });
    const calls = reads();
    await refreshSchema(harness.deps, harness.target, await harness.stream('Account'));
    expect(reads()).toBe(calls);
    expect(await setAside()).toEqual([]);
    expect(await heldOf(harness, 'Account', ['Name', FIELD])).toEqual(
      await truthOf(harness, 'Account', ['Name', FIELD]),
    );
    const { tenant } = harness;
    const { id: stream } = await harness.stream('Account');
    const moved = await db.tenantRead(tenant, (tx) =>
      tx.query<{ n: number }>(
        `select count(*)::int as n from change c where c.tenant = $1 and c.stream = $2 and c.op = 'u'
           and c.ver = (select r.ver from record r where r.tenant = $1 and r.stream = $2 and r.ext_id = c.ext_id)`,
        [tenant, stream],
      ),
    );
    // Each is a change like any other: lenses and subscribers hear of it.
    expect(moved[0]?.n).toBe((await heldOf(harness, 'Account', [])).size);
  });

  it('a field that is renamed between two pages comes under its new name, with its values', async () => {
    await runs(midway(() => change({ change: { name: FIELD, newName: 'Debitor__c' } })));
    const truth = await truthOf(harness, 'Account', ['Name', 'Debitor__c']);
    expect(await heldOf(harness, 'Account', ['Name', 'Debitor__c'])).toEqual(truth);
    expect([...truth.values()].some((record) => record['Debitor__c'] !== null)).toBe(true);
    expect(drifts().at(-1)).toMatchObject({ fieldsAdded: ['Debitor__c'], fieldsRemoved: [FIELD] });
  });

  it('another value of a picklist is a new version of the schema and no reason to read anything again', async () => {
    const { fields } = await described();
    const field = fields.find(({ name, type }) => name === 'Industry' && type === 'enum');
    const values = (field?.values ?? []).map(({ value }) => value);
    const { schemaVersion } = await harness.stream('Account');
    await change({ change: { name: 'Industry', picklistValues: [...values, 'Raumfahrt'] } });
    const [id = ''] = [...(await harness.records('Account')).keys()];
    await sandbox.mutate({ op: 'update', object: 'Account', id, fields: { Industry: 'Raumfahrt' } });
    const report = await harness.run('Account');
    expect(report).toMatchObject({ error: null, changed: 1 });
    expect(report.records).toBeLessThan((await harness.records('Account')).size);
    expect((await harness.records('Account')).get(id)).toMatchObject({ Industry: 'Raumfahrt' });
    expect((await harness.stream('Account')).schemaVersion).toBe((schemaVersion ?? 0) + 1);
    expect(await setAside()).toEqual([]);
  });
});
