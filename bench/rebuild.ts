import { DuckDBInstance, type DuckDBAppender } from '@duckdb/node-api';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NativeField } from '../src/schema/index.ts';
import { figure, type Figure } from './figure.ts';
import { addMadeTenant, openInstallation, type Installation, type MadeTenant } from './installation.ts';
import { accounts, opportunities, type MadeObject } from './made-project.ts';
import { sizeOnDisk } from './process-facts.ts';

const COLUMNS = 40;

/** A lost lens: built again from the store, against DuckDB's appender with the same rows; and taken from a copy. */
export async function* rebuildBench(records: number, runs: number): AsyncIterable<Figure> {
  const installation = await openInstallation(() => undefined, true);
  try {
    const { gantry, lensDir } = installation;
    const made = opportunities(records, COLUMNS);
    const tenant = await addMadeTenant(gantry, 'lost', [accounts(), made]);
    await gantry.lens.catchUp(tenant.id);
    const floor: number[] = [];
    const samples: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      floor.push(records / (await appended(made)));
      const started = performance.now();
      await gantry.lens.rebuild(tenant.id);
      samples.push(records / ((performance.now() - started) / 1_000));
    }
    const name = `${String(records)} records of ${String(COLUMNS)} columns`;
    yield figure({
      bench: 'rebuild',
      case: `from the store, ${name}`,
      unit: 'records/s',
      samples,
      floor,
      better: 'high',
    });
    const { ms } = await gantry.lens.snapshot(tenant.id);
    const one = (what: string, unit: string, value: number): Figure =>
      figure({ bench: 'rebuild', case: `${what}, ${name}`, unit, samples: [value] });
    yield one('taking a copy', 'ms', ms);
    yield one('from a copy to the first answer', 'ms', await restored(installation, tenant));
    yield one('file', 'MB', (await sizeOnDisk(lensDir)) / 1e6);
  } finally {
    await installation.close();
  }
}

/** The file goes away under the lens, as with a lost disk; milliseconds until a question about it is answered again. */
async function restored({ gantry, lensDir }: Installation, { id }: MadeTenant): Promise<number> {
  await gantry.lens.release(id);
  for (const name of await readdir(lensDir)) await rm(join(lensDir, name), { recursive: true });
  const started = performance.now();
  const sql = 'select count(*) from crm."Opportunity"';
  await gantry.lens.read(id, { sql, params: [], timeoutMs: 60_000, streams: [] });
  return performance.now() - started;
}

/** Seconds that the least program needs for the same rows in a file: values at hand, one table, no checks. */
async function appended({ object, count, record }: MadeObject): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'gantry-floor-'));
  const rows = Array.from({ length: count }, (_, at) => JSON.parse(record(at).docText) as Record<string, unknown>);
  const instance = await DuckDBInstance.create(join(dir, 'floor.duckdb'), { threads: '2' });
  const connection = await instance.connect();
  try {
    const columns = object.fields.map(({ name, type }) => `"${name}" ${duckType(type)}`);
    await connection.run(`create table floor (${columns.join(', ')})`);
    const started = performance.now();
    const appender = await connection.createAppender('floor');
    for (const row of rows) {
      for (const { name, type } of object.fields) append(appender, type, row[name]);
      appender.endRow();
    }
    appender.closeSync();
    await connection.run('checkpoint');
    return (performance.now() - started) / 1_000;
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(dir, { recursive: true, force: true });
  }
}

const duckType = (type: NativeField['type']): string =>
  type === 'boolean' ? 'boolean' : type === 'number' || type === 'integer' ? 'double' : 'varchar';

function append(appender: DuckDBAppender, type: NativeField['type'], value: unknown): void {
  if (value === undefined) appender.appendNull();
  else if (duckType(type) === 'boolean') appender.appendBoolean(value === true);
  else if (duckType(type) === 'double') appender.appendDouble(Number(value));
  else appender.appendVarchar(String(value));
}
