import type { Gantry } from '../src/app/index.ts';
import type { Json, JsonObject } from '../src/kernel/index.ts';
import { figure, type Figure } from './figure.ts';
import { addMadeTenant, openInstallation } from './installation.ts';
import { opportunities } from './made-project.ts';
import { openFloor, timed, timedInTurns } from './replica.ts';

const COLUMNS = 500;
const LONG = 100_000;
const FIELDS = ['Name', 'Phase__c', 'Value__c', 'Score__c', 'Closes__c'];

const list = {
  object: 'crm.Opportunity',
  filter: {
    and: [
      { field: 'Phase__c', op: 'in', value: ['proposal', 'negotiation'] },
      { field: 'Renewal__c', op: 'eq', value: true },
      { field: 'Value__c', op: 'gt', value: 10_000 },
    ],
  },
  fields: FIELDS,
  sort: [{ field: 'Closes__c', dir: 'desc' }],
  limit: 50,
};

/** A list of 50 of an object with 500 columns, and records with a text of 100 kB. */
export async function* wideBench(records: number, runs: number): AsyncIterable<Figure> {
  const installation = await openInstallation(() => undefined);
  try {
    const { gantry, lensDir } = installation;
    const made = opportunities(records, COLUMNS, LONG);
    const started = performance.now();
    const { id, agentKey } = await addMadeTenant(gantry, 'wide', [made]);
    const stored = performance.now();
    await gantry.lens.catchUp(id);
    const built = performance.now();
    const name = `${String(COLUMNS)} columns, ${String(records)} records`;
    const rate = (unit: string, ms: number): Figure =>
      figure({ bench: 'wide', case: `${unit}, ${name}`, unit: 'records/s', samples: [records / (ms / 1_000)] });
    yield rate('into the store', stored - started);
    yield rate('from the store into the lens', built - stored);
    // The lens does this by itself some seconds after a load.
    await gantry.lens.release(id);
    const ask = await asking(gantry, agentKey);
    const floor = await openFloor(lensDir, id);
    try {
      const statement = await floor.connection.prepare(
        `select ${FIELDS.map((field) => `"${field}"`).join(', ')}, _id from crm."Opportunity"
         where "Phase__c" in ('proposal', 'negotiation') and "Renewal__c" and "Value__c" > 10000 and "Score__c" >= 20
         order by "Closes__c" desc nulls last, _id limit 50`,
      );
      const byHand = async (): Promise<number> => (await statement.runAndReadAll()).getRowsJson().length;
      const answered = async (): Promise<number> => ((await ask('query_records', list))['rows'] as Json[]).length;
      if ((await byHand()) !== (await answered())) throw new Error('the list and its floor differ in length');
      const [floorMs = [], samples = []] = await timedInTurns(runs, [byHand, answered]);
      yield figure({
        bench: 'wide',
        case: `list of 50, ${name}`,
        unit: 'ms',
        samples,
        floor: floorMs,
      });
    } finally {
      await floor.close();
    }
    yield* longTexts(ask, runs);
  } finally {
    await installation.close();
  }
}

type Ask = Awaited<ReturnType<typeof asking>>;

/** What a text of 100 kB costs where it is cut, and where it is asked for whole. */
async function* longTexts(ask: Ask, runs: number): AsyncIterable<Figure> {
  const cut = { object: 'crm.Opportunity', fields: ['Name', 'Note__c'], sort: [{ field: 'Name', dir: 'asc' }] };
  const filter = { field: 'Note__c', op: 'is_null', value: false };
  const found = await ask('query_records', { ...cut, fields: ['Id', 'Note__c'], filter });
  const id = (found['rows'] as string[][])[0]?.[0] ?? '';
  const whole = { object: 'crm.Opportunity', id, fields: ['Note__c'] };
  const { columns, rows } = await ask('get_record', whole);
  const text = (rows as string[][])[0]?.[(columns as string[]).indexOf('Note__c')] ?? '';
  if (text.length < LONG) throw new Error(`the text came with ${String(text.length)} of ${String(LONG)} characters`);
  const of = (name: string, samples: readonly number[]): Figure =>
    figure({ bench: 'wide', case: name, unit: 'ms', samples });
  yield of('list of texts of 100 kB, cut', await timed(runs, () => ask('query_records', { ...cut, filter })));
  yield of('get_record of a text of 100 kB, whole', await timed(runs, () => ask('get_record', whole)));
}

export async function asking(
  gantry: Gantry,
  agentKey: string,
): Promise<(tool: string, args: JsonObject) => Promise<JsonObject>> {
  const context = await gantry.callers.find(agentKey);
  if (context === null) throw new Error('the agent has no access');
  return async (tool, args) => {
    const outcome = await gantry.door.call(context, tool, args);
    if (outcome.kind === 'error') throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
    return outcome.answer;
  };
}
