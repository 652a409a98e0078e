import { callerFor, type Caller, type PrincipalRights } from '../src/access/index.ts';
import type { Gantry } from '../src/app/index.ts';
import type { Json, JsonObject, StreamId } from '../src/kernel/index.ts';
import type { AgentDeclaration, ObjectGrant } from '../src/manifest/index.ts';
import type { CallerContext } from '../src/mcp/index.ts';
import { figure, type Figure } from './figure.ts';
import { addMadeTenant, openInstallation } from './installation.ts';
import { accounts, opportunities, type MadeObject } from './made-project.ts';
import { timedInTurns } from './replica.ts';

/**
 * Access classes among the records: where each class is an owner's, and where
 * nearly every record has shares of its own. Targets are held against the first.
 */
const WORLDS = [
  { classes: 200, prefix: '' },
  { classes: 10_000, prefix: '10,000 classes: ' },
] as const;
const COLUMNS = 30;

type Sees = 'all' | ((classOf: number) => boolean);

/** Users by the classes that they see; 10 % are never numbers in a row. The last one sees what has no class, too. */
const USERS: readonly { readonly name: string; readonly sees: Sees }[] = [
  { name: 'who sees 10 %', sees: (id) => (id * 7) % 10 === 0 },
  { name: 'who sees all', sees: () => true },
  { name: 'whom no class limits', sees: 'all' },
];

/**
 * What it costs to ask in the name of a user: the same questions as a service
 * asks them, over records of many access classes with a hidden field. The
 * floor of each is the service's own.
 */
export async function* accessBench(records: number, runs: number): AsyncIterable<Figure> {
  const installation = await openInstallation(() => undefined);
  try {
    for (const world of WORLDS) yield* measured(installation.gantry, world, records, runs);
  } finally {
    await installation.close();
  }
}

type World = (typeof WORLDS)[number];

async function* measured(gantry: Gantry, world: World, records: number, runs: number): AsyncIterable<Figure> {
  const made = [accounts(), opportunities(records, COLUMNS)].map((each) => classed(each, world.classes));
  const { id, agentKey } = await addMadeTenant(gantry, `access-${String(world.classes)}`, made);
  await gantry.lens.catchUp(id);
  // The lens does this by itself some seconds after a load.
  await gantry.lens.release(id);
  const found = await gantry.callers.find(agentKey);
  if (found === null) throw new Error('the agent has no access');
  const service = await contextOf(gantry, found, null);
  const named = (question: string, user: string): string =>
    `${world.prefix}${question}, ${user}, ${String(records)} records`;
  const users = [];
  for (const { name, sees } of USERS) {
    users.push({ name, context: await contextOf(gantry, found, rightsOf(found.caller, world, sees)) });
  }
  for (const [question, ask] of Object.entries(questions())) {
    const works = [service, ...users.map(({ context }) => context)].map((context) => () => ask(gantry, context));
    const [floor = [], ...samples] = await timedInTurns(runs, works);
    for (const [at, { name }] of users.entries()) {
      yield figure({ bench: 'access', case: named(question, name), unit: 'ms', samples: samples[at] ?? [], floor });
    }
  }
  for (const { name, sees } of USERS) {
    const samples: number[] = [];
    for (let run = 0; run < Math.max(5, runs / 10); run += 1) {
      const context = await contextOf(gantry, found, rightsOf(found.caller, world, sees, String(run)));
      const started = performance.now();
      await sql(gantry, context, 'select count(*), sum(value) from deal');
      samples.push(performance.now() - started);
    }
    yield figure({ bench: 'access', case: named('first SQL', name), unit: 'ms', samples });
  }
}

/** Records in an even mix of classes. */
function classed(made: MadeObject, classes: number): MadeObject {
  return { ...made, record: (at) => ({ ...made.record(at), acl: 1 + ((at * 7_919) % classes) }) };
}

/** A user who is shown the records of these classes, and no scores. */
function rightsOf(service: Caller, world: World, sees: Sees, version = 'kept'): PrincipalRights {
  const ids = Array.from({ length: world.classes }, (_, at) => at + 1);
  const classes = sees === 'all' ? sees : ids.filter(sees);
  const names = new Map<StreamId, Set<string>>();
  for (const { sources, fields } of service.objects.values()) {
    for (const { stream } of sources) {
      const known = names.get(stream) ?? new Set<string>();
      for (const name of fields.keys()) if (name !== 'Score__c') known.add(name);
      names.set(stream, known);
    }
  }
  const streams = [...names].map(
    ([stream, fields]) =>
      [stream, { kind: 'known', by: 'shares', classes, fields, asOf: new Date() } as const] as const,
  );
  return {
    principal: `user of ${classes === 'all' ? classes : String(classes.length)}`,
    version,
    streams: new Map(streams),
  };
}

/** The agent without the row filter of its grant, which would cost all of them the same. */
async function contextOf(
  gantry: Gantry,
  { caller, scope }: CallerContext,
  rights: PrincipalRights | null,
): Promise<CallerContext> {
  const known = (await gantry.revisions.current())?.manifest.agents.get(caller.agent);
  if (known === undefined) throw new Error('the project has no such agent');
  const objects = new Map(
    [...known.grant.objects].map(([name, grant]): [string, ObjectGrant] => [name, { ...grant, where: null }]),
  );
  const agent: AgentDeclaration = { ...known, grant: { ...known.grant, objects, callsPerMinute: null } };
  const { tenant, tenantSlug } = caller;
  const catalogue = await gantry.catalogues.of(tenant);
  return { caller: callerFor({ agent, catalogue, tenant, tenantSlug, rights }), scope };
}

type Ask = (gantry: Gantry, context: CallerContext) => Promise<unknown>;

function questions(): Readonly<Record<string, Ask>> {
  const list = {
    object: 'crm.Opportunity',
    filter: {
      and: [
        { field: 'Phase__c', op: 'in', value: ['proposal', 'negotiation'] },
        { field: 'Value__c', op: 'gt', value: 10_000 },
      ],
    },
    fields: ['Name', 'Phase__c', 'Value__c', 'Closes__c'],
    sort: [{ field: 'Closes__c', dir: 'desc' }],
    limit: 50,
  };
  const join = {
    object: 'deal',
    fields: ['name', 'value', 'account.name'],
    filter: { field: 'account.name', op: 'starts_with', value: 'Account 1' },
    sort: [{ field: 'value', dir: 'desc' }],
    limit: 50,
  };
  const groups = { object: 'deal', group_by: ['phase'], measures: [{ count: '*' }, { sum: 'value' }] };
  // Of the tenth class, which everybody sees.
  const point = { object: 'deal', id: '006000002691' };
  return {
    list: (gantry, context) => call(gantry, context, 'query_records', list),
    point: (gantry, context) => call(gantry, context, 'get_record', point),
    join: (gantry, context) => call(gantry, context, 'query_records', join),
    aggregate: (gantry, context) => call(gantry, context, 'query_records', groups),
    'SQL from the second on': (gantry, context) =>
      sql(
        gantry,
        context,
        'select phase, count(*) as n, sum(value) as total from deal group by phase order by n desc, phase',
      ),
  };
}

const sql = (gantry: Gantry, context: CallerContext, text: string): Promise<Json> =>
  call(gantry, context, 'query_sql', { sql: text });

async function call(gantry: Gantry, context: CallerContext, tool: string, args: JsonObject): Promise<Json> {
  const outcome = await gantry.door.call(context, tool, args);
  if (outcome.kind === 'error') throw new Error(`${tool}: ${outcome.error.code}: ${outcome.error.message}`);
  return outcome.answer;
}
