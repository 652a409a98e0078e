import { callerFor } from '../src/access/index.ts';
import { parseFilter } from '../src/filter/index.ts';
import type { AgentDeclaration } from '../src/manifest/index.ts';
import type { CallerContext } from '../src/mcp/index.ts';
import { questionArguments } from '../examples/renewals/demo/question.ts';
import { figure, type Figure } from './figure.ts';
import type { LoadedStage } from './loaded-stage.ts';
import { underLoad } from './under-load.ts';
import { openFloor, timedInTurns } from './replica.ts';

const FIELDS = ['name', 'stage', 'kind', 'amount', 'close_date'];
const STAGES = ['proposal', 'negotiation'];

/** A list of 50: three predicates on custom fields that nobody indexed, sorted, for a caller who sees some rows only. */
export async function* readBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const context = await restrictedCaller(loaded);
  const { door } = loaded.stage.gantry;
  const list = {
    object: 'deal',
    filter: {
      and: [
        { field: 'stage', op: 'in', value: STAGES },
        { field: 'kind', op: 'eq', value: 'renewal' },
        { field: 'amount', op: 'gt', value: 10_000 },
      ],
    },
    fields: FIELDS,
    sort: [{ field: 'close_date', dir: 'desc' }],
    limit: 50,
  };
  const floor = await openFloor(loaded.lensDir, loaded.tenant);
  try {
    const statement = await floor.connection.prepare(
      `select ${FIELDS.join(', ')}, _stream, _id from model.deal
       where stage in ('proposal', 'negotiation') and kind = 'renewal' and amount > 10000 and probability >= 20
       order by close_date desc nulls last, _stream, _id limit 50`,
    );
    const rows = async (): Promise<number> => (await statement.runAndReadAll()).getRowsJson().length;
    const answered = async (): Promise<number> => answerRows(await door.call(context, 'query_records', list));
    if ((await rows()) !== (await answered())) throw new Error('the list and its floor differ in length');
    const [floorMs = [], samples = []] = await timedInTurns(runs, [rows, answered]);
    yield figure({
      bench: 'read',
      case: `list of 50 of ${String(loaded.records)} records`,
      unit: 'ms',
      samples,
      floor: floorMs,
    });
    yield* underLoad(loaded, answered, runs);
  } finally {
    await floor.close();
  }
}

/** The renewal question of the demo, asked as structure and as SQL, against the same join by hand. */
export async function* questionBench(loaded: LoadedStage, runs: number): AsyncIterable<Figure> {
  const context = await loaded.stage.gantry.callers.find(loaded.stage.agentKey);
  if (context === null) throw new Error('the agent has no access');
  const { door } = loaded.stage.gantry;
  const floor = await openFloor(loaded.lensDir, loaded.tenant);
  const since = new Date(Date.now() - 90 * 86_400_000).toISOString();
  const sql = `select d.name, a.name as account, d.stage, d.amount, d.close_date, t.n as tickets, q.last_qbr
    from deal d join account a on a.crm_id = d.account
    join (select account, count(*) as n from ticket group by account) t on t.account = a.crm_id
    join (select account, max(held_at) as last_qbr from meeting where kind = 'qbr' group by account) q on q.account = a.crm_id
    where d.kind = 'renewal' and d.stage in ('qualification', 'discovery', 'proposal', 'negotiation')
      and t.n > 10 and q.last_qbr < timestamp '${since.slice(0, 19).replace('T', ' ')}'
    order by d.amount desc limit 200`;
  try {
    await floor.connection.run("set search_path = 'model'");
    const statement = await floor.connection.prepare(sql);
    const byHand = async (): Promise<number> => (await statement.runAndReadAll()).getRowsJson().length;
    const structured = async (): Promise<number> =>
      answerRows(await door.call(context, 'query_records', questionArguments));
    const bySql = async (): Promise<number> => answerRows(await door.call(context, 'query_sql', { sql, limit: 200 }));
    const wanted = await byHand();
    for (const found of [await structured(), await bySql()]) {
      if (found !== wanted) throw new Error(`the question has ${String(found)} rows, its floor ${String(wanted)}`);
    }
    const [floorMs = [], asStructure = [], asSql = []] = await timedInTurns(runs, [byHand, structured, bySql]);
    const name = (form: string): string => `renewal question, ${form}, ${String(loaded.records)} records`;
    yield figure({
      bench: 'question',
      case: name('structured'),
      unit: 'ms',
      samples: asStructure,
      floor: floorMs,
    });
    yield figure({
      bench: 'question',
      case: name('SQL'),
      unit: 'ms',
      samples: asSql,
      floor: floorMs,
    });
  } finally {
    await floor.close();
  }
}

/** An agent that sees the deals with a probability of 20 % and more. */
async function restrictedCaller({ stage }: LoadedStage): Promise<CallerContext> {
  const found = await stage.gantry.callers.find(stage.agentKey);
  const manifest = (await stage.gantry.revisions.current())?.manifest;
  const known = manifest?.agents.get('renewals-copilot');
  if (found === null || known === undefined) throw new Error('the agent has no access');
  const { tenant, tenantSlug } = found.caller;
  const where = parseFilter({ field: 'probability', op: 'gte', value: 20 }, { where: 'bench' });
  const deal = { fields: null, where, at: known.at };
  const agent: AgentDeclaration = {
    ...known,
    grant: { ...known.grant, objects: new Map([['deal', deal]]), callsPerMinute: null },
  };
  const caller = callerFor({ agent, catalogue: await stage.gantry.catalogues.of(tenant), tenant, tenantSlug });
  return { caller, scope: found.scope };
}

function answerRows(outcome: Awaited<ReturnType<LoadedStage['stage']['gantry']['door']['call']>>): number {
  if (outcome.kind === 'error') throw new Error(`${outcome.error.code}: ${outcome.error.message}`);
  return (outcome.answer['rows'] as unknown[]).length;
}
