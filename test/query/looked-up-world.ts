import {
  callerFor,
  withinFields,
  type Caller,
  type PrincipalRights,
  type StreamRights,
} from '../../src/access/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import { GantryError, systemClock, type JsonObject, type StreamId } from '../../src/kernel/index.ts';
import { createQueryService, type GetRequest, type QueryRequest, type QueryService } from '../../src/query/index.ts';
import { from, integration, manifestOf, model, modelField } from '../mapping/hand-made.ts';
import { openLensWorld, type LensWorld } from '../mapping/lens-world.ts';
import { field, object } from '../mapping/support.ts';
import { agentWith, noAccess, NOW, type GrantSpec } from './world.ts';

/**
 * Tickets that show their organization's name and code, and by way of their
 * person the name of its organization; what they belong to is known by such a
 * code. Accounts are merged of two systems, each of which looks up its owner.
 */
const ticket = model('ticket', [
  modelField('number', 'id'),
  modelField('org_code', 'id'),
  modelField('subject', 'string'),
  modelField('org', 'string'),
  modelField('employer', 'string'),
  modelField('agent', 'string'),
  modelField('hours', 'integer'),
  modelField('account', 'reference', { reference: { to: 'account', on: 'code' } }),
]);
const account = {
  ...model(
    'account',
    [
      modelField('code', 'string'),
      modelField('site', 'string'),
      modelField('name', 'string'),
      modelField('owner', 'string'),
      modelField('clerk_id', 'id'),
    ],
    [['site', 'domain']],
  ),
  many: new Map([['tickets', { name: 'tickets', model: 'ticket', via: 'account', at: ticket.at }]]),
};
// Only records with a team are in the model: which those are is no question of who looks.
const staffed = model('staffed', [
  modelField('number', 'id'),
  modelField('subject', 'string'),
  modelField('team', 'string'),
]);
const manifest = manifestOf(
  [ticket, account, staffed],
  [
    integration('crm', {
      Account: {
        model: 'account',
        fields: {
          code: 'Code',
          site: 'Site',
          name: 'Name',
          owner: from('Owner', [{ kind: 'lookup', object: 'User', key: 'Email', take: 'Name' }]),
        },
      },
      User: { model: null, fields: {} },
    }),
    integration('billing', {
      Customer: {
        model: 'account',
        fields: {
          site: 'Site',
          owner: from('Clerk', [{ kind: 'lookup', object: 'Clerk', key: 'Id', take: 'Name' }]),
          clerk_id: from('Clerk', [{ kind: 'lookup', object: 'Clerk', key: 'Id', take: 'Number' }]),
        },
      },
      Clerk: { model: null, fields: {} },
    }),
    integration('desk', {
      Ticket: {
        model: 'ticket',
        fields: {
          number: 'Id',
          subject: 'Subject',
          hours: 'Hours',
          org: from('Org', [
            { kind: 'lookup', object: 'Org', key: 'Id', take: 'Name' },
            { kind: 'default', value: 'nobody' },
          ]),
          org_code: from('Org', [{ kind: 'lookup', object: 'Org', key: 'Id', take: 'Code' }]),
          employer: from('Person', [
            { kind: 'lookup', object: 'Person', key: 'Id', take: 'OrgCode' },
            { kind: 'lookup', object: 'Org', key: 'Code', take: 'Name' },
          ]),
          agent: from('Agent', [{ kind: 'lookup', object: 'Agent', key: 'Id', take: 'Name' }]),
          account: from('Org', [{ kind: 'lookup', object: 'Org', key: 'Id', take: 'Code' }]),
        },
      },
      Task: {
        model: 'staffed',
        fields: {
          number: 'Id',
          subject: 'Subject',
          team: from('Org', [{ kind: 'lookup', object: 'Org', key: 'Id', take: 'Name' }], 'skip'),
        },
      },
      Org: { model: null, fields: {} },
      Person: { model: null, fields: {} },
      Agent: { model: null, fields: {} },
    }),
  ],
);
const texts = (...names: string[]) => [field('Id', 'id'), ...names.map((name) => field(name, 'string'))];
export const objects = {
  'crm.Account': object('Account', texts('Code', 'Site', 'Name', 'Owner')),
  'crm.User': object('User', texts('Email', 'Name')),
  'billing.Customer': object('Customer', texts('Site', 'Clerk')),
  'billing.Clerk': object('Clerk', texts('Name', 'Number')),
  'desk.Ticket': object('Ticket', [...texts('Subject', 'Org', 'Person', 'Agent'), field('Hours', 'integer')]),
  'desk.Task': object('Task', texts('Subject', 'Org')),
  'desk.Org': object('Org', texts('Name', 'Code')),
  'desk.Person': object('Person', texts('OrgCode')),
  'desk.Agent': object('Agent', texts('Name')),
};
export type Table = keyof typeof objects;
const data: { readonly [table in Table]: { readonly [id: string]: JsonObject } } = {
  'crm.Account': {
    a1: { Code: 'n1', Site: 'nordwind.example', Name: 'Nordwind', Owner: 'ada@x.example' },
    a2: { Code: 's1', Site: 'sued.example', Name: 'Südstern', Owner: 'ben@x.example' },
  },
  'crm.User': {
    u1: { Email: 'ada@x.example', Name: 'Ada' },
    u2: { Email: 'ada@x.example', Name: 'Ada the other' },
    u3: { Email: 'ben@x.example', Name: 'Ben' },
  },
  'billing.Customer': { b1: { Site: 'nordwind.example', Clerk: 'k1' }, b2: { Site: 'west.example', Clerk: 'k2' } },
  'billing.Clerk': { k1: { Name: 'Kim', Number: 'c-1' }, k2: { Name: 'Kay', Number: 'c-2' } },
  'desk.Ticket': {
    t1: { Subject: 'printer', Org: 'o1', Person: 'p1', Agent: 'g1', Hours: 1 },
    t2: { Subject: 'screen', Org: 'o2', Person: 'p2', Agent: 'g1', Hours: 2 },
    t3: { Subject: 'mouse', Org: 'o1', Person: 'p2', Agent: null, Hours: 4 },
    t4: { Subject: 'nothing', Org: null, Person: null, Agent: 'g1', Hours: 8 },
  },
  'desk.Task': { w1: { Subject: 'paint', Org: 'o1' }, w2: { Subject: 'clean', Org: null } },
  'desk.Org': {
    o1: { Name: 'Nordwind desk', Code: 'n1' },
    o2: { Name: 'Südstern desk', Code: 's1' },
    o3: { Name: 'Nordwind west', Code: 'n1' },
  },
  'desk.Person': { p1: { OrgCode: 'n1' }, p2: { OrgCode: 's1' } },
  'desk.Agent': { g1: { Name: 'Gus' } },
};
const records = Object.entries(data).flatMap(([table, rows]) => Object.keys(rows).map((id) => `${table} ${id}`));
/** Each record is shown by a class of its own. */
export const classOf = (record: string): number => records.indexOf(record) + 1;
export const grant: GrantSpec = { ticket: {}, account: {}, staffed: {} };

/** What the sources say when they are asked. */
interface Sources {
  /** Records that they show no more, as `<table> <id>`. */
  hidden: ReadonlySet<string>;
  /** The same of fields, as `<table> <field>`. */
  hiddenFields: ReadonlySet<string>;
  /** Tables that may not be read any more. */
  closed: ReadonlySet<string>;
  /** The table of which nobody is told anything; null: there is none. */
  silent: string | null;
}

export interface LookedUpWorld extends LensWorld {
  readonly service: QueryService;
  readonly sources: Sources;
  /** What they were asked about, in order: a table and ids. */
  readonly asked: (readonly [string, ...string[]])[];
  /** Tables that they were asked the fields of, by question. */
  readonly fieldsAsked: (readonly string[])[];
  /** Nothing is hidden, and nobody was asked. */
  readonly begin: () => void;
  readonly callerWithout: (
    without?: ReadonlySet<string>,
    more?: { readonly [table: string]: Partial<StreamRights> },
    granted?: GrantSpec,
  ) => Caller;
  readonly sql: (text: string, caller: Caller, isFresh: boolean) => ReturnType<QueryService['querySql']>;
}

export async function openLookedUpWorld(): Promise<LookedUpWorld> {
  const world = await openLensWorld(manifest, objects);
  for (const [table, rows] of Object.entries(data)) {
    const classed = Object.entries(rows).map(([id, row]) => [id, { Id: id, ...row, _acl: classOf(`${table} ${id}`) }]);
    await world.put(table, Object.fromEntries(classed) as { readonly [id: string]: JsonObject });
  }
  const sources: Sources = { hidden: nothing, hiddenFields: nothing, closed: nothing, silent: null };
  const asked: (readonly [string, ...string[]])[] = [];
  const fieldsAsked: (readonly string[])[] = [];
  const tableOf = (stream: StreamId): string => [...world.streams].find(([, each]) => each === stream)?.[0] ?? '';
  const grants = new WeakMap<PrincipalRights, GrantSpec>();
  const callerOf = (rights: PrincipalRights, granted: GrantSpec): Caller => {
    grants.set(rights, granted);
    return callerFor({
      agent: agentWith('copilot', granted),
      catalogue: world.catalogue(),
      tenant: world.tenant,
      tenantSlug: 'acme',
      rights,
    });
  };
  const service = createQueryService({
    lens: world.lens,
    clock: { ...systemClock, now: () => NOW },
    past: createQueryDeps(world.db, () => undefined).past,
    requestSync: async () => undefined,
    access: {
      ...noAccess,
      visibleNow: async ({ stream, ids }) => {
        const table = tableOf(stream);
        asked.push([table, ...ids.toSorted()]);
        return table === sources.silent ? null : new Set(ids.filter((id) => !sources.hidden.has(`${table} ${id}`)));
      },
      withinShownFields: async ({ caller, streams }) => {
        fieldsAsked.push(streams.map(tableOf).toSorted());
        const told = streams.filter((stream) => tableOf(stream) !== sources.silent);
        const shown = new Map(told.map((stream) => [stream, fieldsNow(sources, tableOf(stream) as Table)]));
        const unasked = new Set(streams.filter((stream) => !shown.has(stream)));
        if (caller.principal === null) return { caller, unasked };
        const rights = withinFields(caller.principal, shown);
        const granted = grants.get(caller.principal) ?? grant;
        return { caller: rights === caller.principal ? caller : callerOf(rights, granted), unasked };
      },
    },
  });
  return {
    ...world,
    service,
    sources,
    asked,
    fieldsAsked,
    begin: () => {
      asked.length = 0;
      fieldsAsked.length = 0;
      Object.assign(sources, { hidden: nothing, hiddenFields: nothing, closed: nothing, silent: null });
    },
    /** Somebody who is shown everything but these, by rights that were read. */
    callerWithout: (without = nothing, more = {}, granted = grant) => {
      const classes = records.filter((each) => !without.has(each)).map(classOf);
      const streams = [...world.streams].map(([table, stream]): [StreamId, StreamRights] => [
        stream,
        { kind: 'known', by: 'shares', classes, fields: 'all', asOf: NOW, ...more[table] } as StreamRights,
      ]);
      const version = JSON.stringify([classes, more], (_, value: unknown) =>
        value instanceof Set ? [...(value as Set<string>)] : value,
      );
      return callerOf({ principal: 'ann', version, streams: new Map(streams) }, granted);
    },
    sql: (text, caller, isFresh) =>
      service.querySql(caller, world.catalogue(), { sql: text, ...(isFresh ? { require_fresh_access: true } : {}) }),
  };
}

const nothing: ReadonlySet<string> = new Set();

/** Fields of the table that its source shows at this moment; null: none of it. */
export function fieldsNow({ hiddenFields, closed }: Sources, table: Table): ReadonlySet<string> | null {
  if (closed.has(table)) return null;
  const names = objects[table].fields.map(({ name }) => name);
  return new Set(names.filter((name) => !hiddenFields.has(`${table} ${name}`)));
}

export const outcome = async (work: Promise<{ readonly rows: unknown }>): Promise<unknown> =>
  work.then(
    ({ rows }) => rows,
    (error: unknown) => (error instanceof GantryError ? error.code : Promise.reject(error as Error)),
  );

export const lists: readonly QueryRequest[] = [
  { object: 'ticket', fields: ['number', 'org', 'employer'] },
  { object: 'ticket', fields: ['number', 'account', 'account.name', 'account.owner'] },
  { object: 'ticket', fields: ['number'], filter: { org: 'Nordwind desk' } },
  { object: 'ticket', fields: ['number'], filter: { hours: { gt: 1 }, employer: { is_null: false } } },
  { object: 'ticket', fields: ['number', 'subject'], text: 'desk' },
  { object: 'ticket', fields: ['number'], sort: [{ field: 'employer', dir: 'desc' }] },
  { object: 'ticket', fields: ['number'], filter: { 'account.owner': 'Ada' } },
  { object: 'ticket', fields: ['number'], filter: { account: 'n1' }, sort: [{ field: 'account.owner', dir: 'asc' }] },
  { object: 'account', fields: ['site', 'owner', { count: 'tickets', as: 'n' }] },
  { object: 'account', fields: ['site', { count: 'tickets', where: { org: 'Südstern desk' }, as: 'n' }] },
  { object: 'staffed', fields: ['number', 'team'] },
  { object: 'ticket', group_by: ['org'], measures: [{ count: '*', as: 'n' }, { sum: 'hours' }] },
  { object: 'ticket', filter: { org: { ne: 'nobody' } }, measures: [{ count: '*', as: 'n' }] },
  { object: 'ticket', text: 'südstern', measures: [{ count: '*', as: 'n' }] },
  { object: 'ticket', group_by: ['account.owner'], measures: [{ count: '*', as: 'n' }] },
  { object: 'account', measures: [{ sum: { count: 'tickets' }, as: 'n' }] },
];
export const gets: readonly GetRequest[] = [
  { object: 'ticket', id: 't1' },
  { object: 'ticket', id: 's1', fields: ['number'] },
  { object: 'ticket', id: 'desk/Ticket/t3', fields: ['number', 'employer', 'account.owner'] },
  { object: 'account', id: 'crm/Account/a1' },
  { object: 'account', id: 'c-2', fields: ['site'] },
  { object: 'staffed', id: 'w1' },
];
export const statements = [
  'select number, org, employer from ticket order by 1',
  'select * from ticket order by number',
  'select a.owner, count(*) from ticket t join account a on a.code = t.account group by 1 order by 1',
  'with x as (select employer as e from ticket) select count(e) from x',
  'select team from staffed',
];
