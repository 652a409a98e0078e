import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import { GantryError, type StreamId } from '../../src/kernel/index.ts';
import { listLetters, listQuarantine, listSweepReports, saveQuarantine, type Db } from '../../src/store/index.ts';
import { replayDeadLetters, rereadQuarantine } from '../../src/sync/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

describeEachStore('what pages have missed', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let stream: StreamId;
  let ids: string[] = [];

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact'], { slug: `reconcile-${kind}` });
    expect((await harness.run('Contact')).error).toBeNull();
    stream = (await harness.stream('Contact')).id;
    ids = [...(await harness.records('Contact')).keys()].toSorted();
  });
  afterAll(() => sandbox.stop());

  const sql = (text: string, ...params: (string | number)[]): Promise<unknown> =>
    db.tenantTx(harness.tenant, (tx) => tx.query(text, [harness.tenant, stream, ...params]));
  const aDayPasses = (): Promise<unknown> =>
    sql(`update sweep set ended_at = ended_at - interval '25 hours', held_at = held_at - interval '25 hours'
      where tenant = $1 and stream = $2`);
  const report = async () =>
    (
      await db.tenantRead(harness.tenant, (tx) => listSweepReports(tx, { tenant: harness.tenant, stream, limit: 1 }))
    )[0];
  const session = (): ConnectorSession => harness.target.session;

  it('is found and mended by the next comparison, which says what it did (S7, S8, H3)', async () => {
    const [lost = '', old = ''] = ids;
    const before = await harness.records('Contact');
    await sql('delete from record where tenant = $1 and stream = $2 and ext_id = $3', lost);
    await sql(
      `update record set doc = '{}', hash = 'aa', src_at = src_at - interval '1 day'
        where tenant = $1 and stream = $2 and ext_id = $3`,
      old,
    );
    await sql(`insert into record (tenant, stream, ext_id, hash, doc, ver, deleted, src_at, seen_at)
      values ($1, $2, '003000000000000AAA', 'bb', '{}', 1, false, '2026-01-01', '2026-01-01')`);
    expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 0 });
    await aDayPasses();
    expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 3 });
    expect(await harness.records('Contact')).toEqual(before);
    expect(await report()).toMatchObject({
      kind: 'listing',
      compared: ids.length + 1,
      missingHealed: 1,
      staleHealed: 1,
      deleted: 1,
      held: 0,
    });
  });

  it('is no deletion where the user is shown something else than before, however often it is not seen (S13)', async () => {
    const [hidden = ''] = ids;
    const less: ConnectorSession = {
      ...session(),
      grantsHash: async () => '2:another profile',
      readPage: async (request) => {
        const page = await session().readPage(request);
        return { ...page, records: page.records.filter(({ id }) => id !== hidden) };
      },
      listStamps: async (object, after) => {
        const page = await session().listStamps?.(object, after);
        if (page === undefined) throw new Error('no list');
        const seen = page.ids.flatMap((id, at) => (id === hidden ? [] : [[id, page.stamps[at] ?? null] as const]));
        return { ids: seen.map(([id]) => id), stamps: seen.map(([, stamp]) => stamp), more: page.more };
      },
    };
    for (let day = 1; day <= 3; day += 1) {
      await aDayPasses();
      expect(await harness.run('Contact', undefined, less)).toMatchObject({ error: null, changed: 0 });
      expect((await harness.stream('Contact')).lastError?.code).toBe('sync_deletions_held');
      expect((await harness.records('Contact')).has(hidden)).toBe(true);
    }
    expect(await report()).toMatchObject({ deleted: 0, held: 1 });
    await aDayPasses();
    expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 0 });
    expect((await harness.stream('Contact')).lastError).toBeNull();
    expect((await harness.records('Contact')).size).toBe(ids.length);
  });

  it('is set aside where it cannot be read at all, and read when it can be (S10)', async () => {
    const poison = ids[5] ?? '';
    for (const id of ids.slice(4, 8)) {
      await sandbox.mutate({ op: 'update', object: 'Contact', id, fields: { LastName: `Neu ${id}` } });
    }
    const malformed = (): never => {
      throw new GantryError('upstream_malformed', { message: 'unreadable', data: { class: 'malformed_response' } });
    };
    const broken: ConnectorSession = {
      ...session(),
      readPage: (request) => (request.object.fields.length > 10 ? malformed() : session().readPage(request)),
      readRecords: async (object, wanted) => {
        if (wanted.includes(poison)) malformed();
        const answer = await session().readRecords?.(object, wanted);
        return answer ?? malformed();
      },
    };
    const letters = () =>
      db.tenantRead(harness.tenant, (tx) => listLetters(tx, { tenant: harness.tenant, stream, limit: 10 }));
    for (const tries of [1, 2]) {
      expect((await harness.run('Contact', undefined, broken)).error?.code).toBe('upstream_malformed');
      expect(await letters()).toMatchObject([{ kind: 'page', state: 'failing', tries, class: 'malformed_response' }]);
    }
    expect(await harness.run('Contact', undefined, broken)).toMatchObject({ error: null, changed: 3 });
    expect(await letters()).toMatchObject([{ kind: 'record', name: poison, state: 'dead', tries: 1 }]);
    expect((await harness.records('Contact')).get(poison)?.['LastName']).not.toBe(`Neu ${poison}`);

    const row = await harness.stream('Contact');
    const target = { ...harness.target, session: broken };
    expect(await replayDeadLetters(harness.deps, target, row)).toMatchObject({ asked: 1, read: 0, dead: 1 });
    expect(await letters()).toMatchObject([{ name: poison, state: 'dead', tries: 2 }]);
    expect(await replayDeadLetters(harness.deps, harness.target, row)).toMatchObject({ asked: 1, read: 1, dead: 0 });
    expect(await letters()).toEqual([]);
    expect((await harness.records('Contact')).get(poison)?.['LastName']).toBe(`Neu ${poison}`);
  });

  it('leaves the quarantine when it is read again and fits (S9)', async () => {
    const [, , id = ''] = ids;
    const { tenant } = harness;
    const fields = [{ field: 'LastName', reason: 'did not fit', value: '7' }];
    await db.tenantTx(tenant, (tx) =>
      saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records: [{ id, fields }] }),
    );
    const row = await harness.stream('Contact');
    expect(await rereadQuarantine(harness.deps, harness.target, row)).toMatchObject({ asked: 1, read: 1 });
    expect(await db.tenantRead(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 5 }))).toEqual([]);
  });
});
