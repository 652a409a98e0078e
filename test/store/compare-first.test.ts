import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import {
  ingestPage,
  storeStatements,
  type Db,
  type IngestRecord,
  type SqlParam,
  type Tx,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, tombstone, version, type TestStream } from './fixtures.ts';

/** Ids that need care on their way into JSON. */
const ids = ['a', 'b', 'c\'\u0000"\\', 'ü漢🙂', '10'] as const;

const change = fc.record({
  id: fc.constantFrom(...ids),
  n: fc.nat(2),
  at: fc.option(fc.nat(3)),
  deleted: fc.boolean(),
});
const pages = fc.array(fc.array(change, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

const recordOf = ({ id, n, at, deleted }: { id: string; n: number; at: number | null; deleted: boolean }) =>
  deleted ? tombstone(id, at) : version(id, { n }, at);

/** Enough records that never change to make comparing worth it. */
const filler = Array.from({ length: limits.ingestCompareFrom }, (_, index) => version(`same-${index}`, { index }, 1));

describeEachStore('comparing before writing', (open) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });
  const fresh = (): Promise<TestStream> => {
    count += 1;
    return makeStream(db, `compare-${count}`);
  };
  /** What there is and how it came about, without the times of this run. */
  const everything = async ({ tenant }: TestStream) => ({
    records: await db.query(
      `select ext_id, encode(hash, 'hex') as hash, doc, ver, deleted, src_at from record where tenant = $1 order by ext_id`,
      [tenant],
    ),
    changes: await db.query('select seq, ext_id, op::text as op, ver from change where tenant = $1 order by seq', [
      tenant,
    ]),
    past: await db.query('select ext_id, ver, doc, gone from record_history where tenant = $1 order by ext_id, ver', [
      tenant,
    ]),
  });
  const physical = ({ tenant }: TestStream) =>
    db.query(`select ext_id, ctid::text || ' ' || xmin::text as place from record where tenant = $1 order by ext_id`, [
      tenant,
    ]);

  it('keeps exactly what writing everything keeps', async () => {
    await fc.assert(
      fc.asyncProperty(pages, async (all) => {
        const [compared, written] = [await fresh(), await fresh()];
        for (const page of all) {
          const records = [...filler, ...page.map(recordOf)];
          const counts = await ingest(db, compared, records);
          expect(await ingest(db, written, records, { compareFirst: false })).toEqual(counts);
        }
        expect(await everything(compared)).toEqual(await everything(written));
      }),
      { numRuns: 25 },
    );
  });

  it('sends no document and touches no row where nothing changed', async () => {
    const at = await fresh();
    const odd = ids.map((id) => version(id, { n: 1 }, 5));
    const page: IngestRecord[] = [...filler, ...odd, tombstone('gone', 5)];
    await ingest(db, at, page);
    const before = await physical(at);
    const statements: string[] = [];
    const counts = await db.tenantTx(at.tenant, (tx) => {
      const watched: Tx = {
        now: tx.now,
        query: <Row>(text: string, params?: readonly SqlParam[]) => {
          statements.push(text);
          return tx.query<Row>(text, params);
        },
      };
      return ingestPage(watched, {
        ...at,
        records: page,
        cursor: null,
        phase: 'current',
        seenAt: tx.now,
      });
    });
    expect(counts).toEqual({ inserted: 0, updated: 0, deleted: 0, unchanged: page.length });
    expect(statements).toContain(storeStatements['ingestSql']?.['differing']);
    expect(statements).not.toContain(storeStatements['ingestSql']?.['batch']);
    expect(await physical(at)).toEqual(before);
  });
});
