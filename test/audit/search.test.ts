import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import {
  aboutSystems,
  auditAppender,
  searchAudit,
  systemsOf,
  type AuditEntry,
  type AuditQuestion,
} from '../../src/audit/index.ts';
import { systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

const HOUR = 3_600_000;
const START = Date.parse('2026-03-01T00:00:00Z');
const ENTRIES = 4_500;
const TOGETHER = 25;
const kinds = ['tool_called', 'plan_prepared', 'write_ended', 'plan_withdrawn'] as const;

/** Some are about several systems: few with one of them, many with another, and of one nobody can tell what moved. */
function entryOf(nth: number): AuditEntry {
  const entry = entryOfOne(nth);
  const part = (by: number): number => ((nth * by) % 100_000) / 100;
  if (nth % 13 === 0) return aboutSystems(entry, { crm: part(1_300), hr: nth % 2 === 0 ? null : part(7) });
  return nth % 3 === 1 ? aboutSystems(entry, { erp: part(1_900), ops: part(11), web: 0 }) : entry;
}

/** What is rare, frequent, absent and shared by two columns is all in it. */
function entryOfOne(nth: number): AuditEntry {
  const named = nth % 5 !== 0;
  const record = `${nth % 3 === 0 ? 'erp' : 'crm'}/Account/${String(nth % 1_700)}`;
  return {
    kind: kinds[nth % 901 === 0 ? 3 : nth % 3] ?? 'tool_called',
    actor:
      nth % 7 === 0
        ? { kind: 'operator', name: `person${String(nth % 4)}` }
        : {
            kind: 'agent',
            agent: `agent${String(nth % 2)}`,
            principal: nth % 11 === 0 ? null : `person${String(nth % 6)}`,
          },
    subject: {
      plan: `plan_${String(Math.floor(nth / 10))}`,
      connection: nth % 3 === 0 ? 'erp' : 'crm',
      object: nth % 4 === 0 ? 'Invoice' : 'Account',
      ...(nth % 2 === 0 ? { model: 'deal', principal: 'person1' } : {}),
      ...(named ? { record, label: `${nth % 2 === 0 ? 'Nord' : 'Süd'}wind ${String(nth % 1_700)}% AG` } : {}),
    },
    reason: null,
    amount: nth % 4 === 0 ? null : (nth * 17) % 1_000,
    detail: { nth },
  };
}

/** A transaction may begin long before another one and end after it. */
const beganAt = (nth: number): Date => {
  const group = Math.floor(nth / TOGETHER);
  return new Date(START + (group * HOUR) / 3 - (group % 10 === 9 ? 0.9 * HOUR : 0));
};

interface Kept extends AuditEntry {
  readonly seq: number;
  readonly at: Date;
}

const all: readonly Kept[] = Array.from({ length: ENTRIES }, (_, index) => ({
  ...entryOf(index),
  seq: index + 1,
  at: beganAt(index),
}));

/** The same question asked of every entry, one by one. */
function asked(question: AuditQuestion, before: number | null): number[] {
  const { about, agent, person, plan, connection, object, model, from, to, amountFrom, amountTo } = question;
  const matching = all.filter(({ actor, subject, amount: whole, detail, kind, at, seq }) => {
    const parts = detail['amounts'] as { readonly [slug: string]: number | null } | undefined;
    const amount = connection === null || parts === undefined ? whole : (parts[connection] ?? null);
    const principal = actor.kind === 'agent' ? actor.principal : (subject.principal ?? null);
    return (
      (before === null || seq < before) &&
      (agent === null || (actor.kind === 'agent' && actor.agent === agent)) &&
      (person === null || principal === person || (actor.kind === 'operator' && actor.name === person)) &&
      (plan === null || subject.plan === plan) &&
      (connection === null || systemsOf(subject).includes(connection)) &&
      (object === null || subject.object === object) &&
      (model === null || subject.model === model) &&
      (question.kinds === null || question.kinds.includes(kind)) &&
      (from === null || at >= from) &&
      (to === null || at < to) &&
      (amountFrom === null || (amount !== null && amount >= amountFrom)) &&
      (amountTo === null || (amount !== null && amount <= amountTo))
    );
  });
  const exactly = matching.filter(
    ({ subject: { record } }) => about === null || record === about || record?.split('/').at(-1) === about,
  );
  const named = (text: string): readonly Kept[] =>
    matching.filter(({ subject: { label } }) => label?.toLowerCase().includes(text.toLowerCase()) === true);
  const found = about !== null && exactly.length === 0 ? named(about) : exactly;
  return found.map(({ seq }) => seq).toReversed();
}

const maybe = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(values, { freq: 1 });
const oneOf = (...values: readonly string[]): fc.Arbitrary<string | null> => maybe(fc.constantFrom(...values));

const questions: fc.Arbitrary<AuditQuestion> = fc.record({
  about: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    {
      weight: 6,
      arbitrary: fc.constantFrom(
        '17',
        'crm/Account/17',
        'NORDWIND',
        'wind 31%',
        'wind_31',
        '%',
        'd',
        'nobody',
        'crm/Account/x',
      ),
    },
  ),
  agent: oneOf('agent0', 'agent1', 'agent9'),
  person: oneOf('person0', 'person1', 'person5', 'stranger'),
  plan: fc.option(fc.constantFrom('plan_0', 'plan_44', 'plan_x'), { freq: 5 }),
  connection: oneOf('crm', 'erp', 'hr', 'ops', 'web', 'erp,ops,web', '(crm'),
  object: oneOf('Account', 'Invoice'),
  model: oneOf('deal'),
  kinds: maybe(fc.subarray([...kinds], { minLength: 1 })),
  from: maybe(fc.integer({ min: -10, max: 190 }).map((thirds) => new Date(START + (thirds * HOUR) / 3))),
  to: maybe(fc.integer({ min: -10, max: 190 }).map((thirds) => new Date(START + (thirds * HOUR) / 3))),
  amountFrom: maybe(fc.constantFrom(0, 500, 990, 2_000)),
  amountTo: maybe(fc.constantFrom(-1, 3, 500, 2_000)),
});

describeEachStore('a search of the audit', (open) => {
  let db: Db;
  let tenant: TenantId;
  beforeAll(async () => {
    db = await open();
    tenant = await addTenant(db, { slug: 'searched', at: new Date(START) });
    const append = auditAppender(systemRandom);
    for (let at = 0; at < ENTRIES; at += TOGETHER) {
      const own = all.slice(at, at + TOGETHER);
      const now = beganAt(at);
      await db.tenantTx(tenant, (tx) => append({ now, query: (text, params) => tx.query(text, params) }, tenant, own));
    }
  }, 300_000);

  it('goes through all of it from the end, whatever the conditions leave out', async () => {
    const none = { about: null, agent: null, person: null, plan: null, connection: null, object: null, model: null };
    const any = { ...none, kinds: null, from: null, to: null, amountFrom: null, amountTo: null };
    // What began before this and ended after it is numbered behind what began later.
    const moment = new Date(START + 2.3 * HOUR);
    const times = [
      { ...any, from: moment },
      { ...any, to: moment },
    ];
    const more = [any, { ...any, model: 'deal' }, { ...any, about: 'wind' }, { ...any, amountTo: 900 }];
    for (const question of [...times, ...more]) {
      const { entries, next } = await searchAudit(db, tenant, question, { before: null, limit: ENTRIES });
      expect(entries.map(({ seq }) => seq)).toEqual(asked(question, null));
      expect(next).toBeNull();
    }
  });

  it('finds an entry about several systems by each, over what is moved there', async () => {
    const none = { about: null, agent: null, person: null, plan: null, object: null, model: null, kinds: null };
    const question = { ...none, from: null, to: null };
    for (const connection of ['crm', 'erp', 'hr', 'ops', 'web', 'erp,ops,web', '(crm', 'cr']) {
      for (const [amountFrom, amountTo] of [
        [null, null],
        [998.5, null],
        [900, 905],
        [null, 0],
      ] as const) {
        const own = { ...question, connection, amountFrom, amountTo };
        const { entries } = await searchAudit(db, tenant, own, { before: null, limit: ENTRIES });
        expect(entries.map(({ seq }) => seq)).toEqual(asked(own, null));
      }
    }
  });

  it('finds what asking every entry finds, newest first and page by page, whichever index leads', async () => {
    const met = { none: 0, some: 0, more: 0 };
    const property = fc.asyncProperty(
      questions,
      fc.option(fc.integer({ min: 1, max: ENTRIES }), { freq: 2 }),
      fc.constantFrom(1, 7, 60),
      async (question, before, limit) => {
        const expected = asked(question, before);
        const { entries, next } = await searchAudit(db, tenant, question, { before, limit });
        expect(entries.map(({ seq }) => seq)).toEqual(expected.slice(0, limit));
        expect(next).toBe(expected.length > limit ? (expected[limit - 1] ?? null) : null);
        met[expected.length === 0 ? 'none' : next === null ? 'some' : 'more'] += 1;
      },
    );
    await fc.assert(property, { numRuns: 250, seed: 7, endOnFailure: true });
    expect(Math.min(...Object.values(met))).toBeGreaterThan(15);
  }, 300_000);
});
