import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type StreamId } from '../../src/kernel/index.ts';
import {
  ingestRecords,
  listLetters,
  listQuarantine,
  listSweepReports,
  type Db,
  type DeadLetterRow,
} from '../../src/store/index.ts';
import {
  dropLetter,
  keepRecords,
  refreshSchema,
  replayDeadLetters,
  replayQuarantine,
  rereadQuarantine,
} from '../../src/sync/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

describeEachStore('what cannot be kept', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let stream: StreamId;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000, longTexts: true })]);
    harness = await syncHarness(db, sandbox, ['Lead', 'Opportunity'], { slug: `aside-${kind}` });
    stream = (await harness.stream('Lead')).id;
    expect((await harness.run('Lead')).error).toBeNull();
  });
  afterAll(() => sandbox.stop());

  const letters = (of: StreamId = stream): Promise<DeadLetterRow[]> =>
    db.tenantRead(harness.tenant, (tx) => listLetters(tx, { tenant: harness.tenant, stream: of, limit: 10 }));
  const lead = async (name: string): Promise<string> =>
    (await sandbox.mutate({ op: 'create', object: 'Lead', fields: { LastName: name, Company: 'C' } })).id;
  /** A rule of the database's own that one record breaks. */
  const refuse = (id: string | null): Promise<unknown> =>
    db.query(
      id === null
        ? 'alter table record drop constraint not_this'
        : `alter table record add constraint not_this check (ext_id <> '${id}') not valid`,
    );

  it('S10: one record that the database refuses is a dead letter, its page and object go on, and it comes when it can', async () => {
    const names = ['Eins', 'Zwei', 'Drei', 'Vier', 'Fünf'];
    const ids: string[] = [];
    for (const name of names) ids.push(await lead(name));
    const [, , poison = ''] = ids;
    await refuse(poison);
    expect(await harness.run('Lead')).toMatchObject({ error: null, changed: 4 });
    expect([...(await harness.records('Lead')).keys()]).toEqual(
      expect.arrayContaining(ids.filter((id) => id !== poison)),
    );
    expect((await harness.records('Lead')).has(poison)).toBe(false);
    expect(await letters()).toMatchObject([
      { kind: 'record', name: poison, state: 'dead', code: 'store_record_refused', class: 'sqlstate_23514', tries: 1 },
    ]);
    // It still is one, and the cursor has moved on.
    const letter = (await letters())[0]?.id ?? -1;
    const row = await harness.stream('Lead');
    expect(await replayDeadLetters(harness.deps, harness.target, row, [letter])).toMatchObject({ asked: 1, dead: 1 });
    expect(await letters()).toMatchObject([{ name: poison, tries: 2 }]);
    expect(await replayDeadLetters(harness.deps, harness.target, row, [])).toMatchObject({ asked: 0 });
    await refuse(null);
    expect(await replayDeadLetters(harness.deps, harness.target, row, [letter])).toMatchObject({ read: 1, dead: 0 });
    expect((await harness.records('Lead')).get(poison)).toMatchObject({ LastName: 'Drei' });
    expect(await letters()).toEqual([]);
  });

  it('S10: a comparison that finds a refused record ends all the same', async () => {
    const id = await lead('Verpasst');
    await refuse(id);
    expect((await harness.run('Lead')).error).toBeNull();
    const [letter] = await letters();
    const dropped = await db.tenantTx(harness.tenant, (tx) =>
      dropLetter(tx, { tenant: harness.tenant, letter: letter?.id ?? -1 }),
    );
    expect(dropped).toMatchObject({ name: id, code: 'store_record_refused' });
    expect(await letters()).toEqual([]);
    expect(
      await db.tenantTx(harness.tenant, (tx) => dropLetter(tx, { tenant: harness.tenant, letter: letter?.id ?? -1 })),
    ).toBeNull();
    // Older than what comes by itself, so that only the comparison finds it.
    await sandbox.control('POST', 'clock', { advanceMs: 3_600_000 });
    expect((await harness.run('Lead')).error).toBeNull();
    await db.tenantTx(harness.tenant, (tx) =>
      tx.query(`update stream set as_of = $2 where tenant = $1`, [harness.tenant, new Date(Date.now() + 7_200_000)]),
    );
    await db.tenantTx(harness.tenant, (tx) =>
      tx.query(`update sweep set ended_at = ended_at - interval '25 hours' where tenant = $1`, [harness.tenant]),
    );
    expect((await harness.run('Lead')).error).toBeNull();
    expect(await letters()).toMatchObject([{ name: id, code: 'store_record_refused' }]);
    const [report] = await db.tenantRead(harness.tenant, (tx) =>
      listSweepReports(tx, { tenant: harness.tenant, stream, limit: 1 }),
    );
    expect(report).toMatchObject({ kind: 'listing', held: 0, deleted: 0 });
    await refuse(null);
    await replayDeadLetters(harness.deps, harness.target, await harness.stream('Lead'));
    expect((await harness.records('Lead')).has(id)).toBe(true);
  });

  it('S10: a record larger than any answer is stepped over, and read once it is small enough', async () => {
    const small = requireConnector(
      connectorRegistry({ clock: systemClock, random: systemRandom, responseBytesMax: 60_000 }),
      'salesforce',
    ).open(harness.signedIn.access);
    // What an org says of an object is longer than a record of it: only records are to be too large.
    const { readPage, readRecords } = small;
    if (readRecords === undefined) throw new Error('Salesforce reads single records');
    const tight = { ...harness.target.session, readPage, readRecords };
    const { id: of } = await harness.stream('Opportunity');
    expect((await harness.run('Opportunity')).error).toBeNull();
    await sandbox.control('POST', 'clock', { advanceMs: 3_600_000 });
    const [big = '', beside = ''] = [...(await harness.records('Opportunity')).keys()].toSorted();
    const text = 'Angebot '.repeat(10_000);
    await sandbox.mutate({ op: 'update', object: 'Opportunity', id: big, fields: { Angebotstext__c: text } });
    await sandbox.mutate({ op: 'update', object: 'Opportunity', id: beside, fields: { Name: 'Daneben' } });
    expect((await harness.run('Opportunity', undefined, tight)).error).toBeNull();
    expect(await letters(of)).toMatchObject([
      { kind: 'record', name: big, state: 'dead', code: 'upstream_too_large', tries: 1 },
    ]);
    expect((await harness.records('Opportunity')).get(beside)).toMatchObject({ Name: 'Daneben' });
    const row = await harness.stream('Opportunity');
    expect(await replayDeadLetters(harness.deps, harness.target, row)).toMatchObject({ read: 1, dead: 0 });
    expect((await harness.records('Opportunity')).get(big)).toMatchObject({ Angebotstext__c: text });
  });

  // Its retries take their time, and the store has no part in them.
  it.skipIf(kind === 'pglite')('S10: an answer that cannot be read is known by the hash of its bytes', async () => {
    await sandbox.mutate({ op: 'create', object: 'Lead', fields: { LastName: 'Unlesbar', Company: 'C' } });
    await sandbox.control('POST', 'faults', {
      match: { path: '/services/data/v62.0/queryAll' },
      times: 20,
      action: { status: 200, body: '{"totalSize": 1, "records": [{"Id": ' },
    });
    expect((await harness.run('Lead')).error?.code).toBe('upstream_malformed');
    const [first] = await letters();
    expect(first).toMatchObject({ kind: 'page', state: 'failing', bytesHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect((await harness.run('Lead')).error?.code).toBe('upstream_malformed');
    expect((await letters())[0]).toMatchObject({ tries: 2, bytesHash: first?.bytesHash });
    await sandbox.control('DELETE', 'faults');
    expect((await harness.run('Lead')).error).toBeNull();
    expect(await letters()).toEqual([]);
  });

  it('keeps aside nothing of a version that comes too late, and brings nothing back that was gone since it was read', async () => {
    const { tenant } = harness;
    const object = await harness.target.session.describeObject('Lead');
    const id = '00Q0000000Late0AAA';
    const MADE = '2026-01-01T00:00:00.000Z';
    const at = (day: number) => new Date(Date.UTC(2026, 0, day));
    const keep = (day: number, readAt: Date, made: string) => {
      const values = { Id: id, LastName: `Tag ${day}`, CreatedDate: made };
      const records = [{ id, modifiedAt: at(day), deleted: false, values }];
      return db.tenantTx(tenant, (tx) =>
        keepRecords(tx, { tenant, stream, object, version: 1, records, permissions: null, readAt }),
      );
    };
    const now = () => db.tenantRead(tenant, async (tx) => tx.now);
    await keep(2, await now(), MADE);
    await keep(1, await now(), 'bald');
    expect((await harness.records('Lead')).get(id)).toMatchObject({ LastName: 'Tag 2', CreatedDate: MADE });
    expect(await db.tenantRead(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 5 }))).toEqual([]);
    const before = await now();
    const gone = { id, hash: '', docText: '', srcAt: null, deleted: true };
    await db.tenantTx(tenant, (tx) => ingestRecords(tx, { tenant, stream, records: [gone], seenAt: tx.now }));
    await keep(2, before, 'bald');
    expect((await harness.records('Lead')).has(id)).toBe(false);
    expect(await db.tenantRead(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 5 }))).toEqual([]);
    await expect
      .poll(async () => {
        await keep(2, await now(), MADE);
        return (await harness.records('Lead')).has(id);
      })
      .toBe(true);
    await db.tenantTx(tenant, (tx) => ingestRecords(tx, { tenant, stream, records: [gone], seenAt: tx.now }));
  });

  it('S9: a value too large to be kept beside its record is told so, and only reading it again helps', async () => {
    const change = (field: object): Promise<unknown> =>
      sandbox.control('POST', 'schema', { object: 'Opportunity', change: field });
    const { tenant } = harness;
    const key = { tenant, stream: (await harness.stream('Opportunity')).id };
    const aside = () => db.tenantRead(tenant, (tx) => listQuarantine(tx, { ...key, limit: 1_000 }));
    await change({ name: 'Angebotstext__c', type: 'double', precision: 10, scale: 0 });
    expect((await harness.run('Opportunity')).error).toBeNull();
    const large = (await aside()).filter(({ native }) => native === null);
    expect(large.length).toBeGreaterThan(0);
    expect(large[0]?.value).toHaveLength(500);
    await change({ name: 'Angebotstext__c', type: 'textarea', length: 131_072 });
    // Tried again, but not read again: that is due, and would mend it as well.
    await refreshSchema(harness.deps, harness.target, await harness.stream('Opportunity'));
    expect(await replayQuarantine(harness.deps, key)).toMatchObject({ fitted: 0, unkept: large.length });
    const report = await rereadQuarantine(harness.deps, harness.target, await harness.stream('Opportunity'));
    expect(report).toMatchObject({ asked: large.length, read: large.length });
    expect(await aside()).toEqual([]);
  });
});
