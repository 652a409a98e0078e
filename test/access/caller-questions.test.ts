import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCallerCache, type Caller, type PrincipalRights, type StreamRights } from '../../src/access/index.ts';
import { GantryError, limits, type JsonObject, type StreamId } from '../../src/kernel/index.ts';
import type { QueryRequest } from '../../src/query/index.ts';
import { readSpec, viewChange } from '../../src/subscriptions/index.ts';
import { smallData } from '../query/small-data.ts';
import {
  agentWith,
  allObjects,
  NOW,
  openWorld,
  type GrantSpec,
  type QueryWorld,
  type TestData,
  noAccess,
} from '../query/world.ts';

const classOf: { readonly [record: string]: number } = {
  'crm.User u1': 1,
  'crm.User u2': 1,
  'crm.Account a1': 1,
  'crm.Account a2': 2,
  'crm.Opportunity d1': 1,
  'crm.Opportunity d2': 1,
  'crm.Opportunity d3': 2,
  'erp.Order d1': 1,
  'support.tickets 1': 1,
  'support.tickets 2': 2,
  'support.tickets 3': 1,
};
const classed: TestData = Object.fromEntries(
  Object.entries(smallData).map(([table, rows]) => [
    table,
    rows.map((row) => ({ ...row, _acl: classOf[`${table} ${row._id}`] ?? null })),
  ]),
);
const grant: GrantSpec = { ...allObjects, 'erp.Order': {}, 'support.tickets': {} };

const ago = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1_000);
const notLinked: StreamRights = { kind: 'unknown', reason: 'not_linked', fix: 'Link the user to its ERP account.' };
const tooOld: StreamRights = { kind: 'unknown', reason: 'too_old', fix: 'Ask again in a minute.' };
const shown = (classes: 'all' | readonly number[], seconds = 60, hidden: readonly string[] = []): StreamRights => ({
  kind: 'known',
  by: 'shares',
  classes,
  fields: hidden.length === 0 ? 'all' : new Set(ticketFields.filter((name) => !hidden.includes(name))),
  asOf: ago(seconds),
});
const ticketFields = ['ticket_id', 'subject', 'priority', 'hours', 'opened', 'account'];

const codeOf = async (work: Promise<unknown>): Promise<GantryError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GantryError) return error;
  throw new Error('no error for the caller');
};

describe('questions in the name of a user', () => {
  let world: QueryWorld;
  beforeAll(async () => {
    world = await openWorld(classed);
  });
  afterAll(() => world.close());
  beforeEach(() => {
    world.access = noAccess;
  });

  const streamOf = (table: string): StreamId => {
    const stream = world.streams.get(table);
    if (stream === undefined) throw new Error(`no stream ${table}`);
    return stream;
  };
  const tableOf = (stream: StreamId): string => [...world.streams].find(([, id]) => id === stream)?.[0] ?? '';
  const rightsOf = (
    own: { readonly [table: string]: StreamRights } = {},
    principal = 'ann',
    version = '1',
  ): PrincipalRights => {
    const all = {
      'crm.User': shown('all'),
      'crm.Account': shown([1], 600),
      'crm.Opportunity': shown([1]),
      'erp.Order': notLinked,
      'support.tickets': shown([1], 120, ['hours']),
      ...own,
    };
    const streams = new Map(Object.entries(all).map(([table, rights]) => [streamOf(table), rights]));
    return { principal, version, streams };
  };
  const ann = (own?: { readonly [table: string]: StreamRights }): Caller => world.callerAs(rightsOf(own), grant);
  const ask = (request: QueryRequest, caller: Caller = ann()) =>
    world.service.queryRecords(caller, world.catalogue, request);
  const rowsOf = async (request: QueryRequest, caller?: Caller) =>
    (await ask(request, caller)).rows.map((row) => row.slice(0, -1));
  const sql = (text: string, caller: Caller = ann()) => world.service.querySql(caller, world.catalogue, { sql: text });

  it('know nothing of objects whose rights are not known, but say what to do to who may ask for them', async () => {
    for (const work of [
      () => ask({ object: 'erp.Order' }),
      () => world.service.describe(ann(), world.catalogue, { names: ['erp.Order'] }),
      () => sql('select * from erp."Order"'),
      () => world.service.getRecord(ann(), world.catalogue, { object: 'erp.Order', id: 'd1' }),
    ]) {
      const { code, details } = await codeOf(work());
      expect([code, details.fix]).toEqual(['access_unknown', notLinked.kind === 'unknown' ? notLinked.fix : '']);
      expect(details.data).toEqual({
        withheld: [
          {
            connection: 'erp',
            object: 'Order',
            reason: 'not_linked',
            fix: 'Link the user to its ERP account.',
            who_can_fix: 'operator',
          },
        ],
      });
    }
    const found = await world.service.searchCatalog(ann(), world.catalogue, { query: 'order' });
    expect(JSON.stringify(found)).not.toContain('erp');
    const near = await codeOf(ask({ object: 'erp.Ordr' }));
    expect([near.code, JSON.stringify(near.toBody())]).toEqual([
      'query_object_unknown',
      expect.not.stringContaining('erp.Order"'),
    ]);
    // Neither for an agent that was not granted it, nor for a user who may not read it.
    const narrow = world.callerAs(rightsOf(), { deal: {} });
    expect((await codeOf(ask({ object: 'erp.Order' }, narrow))).code).toBe('query_object_unknown');
    const may = { kind: 'known', by: 'shares', classes: 'all', fields: new Set<string>(), asOf: NOW } as const;
    expect((await codeOf(ask({ object: 'erp.Order' }, ann({ 'erp.Order': may })))).code).toBe('query_object_unknown');
    const none = world.callerAs({ principal: 'new', version: '0', streams: new Map() }, grant);
    expect([none.objects.size, (await codeOf(ask({ object: 'deal' }, none))).code]).toEqual([0, 'access_unknown']);
  });

  it('leave out a system of which nothing is known, and say so', async () => {
    const answer = await ask({ object: 'deal', fields: ['deal_id'] });
    expect(answer.rows.map(([id]) => id)).toEqual(['d1', 'd2']);
    expect(answer.sources.map(({ ref }) => ref)).toEqual(['crm/Opportunity/']);
    expect(answer.warnings).toEqual([
      'Left out of deal: records of erp.Order, since it is not known what the user may see there. Link the user to its ERP account.',
    ]);
    const all = world.callerAs(rightsOf({ 'erp.Order': shown('all') }), grant);
    expect((await ask({ object: 'deal', fields: ['deal_id'] }, all)).rows.map(([id]) => id)).toEqual([
      'd1',
      'd2',
      'o1',
    ]);
  });

  it('see hidden records nowhere: not in lists, counts, look-ups, measures or SQL', async () => {
    expect(await rowsOf({ object: 'deal', fields: ['deal_id', 'account', 'account.name'] })).toEqual([
      ['d1', 'a1', 'Nordwind GmbH'],
      ['d2', 'a2', null],
    ]);
    expect(await rowsOf({ object: 'deal', fields: ['deal_id'], filter: { 'account.segment': 'mid' } })).toEqual([]);
    expect(await rowsOf({ object: 'account', fields: ['crm_id', { count: 'tickets', as: 'n' }] })).toEqual([['a1', 1]]);
    expect((await ask({ object: 'ticket', measures: [{ count: '*' }] })).rows).toEqual([[2]]);
    expect((await sql('select count(*), count(distinct account) from ticket')).rows).toEqual([[2, 2]]);
    expect((await sql('select t.ticket_id from ticket t join account a on a.crm_id = t.account')).rows).toEqual([
      ['1'],
    ]);
    // An expression that fails on hidden values only does not fail.
    expect((await sql("select count(*) from account where ln(if(name = 'Nordwind GmbH', 1, 0)) = 0")).rows).toEqual([
      [1],
    ]);
    // It runs over a copy of what is shown: a filter within a view can be overtaken by what stands around it.
    const spy = vi.spyOn(world.lens, 'readSql');
    await sql('select count(*) from account');
    await sql('select count(*) from ticket', ann({ 'support.tickets': shown('all', 60, ['hours']) }));
    expect(spy.mock.calls.flatMap(([, { relations }]) => relations.map((each) => each.as))).toEqual(['table', 'view']);
    spy.mockRestore();
    // Of a model whose records are all shown, the classes of none matter, nor that some have none.
    const every = ann({ 'support.tickets': shown('all') });
    expect((await ask({ object: 'ticket', measures: [{ count: '*' }] }, every)).rows).toEqual([[5]]);
  });

  it('see hidden fields nowhere', async () => {
    for (const work of [
      () => ask({ object: 'ticket', fields: ['hours'] }),
      () => ask({ object: 'ticket', filter: { hours: 40 } }),
      () => ask({ object: 'ticket', sort: [{ field: 'hours' }] }),
      () => ask({ object: 'account', fields: [{ sum: 'tickets.hours' }] }),
      () => ask({ object: 'support.tickets', fields: ['hours'] }),
      () => sql('select hours from ticket'),
      () => sql('select hours from support.tickets'),
      () => world.service.describe(ann(), world.catalogue, { names: ['ticket.hours'] }),
      () =>
        world.service.readValue({ ...ann(), tools: new Set(['get_record']) }, world.catalogue, {
          object: 'ticket',
          ref: 'support/tickets/1',
          field: 'hours',
        }),
    ]) {
      const error = await codeOf(work());
      expect(['query_field_unknown', 'sql_column_unknown']).toContain(error.code);
      expect([error.details.suggestions ?? [], error.details.allowed ?? []].flat()).not.toContain('hours');
    }
    const { objects } = await world.service.describe(ann(), world.catalogue, {
      names: ['ticket', 'support.tickets'],
      detail: 'full',
    });
    expect(JSON.stringify(objects)).not.toContain('hours');
    expect((await sql('select * from ticket')).columns).toEqual([
      'ticket_id',
      'subject',
      'priority',
      'opened',
      'account',
      '_ref',
      '_at',
    ]);
    // Where one system hides a field and another does not, it is there, and empty in the records of the first.
    const half = ann({
      'erp.Order': { kind: 'known', by: 'record', classes: [1], fields: new Set(['deal_id', 'name']), asOf: NOW },
    });
    expect(
      await rowsOf({ object: 'deal', fields: ['deal_id', 'amount'], sort: [{ field: 'amount', dir: 'desc' }] }, half),
    ).toEqual([
      ['d1', 120_000.25],
      ['d2', 20_000],
      ['o1', null],
    ]);
    expect(await rowsOf({ object: 'deal', fields: ['deal_id'], filter: { amount: { is_null: true } } }, half)).toEqual([
      ['o1'],
    ]);
  });

  it('find a hidden record no more than one that there is not, by whatever it is called', async () => {
    const get = (id: string, more: { history?: number } = {}) =>
      codeOf(world.service.getRecord(ann(), world.catalogue, { object: 'account', id, ...more }));
    for (const [hidden, never] of [
      ['a2', 'zz'],
      ['crm/Account/a2', 'crm/Account/zz'],
    ] as const) {
      for (const more of [{}, { history: 5 }]) {
        expect((await get(hidden, more)).toBody()).toEqual((await get(never, more)).toBody());
        expect((await get(hidden, more)).code).toBe('not_found');
        expect((await get(hidden, more)).details.fix).toContain('may not see it');
      }
    }
    expect((await get('crm/Contact/c1')).details.fix).toBe('References of account start with crm/Account/.');
    const link = (ref: string) =>
      codeOf(
        world.service.readValue({ ...ann(), tools: new Set(['get_record']) }, world.catalogue, {
          object: 'account',
          ref,
          field: 'name',
        }),
      );
    expect((await link('crm/Account/a2')).toBody()).toEqual((await link('crm/Account/zz')).toBody());
  });

  it('say how old the rights are on which they rest, of the oldest that counts', async () => {
    const second = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
    expect((await ask({ object: 'deal', fields: ['deal_id'] })).freshness.access_as_of).toBe(second(ago(60)));
    expect((await ask({ object: 'deal', fields: ['deal_id', 'account.name'] })).freshness.access_as_of).toBe(
      second(ago(600)),
    );
    expect((await sql('select count(*) from ticket')).freshness.access_as_of).toBe(second(ago(120)));
    expect(
      (await world.service.getRecord(ann(), world.catalogue, { object: 'ticket', id: '1' })).freshness.access_as_of,
    ).toBe(second(ago(120)));
    expect((await ask({ object: 'deal' }, world.caller(grant))).freshness).not.toHaveProperty('access_as_of');
    const { objects } = await world.service.describe(ann(), world.catalogue, { names: ['account'] });
    expect(objects[0]).toMatchObject({ rows_limited: true, access: [{ source: 'crm/Account/', by: 'shares' }] });
    expect(
      (await world.service.describe(world.caller(grant), world.catalogue, { names: ['account'] })).objects[0],
    ).not.toHaveProperty('access');
  });

  it('give each user pages and SQL of its own', async () => {
    const bob = world.callerAs(rightsOf({ 'crm.Account': shown([2]) }, 'bob'), grant);
    const first = await ask({ object: 'deal', fields: ['deal_id'], limit: 1 });
    const next: QueryRequest = { object: 'deal', fields: ['deal_id'], limit: 1, cursor: first.next_cursor ?? '' };
    expect((await codeOf(ask(next, bob))).code).toBe('cursor_invalid');
    expect((await codeOf(ask(next, world.caller(grant)))).code).toBe('cursor_invalid');
    // A list goes on when the user's rights change on the way, with the rights that hold then.
    const later = world.callerAs(rightsOf({ 'crm.Opportunity': shown([2]) }, 'ann', '2'), grant);
    expect((await ask(next, later)).rows.map(([id]) => id)).toEqual(['d3']);
    const names = async (caller: Caller) => (await sql('select name from account', caller)).rows.flat();
    expect(await names(ann())).toEqual(['Nordwind GmbH']);
    expect(await names(bob)).toEqual(['Südstern AG']);
    expect(await names(world.callerAs(rightsOf({ 'crm.Account': shown([1, 2]) }, 'ann', '3'), grant))).toHaveLength(2);
    expect(await names(ann())).toEqual(['Nordwind GmbH']);
    expect(new Set([ann(), bob, later, world.caller(grant)].map(({ accessVersion }) => accessVersion)).size).toBe(4);
  });

  it('wait for rights that are too old, and go on without them only when they do not come', async () => {
    const old = ann({ 'crm.Account': tooOld });
    const asked: (readonly StreamId[])[] = [];
    world.access = { ...world.access, refreshed: async ({ streams }) => (asked.push(streams), ann()) };
    expect(await rowsOf({ object: 'account', fields: ['crm_id'] }, old)).toEqual([['a1']]);
    expect((await sql('select crm_id from account', old)).rows).toEqual([['a1']]);
    const half = ann({ 'erp.Order': tooOld });
    expect(await rowsOf({ object: 'deal', fields: ['deal_id'] }, half)).toHaveLength(2);
    expect(asked).toEqual([[streamOf('crm.Account')], [streamOf('crm.Account')], [streamOf('erp.Order')]]);
    world.access = { ...world.access, refreshed: async () => null };
    expect((await codeOf(ask({ object: 'account' }, old))).details.data).toMatchObject({
      withheld: [{ reason: 'too_old', who_can_fix: 'operator' }],
    });
    expect((await ask({ object: 'deal' }, half)).warnings).toContainEqual(
      expect.stringContaining('Ask again in a minute.'),
    );
    // What is not linked is nothing to wait for.
    asked.length = 0;
    await codeOf(ask({ object: 'erp.Order' }));
    expect(asked).toEqual([]);
  });

  it('ask the source itself where they are told to', async () => {
    const request: QueryRequest = { object: 'deal', fields: ['deal_id'], require_fresh_access: true };
    const get = () =>
      codeOf(world.service.getRecord(ann(), world.catalogue, { object: 'deal', id: 'd1', require_fresh_access: true }));
    expect((await codeOf(ask(request))).code).toBe('access_unknown');
    expect((await get()).code).toBe('access_unknown');
    const asked: (readonly [StreamId, readonly string[]])[] = [];
    world.access = {
      ...world.access,
      visibleNow: async ({ stream, ids }) => (asked.push([stream, ids]), new Set(['d2'])),
    };
    const answer = await ask(request);
    expect(answer.rows.map(([id]) => id)).toEqual(['d2']);
    expect(answer.warnings.join(' ')).toContain('left out');
    expect(asked).toEqual([[streamOf('crm.Opportunity'), ['d1', 'd2']]]);
    expect((await get()).code).toBe('not_found');
    // Two records answer to that id here: of those only one is shown any more.
    const orders = ann({ 'erp.Order': shown('all') });
    const getOf = (caller: Caller, fresh: boolean) =>
      world.service.getRecord(caller, world.catalogue, {
        object: 'deal',
        id: 'd1',
        fields: ['deal_id'],
        ...(fresh ? { require_fresh_access: true } : {}),
      });
    expect((await codeOf(getOf(orders, false))).code).toBe('query_record_ambiguous');
    world.access = {
      ...world.access,
      visibleNow: async ({ stream, ids }) => new Set(tableOf(stream) === 'erp.Order' ? ids : []),
    };
    expect((await getOf(orders, true)).rows.map((row) => row.at(-1))).toEqual(['erp/Order/d1']);
    world.access = { ...world.access, visibleNow: async ({ ids }) => new Set(ids) };
    expect((await codeOf(getOf(orders, true))).code).toBe('query_record_ambiguous');
    world.access = { ...world.access, visibleNow: async () => new Set() };
    expect((await codeOf(getOf(orders, true))).code).toBe('not_found');
    world.access = {
      ...world.access,
      visibleNow: async ({ stream, ids }) => (asked.push([stream, ids]), new Set(['d2'])),
    };
    // What a rule of the project decides is not the source's to say.
    asked.length = 0;
    const ruled = ann({ 'crm.Opportunity': { kind: 'known', by: 'rule', classes: [1], fields: 'all', asOf: NOW } });
    expect((await ask(request, ruled)).rows).toHaveLength(2);
    expect(asked).toEqual([]);
  });

  it('have the source asked about what is looked up or counted beside the rows, before anything is decided by it', async () => {
    const asked: (readonly [StreamId, readonly string[]])[] = [];
    let hidden = new Set<string>();
    world.access = {
      ...world.access,
      visibleNow: async ({ stream, ids }) => {
        asked.push([stream, ids.toSorted()]);
        return new Set(ids.filter((id) => !hidden.has(`${tableOf(stream)} ${id}`)));
      },
    };
    const both = ann({ 'crm.Account': shown([1, 2]), 'support.tickets': shown('all') });
    const fresh = async (request: QueryRequest) => {
      asked.length = 0;
      return ask({ ...request, require_fresh_access: true }, both);
    };
    const counts: QueryRequest = { object: 'account', fields: ['crm_id', { count: 'tickets', as: 'n' }] };
    const names: QueryRequest = { object: 'deal', fields: ['deal_id', 'account.name'] };
    const questions: readonly QueryRequest[] = [
      counts,
      names,
      { object: 'account', fields: ['crm_id'], filter: { field: { count: 'tickets' }, op: 'gt', value: 0 } },
      { object: 'deal', fields: ['deal_id'], filter: { 'account.name': { is_null: true } } },
      { ...counts, sort: [{ field: 'n', dir: 'desc' }] },
      { ...names, sort: [{ field: 'account.name', dir: 'desc' }], limit: 1 },
      { object: 'deal', group_by: ['account.name'], measures: [{ count: '*', as: 'n' }] },
      { object: 'deal', filter: { 'account.name': { is_null: false } }, measures: [{ count: '*', as: 'n' }] },
      { object: 'account', measures: [{ sum: { count: 'tickets' }, as: 'n' }] },
    ];
    const rows = async (request: QueryRequest, caller: Caller) => (await ask(request, caller)).rows;
    for (const request of questions) expect((await fresh(request)).rows).toEqual(await rows(request, both));
    // What the sources hide by now is gone from each of them as if the rights had been read anew.
    const less = ann({ 'crm.Account': shown([2]), 'support.tickets': shown([2]) });
    const all = await rows({ object: 'ticket', fields: ['ticket_id'] }, both);
    const kept = new Set((await rows({ object: 'ticket', fields: ['ticket_id'] }, less)).map(([id]) => id));
    hidden = new Set([
      'crm.Account a1',
      ...all.flatMap(([id]) => (kept.has(id ?? null) ? [] : [`support.tickets ${String(id)}`])),
    ]);
    for (const request of questions) {
      const answer = await fresh(request);
      expect([request, answer.rows]).toEqual([request, await rows(request, less)]);
      expect(answer.warnings.join(' ')).toContain('left out');
    }
    const record = await world.service.getRecord(both, world.catalogue, {
      object: 'deal',
      id: 'd1',
      fields: ['deal_id', 'account.name'],
      require_fresh_access: true,
    });
    expect(record.rows.map((row) => row.slice(0, 2))).toEqual([['d1', null]]);
    expect(record.warnings.join(' ')).toContain('left out');
    // Only what the rows lead to is asked about.
    hidden = new Set();
    await fresh({ ...names, filter: { deal_id: 'd2' } });
    expect(asked).toEqual([
      [streamOf('crm.Opportunity'), ['d2']],
      [streamOf('crm.Account'), ['a2']],
    ]);
    await fresh({ ...names, filter: { deal_id: 'd1', 'account.name': 'Nordwind GmbH' } });
    expect(asked[0]).toEqual([streamOf('crm.Account'), ['a1']]);
    // The source cannot be asked: nothing is said.
    world.access = {
      ...world.access,
      visibleNow: async (about) => (about.stream === streamOf('support.tickets') ? null : new Set(about.ids)),
    };
    expect((await codeOf(fresh(counts))).code).toBe('access_unknown');
  });

  it('have the source asked about all that is counted or joined, as far as that can be done', async () => {
    const total: QueryRequest = {
      object: 'deal',
      measures: [{ count: '*', as: 'n' }, { sum: 'amount' }],
      require_fresh_access: true,
    };
    const fresh = (text: string, caller: Caller = ann()) =>
      world.service.querySql(caller, world.catalogue, { sql: text, require_fresh_access: true });
    const joined = 'select count(*) as n, count(a.crm_id) as m from deal d left join account a on a.crm_id = d.account';
    // The source cannot be asked: nothing is said.
    expect((await codeOf(ask(total))).code).toBe('access_unknown');
    expect((await codeOf(fresh(joined))).code).toBe('access_unknown');
    const asked: (readonly [StreamId, readonly string[]])[] = [];
    let hidden = new Set<string>();
    world.access = {
      ...world.access,
      visibleNow: async ({ stream, ids }) => {
        asked.push([stream, ids.toSorted()]);
        return new Set(ids.filter((id) => !hidden.has(id)));
      },
    };
    const [wholeRow] = (await ask({ ...total, require_fresh_access: false })).rows;
    expect((await ask(total)).rows).toEqual([wholeRow]);
    expect(asked).toEqual([[streamOf('crm.Opportunity'), ['d1', 'd2']]]);
    const [one] = (
      await ask({ object: 'deal', fields: ['amount'], filter: { field: 'deal_id', op: 'eq', value: 'd2' } })
    ).rows;
    hidden = new Set(['d1']);
    const less = await ask(total);
    expect(less.rows).toEqual([[1, one?.[0]]]);
    expect(less.warnings.join(' ')).toContain('left out');
    // Only what matches is asked about, and a group whose records are hidden by now is none.
    asked.length = 0;
    const d1: QueryRequest = {
      ...total,
      filter: { field: 'deal_id', op: 'eq', value: 'd1' },
      group_by: ['stage'],
    };
    expect((await ask(d1)).rows).toEqual([]);
    expect(asked).toEqual([[streamOf('crm.Opportunity'), ['d1']]]);
    // SQL: every record of each table that it names.
    asked.length = 0;
    hidden = new Set();
    const before = (await sql(joined)).rows;
    expect((await fresh(joined)).rows).toEqual(before);
    expect(new Map(asked)).toEqual(
      new Map([
        [streamOf('crm.Opportunity'), ['d1', 'd2']],
        [streamOf('crm.Account'), ['a1']],
      ]),
    );
    hidden = new Set(['d1', 'a1']);
    const after = await fresh(joined);
    expect(after.rows).toEqual([[1, 0]]);
    expect(after.warnings.join(' ')).toContain('left out');
    expect((await sql(joined)).rows).toEqual(before);
    // Who acts for itself has nothing of this.
    asked.length = 0;
    const service = world.caller(grant);
    expect((await fresh('select count(*) from deal', service)).rows).toEqual(
      (await sql('select count(*) from deal', service)).rows,
    );
    expect(asked).toEqual([]);
    // More records than sources can be asked about.
    const many = Array.from({ length: limits.freshAccessRecordsMax }, (_, index) => `m${String(index)}`);
    await world.put(
      'crm.Opportunity',
      many.map((id) => ({ _id: id, deal_id: id, _acl: 1 })),
      { at: ago(3_600) },
    );
    await world.lens.catchUp(world.tenant);
    expect((await codeOf(ask(total))).code).toBe('fresh_access_too_many');
    await world.put(
      'crm.Opportunity',
      many.map((id) => ({ _id: id, deal_id: id, account: 'a1', _acl: 1 })),
      { at: ago(3_500) },
    );
    await world.lens.catchUp(world.tenant);
    const perAccount: QueryRequest = { object: 'account', fields: [{ count: 'deals' }], require_fresh_access: true };
    hidden = new Set();
    asked.length = 0;
    expect((await codeOf(ask(perAccount))).code).toBe('fresh_access_too_many');
    asked.length = 0;
    hidden = new Set(['d1', 'a1']);
    expect((await codeOf(fresh(joined))).code).toBe('fresh_access_too_many');
    expect(asked).toEqual([]);
    expect((await ask(d1)).rows).toEqual([]);
  });

  it('hear of what was deleted, and of changes, only what they were shown', async () => {
    const at = { at: ago(7_200) };
    await world.put('support.tickets', [{ _id: '8', ticket_id: '8', subject: 'old', hours: 7, _acl: 1 }], at);
    await world.put('support.tickets', [{ _id: '8', ticket_id: '8', subject: 'new', hours: 9, _acl: 1 }], {
      at: ago(3_600),
    });
    await world.put('support.tickets', [{ _id: '9', ticket_id: '9', subject: 'gone', _acl: 2 }], at);
    await world.lens.catchUp(world.tenant);
    const { history } = await world.service.getRecord(ann(), world.catalogue, {
      object: 'ticket',
      id: '8',
      history: 5,
    });
    expect(history).toEqual([{ at: expect.any(String) as string, changed: { subject: { from: 'old', to: 'new' } } }]);
    await world.remove('support.tickets', ['8', '9', '5'], { at: ago(1_800) });
    await world.lens.catchUp(world.tenant);
    const { deleted } = await ask({ object: 'ticket', changed_since: { ago: '10h' } });
    expect(deleted).toEqual(['support/tickets/8']);
    expect((await ask({ object: 'ticket', changed_since: { ago: '10h' } }, world.caller(grant))).deleted).toHaveLength(
      3,
    );

    // What one system hides of its records is no part of their past, either.
    const [order] = smallData['erp.Order'] ?? [];
    if (order === undefined) throw new Error('there is one');
    await world.put('erp.Order', [{ ...order, name: 'later', amount: 1, _acl: 1 }], { at: ago(900) });
    await world.lens.catchUp(world.tenant);
    const fields = new Set(['deal_id', 'name']);
    const half = ann({ 'erp.Order': { kind: 'known', by: 'record', classes: [1], fields, asOf: NOW } });
    const past = await world.service.getRecord(half, world.catalogue, {
      object: 'deal',
      id: 'erp/Order/d1',
      history: 5,
    });
    expect(past.history?.map(({ changed }) => Object.keys(changed))).toEqual([['name']]);

    const viewer = { caller: { ...ann(), tools: new Set(['query_records']) }, scope: world.catalogue };
    const spec = readSpec(viewer, { object: 'ticket', filter: {}, events: [], fields: null });
    const images = (beforeAcl: number | null, afterAcl: number | null, nowAcl: number | null) => {
      const record = (subject: string): JsonObject => ({ ticket_id: '8', subject, hours: 5 });
      const change = { stream: streamOf('support.tickets'), id: '8', before: record('a'), after: record('b') };
      return viewChange(viewer, spec, { ...change, beforeAcl, afterAcl, nowAcl }, NOW);
    };
    expect(images(1, 1, 1)).toMatchObject({
      type: 'updated',
      changed: ['subject'],
      after: { ticket_id: '8', subject: 'b', priority: null },
    });
    expect(images(1, 1, 1)?.after).not.toHaveProperty('hours');
    expect(images(2, 1, 1)).toMatchObject({ type: 'created', before: null });
    expect(images(1, 2, 2)).toMatchObject({ type: 'deleted', before: {}, after: null, changed: [] });
    expect(images(1, 1, 2)).toMatchObject({ type: 'deleted', before: {}, after: null });
    expect(images(2, 2, 1)).toBeNull();
    expect(images(null, null, null)).toBeNull();
  });

  it('are asked by callers that are made once, and know how new the rights are', () => {
    const cache = createCallerCache(2);
    const agent = agentWith('copilot', grant);
    const input = { agent, catalogue: world.catalogue, tenant: world.tenant, tenantSlug: 'acme' };
    const rights = rightsOf();
    const first = cache.get({ ...input, rights });
    expect(cache.get({ ...input, rights })).toBe(first);
    const newer = rightsOf();
    const again = cache.get({ ...input, rights: newer });
    expect([again.objects === first.objects, again.principal]).toEqual([true, newer]);
    expect(cache.get({ ...input, rights: rightsOf({}, 'bob') }).objects).not.toBe(first.objects);
    expect(cache.get({ ...input, rights: rightsOf({}, 'ann', '2') }).objects).not.toBe(first.objects);
    // Of three, the one that was asked for longest ago was made again.
    expect(cache.get({ ...input, rights }).objects).not.toBe(first.objects);
    expect(cache.get(input).principal).toBeNull();
  });
});
