import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, limits } from '../../src/kernel/index.ts';
import type { GetRequest, QueryRequest, QueryScope } from '../../src/query/index.ts';
import { smallData } from './small-data.ts';
import { NOW, openWorld, type GrantSpec, type QueryWorld, type TestRow } from './world.ts';

const rowOf = (table: string, id: string): TestRow => {
  const row = smallData[table]?.find(({ _id }) => _id === id);
  if (row === undefined) throw new Error(`no row ${id}`);
  return row;
};
const hour = (n: number): Date => new Date(NOW.getTime() - n * 3_600_000);
const errorOf = async (work: Promise<unknown>): Promise<GantryError> => {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GantryError) return error;
  throw new Error('no error for the caller');
};

describe('what changed', () => {
  let world: QueryWorld;
  const ask = (request: QueryRequest, grant: GrantSpec = { deal: {}, account: {} }, scope?: QueryScope) =>
    world.service.queryRecords(world.caller(grant), scope ?? world.catalogue, request);
  const get = (request: GetRequest, grant: GrantSpec = { account: {} }) =>
    world.service.getRecord(world.caller(grant), world.catalogue, request);
  const ids = async (request: QueryRequest, grant?: GrantSpec) => (await ask(request, grant)).rows.map(([id]) => id);

  beforeAll(async () => {
    world = await openWorld(smallData);
    const at = { at: hour(100) };
    // The source tells when: everything is old, then some of it changes.
    for (const table of ['crm.Opportunity', 'erp.Order', 'crm.Account']) {
      await world.put(
        table,
        (smallData[table] ?? []).map((row) => ({ ...row, name: `${String(row['name'])} v1` })),
        at,
      );
    }
    await world.put('crm.Opportunity', [{ ...rowOf('crm.Opportunity', 'd1'), stage: 'negotiation' }], { at: hour(5) });
    await world.put('crm.Opportunity', [{ ...rowOf('crm.Opportunity', 'd2'), stage: 'lost' }], { at: hour(3) });
    await world.put('erp.Order', [{ ...rowOf('erp.Order', 'd1'), amount: 1 }], { at: hour(1) });
    await world.lens.catchUp(world.tenant);
  });
  afterAll(() => world.close());

  it('is what the source changed at or after the moment', async () => {
    const request: QueryRequest = { object: 'deal', fields: ['deal_id'] };
    expect(await ids({ ...request, changed_since: hour(5).toISOString() })).toEqual(['d1', 'd2', 'o1']);
    expect(await ids({ ...request, changed_since: new Date(hour(5).getTime() + 1).toISOString() })).toEqual([
      'd2',
      'o1',
    ]);
    expect(await ids({ ...request, changed_since: { ago: '2h' } })).toEqual(['o1']);
    expect(await ids({ ...request, changed_since: { ago: '30d' } })).toHaveLength(5);
    expect(await ids({ ...request, filter: { stage: 'won' }, changed_since: { ago: '4h' } })).toEqual(['o1']);
    const { rows } = await ask({ object: 'deal', measures: [{ count: '*' }], changed_since: { ago: '4h' } });
    expect(rows).toEqual([[2]]);
  });

  it('goes on from page to page, and belongs to the cursor', async () => {
    const request: QueryRequest = { object: 'deal', fields: ['deal_id'], limit: 2, changed_since: { ago: '5h' } };
    const first = await ask(request);
    const second = await ask({ ...request, cursor: first.next_cursor ?? '' });
    expect([first, second].map(({ rows }) => rows.map(([id]) => id))).toEqual([['d1', 'd2'], ['o1']]);
    expect(first.deleted).toEqual([]);
    expect(second).not.toHaveProperty('deleted');
    const other = { ...request, changed_since: { ago: '6h' }, cursor: first.next_cursor ?? '' };
    expect((await errorOf(ask(other))).code).toBe('cursor_invalid');
  });

  it('counts our own reading where the source does not tell', async () => {
    // Tickets came without upstream times.
    const request: QueryRequest = { object: 'ticket', fields: ['ticket_id'], changed_since: NOW.toISOString() };
    expect(await ids(request, { ticket: {} })).toHaveLength(5);
    expect(await ids({ ...request, changed_since: '2099-01-01' }, { ticket: {} })).toEqual([]);
  });

  it('refuses what is no moment', async () => {
    for (const changed_since of ['yesterday', 7, { ago: 'soon' }, []] as const) {
      const { code, details } = await errorOf(ask({ object: 'deal', changed_since }));
      expect([code, details.where]).toEqual(['query_value_invalid', expect.stringContaining('changed_since')]);
    }
  });

  it('shows agents’ SQL the same moment as _at', async () => {
    const caller = world.caller({ deal: { fields: ['deal_id'], where: { stage: { ne: 'open' } } } });
    const sql = `select deal_id from deal where _at >= '${hour(3).toISOString()}'::timestamp order by 1`;
    const answer = await world.service.querySql(caller, world.catalogue, { sql: sql.replace(/::timestamp/, '') });
    expect(answer.rows).toEqual([['d2'], ['o1']]);
  });

  describe('and is gone', () => {
    const since = (): QueryRequest => ({ object: 'account', fields: ['crm_id'], changed_since: { ago: '10h' } });
    const segments: GrantSpec = { account: { where: { segment: { in: ['enterprise', 'mid'] } } } };
    const ofAda: GrantSpec = { account: { where: { 'owner.name': 'Ada' } } };

    beforeAll(async () => {
      await world.remove('crm.Account', ['a1', 'a3'], { at: hour(2) });
      await world.lens.catchUp(world.tenant);
    });

    it('is named, once, where the caller could see it', async () => {
      expect((await ask(since())).deleted).toEqual(['crm/Account/a1', 'crm/Account/a3']);
      // a3 was of segment "small".
      expect((await ask(since(), segments)).deleted).toEqual(['crm/Account/a1']);
      expect((await ask({ ...since(), changed_since: '2099-01-01' })).deleted).toEqual([]);
      expect(await ask({ object: 'account' })).not.toHaveProperty('deleted');
    });

    it('is not named where the rule cannot be judged from the record alone', async () => {
      const { deleted, warnings } = await ask(since(), ofAda);
      expect(deleted).toEqual([]);
      expect(warnings).toEqual([expect.stringContaining('deleted records are not named')]);
    });

    it('is forgotten with the history, and that is said', async () => {
      const policies = { savedQueries: new Map(), rates: null, history: { keepDays: 0 } };
      const { deleted, warnings } = await ask(since(), undefined, { ...world.catalogue, policies });
      expect(deleted).toEqual([]);
      expect(warnings).toEqual([expect.stringContaining('are not known any more')]);
    });

    it('is not gone any more when it comes back', async () => {
      await world.put('crm.Account', [{ ...rowOf('crm.Account', 'a1'), segment: 'small' }], { at: hour(1) });
      await world.lens.catchUp(world.tenant);
      const answer = await ask(since());
      expect(answer.deleted).toEqual(['crm/Account/a3']);
      expect(answer.rows.map(([id]) => id)).toEqual(['a1']);
    });

    it('counts only where the caller could see it: too many others are not told of', async () => {
      const hidden = Array.from({ length: limits.deletedRefsMax + 5 }, (_, n) => `h${String(n)}`);
      await world.put(
        'crm.Account',
        [
          ...hidden.map((id) => ({ ...rowOf('crm.Account', 'a2'), _id: id, segment: 'small' })),
          { ...rowOf('crm.Account', 'a2'), _id: 'seen', segment: 'mid' },
        ],
        { at: hour(3) },
      );
      await world.remove('crm.Account', hidden, { at: hour(2) });
      await world.remove('crm.Account', ['seen'], { at: hour(2) });
      await world.lens.catchUp(world.tenant);
      const { deleted, warnings } = await ask(since(), segments);
      expect(deleted).toEqual(['crm/Account/seen']);
      expect(warnings ?? []).toEqual([]);
      expect((await ask(since())).warnings).toContainEqual(expect.stringContaining('More than 1000 records'));
    });
  });

  describe('in one record', () => {
    const grant: GrantSpec = { account: { fields: ['crm_id', 'name', 'employees', 'notes'] } };
    beforeAll(async () => {
      const base = rowOf('crm.Account', 'a2');
      await world.put('crm.Account', [{ ...base, employees: 90 }], { at: hour(9) });
      await world.put('crm.Account', [{ ...base, employees: 90, iban: 'DE99' }], { at: hour(8) });
      await world.put('crm.Account', [{ ...base, employees: 95, notes: 'x'.repeat(5_000) }], { at: hour(7) });
      await world.lens.catchUp(world.tenant);
    });

    it('is told newest first, by visible field, with the source’s times', async () => {
      const { history } = await get({ object: 'account', id: 'a2', history: 10 }, grant);
      expect(history).toEqual([
        {
          at: hour(7).toISOString(),
          // The change of the hidden field at hour 8 is none for this caller.
          changed: { employees: { from: 90, to: 95 }, notes: { from: null, to: `${'x'.repeat(2_000)}…` } },
        },
        {
          at: hour(9).toISOString(),
          changed: { name: { from: 'Südstern AG v1', to: 'Südstern AG' }, employees: { from: 80, to: 90 } },
        },
        { at: hour(100).toISOString(), changed: { name: { from: 'Südstern AG', to: 'Südstern AG v1' } } },
      ]);
    });

    it('stops at the number asked for, and at the fields asked for', async () => {
      const request: GetRequest = { object: 'account', id: 'a2', history: 1, fields: ['name'] };
      const { history } = await get(request, grant);
      expect(history?.map(({ changed }) => Object.keys(changed))).toEqual([['name']]);
      expect((await errorOf(get({ ...request, history: 0 }))).code).toBe('query_value_invalid');
    });

    it('is nothing to a caller who may not see the record now', async () => {
      const hidden: GrantSpec = { account: { where: { employees: { lt: 95 } } } };
      expect((await errorOf(get({ object: 'account', id: 'a2', history: 5 }, hidden))).code).toBe('not_found');
    });
  });
});

describe('long values', () => {
  let world: QueryWorld;
  const asking = { tools: ['get_record'] };
  const text = `${'ä'.repeat(60_000)} end`;
  beforeAll(async () => {
    const rows = (smallData['crm.Account'] ?? []).map((row) => ({ ...row, notes: text, segment: 'mid' }));
    const many = Array.from({ length: 90 }, (_, index) => ({
      ...rows[0],
      _id: `x${index}`,
      crm_id: `x${index}`,
      notes: text,
    }));
    world = await openWorld({ ...smallData, 'crm.Account': [...rows, ...many] });
  });
  afterAll(() => world.close());

  it('are cut in lists, however many there are, and the answer says where the whole is', async () => {
    const request: QueryRequest = {
      object: 'account',
      fields: ['crm_id', 'notes'],
      sort: [{ field: 'notes' }],
      limit: 80,
    };
    const answer = await world.service.queryRecords(world.caller({ account: {} }, asking), world.catalogue, request);
    expect(answer.rows.map(([, notes]) => notes)).toEqual(Array.from({ length: 80 }, () => `${'ä'.repeat(2_000)}…`));
    expect(answer.long_values).toHaveLength(5);
    expect(answer.long_values?.[0]).toEqual({ object: 'account', ref: 'crm/Account/a1', field: 'notes' });
    expect(answer.warnings).toEqual([
      expect.stringMatching(/^80 long values were cut.*get_record with that one field/),
    ]);
    const rest = await world.service.queryRecords(world.caller({ account: {} }, asking), world.catalogue, {
      ...request,
      cursor: answer.next_cursor ?? '',
    });
    expect(rest.rows).toHaveLength(13);
  });

  it('come whole when asked for alone, to those who may see them', async () => {
    const caller = world.caller({ account: {} }, asking);
    const value = { object: 'account', ref: 'crm/Account/a1', field: 'notes' };
    expect(await world.service.readValue(caller, world.catalogue, value)).toEqual({ text, whole: true });
    const alone = { object: 'account', id: 'a1', fields: ['notes'] };
    const answer = await world.service.getRecord(caller, world.catalogue, alone);
    expect([answer.rows[0]?.[0], answer.warnings]).toEqual([text, []]);
    const blind = world.caller({ account: { fields: ['name'] } }, asking);
    expect((await errorOf(world.service.readValue(blind, world.catalogue, value))).code).toBe('query_field_unknown');
    const other = world.caller({ account: { where: { crm_id: 'a2' } } }, asking);
    expect((await errorOf(world.service.readValue(other, world.catalogue, value))).code).toBe('not_found');
  });

  it('are not for agents that may ask for no record: a link can be made up for any', async () => {
    const narrow = world.caller({ account: {} }, { savedQueries: ['accounts'] });
    const value = { object: 'account', ref: 'crm/Account/a1', field: 'notes' };
    expect((await errorOf(world.service.readValue(narrow, world.catalogue, value))).code).toBe('not_found');
    const request: QueryRequest = { object: 'account', fields: ['notes'], limit: 1 };
    const answer = await world.service.queryRecords(narrow, world.catalogue, request);
    expect(answer).not.toHaveProperty('long_values');
    expect(answer.warnings).toEqual([expect.stringMatching(/^1 long value was cut at 2000 characters \(.*…\)\.$/)]);
  });
});
