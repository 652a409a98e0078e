import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { GantryError, limits } from '../../src/kernel/index.ts';
import {
  changeHead,
  claimDue,
  readChanges,
  readStream,
  scanRecords,
  type Db,
  type IngestRecord,
  type ScannedRecord,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, tombstone, version, type TestStream } from './fixtures.ts';

describeEachStore('ingest', (open) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });
  const fresh = (): Promise<TestStream> => {
    count += 1;
    return makeStream(db, `ingest-${count}`);
  };
  const live = ({ tenant, stream }: TestStream) =>
    db.tenantTx(tenant, async (tx) => {
      const rows = await scanRecords(tx, { tenant, stream, afterId: null, limit: 10_000 });
      return Object.fromEntries(rows.map(({ id, docText }) => [id, JSON.parse(docText) as unknown]));
    });
  const physical = (at: TestStream) =>
    db.query<{ id: string; place: string }>(
      `select ext_id as id, ctid::text || ' ' || xmin::text as place from record where tenant = $1 order by ext_id`,
      [at.tenant],
    );

  const read = (at: TestStream, afterSeq: number, limit = 1000) =>
    db.tenantTx(at.tenant, (tx) => readChanges(tx, { tenant: at.tenant, afterSeq, limit }));

  it('tells new, changed, unchanged and deleted apart', async () => {
    const at = await fresh();
    expect(await ingest(db, at, [version('a', { n: 1 }), version('b', { n: 2 }), tombstone('z')])).toEqual({
      inserted: 2,
      updated: 0,
      unchanged: 1,
      deleted: 0,
    });
    expect(
      await ingest(db, at, [version('a', { n: 1 }), version('b', { n: 3 }), version('c', {}), tombstone('z')]),
    ).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 2,
      deleted: 0,
    });
    expect(await ingest(db, at, [tombstone('a'), tombstone('b')])).toMatchObject({ deleted: 2, unchanged: 0 });
    expect(await live(at)).toEqual({ c: {} });
    expect(await ingest(db, at, [version('a', { n: 9 })])).toMatchObject({ updated: 1 });
    expect(await live(at)).toEqual({ a: { n: 9 }, c: {} });
  });

  it('does not rewrite a record that did not change', async () => {
    const at = await fresh();
    const page = [version('a', { n: 1 }, 10), version('b', { n: 2 }), tombstone('c', 5)];
    await ingest(db, at, page);
    const before = await physical(at);
    await ingest(db, at, page);
    expect(await physical(at)).toEqual(before);
    await ingest(db, at, [version('a', { n: 2 }, 11), page[1]!]);
    const after = await physical(at);
    expect(after[0]).not.toEqual(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  it('removes the document of a deleted record', async () => {
    const at = await fresh();
    await ingest(db, at, [version('a', { secret: 1 })]);
    await ingest(db, at, [tombstone('a')]);
    const rows = await db.query('select doc, deleted from record where tenant = $1', [at.tenant]);
    expect(rows).toEqual([{ doc: null, deleted: true }]);
  });

  it('never lets an older version win, also over a deletion and over an unchanged re-read', async () => {
    const at = await fresh();
    await ingest(db, at, [version('a', { n: 5 }, 50), tombstone('b', 50), version('c', { n: 1 }, 10)]);
    // The same content again, later: whatever lies in between is old from then on.
    await ingest(db, at, [version('c', { n: 1 }, 50)]);
    const late = [version('a', { n: 4 }, 40), version('b', { n: 4 }, 40), version('c', { n: 4 }, 40)];
    expect(await ingest(db, at, late)).toEqual({ inserted: 0, updated: 0, unchanged: 3, deleted: 0 });
    expect(await live(at)).toEqual({ a: { n: 5 }, c: { n: 1 } });
    expect(await ingest(db, at, [tombstone('a', 40), version('b', { n: 6 }, 60)])).toMatchObject({
      updated: 1,
      deleted: 0,
    });
    expect(await live(at)).toEqual({ a: { n: 5 }, b: { n: 6 }, c: { n: 1 } });
  });

  it('takes a record that is named twice in one page once', async () => {
    const at = await fresh();
    const page = [
      version('a', { n: 2 }, 20),
      version('a', { n: 1 }, 10),
      version('b', { n: 1 }),
      version('b', { n: 2 }),
    ];
    expect(await ingest(db, at, page)).toEqual({ inserted: 2, updated: 0, unchanged: 0, deleted: 0 });
    expect(await live(at)).toEqual({ a: { n: 2 }, b: { n: 2 } });
  });

  it('stores any text, with a mark where PostgreSQL cannot hold a character', async () => {
    const at = await fresh();
    const text = '"\\ \n 漢 🙂 \\u0000 literal';
    const doc = { text, nul: 'a\u0000b', half: 'x\ud83d', pair: '🙂', deep: [{ 'k\u0000': null }] };
    await ingest(db, at, [
      version("id'\u0000;--\n", doc),
      { ...version('raw', {}), docText: '{"e":"\\ud83d\\ude42"}' },
    ]);
    expect(await live(at)).toEqual({
      "id'\ufffd;--\n": { text, nul: 'a\ufffdb', half: 'x\ufffd', pair: '🙂', deep: [{ 'k\ufffd': null }] },
      raw: { e: '🙂' },
    });
  });

  it('commits records, changes and cursor together or not at all', async () => {
    const at = await fresh();
    const broken = ingest(db, at, [version('a', {}), { ...version('b', {}), docText: '{"broken' }], {
      cursor: { page: 2 },
    });
    await expect(broken).rejects.toThrow();
    const stream = await db.tenantTx(at.tenant, (tx) => readStream(tx, at.tenant, at.stream));
    expect(stream).toMatchObject({ cursor: null, phase: 'new', asOf: null });
    expect(await live(at)).toEqual({});
    expect(await db.tenantTx(at.tenant, (tx) => changeHead(tx, at.tenant))).toBe(0);
  });

  it('keeps cursor, phase, counts and read time of the stream', async () => {
    const at = await fresh();
    const stored = () => db.tenantTx(at.tenant, (tx) => readStream(tx, at.tenant, at.stream));
    await ingest(db, at, [version('a', {}), version('b', {})], { phase: 'backfill', cursor: { after: 'b' } });
    expect(await stored()).toMatchObject({ phase: 'backfill', cursor: { after: 'b' }, backfillRecords: 2, asOf: null });
    const asOf = new Date('2026-03-01T00:00:00Z');
    await ingest(db, at, [version('c', {})], { phase: 'current', cursor: { after: 'c' }, asOf });
    expect(await stored()).toMatchObject({ phase: 'current', backfillRecords: 3, asOf });
    await ingest(db, at, [version('d', {})], { cursor: null });
    expect(await stored()).toMatchObject({ cursor: null, backfillRecords: 3, asOf });
  });

  it('refuses the page of a worker that lost its lease', async () => {
    const at = await fresh();
    const { tenant } = at;
    await db.tenantTx(tenant, (tx) => claimDue(tx, { tenant, worker: 'new', leaseMs: 60_000, limit: 1 }));
    const late = ingest(db, at, [version('a', {})], { worker: 'old' });
    await expect(late).rejects.toSatisfy((error) => error instanceof GantryError && error.code === 'stream_lease_lost');
    expect(await live(at)).toEqual({});
    expect(await ingest(db, at, [version('a', {})], { worker: 'new' })).toMatchObject({ inserted: 1 });
  });

  it('takes pages of any size', async () => {
    const at = await fresh();
    const page = Array.from({ length: limits.ingestBatchMax * 2 + 3 }, (_, index) => version(`r${index}`, { index }));
    expect(await ingest(db, at, page)).toEqual({ inserted: page.length, updated: 0, unchanged: 0, deleted: 0 });
    expect(await ingest(db, at, [])).toEqual({ inserted: 0, updated: 0, unchanged: 0, deleted: 0 });
    expect(Object.keys(await live(at))).toHaveLength(page.length);
  });

  it('ends in the same state whatever order the versions arrive in', async () => {
    const versions = fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('a', 'b'),
        n: fc.integer({ min: 0, max: 2 }),
        at: fc.integer({ min: 0, max: 9 }),
        gone: fc.boolean(),
      }),
      { selector: ({ id, at }) => `${id}${at}`, maxLength: 8 },
    );
    const paged = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 8, maxLength: 8 });
    const shuffled = versions.chain((list) =>
      fc.record({
        list: fc.constant(list),
        order: fc.shuffledSubarray(list, { minLength: list.length }),
        sizes: paged,
      }),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ list, order, sizes }) => {
        const at = await fresh();
        const queue = order.map(({ id, n, at: time, gone }): IngestRecord =>
          gone ? tombstone(id, time) : version(id, { n }, time),
        );
        for (const size of sizes) await ingest(db, at, queue.splice(0, size));
        const expected: Record<string, unknown> = {};
        for (const { id, n, gone } of list.toSorted((a, b) => a.at - b.at)) {
          if (gone) delete expected[id];
          else expected[id] = { n };
        }
        expect(await live(at)).toEqual(expected);
      }),
      { numRuns: 25 },
    );
  });

  describe('changes', () => {
    it('tells each changed record once, with its state and the streams of the same moment', async () => {
      const at = await fresh();
      const asOf = new Date('2026-03-01T00:00:00.123Z');
      expect(await read(at, 0)).toEqual({
        records: [],
        seq: 0,
        head: 0,
        floor: 0,
        mark: null,
        continues: true,
        streams: [{ stream: at.stream, asOf: null, phase: 'new' }],
      });
      await ingest(db, at, [version('a', { n: 1 }, 1), version('b', { n: 1 }, 1)], { asOf });
      await ingest(db, at, [version('a', { n: 2 }, 2), tombstone('b', 2)], { asOf });
      const page = await read(at, 0);
      expect(page).toMatchObject({ seq: 4, head: 4, streams: [{ stream: at.stream, asOf, phase: 'current' }] });
      const records = page.records.map(({ stream, id, docText }) => ({ stream, id, docText }));
      expect(records).toEqual([
        { stream: at.stream, id: 'a', docText: '{"n": 2}' },
        { stream: at.stream, id: 'b', docText: null },
      ]);
      expect(await read(at, 4)).toMatchObject({ records: [], seq: 4, head: 4 });
    });

    it('is complete when read in small pages', async () => {
      const at = await fresh();
      await ingest(
        db,
        at,
        Array.from({ length: 25 }, (_, index) => version(`r${index}`, { index })),
      );
      const seen: string[] = [];
      let seq = 0;
      for (;;) {
        const page = await read(at, seq, 7);
        seen.push(...page.records.map(({ id }) => id));
        seq = page.seq;
        if (seq === page.head) break;
      }
      expect(seq).toBe(25);
      expect(new Set(seen).size).toBe(25);
    });

    it('writes no change where nothing visible changed', async () => {
      const at = await fresh();
      await ingest(db, at, [version('a', {}, 1), tombstone('never', 1)]);
      await ingest(db, at, [version('a', {}, 9), tombstone('never', 1), version('a', { old: true }, 2)]);
      expect(await read(at, 0)).toMatchObject({ head: 1 });
    });

    it('scans live records in the order of their ids', async () => {
      const at = await fresh();
      const ids = ['Z', 'a', 'B', '_', 'é', '10', '9'];
      await ingest(db, at, [...ids.map((id) => version(id, { id })), tombstone('gone')]);
      const seen: string[] = [];
      for (let afterId: string | null = null; ;) {
        const cursor = afterId;
        const rows: ScannedRecord[] = await db.tenantTx(at.tenant, (tx) =>
          scanRecords(tx, { ...at, afterId: cursor, limit: 3 }),
        );
        seen.push(...rows.map(({ id }) => id));
        if (rows.length < 3) break;
        afterId = rows.at(-1)?.id ?? null;
      }
      expect(seen).toEqual(ids.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    it('numbers changes without gaps while many write at once, and a reader misses none', async () => {
      const at = await fresh();
      const writers = Array.from({ length: 6 }, async (_, writer) => {
        for (let page = 0; page < 8; page += 1) {
          // Overlapping ids: writers contend for rows as well as for the counter.
          const records = Array.from({ length: 5 }, (__, index) => version(`s${index}`, { writer, page }));
          await ingest(db, at, [...records, version(`w${writer}-${page}`, {})]);
        }
      });
      const seen = new Map<string, string | null>();
      let seq = 0;
      let done = false;
      const reader = (async () => {
        for (let last = false; !last;) {
          last = done;
          const page = await read(at, seq, 10);
          for (const { id, docText } of page.records) seen.set(id, docText);
          seq = page.seq;
          if (seq < page.head) last = false;
        }
      })();
      await Promise.all(writers);
      done = true;
      await reader;
      const stored = await db.query<{ id: string; doc: string }>(
        'select ext_id as id, doc::text as doc from record where tenant = $1',
        [at.tenant],
      );
      expect(seen).toEqual(new Map(stored.map(({ id, doc }) => [id, doc])));
      const [log] = await db.query(
        'select count(*) as rows, max(seq) as top, min(seq) as low from change where tenant = $1',
        [at.tenant],
      );
      expect(log).toEqual({ rows: seq, top: seq, low: 1 });
    });
  });
});
