/** `npm run bench -- <name> [--quick] [--json]`: measures, prints, and keeps the figures in bench/results. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { machineFacts, type Figure } from './figure.ts';
import { ingestBench } from './ingest.ts';
import { loadedStage, type LoadedStage } from './loaded-stage.ts';
import { questionBench, readBench } from './read.ts';
import { tokensBench } from './tokens.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    scale: { type: 'string' },
  },
});

interface Bench {
  readonly about: string;
  readonly run: (quick: boolean) => AsyncIterable<Figure>;
}

const benches: Readonly<Record<string, Bench>> = {
  read: {
    about: 'a list of 50 over custom fields with a row filter, against the same SQL straight on DuckDB',
    run: (quick) => onStage(quick ? 100_000 : 1_000_000, (loaded) => readBench(loaded, quick ? 100 : 300)),
  },
  question: {
    about: 'the renewal question across CRM and help desk, against the same join straight on DuckDB',
    run: (quick) => onStage(quick ? 100_000 : 1_000_000, (loaded) => questionBench(loaded, quick ? 30 : 100)),
  },
  ingest: {
    about: '100,000 records of about 1 KB, against COPY of the same rows',
    run: (quick) => ingestBench(quick ? 20_000 : 100_000, quick ? 1 : 3),
  },
  tokens: {
    about: 'what the tools and a default answer cost in a model context',
    run: () =>
      onStage(2_000, ({ stage }) => tokensBench({ url: `${stage.url}/mcp`, key: stage.agentKey, object: 'deal' })),
  },
};

async function* onStage(scale: number, measure: (loaded: LoadedStage) => AsyncIterable<Figure>): AsyncIterable<Figure> {
  const loaded = await loadedStage(values.scale === undefined ? scale : Number(values.scale));
  try {
    yield* measure(loaded);
  } finally {
    await loaded.close();
  }
}

async function main(): Promise<number> {
  const name = positionals[0] ?? '';
  const bench = benches[name];
  if (bench === undefined) {
    console.error('npm run bench -- <name> [--quick] [--json]');
    for (const [known, { about }] of Object.entries(benches)) console.error(`  ${known.padEnd(10)} ${about}`);
    return 2;
  }
  const figures: Figure[] = [];
  for await (const each of bench.run(values.quick)) {
    figures.push(each);
    console.log(values.json ? JSON.stringify(each) : line(each));
  }
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const result = { bench: name, quick: values.quick, at: new Date().toISOString(), machine: machineFacts(), figures };
  await writeFile(
    new URL(`${name}${values.quick ? '.quick' : ''}.json`, folder),
    `${JSON.stringify(result, null, 2)}\n`,
  );
  return 0;
}

function line(each: Figure): string {
  const floor = each.floor_p50 === null ? '' : `  floor ${String(each.floor_p50)}  ratio ${String(each.ratio)}`;
  const p99 = each.p99 === null ? '' : `  p99 ${String(each.p99)}`;
  return `${each.bench}  ${each.case}: p50 ${String(each.p50)} ${each.unit}${p99}${floor}`;
}

process.exitCode = await main();
