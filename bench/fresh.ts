import { figure, type Figure } from './figure.ts';
import { doorCall, type LoadedStage } from './loaded-stage.ts';
import { contentHash, type StreamId } from '../src/kernel/index.ts';
import { ingestPage, listStreams, scanRecords } from '../src/store/index.ts';

/** From the commit of a changed record to the first answer that has it, asked for again and again by an agent. */
export async function* freshBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const ask = await doorCall(loaded);
  const { db } = loaded.stage.gantry;
  const { tenant } = loaded;
  const { stream, id, doc } = await db.tenantTx(tenant, async (tx) => {
    const row = (await listStreams(tx, tenant)).find((each) => each.object === 'Opportunity');
    if (row === undefined) throw new Error('there are no opportunities');
    const [record] = await scanRecords(tx, { tenant, stream: row.id, afterId: null, limit: 1 });
    if (record === undefined) throw new Error('there are no opportunities');
    return { stream: row.id, id: record.id, doc: JSON.parse(record.docText) as Record<string, unknown> };
  });
  const samples: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const name = `bench ${String(run)}`;
    await commit(loaded, stream, id, { ...doc, Name: name });
    const committed = performance.now();
    for (;;) {
      const answer = await ask('query_records', {
        object: 'deal',
        fields: ['name'],
        filter: { field: 'crm_id', op: 'eq', value: id },
      });
      if ((answer['rows'] as unknown[][])[0]?.[0] === name) break;
    }
    samples.push(performance.now() - committed);
  }
  yield figure({ bench: 'fresh', case: 'committed change to answer', unit: 'ms', samples, target: 250 });
}

async function commit({ stage, tenant }: LoadedStage, stream: StreamId, id: string, doc: object): Promise<void> {
  const docText = JSON.stringify(doc);
  await stage.gantry.db.tenantTx(tenant, (tx) =>
    ingestPage(tx, {
      tenant,
      stream,
      records: [{ id, hash: contentHash(docText), docText, srcAt: tx.now, deleted: false }],
      cursor: null,
      phase: 'current',
      seenAt: tx.now,
    }),
  );
}
