import { PGlite } from '@electric-sql/pglite';
import pg from 'pg';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject, StreamId, TenantId } from '../src/kernel/index.ts';
import type { NativeField, NativeObject } from '../src/schema/index.ts';
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
import { normaliseRecord } from '../src/sync/index.ts';
import { createWorld } from '../sandbox/world/index.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { figure, type Figure } from './figure.ts';
import { syncedStore, type ProviderPages } from './synced-store.ts';

const BATCH = 1_000;
const COPY_TABLE = 'create table floor (ext_id text primary key, hash text not null, doc jsonb not null)';

/**
 * Records of about 1 KB. `first load`: prepared records into the store, with change rows and cursor, against COPY of the
 * same rows into a bare table. The others are runs of a stream, from the provider's JSON to the commit: all records new,
 * all of them again, and all of them again as a whole reading that looks for what is gone.
 */
export async function* ingestBench(count: number, runs: number): AsyncIterable<Figure> {
  const provider = makeProvider(count);
  const records = prepared(provider);
  const csv = records.map(({ id, hash, docText }) => `${id},${hash},"${docText.replaceAll('"', '""')}"\n`).join('');
  const work: Work = { provider, records, csv, runs };
  yield* onPglite(work);
  yield* onPostgres(work);
}

interface Work {
  readonly provider: ProviderPages;
  readonly records: readonly IngestRecord[];
  readonly csv: string;
  readonly runs: number;
}

/** Records per second, one of each per run. */
interface Samples {
  readonly floor: number[];
  readonly load: number[];
  readonly sync: number[];
  readonly again: number[];
  readonly whole: number[];
}

const noSamples = (): Samples => ({ floor: [], load: [], sync: [], again: [], whole: [] });

async function* onPglite({ provider, records, csv, runs }: Work): AsyncIterable<Figure> {
  const samples = noSamples();
  for (let run = 0; run < runs; run += 1) {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-bench-ingest-'));
    const bare = await PGlite.create(join(dir, 'floor'));
    await bare.exec(COPY_TABLE);
    samples.floor.push(
      await rate(records.length, () =>
        bare.query("copy floor from '/dev/blob' (format csv)", [], { blob: new Blob([csv]) }),
      ),
    );
    await bare.close();
    const db = await openPglite({ dataDir: join(dir, 'db') });
    await measure(db, provider, records, samples);
    await db.close();
    await rm(dir, { recursive: true, force: true });
  }
  yield* figuresOf('PGlite', samples);
}

async function* onPostgres({ provider, records, csv, runs }: Work): AsyncIterable<Figure> {
  const server = await startPostgres();
  const dir = await mkdtemp(join(tmpdir(), 'gantry-bench-ingest-'));
  try {
    await chmod(dir, 0o755);
    const file = join(dir, 'rows.csv');
    await writeFile(file, csv, { mode: 0o644 });
    const samples = noSamples();
    const admin = new pg.Client(server.url);
    await admin.connect();
    for (let run = 0; run < runs; run += 1) {
      const name = `bench${String(run)}`;
      await admin.query(`create database ${name}`);
      const url = server.url.replace('/postgres?', `/${name}?`);
      const bare = new pg.Client(url);
      await bare.connect();
      await bare.query(COPY_TABLE);
      samples.floor.push(await rate(records.length, () => bare.query(`copy floor from '${file}' (format csv)`)));
      await bare.end();
      const db = await openPostgres({ connectionString: url });
      await measure(db, provider, records, samples);
      await db.close();
    }
    await admin.end();
    yield* figuresOf(`PostgreSQL ${server.version}`, samples);
  } finally {
    await server.stop();
    await rm(dir, { recursive: true, force: true });
  }
}

function* figuresOf(store: string, { floor, load, sync, again, whole }: Samples): Iterable<Figure> {
  const of = (name: string, samples: readonly number[], against: readonly number[]): Figure =>
    figure({ bench: 'ingest', case: `${name}, ${store}`, unit: 'records/s', samples, floor: against, better: 'high' });
  yield of('first load', load, floor);
  yield of('first sync', sync, floor);
  yield of('unchanged again', again, sync);
  yield of('whole reading again', whole, sync);
}

async function measure(
  db: Db,
  provider: ProviderPages,
  records: readonly IngestRecord[],
  samples: Samples,
): Promise<void> {
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
  samples.load.push(await rate(records.length, () => ingestAll(db, tenant, stream, records)));
  const synced = await syncedStore(db, provider);
  const run = (changed: number) => async () => {
    const found = await synced.run();
    if (found !== changed) throw new Error(`${String(found)} records changed instead of ${String(changed)}`);
  };
  samples.sync.push(await rate(records.length, run(records.length)));
  samples.again.push(await rate(records.length, run(0)));
  await synced.readWhole();
  samples.whole.push(await rate(records.length, run(0)));
}

async function ingestAll(db: Db, tenant: TenantId, stream: StreamId, records: readonly IngestRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += BATCH) {
    const page = records.slice(start, start + BATCH);
    await db.tenantTx(tenant, (tx) =>
      ingestPage(tx, {
        tenant,
        stream,
        records: page,
        cursor: { at: start },
        phase: 'backfill',
        seenAt: tx.now,
        compareFirst: false,
      }),
    );
  }
}

async function rate(records: number, work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return records / ((performance.now() - started) / 1_000);
}

/** Opportunities of the fictitious customer, filled up with custom fields to about 1 KB, as a provider sends them. */
function makeProvider(count: number): ProviderPages {
  const world = createWorld({ seed: 1, scale: 20_000, anchor: new Date('2026-01-01T00:00:00Z') });
  const row = (index: number): JsonObject => {
    const { modifiedAt, closeDate, stage, name } = world.opportunity(index % world.counts.opportunities);
    const custom = Array.from({ length: CUSTOM_FIELDS }, (_, field) => [
      `Feld_${String(field)}__c`,
      `${String(index)}-${String(field)}`,
    ]);
    return {
      Id: String(index).padStart(9, '0'),
      Name: name,
      StageName: stage,
      Amount: index * 12.5,
      CloseDate: closeDate.toISOString().slice(0, 10),
      LastModifiedDate: modifiedAt.toISOString(),
      Description: `${DESCRIPTION}${String(index)}`,
      ...(Object.fromEntries(custom) as JsonObject),
    };
  };
  const pages: string[] = [];
  for (let start = 0; start < count; start += BATCH) {
    const size = Math.min(BATCH, count - start);
    pages.push(JSON.stringify(Array.from({ length: size }, (_, index) => row(start + index))));
  }
  return { object: opportunities, pages, records: count };
}

const CUSTOM_FIELDS = 30;
const DESCRIPTION = 'Renewal with two open points: the discount for the third year, and who signs. '.repeat(4);

const field = (name: string, type: NativeField['type'], custom = false): NativeField => ({
  name,
  label: name,
  type,
  nativeType: type,
  nullable: true,
  custom,
  writable: true,
});

const opportunities: NativeObject = {
  name: 'Opportunity',
  label: 'Opportunity',
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [
    field('Id', 'id'),
    field('Name', 'string'),
    field('StageName', 'enum'),
    field('Amount', 'decimal'),
    field('CloseDate', 'date'),
    field('LastModifiedDate', 'datetime'),
    field('Description', 'text'),
    ...Array.from({ length: CUSTOM_FIELDS }, (_, index) => field(`Feld_${String(index)}__c`, 'string', true)),
  ],
};

/** The same records as sync gives them to the store. */
function prepared({ object, pages }: ProviderPages): IngestRecord[] {
  return pages.flatMap((page) =>
    (JSON.parse(page) as (JsonObject & { readonly Id: string; readonly LastModifiedDate: string })[]).map((values) =>
      normaliseRecord(object, { id: values.Id, modifiedAt: new Date(values.LastModifiedDate), deleted: false, values }),
    ),
  );
}
