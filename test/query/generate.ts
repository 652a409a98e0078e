import fc from 'fast-check';
import type { Json, JsonObject } from '../../src/kernel/index.ts';
import { priorities, segments, stages, tags } from './catalogue.ts';
import type { TestData, TestRow } from './world.ts';

const orNull = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 4, nil: null });
const words = fc.constantFrom(
  'alpha',
  'Beta',
  'GAMMA delta',
  'Öl & Gas',
  'straße',
  '😀 smile',
  "O'Neil",
  '100%',
  'a_b',
  '',
);
const money = fc.integer({ min: -50_000, max: 500_000 }).map((cents) => cents / 100);
const whole = fc.integer({ min: -3, max: 40 });
const fraction = fc.constantFrom(-1.5, 0, 0.1, 0.25, 1, 3.5);
const day = fc.constantFrom('2026-01-31', '2026-08-22', '2026-11-19', '2026-11-20', '2026-11-21', '2027-02-28');
const clockTime = fc.constantFrom('00:00:00.000Z', '00:00:00.001Z', '12:00:00.000Z', '23:59:59.999Z');
const moment = fc.tuple(day, clockTime).map(([date, time]) => `${date}T${time}`);
const time = fc.constantFrom('00:00:00', '08:30:00', '23:59:59');
const accountKey = fc.constantFrom('a0', 'a1', 'a2', 'a3', 'a4', 'zz');
const domain = fc.constantFrom('one.example', 'two.example', 'three.example');
const userKey = fc.constantFrom('u0', 'u1', 'u2');

const rowsOf = (
  count: number,
  prefix: string,
  make: (id: string) => fc.Arbitrary<JsonObject>,
): fc.Arbitrary<TestRow[]> =>
  fc.tuple(
    ...Array.from({ length: count }, (_, index) =>
      make(`${prefix}${index}`).map((row): TestRow => ({ _id: `${prefix}${index}`, ...row })),
    ),
  );

const deal = (id: string): fc.Arbitrary<JsonObject> =>
  fc.record({
    deal_id: fc.constant(id),
    name: orNull(words),
    stage: orNull(fc.constantFrom(...stages)),
    amount: orNull(money),
    fees: orNull(money),
    probability: orNull(fraction),
    close_date: orNull(day),
    created: orNull(moment),
    call_at: orNull(time),
    tags: orNull(fc.subarray([...tags])),
    old_stage: fc.constant(null),
    account: orNull(accountKey),
    site: orNull(domain),
  });

/** Always the same ids, so that one data set replaces another. */
export const data: fc.Arbitrary<TestData> = fc.record({
  'crm.User': rowsOf(3, 'u', (id) =>
    fc.record({ user_id: fc.constant(id), name: orNull(words), email: orNull(words) }),
  ),
  'crm.Account': rowsOf(5, 'a', (id) =>
    fc.record({
      crm_id: fc.constant(id),
      name: orNull(words),
      segment: orNull(fc.constantFrom(...segments)),
      employees: orNull(whole),
      revenue: orNull(money),
      active: orNull(fc.boolean()),
      since: orNull(day),
      notes: orNull(words),
      iban: orNull(words),
      domain: orNull(domain),
      owner: orNull(userKey),
    }),
  ),
  'crm.Opportunity': rowsOf(8, 'd', deal),
  'erp.Order': rowsOf(4, 'd', deal),
  'support.tickets': rowsOf(9, 't', (id) =>
    fc.record({
      ticket_id: fc.constant(id),
      subject: orNull(words),
      priority: orNull(fc.constantFrom(...priorities)),
      hours: orNull(money),
      opened: orNull(moment),
      account: orNull(accountKey),
    }),
  ),
});

const span = fc
  .integer({ min: 0, max: 120 })
  .chain((days) => fc.constantFrom({ ago: `${days}d` }, { ahead: `${days}d` }));

interface Comparable {
  readonly field: Json;
  readonly ops: readonly string[];
  readonly value: fc.Arbitrary<Json>;
}

const compared = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
const text = (field: Json, value: fc.Arbitrary<Json> = words): Comparable => ({
  field,
  ops: [...compared, 'contains', 'starts_with'],
  value,
});
const numeric = (field: Json, value: fc.Arbitrary<Json>): Comparable => ({ field, ops: compared, value });
const closed = (field: Json, values: readonly string[]): Comparable => ({
  field,
  ops: ['eq', 'ne'],
  value: fc.constantFrom(...values),
});

const own: Readonly<Record<string, readonly Comparable[]>> = {
  user: [text('name'), text('email')],
  account: [
    text('name'),
    closed('segment', segments),
    numeric('employees', fc.oneof(whole, fraction)),
    numeric('revenue', money),
    { field: 'active', ops: ['eq', 'ne'], value: fc.boolean() },
    numeric('since', fc.oneof(day, span)),
    text('domain', domain),
  ],
  deal: [
    text('name'),
    closed('stage', stages),
    numeric('amount', money),
    numeric('probability', fraction),
    numeric('close_date', fc.oneof(day, span)),
    numeric('created', fc.oneof(day, moment, span)),
    numeric('call_at', time),
    { field: 'tags', ops: ['contains'], value: fc.constantFrom(...tags) },
  ],
  ticket: [
    text('subject'),
    closed('priority', priorities),
    numeric('hours', money),
    numeric('opened', fc.oneof(day, moment)),
  ],
};

const related: Readonly<Record<string, readonly Comparable[]>> = {
  user: [numeric({ count: 'accounts' }, fc.integer({ min: 0, max: 3 }))],
  account: [
    text('owner.name'),
    numeric({ count: 'tickets' }, fc.integer({ min: 0, max: 4 })),
    numeric({ sum: 'deals.amount', where: { field: 'stage', op: 'ne', value: 'lost' } }, money),
    numeric(
      { max: 'tickets.opened', where: { field: 'priority', op: 'eq', value: 'urgent' } },
      fc.oneof(day, moment, span),
    ),
  ],
  deal: [
    text('account.name'),
    closed('account.segment', segments),
    text('account.owner.email'),
    text('site.name'),
    numeric('site.employees', whole),
    numeric({ count: 'account.tickets' }, fc.integer({ min: 0, max: 4 })),
    numeric(
      { count: 'account.tickets', where: { field: 'account.active', op: 'eq', value: true } },
      fc.integer({ min: 0, max: 4 }),
    ),
    numeric({ avg: 'account.tickets.hours' }, money),
    numeric({ min: 'account.owner.accounts.since' }, day),
  ],
  ticket: [closed('account.segment', segments), numeric({ count: 'account.deals' }, fc.integer({ min: 0, max: 5 }))],
};

const leaf = (model: string, withRelations: boolean): fc.Arbitrary<JsonObject> =>
  fc
    .constantFrom(...(own[model] ?? []), ...(withRelations ? (related[model] ?? []) : []))
    .chain(({ field, ops, value }) =>
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ field: fc.constant(field), op: fc.constantFrom(...ops), value }) },
        {
          weight: 1,
          arbitrary: fc.record({ field: fc.constant(field), op: fc.constant('is_null'), value: fc.boolean() }),
        },
        {
          weight: 1,
          arbitrary: fc
            .array(
              value.filter((item) => typeof item !== 'object'),
              { minLength: 1, maxLength: 3 },
            )
            .map((values) => ({ field, op: 'in', value: values })),
        },
      ),
    );

/** Filters over a model; not over measures within measures. */
export function filterOver(model: string, withRelations = true): fc.Arbitrary<JsonObject> {
  return fc.letrec<{ node: JsonObject }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      leaf(model, withRelations),
      tie('node').map((not) => ({ not })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
      fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    ),
  })).node;
}

/** Row filters for some of the models. */
export const rules: fc.Arbitrary<Readonly<Record<string, JsonObject>>> = fc
  .record(
    {
      deal: filterOver('deal'),
      account: filterOver('account'),
      ticket: filterOver('ticket'),
      user: filterOver('user'),
    },
    { requiredKeys: [] },
  )
  .map((some) => ({ ...some }));

export const operandsOfDeal: readonly Json[] = [...(own['deal'] ?? []), ...(related['deal'] ?? [])]
  .map(({ field }) => field)
  .filter((field) => field !== 'tags');
