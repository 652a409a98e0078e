import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/access/index.ts';
import { GantryError, limits } from '../../src/kernel/index.ts';
import type { GetRequest, QueryRequest } from '../../src/query/index.ts';
import {
  gets,
  grant,
  lists,
  objects,
  openLookedUpWorld,
  outcome,
  statements,
  type LookedUpWorld,
} from './looked-up-world.ts';

const everything = new Set<string>();

describe('with the source asked, what a mapping looks up in other records', () => {
  let world: LookedUpWorld;
  beforeAll(async () => {
    world = await openLookedUpWorld();
  });
  afterAll(() => world.close());
  beforeEach(() => world.begin());

  const ask = (request: QueryRequest, caller: Caller) => world.service.queryRecords(caller, world.catalogue(), request);
  const fresh = (request: QueryRequest, caller = world.callerWithout()) => {
    world.asked.length = 0;
    return ask({ ...request, require_fresh_access: true }, caller);
  };
  const get = (request: GetRequest, caller: Caller) => world.service.getRecord(caller, world.catalogue(), request);
  const sql = (text: string, caller: Caller, isFresh: boolean) => {
    world.asked.length = 0;
    return world.sql(text, caller, isFresh);
  };

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
      world.sources.hidden = new Set(some);
      const less = world.callerWithout(world.sources.hidden);
      for (const request of lists) {
        const expected = (await ask(request, less)).rows;
        expect([some, request, (await fresh(request)).rows]).toEqual([some, request, expected]);
      }
      for (const request of gets) {
        const now = outcome(get({ ...request, require_fresh_access: true }, world.callerWithout()));
        expect([some, request, await now]).toEqual([some, request, await outcome(get(request, less))]);
      }
      for (const text of statements) {
        const now = (await sql(text, world.callerWithout(), true)).rows;
        expect([some, text, now]).toEqual([some, text, (await sql(text, less, false)).rows]);
      }
    }
  }, 120_000);

  it('decides before a page is cut', async () => {
    world.sources.hidden = new Set(['desk.Org o1']);
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
    world.sources.hidden = new Set(['desk.Org o1']);
    const warned = [
      await fresh({ object: 'ticket', fields: ['number', 'org'] }),
      await fresh({ object: 'ticket', group_by: ['org'], measures: [{ count: '*', as: 'n' }] }),
      await get({ object: 'ticket', id: 't1', fields: ['org'], require_fresh_access: true }, world.callerWithout()),
      await sql('select org from ticket', world.callerWithout(), true),
    ];
    for (const { warnings } of warned) expect(warnings.filter((each) => each.includes('left out'))).toHaveLength(1);
    const { warnings } = await fresh({ object: 'ticket', fields: ['number', 'agent'] });
    expect(warnings).toEqual([]);
  });

  it('is asked about for what the question reads, each record once, all of one kind together', async () => {
    await fresh({ object: 'ticket', fields: ['number', 'subject'] });
    expect(world.asked).toEqual([['desk.Ticket', 't1', 't2', 't3', 't4']]);
    // By one key two organizations are found: which of them counts depends on both.
    await fresh({ object: 'ticket', fields: ['org', 'org_code', 'employer'], filter: { number: 't1' } });
    expect(world.asked).toEqual([
      ['desk.Ticket', 't1'],
      ['desk.Org', 'o1'],
      ['desk.Person', 'p1'],
      ['desk.Org', 'o3'],
    ]);
    // What a hidden record leads to is nothing to ask about.
    world.sources.hidden = new Set(['desk.Person p1']);
    await fresh({ object: 'ticket', fields: ['employer'], filter: { number: 't1' } });
    expect(world.asked).toEqual([
      ['desk.Ticket', 't1'],
      ['desk.Person', 'p1'],
    ]);
    world.sources.hidden = new Set();
    // Before a list is filtered: of the records that the rest of the filter lets through. Afterwards nothing is left to ask.
    await fresh({ object: 'ticket', fields: ['org'], filter: { hours: { lt: 3 }, org: 'Nordwind desk' } });
    expect(world.asked).toEqual([
      ['desk.Org', 'o1', 'o2'],
      ['desk.Ticket', 't1'],
    ]);
    await fresh({ object: 'ticket', fields: ['account.name'], filter: { number: 't1', 'account.name': 'Nordwind' } });
    expect(world.asked.map((each) => each.join(' ')).toSorted()).toEqual([
      'billing.Customer b1',
      'crm.Account a1',
      'desk.Org o1',
      'desk.Ticket t1',
    ]);
    await sql('select subject from ticket', world.callerWithout(), true);
    expect(world.asked.map(([table]) => table)).toEqual(['desk.Ticket']);
    await sql('select subject from ticket where agent is not null', world.callerWithout(), true);
    expect(world.asked.map(([table]) => table)).toEqual(['desk.Ticket', 'desk.Agent']);
    await sql('select * from account a join account b using (owner)', world.callerWithout(), true);
    expect(world.asked.map(([table]) => table).toSorted()).toEqual([
      'billing.Clerk',
      'billing.Customer',
      'crm.Account',
      'crm.User',
    ]);
    await sql('select a.site from account a join account b using (owner)', world.callerWithout(), true);
    expect(world.asked.map(([table]) => table)).toContain('crm.User');
  });

  it('is not asked about where a rule decides, nor for who acts for nobody', async () => {
    const ruled = world.callerWithout(everything, { 'desk.Org': { by: 'rule' }, 'desk.Person': { by: 'everyone' } });
    const request: QueryRequest = { object: 'ticket', fields: ['number', 'org', 'employer'] };
    world.sources.hidden = new Set(['desk.Org o1', 'desk.Person p1']);
    expect((await fresh(request, ruled)).rows).toEqual((await ask(request, ruled)).rows);
    expect(world.asked.map(([table]) => table)).toEqual(['desk.Ticket']);
    // The other way round: of records that a rule shows, what they look up is asked about.
    const half = world.callerWithout(everything, { 'desk.Ticket': { by: 'rule' } });
    const less = world.callerWithout(world.sources.hidden);
    expect((await fresh(request, half)).rows).toEqual((await ask(request, less)).rows);
    const text = 'select number, org, employer from ticket order by 1';
    const now = (await sql(text, half, true)).rows;
    expect(now).toEqual((await sql(text, less, false)).rows);
    const related: QueryRequest = {
      object: 'account',
      fields: ['site', { count: 'tickets', where: { org: 'nobody' } }],
    };
    expect((await fresh(related, half)).rows).toEqual((await ask(related, less)).rows);
    const nobody = { ...world.callerWithout(), principal: null };
    await fresh(request, nobody);
    expect(world.asked).toEqual([]);
  });

  it('does not change what a rule about records says, nor which records make up a model', async () => {
    const rule = { ...grant, ticket: { where: { org: 'Nordwind desk' } } };
    const all = Object.fromEntries(Object.keys(objects).map((table) => [table, { classes: 'all' as const }]));
    world.sources.hidden = new Set(['desk.Org o1']);
    const [whole, less] = [
      world.callerWithout(everything, all, rule),
      world.callerWithout(world.sources.hidden, {}, rule),
    ];
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
    world.sources.silent = 'desk.Org';
    const caller = world.callerWithout();
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
    expect(world.asked).toEqual([]);
    expect(await outcome(fresh({ ...request, text: 'desk', filter: {} }))).toBe('fresh_access_too_many');
    expect(await outcome(fresh({ object: 'ticket', group_by: ['org'], measures: [{ count: '*' }] }))).toBe(
      'fresh_access_too_many',
    );
    expect(await outcome(sql('select org from ticket', world.callerWithout(), true))).toBe('fresh_access_too_many');
    // Of these together the limit is just met, and asked about are both in one go.
    const less = { ...request, filter: { org: 'Südstern desk', hours: { lt: 2 } } };
    expect(await outcome(fresh(less))).toEqual([]);
    expect(world.asked.map(([table, ...ids]) => [table, ids.length])).toEqual([
      ['desk.Org', limits.freshAccessRecordsMax],
    ]);
  });
});
