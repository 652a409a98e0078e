import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash, type StreamId, type TenantId } from '../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  ensureStream,
  ingestPage,
  migrate,
  openPglite,
  openPostgres,
  type Db,
  type IngestRecord,
} from '../src/store/index.ts';
import { createWorld } from '../sandbox/world/index.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { figure, type Figure } from './figure.ts';

const BATCH = 1_000;
const COPY_TABLE = 'create table floor (ext_id text primary key, hash text not null, doc jsonb not null)';

/** Records of about 1 KB into the store, with hash, change rows and cursor, against COPY of the same rows into a bare table. */
export async function* ingestBench(count: number, runs: number): AsyncIterable<Figure> {
  const records = makeRecords(count);
  const csv = records.map(({ id, hash, docText }) => `${id},${hash},"${docText.replaceAll('"', '""')}"\n`).join('');
  yield* onPglite(records, csv, runs);
  yield* onPostgres(records, csv, runs);
}

async function* onPglite(records: readonly IngestRecord[], csv: string, runs: number): AsyncIterable<Figure> {
  const floor: number[] = [];
  const fresh: number[] = [];
  const again: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-bench-ingest-'));
    const bare = await PGlite.create(join(dir, 'floor'));
    await bare.exec(COPY_TABLE);
    floor.push(
      await rate(records.length, () =>
        bare.query("copy floor from '/dev/blob' (format csv)", [], { blob: new Blob([csv]) }),
      ),
    );
    await bare.close();
    const db = await openPglite({ dataDir: join(dir, 'db') });
    await measure(db, records, fresh, again);
    await db.close();
    await rm(dir, { recursive: true, force: true });
  }
  yield* figuresOf('PGlite', fresh, again, floor);
}

async function* onPostgres(records: readonly IngestRecord[], csv: string, runs: number): AsyncIterable<Figure> {
  const server = await startPostgres();
  const dir = await mkdtemp(join(tmpdir(), 'gantry-bench-ingest-'));
  try {
    await chmod(dir, 0o755);
    const file = join(dir, 'rows.csv');
    await writeFile(file, csv, { mode: 0o644 });
    const floor: number[] = [];
    const fresh: number[] = [];
    const again: number[] = [];
    const admin = new pg.Client(server.url);
    await admin.connect();
    for (let run = 0; run < runs; run += 1) {
      const name = `bench${String(run)}`;
      await admin.query(`create database ${name}`);
      const url = server.url.replace('/postgres?', `/${name}?`);
      const bare = new pg.Client(url);
      await bare.connect();
      await bare.query(COPY_TABLE);
      floor.push(await rate(records.length, () => bare.query(`copy floor from '${file}' (format csv)`)));
      await bare.end();
      const db = await openPostgres({ connectionString: url });
      await measure(db, records, fresh, again);
      await db.close();
    }
    await admin.end();
    yield* figuresOf(`PostgreSQL ${server.version}`, fresh, again, floor);
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function* figuresOf(store: string, fresh: number[], again: number[], floor: number[]): Iterable<Figure> {
  const better = 'high';
  yield figure({ bench: 'ingest', case: `first load, ${store}`, unit: 'records/s', samples: fresh, floor, better });
  yield figure({
    bench: 'ingest',
    case: `unchanged again, ${store}`,
    unit: 'records/s',
    samples: again,
    floor: fresh,
    better,
  });
}

async function measure(db: Db, records: readonly IngestRecord[], fresh: number[], again: number[]): Promise<void> {
  await migrate(db);
  const tenant = await db.tx((tx) => addTenant(tx, { slug: 'bench', at: tx.now }));
  const stream = await db.tenantTx(tenant, async (tx) => {
    const connection = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'bench',
      state: 'working',
    });
    return ensureStream(tx, { tenant, connection, object: 'Opportunity', everyS: 60 });
  });
  fresh.push(await rate(records.length, () => ingestAll(db, tenant, stream, records)));
  again.push(await rate(records.length, () => ingestAll(db, tenant, stream, records)));
}

async function ingestAll(db: Db, tenant: TenantId, stream: StreamId, records: readonly IngestRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += BATCH) {
    const page = records.slice(start, start + BATCH);
    await db.tenantTx(tenant, (tx) =>
      ingestPage(tx, { tenant, stream, records: page, cursor: { at: start }, phase: 'backfill', seenAt: tx.now }),
    );
  }
}

async function rate(records: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return records / ((performance.now() - started) / 1_000);
}

/** Opportunities of the fictitious customer, filled up with custom fields to about 1 KB. */
function makeRecords(count: number): IngestRecord[] {
  const world = createWorld({ seed: 1, scale: 20_000, anchor: new Date('2026-01-01T00:00:00Z') });
  return Array.from({ length: count }, (_, index) => {
    const deal = world.opportunity(index % world.counts.opportunities);
    const custom = Object.fromEntries(
      Array.from({ length: 34 }, (__, field) => [`Feld_${String(field)}__c`, `${String(index)}-${String(field)}`]),
    );
    const docText = JSON.stringify({ Id: String(index), ...deal, ...custom });
    return {
      id: String(index).padStart(9, '0'),
      hash: contentHash(docText),
      docText,
      srcAt: deal.modifiedAt,
      deleted: false,
    };
  });
}
