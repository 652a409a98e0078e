import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callerFor, type Caller, type StreamRights } from '../../src/access/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import { GantryError, limits, systemClock, type JsonObject, type StreamId } from '../../src/kernel/index.ts';
import { createQueryService, type GetRequest, type QueryRequest, type QueryService } from '../../src/query/index.ts';
import { from, integration, manifestOf, model, modelField } from '../mapping/hand-made.ts';
import { openLensWorld, type LensWorld } from '../mapping/lens-world.ts';
import { field, object } from '../mapping/support.ts';
import { agentWith, NOW, type GrantSpec } from './world.ts';

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
const objects = {
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
type Table = keyof typeof objects;
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
const classOf = (record: string): number => records.indexOf(record) + 1;
const grant: GrantSpec = { ticket: {}, account: {}, staffed: {} };

describe('with the source asked, what a mapping looks up in other records', () => {
  let world: LensWorld;
  let service: QueryService;
  let asked: (readonly [string, ...string[]])[] = [];
  let hidden: ReadonlySet<string> = new Set();
  let silent: string | null = null;
  beforeAll(async () => {
    world = await openLensWorld(manifest, objects);
    for (const [table, rows] of Object.entries(data)) {
      const classed = Object.entries(rows).map(([id, row]) => [
        id,
        { Id: id, ...row, _acl: classOf(`${table} ${id}`) },
      ]);
      await world.put(table, Object.fromEntries(classed) as { readonly [id: string]: JsonObject });
    }
    service = createQueryService({
      lens: world.lens,
      clock: { ...systemClock, now: () => NOW },
      past: createQueryDeps(world.db, () => undefined).past,
      requestSync: async () => undefined,
      access: {
        refreshed: async () => null,
        visibleNow: async ({ stream, ids }) => {
          const table = tableOf(stream);
          asked.push([table, ...ids.toSorted()]);
          return table === silent ? null : new Set(ids.filter((id) => !hidden.has(`${table} ${id}`)));
        },
      },
    });
  });
  afterAll(() => world.close());
  beforeEach(() => {
    asked = [];
    hidden = new Set();
    silent = null;
  });

  const tableOf = (stream: StreamId): string => [...world.streams].find(([, each]) => each === stream)?.[0] ?? '';
  const everything = new Set<string>();
  /** Somebody who is shown everything but these, by rights that were read. */
  function callerWithout(
    without: ReadonlySet<string> = everything,
    more: { readonly [table: string]: Partial<StreamRights> } = {},
    objectsGranted: GrantSpec = grant,
  ): Caller {
    const classes = records.filter((each) => !without.has(each)).map(classOf);
    const streams = [...world.streams].map(([table, stream]): [StreamId, StreamRights] => [
      stream,
      { kind: 'known', by: 'shares', classes, fields: 'all', asOf: NOW, ...more[table] } as StreamRights,
    ]);
    const version = JSON.stringify([classes, more]);
    return callerFor({
      agent: agentWith('copilot', objectsGranted),
      catalogue: world.catalogue(),
      tenant: world.tenant,
      tenantSlug: 'acme',
      rights: { principal: 'ann', version, streams: new Map(streams) },
    });
  }
  const ask = (request: QueryRequest, caller: Caller) => service.queryRecords(caller, world.catalogue(), request);
  const fresh = (request: QueryRequest, caller = callerWithout()) => {
    asked = [];
    return ask({ ...request, require_fresh_access: true }, caller);
  };
  const get = (request: GetRequest, caller: Caller) => service.getRecord(caller, world.catalogue(), request);
  const sql = (text: string, caller: Caller, isFresh: boolean) => {
    asked = [];
    return service.querySql(caller, world.catalogue(), {
      sql: text,
      ...(isFresh ? { require_fresh_access: true } : {}),
    });
  };
  const outcome = async (work: Promise<{ readonly rows: unknown }>): Promise<unknown> =>
    work.then(
      ({ rows }) => rows,
      (error: unknown) => (error instanceof GantryError ? error.code : Promise.reject(error as Error)),
    );

  const lists: readonly QueryRequest[] = [
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
  const gets: readonly GetRequest[] = [
    { object: 'ticket', id: 't1' },
    { object: 'ticket', id: 's1', fields: ['number'] },
    { object: 'ticket', id: 'desk/Ticket/t3', fields: ['number', 'employer', 'account.owner'] },
    { object: 'account', id: 'crm/Account/a1' },
    { object: 'account', id: 'c-2', fields: ['site'] },
    { object: 'staffed', id: 'w1' },
  ];
  const statements = [
    'select number, org, employer from ticket order by 1',
    'select * from ticket order by number',
    'select a.owner, count(*) from ticket t join account a on a.code = t.account group by 1 order by 1',
    'with x as (select employer as e from ticket) select count(e) from x',
    'select team from staffed',
  ];

  it('is told as if the rights had been read anew, whichever record they hide by now', async () => {
    // A merged row goes as a whole where one of its records is hidden, so that none of those is among these.
    const hiding = [
      ['desk.Org o1'],
      ['desk.Org o3'],
      ['desk.Person p2'],
      ['desk.Org o2', 'desk.Person p1'],
      ['crm.User u1', 'desk.Agent g1'],
      ['billing.Clerk k1', 'crm.User u3', 'desk.Ticket t1'],
      ['billing.Clerk k2', 'crm.Account a2'],
    ];
    for (const some of hiding) {
      hidden = new Set(some);
      const less = callerWithout(hidden);
      for (const request of lists) {
        const expected = (await ask(request, less)).rows;
        expect([some, request, (await fresh(request)).rows]).toEqual([some, request, expected]);
      }
      for (const request of gets) {
        const now = outcome(get({ ...request, require_fresh_access: true }, callerWithout()));
        expect([some, request, await now]).toEqual([some, request, await outcome(get(request, less))]);
      }
      for (const text of statements) {
        const now = (await sql(text, callerWithout(), true)).rows;
        expect([some, text, now]).toEqual([some, text, (await sql(text, less, false)).rows]);
      }
    }
  }, 120_000);

  it('decides before a page is cut', async () => {
    hidden = new Set(['desk.Org o1']);
    const conditions: readonly Partial<QueryRequest>[] = [
      { text: 'desk' },
      { filter: { org: { ne: 'nobody' } } },
      { sort: [{ field: 'account', dir: 'asc' }] },
    ];
    for (const each of conditions) {
      const page = await fresh({ object: 'ticket', fields: ['number'], limit: 1, ...each });
      expect([each, page.rows.map(([number]) => number)]).toEqual([each, ['t2']]);
    }
  });

  it('says that something is left out', async () => {
    hidden = new Set(['desk.Org o1']);
    const warned = [
      await fresh({ object: 'ticket', fields: ['number', 'org'] }),
      await fresh({ object: 'ticket', group_by: ['org'], measures: [{ count: '*', as: 'n' }] }),
      await get({ object: 'ticket', id: 't1', fields: ['org'], require_fresh_access: true }, callerWithout()),
      await sql('select org from ticket', callerWithout(), true),
    ];
    for (const { warnings } of warned) expect(warnings.filter((each) => each.includes('left out'))).toHaveLength(1);
    const { warnings } = await fresh({ object: 'ticket', fields: ['number', 'agent'] });
    expect(warnings).toEqual([]);
  });

  it('is asked about for what the question reads, each record once, all of one kind together', async () => {
    await fresh({ object: 'ticket', fields: ['number', 'subject'] });
    expect(asked).toEqual([['desk.Ticket', 't1', 't2', 't3', 't4']]);
    // By one key two organizations are found: which of them counts depends on both.
    await fresh({ object: 'ticket', fields: ['org', 'org_code', 'employer'], filter: { number: 't1' } });
    expect(asked).toEqual([
      ['desk.Ticket', 't1'],
      ['desk.Org', 'o1'],
      ['desk.Person', 'p1'],
      ['desk.Org', 'o3'],
    ]);
    // What a hidden record leads to is nothing to ask about.
    hidden = new Set(['desk.Person p1']);
    await fresh({ object: 'ticket', fields: ['employer'], filter: { number: 't1' } });
    expect(asked).toEqual([
      ['desk.Ticket', 't1'],
      ['desk.Person', 'p1'],
    ]);
    hidden = new Set();
    // Before a list is filtered: of the records that the rest of the filter lets through. Afterwards nothing is left to ask.
    await fresh({ object: 'ticket', fields: ['org'], filter: { hours: { lt: 3 }, org: 'Nordwind desk' } });
    expect(asked).toEqual([
      ['desk.Org', 'o1', 'o2'],
      ['desk.Ticket', 't1'],
    ]);
    await fresh({ object: 'ticket', fields: ['account.name'], filter: { number: 't1', 'account.name': 'Nordwind' } });
    expect(asked.map((each) => each.join(' ')).toSorted()).toEqual([
      'billing.Customer b1',
      'crm.Account a1',
      'desk.Org o1',
      'desk.Ticket t1',
    ]);
    await sql('select subject from ticket', callerWithout(), true);
    expect(asked.map(([table]) => table)).toEqual(['desk.Ticket']);
    await sql('select subject from ticket where agent is not null', callerWithout(), true);
    expect(asked.map(([table]) => table)).toEqual(['desk.Ticket', 'desk.Agent']);
    await sql('select * from account a join account b using (owner)', callerWithout(), true);
    expect(asked.map(([table]) => table).toSorted()).toEqual([
      'billing.Clerk',
      'billing.Customer',
      'crm.Account',
      'crm.User',
    ]);
    await sql('select a.site from account a join account b using (owner)', callerWithout(), true);
    expect(asked.map(([table]) => table)).toContain('crm.User');
  });

  it('is not asked about where a rule decides, nor for who acts for nobody', async () => {
    const ruled = callerWithout(everything, { 'desk.Org': { by: 'rule' }, 'desk.Person': { by: 'everyone' } });
    const request: QueryRequest = { object: 'ticket', fields: ['number', 'org', 'employer'] };
    hidden = new Set(['desk.Org o1', 'desk.Person p1']);
    expect((await fresh(request, ruled)).rows).toEqual((await ask(request, ruled)).rows);
    expect(asked.map(([table]) => table)).toEqual(['desk.Ticket']);
    // The other way round: of records that a rule shows, what they look up is asked about.
    const half = callerWithout(everything, { 'desk.Ticket': { by: 'rule' } });
    const less = callerWithout(hidden);
    expect((await fresh(request, half)).rows).toEqual((await ask(request, less)).rows);
    const text = 'select number, org, employer from ticket order by 1';
    const now = (await sql(text, half, true)).rows;
    expect(now).toEqual((await sql(text, less, false)).rows);
    const related: QueryRequest = {
      object: 'account',
      fields: ['site', { count: 'tickets', where: { org: 'nobody' } }],
    };
    expect((await fresh(related, half)).rows).toEqual((await ask(related, less)).rows);
    const nobody = { ...callerWithout(), principal: null };
    await fresh(request, nobody);
    expect(asked).toEqual([]);
  });

  it('does not change what a rule about records says, nor which records make up a model', async () => {
    const rule = { ...grant, ticket: { where: { org: 'Nordwind desk' } } };
    const all = Object.fromEntries(Object.keys(objects).map((table) => [table, { classes: 'all' as const }]));
    hidden = new Set(['desk.Org o1']);
    const [whole, less] = [callerWithout(everything, all, rule), callerWithout(hidden, {}, rule)];
    for (const request of [
      { object: 'ticket', fields: ['number', 'org'] },
      { object: 'staffed', fields: ['number', 'team'] },
    ]) {
      const expected = (await ask(request, less)).rows;
      expect([request, expected.length > 0]).toEqual([request, true]);
      expect([request, (await fresh(request, whole)).rows]).toEqual([request, expected]);
    }
  });

  it('is nothing to be told of where the source cannot be asked', async () => {
    silent = 'desk.Org';
    const caller = callerWithout();
    for (const work of [
      () => fresh({ object: 'ticket', fields: ['org'] }),
      () => fresh({ object: 'ticket', fields: ['number'], filter: { org: 'x' } }),
      () => get({ object: 'ticket', id: 't1', require_fresh_access: true }, caller),
      () => sql('select org from ticket', caller, true),
    ]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown);
      if (!(error instanceof GantryError)) throw new Error('no error for the caller');
      expect([error.code, error.details.data]).toEqual([
        'access_unknown',
        { withheld: [{ connection: 'desk', object: 'ticket', reason: 'not_asked' }] },
      ]);
    }
    expect((await fresh({ object: 'ticket', fields: ['subject'] })).rows).toHaveLength(4);
  });

  it('is refused where it is more than sources can be asked about', async () => {
    const many = Array.from({ length: limits.freshAccessRecordsMax - 1 }, (_, at) => `m${String(at)}`);
    const one = { Subject: 'bulk', Person: null, Agent: null, Hours: 0, _acl: 1 };
    await world.put('desk.Org', Object.fromEntries(many.map((id) => [id, { Id: id, Name: id, Code: id, _acl: 1 }])));
    await world.put('desk.Ticket', Object.fromEntries(many.map((id) => [id, { Id: id, Org: id, ...one }])));
    const request: QueryRequest = { object: 'ticket', fields: ['number'], filter: { org: 'Südstern desk' } };
    // All of them and two more.
    expect(await outcome(fresh(request))).toBe('fresh_access_too_many');
    expect(asked).toEqual([]);
    expect(await outcome(fresh({ ...request, text: 'desk', filter: {} }))).toBe('fresh_access_too_many');
    expect(await outcome(fresh({ object: 'ticket', group_by: ['org'], measures: [{ count: '*' }] }))).toBe(
      'fresh_access_too_many',
    );
    expect(await outcome(sql('select org from ticket', callerWithout(), true))).toBe('fresh_access_too_many');
    // Of these together the limit is just met, and asked about are both in one go.
    const less = { ...request, filter: { org: 'Südstern desk', hours: { lt: 2 } } };
    expect(await outcome(fresh(less))).toEqual([]);
    expect(asked.map(([table, ...ids]) => [table, ids.length])).toEqual([['desk.Org', limits.freshAccessRecordsMax]]);
  });
});
