import { contentHash, type StreamId } from '../src/kernel/index.ts';
import { ingestPage, listStreams, scanRecords } from '../src/store/index.ts';
import { figure, type Figure } from './figure.ts';
import type { LoadedStage } from './loaded-stage.ts';

const CLIENTS = 8;

/**
 * The list again, by eight clients at once, while a first load goes on (of a
 * stream that nobody asks for) and changes keep coming in to the records that
 * they ask for.
 */
export async function* underLoad(
  loaded: LoadedStage,
  list: () => Promise<unknown>,
  runs: number,
): AsyncIterable<Figure> {
  const stop = new AbortController();
  const writing = [changeStream(loaded, stop.signal), backfill(loaded, stop.signal)];
  const samples: number[] = [];
  const client = async (): Promise<void> => {
    for (let run = 0; run < runs; run += 1) {
      const started = performance.now();
      await list();
      samples.push(performance.now() - started);
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
  } finally {
    stop.abort();
    await Promise.all(writing);
  }
  const name = `list of 50, ${String(CLIENTS)} clients, backfill and change stream`;
  yield figure({ bench: 'read', case: name, unit: 'ms', samples, target: 40 });
}

/** Twenty records a time, ten times a second: what a busy customer's day looks like at its worst minute. */
async function changeStream({ stage, tenant }: LoadedStage, stop: AbortSignal): Promise<void> {
  const { db } = stage.gantry;
  const { stream, records } = await db.tenantTx(tenant, async (tx) => {
    const row = (await listStreams(tx, tenant)).find((each) => each.object === 'Opportunity');
    if (row === undefined) throw new Error('there are no opportunities');
    return { stream: row.id, records: await scanRecords(tx, { tenant, stream: row.id, afterId: null, limit: 20 }) };
  });
  for (let round = 0; !stop.aborted; round += 1) {
    const changed = records.map(({ id, docText }) => {
      const doc = JSON.parse(docText) as Record<string, unknown>;
      return { id, doc: { ...doc, NextStep: `round ${String(round)}` } };
    });
    await write({ stage, tenant }, stream, 'current', changed);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Pages of a thousand new records of a kilobyte, as fast as the store takes them. */
async function backfill({ stage, tenant }: LoadedStage, stop: AbortSignal): Promise<void> {
  const stream = await stage.gantry.db.tenantTx(tenant, async (tx) => {
    const rows = await listStreams(tx, tenant);
    return rows.find((each) => each.object === 'Contact')?.id;
  });
  if (stream === undefined) throw new Error('there are no contacts');
  for (let page = 0; !stop.aborted; page += 1) {
    const records = Array.from({ length: 1_000 }, (_, at) => {
      const id = `003bench${String(page)}x${String(at)}`;
      return { id, doc: { Id: id, LastName: `Bench ${String(at)}`, Description: 'x'.repeat(900) } };
    });
    await write({ stage, tenant }, stream, 'backfill', records);
  }
}

async function write(
  { stage, tenant }: Pick<LoadedStage, 'stage' | 'tenant'>,
  stream: StreamId,
  phase: 'current' | 'backfill',
  records: readonly { readonly id: string; readonly doc: object }[],
): Promise<void> {
  await stage.gantry.db.tenantTx(tenant, (tx) =>
    ingestPage(tx, {
      tenant,
      stream,
      records: records.map(({ id, doc }) => {
        const docText = JSON.stringify(doc);
        return { id, hash: contentHash(docText), docText, srcAt: tx.now, deleted: false };
      }),
      cursor: null,
      phase,
      seenAt: tx.now,
    }),
  );
}
