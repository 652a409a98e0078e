import { figure, type Figure } from './figure.ts';
import { doorCall, type LoadedStage } from './loaded-stage.ts';
import { openFloor, timedInTurns } from './replica.ts';

/** One deal by its id, another one each time, against the same statement prepared on the same file. */
export async function* pointBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const ask = await doorCall(loaded);
  const listed = await ask('query_records', { object: 'deal', fields: ['crm_id'], limit: 200 });
  const ids = (listed['rows'] as string[][]).map((row) => row[0] ?? '');
  const floor = await openFloor(loaded.lensDir, loaded.tenant);
  try {
    const statement = await floor.connection.prepare('select * from model.deal where crm_id = $1');
    let at = 0;
    const next = (): string => ids[(at += 1) % ids.length] ?? '';
    const byHand = async (): Promise<void> => {
      statement.bindVarchar(1, next());
      const { length } = (await statement.runAndReadAll()).getRowsJson();
      if (length !== 1) throw new Error('the floor did not find the deal');
    };
    const answered = async (): Promise<void> => {
      const id = next();
      const { columns, rows } = (await ask('get_record', { object: 'deal', id })) as {
        columns: string[];
        rows: unknown[][];
      };
      if (rows[0]?.[columns.indexOf('crm_id')] !== id) throw new Error('get_record gave another deal');
    };
    const [floorMs = [], samples = []] = await timedInTurns(runs, [byHand, answered]);
    const name = `get_record among ${String(loaded.records)} records`;
    yield figure({ bench: 'point', case: name, unit: 'ms', samples, floor: floorMs });
  } finally {
    await floor.close();
  }
}
