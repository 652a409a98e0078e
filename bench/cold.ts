import { DuckDBInstance } from '@duckdb/node-api';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, type Figure } from './figure.ts';
import { callAs, type LoadedStage } from './loaded-stage.ts';

/** The first answer of a small tenant whose file is closed, against DuckDB opening the same file and answering. */
export async function* coldBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const [small] = loaded.small;
  if (small === undefined) throw new Error('there are no small tenants');
  const ask = await callAs(loaded, small.agentKey);
  const list = { object: 'deal', fields: ['name', 'stage', 'amount'], sort: [{ field: 'amount', dir: 'desc' }] };
  const dir = await mkdtemp(join(tmpdir(), 'gantry-cold-'));
  try {
    await loaded.stage.gantry.lens.release(small.id);
    const names = (await readdir(loaded.lensDir)).filter((name) => name.startsWith(`${String(small.id)}.`));
    const file = names.find((name) => name.endsWith('.duckdb'));
    if (file === undefined) throw new Error('the small tenant has no lens file');
    const copy = join(dir, file);
    await copyFile(join(loaded.lensDir, file), copy);
    const samples: number[] = [];
    const floor: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await loaded.stage.gantry.lens.release(small.id);
      const started = performance.now();
      await ask('query_records', list);
      samples.push(performance.now() - started);
      const floorStarted = performance.now();
      const instance = await DuckDBInstance.create(copy, { threads: '2' });
      const connection = await instance.connect();
      await connection.runAndReadAll(
        'select name, stage, amount, _stream, _id from model.deal order by amount desc nulls last, _stream, _id limit 26',
      );
      floor.push(performance.now() - floorStarted);
      connection.closeSync();
      instance.closeSync();
    }
    yield figure({ bench: 'cold', case: 'first answer from a closed file', unit: 'ms', samples, floor });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
