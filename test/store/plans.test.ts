import { beforeAll, expect, it } from 'vitest';
import { storeStatements, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, version, type TestStream } from './fixtures.ts';

/** Scans of `record` in a plan, each with the lines that belong to it. */
function recordScans(plan: readonly string[]): string[] {
  return plan.flatMap((line, index) =>
    /Scan.* on record\b/.test(line) ? [[line, plan[index + 1] ?? ''].map((text) => text.trim()).join(' ')] : [],
  );
}

describeEachStore('plans without statistics', (open) => {
  let db: Db;
  let at: TestStream;
  beforeAll(async () => {
    db = await open();
    await db.query('alter table record set (autovacuum_enabled = false)');
    at = await makeStream(db, 'plans');
    for (let page = 0; page < 5; page += 1) {
      await ingest(
        db,
        at,
        Array.from({ length: 1000 }, (_, index) => version(`p${page}-${index}`, { page, index })),
      );
    }
  });

  const explain = async (
    statement: string | undefined,
    params: readonly (string | number | boolean | Date | readonly number[])[],
  ): Promise<string[]> => {
    const rows = await db.tenantTx(at.tenant, (tx) =>
      tx.query<{ 'QUERY PLAN': string }>(`explain (verbose off, costs off) ${statement ?? ''}`, params),
    );
    return recordScans(rows.map((row) => row['QUERY PLAN']));
  };

  it('looks records up by their whole key when ingesting', async () => {
    const scans = await explain(storeStatements['ingestSql']?.['batch'], [
      at.tenant,
      at.stream,
      '[]',
      new Date(0),
      false,
    ]);
    // What it was before, and its number then.
    expect(scans).toHaveLength(2);
    for (const scan of scans) expect(scan).toMatch(/Index Cond: .*ext_id = /);
  });

  it('looks records up by their whole key when comparing', async () => {
    const scans = await explain(storeStatements['ingestSql']?.['differing'], [at.tenant, at.stream, '[]']);
    expect(scans).toHaveLength(1);
    expect(scans[0]).toMatch(/Index Cond: .*ext_id = /);
  });

  it('looks marks up by their whole key when looking for what did not appear', async () => {
    const statement = storeStatements['sweepsSql']?.['unseen'];
    const rows = await db.tenantTx(at.tenant, (tx) =>
      tx.query<{ 'QUERY PLAN': string }>(`explain (verbose off, costs off) ${statement ?? ''}`, [
        at.tenant,
        at.stream,
        '',
        null,
        1_000,
      ]),
    );
    const plan = rows.map((row) => row['QUERY PLAN']);
    const marks = plan.findIndex((line) => /Scan.* on sweep_seen\b/.test(line));
    expect(plan[marks]).toMatch(/Index/);
    expect(plan[marks + 1]).toMatch(/Index Cond: .*ext_id = /);
    expect(recordScans(plan)).toHaveLength(1);
    expect(recordScans(plan)[0]).toMatch(/Index Cond: .*ext_id > /);
  });

  it('looks records up by their whole key when listing what is gone', async () => {
    const gone = storeStatements['historySql']?.['gone'];
    const streams = [at.stream];
    const after = [new Date(0).toISOString(), at.stream, 'p2'];
    const scans = await explain(gone, [at.tenant, streams, new Date(0), 10, streams, [1], ...after]);
    expect(scans).toHaveLength(1);
    expect(scans[0]).toMatch(/Index Cond: .*ext_id = /);
  });

  it('looks records up by their whole key when reading changes', async () => {
    const scans = await explain(storeStatements['changesSql']?.['read'], [at.tenant, 0, 100, '']);
    expect(scans).toHaveLength(1);
    expect(scans[0]).toMatch(/Index Cond: .*ext_id = /);
  });

  it('scans by key from where it stopped', async () => {
    const scans = await explain(storeStatements['changesSql']?.['scan'], [at.tenant, at.stream, 'p2', 100]);
    expect(scans).toHaveLength(1);
    expect(scans[0]).toMatch(/Index Cond: .*ext_id > /);
  });
});
