import { beforeAll, describe, expect, it } from 'vitest';
import {
  changeHead,
  listGone,
  pruneChanges,
  pruneHistory,
  readChanges,
  readVersions,
  type Db,
  type GoneRecord,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, tombstone, version, type TestStream } from './fixtures.ts';

const EVER = new Date(0);
const day = (n: number): Date => new Date(Date.UTC(2026, 2, n));

describeEachStore('history', (open) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });
  const fresh = (): Promise<TestStream> => {
    count += 1;
    return makeStream(db, `history-${count}`);
  };
  const versions = ({ tenant, stream }: TestStream, id: string, more: { since?: Date; limit?: number } = {}) =>
    db.tenantTx(tenant, (tx) => readVersions(tx, { tenant, stream, id, since: EVER, limit: 100, ...more }));
  const gone = async (
    { tenant, stream }: TestStream,
    since: Date,
    limit = 100,
    classes: readonly number[] | 'all' = 'all',
  ) => {
    const streams = [{ stream, classes }];
    const all = await db.tenantTx(tenant, (tx) => listGone(tx, { tenant, streams, since, after: null, limit }));
    return all.map((row) => ({ stream: row.stream, id: row.id, doc: row.doc, acl: row.acl }));
  };

  it('keeps what a record was, from the moment that it is something else', async () => {
    const at = await fresh();
    await ingest(db, at, [version('a', { n: 1 }, 10), version('b', { n: 1 })], { seenAt: day(1) });
    expect(await versions(at, 'a')).toEqual({ current: { n: 1 }, earlier: [] });
    await ingest(db, at, [version('a', { n: 2 }, 20), version('b', { n: 1 })], { seenAt: day(2) });
    await ingest(db, at, [version('a', { n: 2 }, 25), version('b', { n: 3 })], { seenAt: day(3) });
    await ingest(db, at, [version('a', { n: 4 }, 22)], { seenAt: day(4) });
    await ingest(db, at, [version('a', { n: 5 }, 30)], { seenAt: day(5) });
    const ended = (seconds: number): Date => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000);
    // The late version from in between never was the record's.
    expect(await versions(at, 'a')).toEqual({
      current: { n: 5 },
      earlier: [
        { doc: { n: 2 }, endedAt: ended(30) },
        { doc: { n: 1 }, endedAt: ended(20) },
      ],
    });
    // Where the source tells no time, it is ours.
    expect(await versions(at, 'b')).toEqual({ current: { n: 3 }, earlier: [{ doc: { n: 1 }, endedAt: day(3) }] });
    expect((await versions(at, 'a', { limit: 1 })).earlier).toHaveLength(1);
    expect((await versions(at, 'a', { since: day(3) })).earlier).toHaveLength(1);
    expect(await versions(at, 'nobody')).toEqual({ current: null, earlier: [] });
  });

  it('knows what is gone, as it last was, until it comes back', async () => {
    const at = await fresh();
    await ingest(db, at, [version('a', { n: 1 }), version('b', { n: 2 }), version('c', { n: 3 })], { seenAt: day(1) });
    await ingest(db, at, [tombstone('a'), tombstone('never')], { seenAt: day(2) });
    await ingest(db, at, [tombstone('b'), tombstone('a')], { seenAt: day(3) });
    expect(await gone(at, EVER)).toEqual([
      { stream: at.stream, id: 'a', doc: { n: 1 }, acl: null },
      { stream: at.stream, id: 'b', doc: { n: 2 }, acl: null },
    ]);
    expect((await gone(at, day(3))).map(({ id }) => id)).toEqual(['b']);
    expect((await gone(at, EVER, 1)).map(({ id }) => id)).toEqual(['a']);
    await ingest(db, at, [version('a', { n: 9 })], { seenAt: day(4) });
    expect((await gone(at, EVER)).map(({ id }) => id)).toEqual(['b']);
    await ingest(db, at, [tombstone('a')], { seenAt: day(5) });
    expect(await gone(at, EVER)).toEqual([
      { stream: at.stream, id: 'b', doc: { n: 2 }, acl: null },
      { stream: at.stream, id: 'a', doc: { n: 9 }, acl: null },
    ]);
  });

  it('tells what is gone page by page, also where several went at one moment', async () => {
    const { tenant, stream } = await fresh();
    const ids = ['a', 'b', 'c', 'd', 'e'];
    await ingest(
      db,
      { tenant, stream },
      ids.map((id) => version(id, { n: 1 })),
      { seenAt: day(1) },
    );
    await ingest(
      db,
      { tenant, stream },
      ['e', 'c', 'a'].map((id) => tombstone(id)),
      { seenAt: day(2) },
    );
    await ingest(
      db,
      { tenant, stream },
      ['b', 'd'].map((id) => tombstone(id)),
      { seenAt: day(3) },
    );
    const told: string[] = [];
    let after: GoneRecord | null = null;
    for (;;) {
      const request = { tenant, streams: [{ stream, classes: 'all' as const }], since: EVER, after, limit: 2 };
      const page: GoneRecord[] = await db.tenantRead(tenant, (tx) => listGone(tx, request));
      told.push(...page.map(({ id }) => id));
      after = page.at(-1) ?? null;
      if (page.length < 2) break;
    }
    expect(told).toEqual(['a', 'c', 'e', 'b', 'd']);
  });

  it('knows what is gone of some access classes; of others nothing, not even that there were more', async () => {
    const at = await fresh();
    const classed = [1, 2, 1, 3].map((acl, n) => ({ ...version(`c${String(n)}`, { n }), acl }));
    await ingest(db, at, [...classed, version('nobody', { n: 9 })], { seenAt: day(1) });
    await ingest(db, at, [...classed.map(({ id }) => tombstone(id)), tombstone('nobody')], { seenAt: day(2) });
    const ids = async (classes: readonly number[] | 'all', limit?: number): Promise<string[]> =>
      (await gone(at, EVER, limit, classes)).map(({ id }) => id);
    expect(await ids('all')).toEqual(['c0', 'c1', 'c2', 'c3', 'nobody']);
    expect(await ids([3, 2])).toEqual(['c1', 'c3']);
    expect(await ids([3], 1)).toEqual(['c3']);
    expect(await ids([])).toEqual([]);
  });

  it('finds a deletion by our time where the source’s clock runs behind, and by the source’s where it runs ahead', async () => {
    const at = await fresh();
    await ingest(db, at, [version('a', { n: 1 }), version('b', { n: 1 })], { seenAt: new Date(Date.UTC(2026, 0, 1)) });
    await ingest(db, at, [tombstone('a', 5), tombstone('b', 3_600)], { seenAt: new Date(Date.UTC(2026, 0, 1, 0, 30)) });
    expect((await gone(at, new Date(Date.UTC(2026, 0, 1, 0, 20)))).map(({ id }) => id)).toEqual(['a', 'b']);
    expect((await gone(at, new Date(Date.UTC(2026, 0, 1, 0, 50)))).map(({ id }) => id)).toEqual(['b']);
  });

  it('goes with a page that does not stay, and belongs to its tenant', async () => {
    const [at, other] = [await fresh(), await fresh()];
    await ingest(db, at, [version('a', { n: 1 })]);
    await expect(ingest(db, at, [version('a', { n: 2 })], { worker: 'nobody' })).rejects.toMatchObject({
      code: 'stream_lease_lost',
    });
    expect(await versions(at, 'a')).toEqual({ current: { n: 1 }, earlier: [] });
    await ingest(db, at, [version('a', { n: 2 })]);
    const read = { tenant: at.tenant, stream: at.stream, id: 'a', since: EVER, limit: 9 };
    expect(await db.tenantTx(other.tenant, (tx) => readVersions(tx, read))).toEqual({ current: null, earlier: [] });
  });

  describe('pruning', () => {
    const prune = ({ tenant }: TestStream, before: Date, limit: number) =>
      db.tenantTx(tenant, (tx) => pruneHistory(tx, { tenant, before, limit }));
    const pruneLog = ({ tenant }: TestStream, before: Date, limit: number) =>
      db.tenantTx(tenant, (tx) => pruneChanges(tx, { tenant, before, limit }));
    const changes = ({ tenant }: TestStream, afterSeq: number) =>
      db.tenantTx(tenant, (tx) => readChanges(tx, { tenant, afterSeq, limit: 100 }));

    it('removes what is old, a batch at a time, of this tenant only', async () => {
      const [at, other] = [await fresh(), await fresh()];
      for (let n = 1; n <= 6; n += 1) {
        for (const one of [at, other]) await ingest(db, one, [version('a', { n })], { seenAt: day(n) });
      }
      expect(await prune(at, day(5), 2)).toBe(2);
      expect(await prune(at, day(5), 2)).toBe(1);
      expect(await prune(at, day(5), 2)).toBe(0);
      expect((await versions(at, 'a')).earlier.map(({ doc }) => doc['n'])).toEqual([5, 4]);
      expect((await versions(other, 'a')).earlier).toHaveLength(5);
    });

    it('raises the floor with the changes that it removes, so that a late reader notices', async () => {
      const at = await fresh();
      for (let n = 1; n <= 6; n += 1) await ingest(db, at, [version(`r${n}`, { n })], { seenAt: day(n) });
      expect(await changes(at, 0)).toMatchObject({ floor: 0, seq: 6, head: 6 });
      expect(await pruneLog(at, day(4), 2)).toBe(2);
      expect(await pruneLog(at, day(4), 2)).toBe(1);
      expect(await pruneLog(at, day(4), 2)).toBe(0);
      const page = await changes(at, 3);
      expect(page).toMatchObject({ floor: 3, seq: 6, head: 6 });
      expect(page.records.map(({ id }) => id)).toEqual(['r4', 'r5', 'r6']);
      // All but the newest may go, by which readers know the database; numbers go on.
      expect(await pruneLog(at, day(30), 100)).toBe(2);
      await ingest(db, at, [version('r7', {})]);
      expect(await changes(at, 6)).toMatchObject({ floor: 5, seq: 7, head: 7 });
      expect(await db.tenantTx(at.tenant, (tx) => changeHead(tx, at.tenant))).toBe(7);
    });
  });
});
