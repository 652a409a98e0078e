import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Caller, StreamRights } from '../../src/access/index.ts';
import { GantryError } from '../../src/kernel/index.ts';
import type { Answer } from '../../src/query/index.ts';
import {
  fieldsNow,
  gets,
  lists,
  objects,
  openLookedUpWorld,
  outcome,
  statements,
  type LookedUpWorld,
  type Table,
} from './looked-up-world.ts';

describe('with the source asked, fields', () => {
  let world: LookedUpWorld;
  beforeAll(async () => {
    world = await openLookedUpWorld();
  });
  afterAll(() => world.close());
  beforeEach(() => world.begin());

  /** Somebody of whom it was known before that the sources show so much. */
  const callerNow = (): Caller => {
    const tables = Object.keys(objects) as Table[];
    const rights = tables.map((table): [Table, Partial<StreamRights>] => {
      const fields = fieldsNow(world.sources, table);
      return [table, fields === null ? { classes: [], fields: new Set() } : { fields }];
    });
    return world.callerWithout(undefined, Object.fromEntries(rights));
  };
  const all = (): Caller => world.callerWithout();
  const questions = (isFresh: boolean): readonly ((caller: Caller) => Promise<Answer>)[] => {
    const fresh = isFresh ? { require_fresh_access: true } : {};
    return [
      ...lists.map(
        (each) => (caller: Caller) => world.service.queryRecords(caller, world.catalogue(), { ...each, ...fresh }),
      ),
      ...gets.map(
        (each) => (caller: Caller) => world.service.getRecord(caller, world.catalogue(), { ...each, ...fresh }),
      ),
      ...statements.map((each) => (caller: Caller) => world.sql(each, caller, isFresh)),
    ];
  };
  const told = async (work: Promise<Answer>): Promise<unknown> => {
    const [answer, rows] = [await work.catch(() => null), await outcome(work)];
    return [answer?.columns ?? null, rows];
  };

  it('that a source shows no more do not exist, as if the rights had been read anew', async () => {
    const changes: readonly (readonly [readonly string[], readonly string[]])[] = [
      [['desk.Ticket Subject'], []],
      [['desk.Ticket Org'], []],
      [['desk.Org Name'], []],
      [['desk.Org Code', 'crm.Account Name'], []],
      [['desk.Person OrgCode'], []],
      [['crm.User Name', 'billing.Customer Clerk'], []],
      [['billing.Clerk Name'], []],
      [['crm.Account Site'], []],
      [[], ['desk.Ticket']],
      [[], ['desk.Org']],
      [['desk.Ticket Hours'], ['crm.Account']],
    ];
    let differing = 0;
    for (const [fields, closed] of changes) {
      Object.assign(world.sources, { hiddenFields: new Set(fields), closed: new Set(closed) });
      const before = questions(false);
      for (const [at, now] of questions(true).entries()) {
        const ask = before[at];
        if (ask === undefined) throw new Error('as many questions as before');
        const expected = await told(ask(callerNow()));
        expect([fields, closed, at, await told(now(all()))]).toEqual([fields, closed, at, expected]);
        if (JSON.stringify(await told(ask(all()))) !== JSON.stringify(expected)) differing += 1;
      }
    }
    // What is hidden here is seen by many of these questions.
    expect(differing).toBeGreaterThan(50);
  }, 240_000);

  it('that are won meanwhile are not told', async () => {
    const less = world.callerWithout(undefined, { 'desk.Ticket': { fields: new Set(['Id', 'Subject']) } });
    const ask = (fields: string[]) =>
      world.service.queryRecords(less, world.catalogue(), { object: 'ticket', fields, require_fresh_access: true });
    expect((await ask(['subject'])).rows).toHaveLength(4);
    expect(await outcome(ask(['hours']))).toBe('query_field_unknown');
    expect(world.fieldsAsked).toEqual([['desk.Ticket']]);
    const { columns } = await world.sql('select * from ticket', less, true);
    expect([columns.includes('subject'), columns.includes('hours')]).toEqual([true, false]);
  });

  it('are asked for once, of what the question reads; not where a rule decides, nor for nobody, nor unasked', async () => {
    const ask = (caller: Caller, fields: string[], isFresh = true) =>
      world.service.queryRecords(caller, world.catalogue(), {
        object: 'ticket',
        fields,
        ...(isFresh ? { require_fresh_access: true } : {}),
      });
    await ask(all(), ['subject']);
    await ask(all(), ['org', 'account.name']);
    await world.sql('select employer from ticket', all(), true);
    expect(world.fieldsAsked).toEqual([
      ['desk.Ticket'],
      ['billing.Customer', 'crm.Account', 'desk.Org', 'desk.Ticket'],
      ['desk.Org', 'desk.Person', 'desk.Ticket'],
    ]);
    world.begin();
    await ask(all(), ['subject'], false);
    await world.sql('select employer from ticket', all(), false);
    await ask({ ...all(), principal: null }, ['subject']);
    await ask(world.callerWithout(undefined, { 'desk.Ticket': { by: 'rule' } }), ['subject']);
    expect(world.fieldsAsked).toEqual([]);
  });

  it('go on from page to page', async () => {
    world.sources.hiddenFields = new Set(['desk.Ticket Hours']);
    const request = { object: 'ticket', fields: ['number'], limit: 3, require_fresh_access: true };
    const first = await world.service.queryRecords(all(), world.catalogue(), request);
    const cursor = first.next_cursor ?? '';
    const second = await world.service.queryRecords(all(), world.catalogue(), { ...request, cursor });
    expect([first.rows.length, second.rows.length]).toEqual([3, 1]);
  });

  it('are nothing to be told of where the source cannot be asked', async () => {
    world.sources.silent = 'desk.Org';
    for (const work of [
      () => world.sql('select org from ticket limit 0', all(), true),
      () => world.sql('select * from ticket limit 0', all(), true),
    ]) {
      const error: unknown = await work().catch((thrown: unknown) => thrown);
      if (!(error instanceof GantryError)) throw new Error('no error for the caller');
      expect([error.code, error.details.data]).toEqual([
        'access_unknown',
        { withheld: [{ connection: 'desk', object: 'ticket', reason: 'not_asked' }] },
      ]);
      expect(world.asked).toEqual([]);
    }
  });
});
