import { accessBench } from './access.ts';
import { auditBench } from './audit.ts';
import { coldBench } from './cold.ts';
import type { Figure } from './figure.ts';
import { freshBench } from './fresh.ts';
import { ingestBench } from './ingest.ts';
import { loadedStage, type LoadedStage } from './loaded-stage.ts';
import { mcpBench } from './mcp.ts';
import { memoryBench } from './memory.ts';
import { noisyBench } from './noisy.ts';
import { pointBench } from './point.ts';
import { questionBench, readBench } from './read.ts';
import { tokensBench } from './tokens.ts';
import type { Target } from './targets.ts';
import { rebuildBench } from './rebuild.ts';
import { tenantsBench } from './tenants.ts';
import { turnBench } from './turn.ts';
import { webhookBench } from './webhook.ts';
import { wideBench } from './wide.ts';
import { writeBench } from './write.ts';

/** Measured on one loaded stage, so that naming several costs one load: a million records and 200 small tenants. */
export interface StageBench {
  readonly about: string;
  readonly targets: readonly Target[];
  readonly measure: (loaded: LoadedStage, quick: boolean) => AsyncIterable<Figure>;
}

export const stageBenches: Readonly<Record<string, StageBench>> = {
  read: {
    about: 'a list of 50 over custom fields with a row filter, against the same SQL straight on DuckDB',
    targets: [
      { cases: 'list of 50 of', of: 'ratio', most: 1.5 },
      { cases: 'list of 50 of', of: 'p50', most: 10 },
      { cases: 'list of 50, 8 clients', of: 'p99', most: 40 },
    ],
    measure: (loaded, quick) => readBench(loaded, quick ? 100 : 300),
  },
  point: {
    about: 'one record by its id, against the same statement prepared',
    targets: [
      { of: 'ratio', most: 2 },
      { of: 'p50', most: 2 },
    ],
    measure: (loaded, quick) => pointBench(loaded, quick ? 200 : 500),
  },
  question: {
    about: 'the renewal question across CRM and help desk, against the same join straight on DuckDB',
    targets: [
      { of: 'ratio', most: 1.3 },
      { of: 'p50', most: 40 },
    ],
    measure: (loaded, quick) => questionBench(loaded, quick ? 30 : 100),
  },
  turn: {
    about: "an agent's eight questions on one customer, against asking the vendors with hops of 200 to 800 ms",
    targets: [{ of: 'ratio', most: 0.02 }],
    measure: (loaded, quick) => turnBench(loaded, quick ? 3 : 10),
  },
  mcp: {
    about: 'query_records over HTTP, against an echo tool on the same SDK plus the query',
    targets: [{ of: 'ratio', most: 1.5 }],
    measure: (loaded, quick) => mcpBench(loaded, quick ? 200 : 1_000),
  },
  cold: {
    about: 'the first answer from a closed file, against DuckDB opening it',
    targets: [{ of: 'ratio', most: 1.5 }],
    measure: (loaded, quick) => coldBench(loaded, quick ? 30 : 100),
  },
  fresh: {
    about: 'from the commit of a change to the first answer that has it',
    targets: [{ of: 'p99', most: 250 }],
    measure: (loaded, quick) => freshBench(loaded, quick ? 50 : 200),
  },
};

/** Sizes asked for by option; null: the bench's own. */
export interface Sizes {
  readonly records: number | null;
  readonly tenants: number | null;
}

/** Benches with a stage of their own. */
export interface LoneBench {
  readonly about: string;
  readonly targets: readonly Target[];
  readonly run: (quick: boolean, asked: Sizes) => AsyncIterable<Figure>;
}

export const loneBenches: Readonly<Record<string, LoneBench>> = {
  ingest: {
    about: '100,000 records of about 1 KB, against COPY of the same rows',
    targets: [
      { cases: 'first load, PostgreSQL', of: 'ratio', least: 0.4 },
      { cases: 'unchanged again', of: 'ratio', least: 2 },
    ],
    run: (quick, { records }) => ingestBench(records ?? (quick ? 20_000 : 100_000), quick ? 1 : 3),
  },
  wide: {
    about: 'a list of 50 on an object of 500 columns with a row filter, against the same SQL straight on DuckDB',
    targets: [{ cases: 'list of 50', of: 'ratio', most: 1.5 }],
    run: (quick, { records }) => wideBench(records ?? (quick ? 10_000 : 100_000), quick ? 100 : 300),
  },
  tenants: {
    about: 'a list of 25 with 5,000 tenants in the installation, against one tenant',
    targets: [{ cases: 'list of 25', of: 'ratio', most: 1.2 }],
    run: (quick, { tenants }) => tenantsBench(tenants ?? (quick ? 50 : 5_000), quick ? 500 : 5_000),
  },
  rebuild: {
    about: "a lost lens from the store, against DuckDB's appender with the same rows; and from a copy",
    // The issue names none.
    targets: [],
    run: (quick, { records }) => rebuildBench(records ?? (quick ? 10_000 : 100_000), quick ? 1 : 3),
  },
  noisy: {
    about: 'syncs and reads of customers, while the provider of another one hangs, breaks or limits all calls',
    targets: [{ of: 'ratio', most: 1.2 }],
    run: (quick) => noisyBench(3, quick ? 30 : 120),
  },
  webhook: {
    about: "from a webhook's answer to an agent's answer, and bursts, against a bare server that commits one row",
    targets: [
      { cases: 'answered delivery to answer', of: 'p50', most: 100 },
      { cases: 'answered delivery to answer', of: 'p99', most: 500 },
    ],
    run: (quick) => webhookBench(quick ? 50 : 300, quick ? 2 : 10),
  },
  access: {
    about: 'questions in the name of a user over ten thousand access classes, against the same ones of a service',
    targets: [
      { cases: 'list', of: 'ratio', most: 1.3 },
      { cases: 'point', of: 'ratio', most: 1.3 },
      { cases: 'join', of: 'ratio', most: 1.3 },
      { cases: 'aggregate', of: 'ratio', most: 1.3 },
      { cases: 'SQL from the second on', of: 'ratio', most: 1.3 },
      { cases: 'first SQL', of: 'p50', most: 150 },
    ],
    run: (quick, { records }) => accessBench(records ?? (quick ? 30_000 : 300_000), quick ? 50 : 200),
  },
  write: {
    about: '10,000 updates through the queue, what a provider counts for them, and one committed write',
    targets: [
      { cases: 'claim and ack, PGlite', of: 'p50', least: 10_000 },
      { cases: 'claim and ack, PostgreSQL', of: 'p50', least: 25_000 },
      { cases: 'calls', of: 'ratio', most: 1.05 },
      { cases: 'one write,', of: 'p50', most: 15 },
    ],
    run: (quick, { records }) => writeBench(records ?? (quick ? 2_000 : 10_000), quick ? 30 : 200),
  },
  audit: {
    about: 'adding to a chain of a million entries, and what people ask of it, against a bare select by an index',
    targets: [
      { cases: 'append', of: 'p50', least: 5_000 },
      { cases: 'search', of: 'p99', most: 1_000 },
    ],
    run: (quick, { records }) => auditBench(records ?? (quick ? 100_000 : 1_000_000), quick ? 20 : 50),
  },
  memory: {
    about: 'memory of each role through a first load of a million records, and through answers of a gigabyte',
    targets: [{ cases: 'worker', of: 'p50', most: 500 }],
    run: (quick, { records }) => memoryBench(records ?? (quick ? 100_000 : 1_000_000)),
  },
  tokens: {
    about: 'what the tools and a default answer cost in a model context',
    targets: [
      { cases: 'tools/list', of: 'p50', most: 2_500 },
      { cases: 'default result', of: 'p50', most: 1_500 },
    ],
    run: tokensOnSmallStage,
  },
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
