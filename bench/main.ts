/** `npm run bench -- <name>... [--quick] [--json]`: measures, prints, and keeps the figures in bench/results. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { coldBench } from './cold.ts';
import { machineFacts, type Figure } from './figure.ts';
import { freshBench } from './fresh.ts';
import { ingestBench } from './ingest.ts';
import { loadedStage, type LoadedStage } from './loaded-stage.ts';
import { mcpBench } from './mcp.ts';
import { pointBench } from './point.ts';
import { questionBench, readBench } from './read.ts';
import { tokensBench } from './tokens.ts';
import { turnBench } from './turn.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    scale: { type: 'string' },
  },
});

/** Measured on one loaded stage, so that naming several costs one load: a million records and 200 small tenants. */
interface StageBench {
  readonly about: string;
  readonly measure: (loaded: LoadedStage, quick: boolean) => AsyncIterable<Figure>;
}

const stageBenches: Readonly<Record<string, StageBench>> = {
  read: {
    about: 'a list of 50 over custom fields with a row filter, against the same SQL straight on DuckDB',
    measure: (loaded, quick) => readBench(loaded, quick ? 100 : 300),
  },
  point: {
    about: 'one record by its id, against the same statement prepared',
    measure: (loaded, quick) => pointBench(loaded, quick ? 200 : 500),
  },
  question: {
    about: 'the renewal question across CRM and help desk, against the same join straight on DuckDB',
    measure: (loaded, quick) => questionBench(loaded, quick ? 30 : 100),
  },
  turn: {
    about: "an agent's eight questions on one customer, against asking the vendors with hops of 200 to 800 ms",
    measure: (loaded, quick) => turnBench(loaded, quick ? 3 : 10),
  },
  mcp: {
    about: 'query_records over HTTP, against an echo tool on the same SDK plus the query',
    measure: (loaded, quick) => mcpBench(loaded, quick ? 200 : 1_000),
  },
  cold: {
    about: 'the first answer from a closed file, against DuckDB opening it',
    measure: (loaded, quick) => coldBench(loaded, quick ? 30 : 100),
  },
  fresh: {
    about: 'from the commit of a change to the first answer that has it',
    measure: (loaded, quick) => freshBench(loaded, quick ? 50 : 200),
  },
};

/** Benches with a stage of their own. */
interface LoneBench {
  readonly about: string;
  readonly run: (quick: boolean) => AsyncIterable<Figure>;
}

const loneBenches: Readonly<Record<string, LoneBench>> = {
  ingest: {
    about: '100,000 records of about 1 KB, against COPY of the same rows',
    run: (quick) => ingestBench(quick ? 20_000 : 100_000, quick ? 1 : 3),
  },
  tokens: { about: 'what the tools and a default answer cost in a model context', run: tokensOnSmallStage },
};

async function* tokensOnSmallStage(): AsyncIterable<Figure> {
  const loaded = await loadedStage(2_000);
  try {
    const { url, agentKey } = loaded.stage;
    yield* tokensBench({ url: `${url}/mcp`, key: agentKey, object: 'deal' });
  } finally {
    await loaded.close();
  }
}

async function main(): Promise<number> {
  const known = { ...stageBenches, ...loneBenches };
  if (positionals.length === 0 || positionals.some((name) => known[name] === undefined)) {
    console.error('npm run bench -- <name>... [--quick] [--json]');
    for (const [name, { about }] of Object.entries(known)) console.error(`  ${name.padEnd(10)} ${about}`);
    return 2;
  }
  const { quick } = values;
  for (const [name, bench] of Object.entries(loneBenches)) {
    if (positionals.includes(name)) await keep(name, bench.run(quick));
  }
  const staged = Object.entries(stageBenches).filter(([name]) => positionals.includes(name));
  if (staged.length > 0) await onOneStage(staged, quick);
  return 0;
}

async function onOneStage(benches: readonly (readonly [string, StageBench])[], quick: boolean): Promise<void> {
  const scale = values.scale === undefined ? (quick ? 100_000 : 1_000_000) : Number(values.scale);
  const loaded = await loadedStage(scale, quick ? 20 : 200);
  try {
    for (const [name, { measure }] of benches) await keep(name, measure(loaded, quick));
  } finally {
    await loaded.close();
  }
}

/** Prints each figure as it comes, and writes all of a bench to its file. */
async function keep(name: string, measured: AsyncIterable<Figure>): Promise<void> {
  const figures: Figure[] = [];
  for await (const each of measured) {
    figures.push(each);
    console.log(values.json ? JSON.stringify(each) : line(each));
  }
  const folder = new URL('./results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const { quick } = values;
  const result = { bench: name, quick, at: new Date().toISOString(), machine: machineFacts(), figures };
  const file = new URL(`${name}${quick ? '.quick' : ''}.json`, folder);
  await writeFile(file, `${JSON.stringify(result, null, 2)}\n`);
}

function line(each: Figure): string {
  const floor = each.floor_p50 === null ? '' : `  floor ${String(each.floor_p50)}  ratio ${String(each.ratio)}`;
  const p99 = each.p99 === null ? '' : `  p99 ${String(each.p99)}`;
  return `${each.bench}  ${each.case}: p50 ${String(each.p50)} ${each.unit}${p99}${floor}`;
}

process.exitCode = await main();
