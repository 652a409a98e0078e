import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decide,
  defaultRules,
  pathsAsked,
  permissionOf,
  policyRules,
  policyVersionOf,
  sumsOf,
  type PolicyDecision,
} from '../../src/policy/index.ts';
import { manifestWith, part, question, rulesOf, spentOf } from './fixture.ts';

const NOTHING = 'history: { keep: none }';
const rulesIn = (yaml: string, more = ''): string => `approvals:\n  ${more}rules:\n${yaml}`;
const DAY = 'agent * 86400000';
const idsOf = (decision: PolicyDecision): readonly string[] =>
  decision.kind === 'approve' ? decision.needs.map(({ id }) => id) : [];
const rulesSaid = (decision: PolicyDecision): string[] => decision.because.map(({ rule }) => rule);

describe('where a project says nothing', () => {
  const rules = rulesOf(NOTHING);
  const worth = (amount: number | null, spent = 0, records = 0) =>
    decide(rules, question({ amount, spent: spentOf({ [DAY]: { amount: spent, records } }) }));

  it('is what the page shows', async () => {
    const page = await readFile('docs/approvals.md', 'utf8');
    const shown = /^```yaml policies\/defaults\.yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
    const read = manifestWith(shown).policies.approvals;
    const plain = (of: typeof read) => ({ ...of, rules: of?.rules.map(({ at: _at, ...rule }) => rule) });
    expect(plain(read)).toEqual(plain(defaultRules));
  });

  it('names in its reasons no field that a rule is about: the asker may not be shown it', () => {
    const touching = decide(
      rules,
      question({ parts: [part({ model: 'account', object: 'Account', fields: ['status'] })] }),
    );
    expect(rulesSaid(touching)).toContain('customer_status_and_contract');
    expect(JSON.stringify(touching.because)).not.toMatch(/account\.status|customer\.status|contract_\*|native:/);
  });

  it('has people see to a condition that the asker is not shown, whatever the rules allow', () => {
    const unseen = decide(rules, question({ amount: 0, unseen: ['The account is a customer.'] }));
    expect(unseen).toMatchObject({ kind: 'approve', needs: [{ id: 'precondition#1', from: { kind: 'role' } }] });
    expect(rulesSaid(unseen)).toContain('precondition');
  });

  it('lets small changes through, asks one approver for larger ones, and the owner for the largest, with a second look', () => {
    expect(worth(0)).toMatchObject({ kind: 'allow', review: null });
    expect(worth(499.99)).toMatchObject({ kind: 'allow' });
    expect(worth(500)).toMatchObject({ kind: 'approve', needs: [{ id: 'medium_change#1', from: { kind: 'role' } }] });
    expect(worth(-1_200)).toMatchObject({ kind: 'approve' });
    expect(worth(4_999.99)).toMatchObject({ kind: 'approve', review: null });
    const large = worth(5_000);
    expect(large).toMatchObject({
      kind: 'approve',
      needs: [{ id: 'large_change#1', from: { kind: 'people', names: ['ida@acme.example'] } }],
      review: { id: 'large_change.second_review#1', from: { kind: 'role' }, slaMs: 86_400_000 },
    });
    expect(idsOf(large)).toHaveLength(1);
    expect(worth(null)).toEqual({ ...large, because: worth(null).because });
    expect(worth(null).because[0]?.text).toContain('nobody can tell what it is worth');
  });

  it('has people agree to a field that is made, whatever mode and rules let through', () => {
    const making = part({ operation: 'create_field', records: 0, fields: ['churn_risk'] });
    const decision = decide(rules, question({ parts: [part(), making] }));
    expect(decision).toMatchObject({ kind: 'approve', needs: [{ id: 'create_field#1', from: { kind: 'role' } }] });
    expect(decision.because.map(({ rule }) => rule)).toContain('create_field');
    const all = rulesOf(rulesIn('    all: { verdict: allow }\n'));
    expect(decide(all, question({ safety: 'safe_write', parts: [part(), making] }))).toMatchObject({ kind: 'approve' });
    expect(decide(all, question({ safety: 'safe_write' }))).toMatchObject({ kind: 'allow' });
    const none = rulesOf(rulesIn('    none: { when: { operations: [create_field] }, verdict: forbid }\n'));
    expect(decide(none, question({ parts: [part(), making] }))).toMatchObject({ kind: 'forbid' });
    const propose = part({ ...making, mode: 'propose_only' });
    expect(decide(all, question({ parts: [propose] }))).toMatchObject({ kind: 'propose' });
  });

  it('counts what was accepted before: ten times 490 does not stay below 500', () => {
    expect(worth(490, 0)).toMatchObject({ kind: 'allow' });
    expect(worth(490, 490)).toMatchObject({ kind: 'approve', needs: [{ id: 'medium_change#1' }] });
    expect(worth(490, 9 * 490)).toMatchObject({ kind: 'approve', needs: [{ id: 'medium_change#1' }] });
    expect(worth(490, 10 * 490)).toMatchObject({ needs: [{ id: 'large_change#1' }] });
    // What moves no money is not held against what was moved before.
    expect(worth(0, 10 * 490)).toMatchObject({ kind: 'allow' });
    expect(worth(0, 0, 99)).toMatchObject({ kind: 'approve', needs: [{ id: 'many_records#1' }] });
    expect(sumsOf(rules)).toEqual([{ per: 'agent', model: null, windowMs: 86_400_000 }]);
  });

  it('tells what was moved for others to nobody who is not shown it', () => {
    const told = (principal: string | null, amount: number): string =>
      JSON.stringify(
        decide(rules, question({ principal, amount: 490, spent: spentOf({ [DAY]: { amount, records: 1 } }) })).because,
      );
    // The sum is the agent's, whoever it acted for.
    expect(told('lena@acme.example', 48_000)).toBe(told('lena@acme.example', 31_000));
    expect(told('lena@acme.example', 48_000)).toContain('what was accepted before counts, too');
    expect(told(null, 48_000)).toContain('48,000 EUR');
  });

  it('has a person change who is a customer, what was agreed, and what is deleted, at any amount', () => {
    const touching = (...fields: string[]) =>
      decide(rules, question({ parts: [part({ model: 'account', object: 'Account', fields })] }));
    expect(touching('phone')).toMatchObject({ kind: 'allow' });
    expect(touching('phone', 'status')).toMatchObject({ needs: [{ id: 'customer_status_and_contract#1' }] });
    expect(touching('contract_value')).toMatchObject({ kind: 'approve' });
    expect(decide(rules, question({ parts: [part({ operation: 'delete', fields: [] })] }))).toMatchObject({
      kind: 'approve',
    });
  });

  it('asks for an approval after text of others was read, whatever the amount', () => {
    expect(decide(rules, question({ readUntrusted: true }))).toMatchObject({
      kind: 'approve',
      needs: [{ id: 'untrusted_text#1' }],
    });
    const heedless = rulesOf(rulesIn('    all: { verdict: allow }', 'untrusted_text: allow\n  '));
    expect(decide(heedless, question({ readUntrusted: true }))).toMatchObject({ kind: 'allow' });
    const strict = rulesOf(rulesIn('    all: { verdict: allow }', 'untrusted_text: forbid\n  '));
    expect(decide(strict, question({ readUntrusted: true }))).toMatchObject({ kind: 'forbid' });
  });
});

describe('rules of a project', () => {
  it('an allowing rule covers the whole plan or nothing, a restricting one needs one part', () => {
    const rules = rulesOf(
      rulesIn(
        `    deals: { when: { objects: [deal] }, verdict: allow }\n    never: { when: { objects: [crm.Secret__c] }, verdict: forbid }`,
      ),
    );
    const of = (...parts: Parameters<typeof part>[0][]) =>
      decide(rules, question({ parts: parts.map((each) => part(each)) }));
    expect(of({})).toMatchObject({ kind: 'allow' });
    expect(of({}, { model: 'account', object: 'Account' })).toMatchObject({ kind: 'approve' });
    expect(rulesSaid(of({}, { model: 'account', object: 'Account' }))).toEqual(['deals', 'no_rule']);
    expect(of({}, { model: null, object: 'Secret__c' })).toMatchObject({ kind: 'forbid' });
    expect(decide(rules, question({ safety: 'safe_write', parts: [part({ model: 'account' })] }))).toMatchObject({
      kind: 'allow',
    });
    expect(of({ mode: 'gated' })).toMatchObject({ kind: 'approve', needs: [{ id: 'mode#1' }] });
    expect(of({ mode: 'propose_only' })).toMatchObject({ kind: 'propose' });
    expect(of({ mode: 'propose_only' }, { mode: 'read_only' })).toMatchObject({ kind: 'forbid' });
  });

  it('knows native fields by the model fields that they feed', () => {
    const rules = rulesOf(
      rulesIn(`    free: { verdict: allow }\n    names: { when: { fields: [account.name] }, verdict: approve }`),
    );
    const native = (object: string, field: string) =>
      decide(rules, question({ parts: [part({ model: null, object, fields: [`native:${field}`] })] }));
    expect(native('Account', 'Name')).toMatchObject({ kind: 'approve', needs: [{ id: 'names#1' }] });
    expect(native('Account', 'Phone')).toMatchObject({ kind: 'allow' });
  });

  it('looks at values before and after; what is not known restricts', () => {
    const rules = rulesOf(
      rulesIn(
        `    open: { when: { objects: [deal], where: { before.stage: open } }, verdict: allow }
    won: { when: { objects: [deal], where: { after.stage: won, before.stage: { ne: won } } }, verdict: approve }`,
      ),
    );
    expect(pathsAsked(rules)).toEqual(['before.stage', 'after.stage']);
    const rows = (...all: Record<string, unknown>[]) =>
      decide(rules, question({ parts: [part({ records: all.length, rows: all })] }));
    const openToOpen = { 'before.stage': 'open', 'after.stage': 'open' };
    expect(rows(openToOpen)).toMatchObject({ kind: 'allow' });
    expect(rows(openToOpen, { 'before.stage': 'lost', 'after.stage': 'lost' })).toMatchObject({
      needs: [{ id: 'no_rule#1' }],
    });
    expect(rows(openToOpen, { 'before.stage': 'open', 'after.stage': 'won' })).toMatchObject({
      needs: [{ id: 'won#1' }],
    });
    expect(rows(openToOpen, { 'before.stage': 'open' })).toMatchObject({ needs: [{ id: 'won#1' }] });
    expect(rows()).toMatchObject({ needs: [{ id: 'won#1' }] });
  });

  it('asks everybody named, and as many people as the rule that asks for most', () => {
    const rules = rulesOf(
      rulesIn(`    two: { verdict: approve, people: 2, sla: 2h }
    cfo: { verdict: approve, from: [cfo], escalate_to: [ceo], four_eyes: strict, sla: 8h }
    before: { verdict: approve, second_review: { when: before, from: [auditor] } }
    after: { verdict: approve, second_review: { when: after, within: 2d } }`),
    );
    const decision = decide(rules, question());
    expect(idsOf(decision)).toEqual(['cfo#1', 'two#1', 'before.second_review#1']);
    expect(decision).toMatchObject({
      needs: [
        { from: { names: ['cfo'] }, slaMs: 7_200_000, escalateTo: ['ceo'], fourEyes: 'strict' },
        { from: { kind: 'role' }, fourEyes: 'strict' },
        { from: { names: ['auditor'] } },
      ],
      review: { id: 'after.second_review#1', slaMs: 172_800_000 },
    });
    const orphan = policyRules(
      { ...manifestWith(rulesIn('    all: { verdict: approve, from: [$owner] }')), agents: new Map() },
      'helper',
      '2026-11-21',
    );
    // Nobody answers for the agent: nobody can say yes.
    expect(decide(orphan, question())).toMatchObject({ needs: [{ from: { kind: 'people', names: [] } }] });
  });

  it('asks everybody named for a second look before the write, and anybody where nobody is', () => {
    const reviewed = (...from: readonly string[]): PolicyDecision => {
      const each = from.map((names, n) => {
        const whom = names === '' ? '' : `, from: [${names}]`;
        return `    r${String(n)}: { verdict: approve, from: [cfo], second_review: { when: before${whom} } }`;
      });
      return decide(rulesOf(rulesIn(each.join('\n'))), question());
    };
    const asked = (...from: readonly string[]): unknown[] => {
      const decision = reviewed(...from);
      const needs = decision.kind === 'approve' ? decision.needs : [];
      return needs.slice(1).map((need) => (need.from.kind === 'people' ? need.from.names : 'anybody'));
    };
    expect(idsOf(reviewed('auditor', 'legal'))).toEqual(['r0#1', 'r0.second_review#1', 'r1.second_review#1']);
    expect(asked('auditor', 'legal')).toEqual([['auditor'], ['legal']]);
    expect(asked('auditor', 'legal', 'auditor')).toEqual([['auditor'], ['legal']]);
    expect(asked('', 'legal', '')).toEqual([['legal']]);
    expect(asked('', '')).toEqual(['anybody']);
    // Nobody answers for the agent: nobody can look, not anybody.
    const ownerless = rulesIn('    all: { verdict: approve, second_review: { when: before, from: [$owner] } }');
    const orphan = policyRules({ ...manifestWith(ownerless), agents: new Map() }, 'helper', '2026-11-21');
    expect(decide(orphan, question())).toMatchObject({ needs: [{}, { from: { kind: 'people', names: [] } }] });
  });

  it('keeps an agent within what it may move in a day, in other currencies by the rate of the day', () => {
    const currencies = `currencies:\n  base: EUR\n  source: test\n  rates:\n    USD: { 2026-01-01: 1.25, 2026-12-01: 2 }\n`;
    const money = (currency: string) => `    money_per_day: { amount: '1000', currency: ${currency} }\n`;
    const free = `${currencies}${rulesIn('    all: { verdict: allow }')}`;
    const asked = (policies: string, currency: string, amount: number | null, before = 0) =>
      decide(
        rulesOf(policies, money(currency)),
        question({ amount, spent: spentOf({ [DAY]: { amount: before, records: 1 } }) }),
      ).kind;
    expect(asked(free, 'EUR', 1_000)).toBe('allow');
    expect(asked(free, 'EUR', 1_000.01)).toBe('forbid');
    expect(asked(free, 'EUR', 400, 601)).toBe('forbid');
    expect(asked(free, 'EUR', 0, 9_000)).toBe('allow');
    expect(asked(free, 'EUR', null)).toBe('forbid');
    expect(asked(free, 'USD', 800)).toBe('allow');
    expect(asked(free, 'USD', 801)).toBe('forbid');
    expect(asked(free, 'GBP', 1)).toBe('forbid');
    const rules = rulesOf(free, money('EUR'));
    expect(decide(rules, question({ amount: 5, currency: 'CHF' })).kind).toBe('forbid');
    // What a person takes back is for people to decide on, however much it is.
    expect(decide(rules, question({ amount: null, byPerson: true })).kind).toBe('approve');
    expect(decide(rules, question({ amount: 5_000, byPerson: true })).kind).toBe('approve');
    expect(sumsOf(rules)).toHaveLength(1);
  });

  it('holds an agent on trial to one workflow, one system, one approver, its bounds and its end', () => {
    const trial = (until: string, more = '') =>
      rulesOf(
        `approvals:\n  rules:\n    all: { verdict: allow }\n  pilots:\n    renewals: { agent: helper, integration: crm, approver: lena, until: ${until}, per_day: { amount: 1000, records: 3 }${more} }`,
      );
    const on = trial('2026-11-21');
    const asked = decide(on, question({ amount: 400, safety: 'safe_write' }));
    expect(asked).toMatchObject({ kind: 'approve', needs: [{ id: 'pilot#1', from: { names: ['lena'] } }] });
    const kinds = (more: Parameters<typeof question>[0], rules = on) => decide(rules, question(more)).kind;
    expect(kinds({ amount: 1_001 })).toBe('forbid');
    expect(kinds({ amount: null })).toBe('forbid');
    expect(kinds({ amount: 400, spent: spentOf({ [DAY]: { amount: 601, records: 1 } }) })).toBe('forbid');
    expect(kinds({ amount: 0, spent: spentOf({ [DAY]: { amount: 0, records: 3 } }) })).toBe('forbid');
    expect(kinds({ parts: [part({ records: 4 })] })).toBe('forbid');
    expect(kinds({ parts: [part(), part({ integration: 'support' })] })).toBe('forbid');
    expect(kinds({}, trial('2026-11-20'))).toBe('forbid');
    const narrow = trial('2026-12-31', ', intents: [deal.close]');
    expect(kinds({ intent: 'deal.close' }, narrow)).toBe('approve');
    expect(kinds({}, narrow)).toBe('forbid');
    // Each step by itself, whatever the whole is called; what taking back would come to is none.
    const close = part({ intent: 'deal.close' });
    expect(kinds({ intent: 'deal.close', parts: [close, part({ intent: null })] }, narrow)).toBe('forbid');
    expect(kinds({ intent: 'deal.close deal.open', parts: [close, part({ intent: 'deal.open' })] }, narrow)).toBe(
      'forbid',
    );
    expect(kinds({ intent: 'deal.close', parts: [close, part({ intent: null, records: 0 })] }, narrow)).toBe('approve');
    expect(kinds({ agent: 'helper', parts: [part({ mode: 'read_only' })] })).toBe('forbid');
    expect(sumsOf(on)).toHaveLength(1);
    expect(policyVersionOf(on)).not.toBe(policyVersionOf(trial('2026-11-22')));
    const twice = `approvals:\n  rules: {}\n  pilots:\n    a: { agent: helper, integration: crm, approver: lena, until: 2026-12-31, per_day: { amount: 1, records: 1 } }\n    b: { agent: helper, integration: cmr, approver: lena, until: 2026-12-31, per_day: { amount: 1, records: 1 } }`;
    expect(() => manifestWith(twice)).toThrow('on trial in `a` already');
    expect(() => manifestWith(twice)).toThrow('no integration `cmr`');
  });

  it('has another version once it decides otherwise', () => {
    const one = rulesOf(rulesIn('    all: { verdict: allow, why: a }'));
    expect(policyVersionOf(one)).toBe(policyVersionOf(rulesOf(rulesIn('    all: { verdict: allow, why: b }'))));
    expect(policyVersionOf(one)).not.toBe(policyVersionOf(rulesOf(rulesIn('    all: { verdict: approve }'))));
    expect(policyVersionOf(one)).not.toBe(policyVersionOf(rulesOf(NOTHING)));
    // What plans were made by when the project was another one: how much an integration lets pass, and an operation.
    const declared = (modes: object, safety: object) =>
      policyVersionOf({
        ...one,
        declared: { modes: new Map(Object.entries(modes)), safety: new Map(Object.entries(safety)) },
      });
    const before = declared({ crm: 'autonomous' }, { 'deal.close': 'safe_write' });
    expect(declared({ crm: 'gated' }, { 'deal.close': 'safe_write' })).not.toBe(before);
    expect(declared({ crm: 'autonomous' }, { 'deal.close': 'forbidden' })).not.toBe(before);
  });

  it('never decides less strictly for more rules that restrict, more money, or text of others', () => {
    const order = ['allow', 'approve', 'propose', 'forbid'];
    const verdicts = fc.array(fc.constantFrom('allow', 'approve', 'propose', 'forbid'), { maxLength: 4 });
    const yamlOf = (all: readonly string[]): string =>
      all.length === 0
        ? NOTHING
        : rulesIn(all.map((verdict, n) => `    r${String(n)}: { verdict: ${verdict} }`).join('\n'));
    fc.assert(
      fc.property(
        verdicts,
        fc.constantFrom('approve', 'propose', 'forbid'),
        fc.constantFrom('safe_write' as const, 'gated_write' as const),
        fc.constantFrom('autonomous' as const, 'gated' as const, 'propose_only' as const),
        fc.boolean(),
        (some, more, safety, mode, readUntrusted) => {
          const asked = question({ safety, parts: [part({ mode })], readUntrusted, amount: 0 });
          const less = decide(rulesOf(yamlOf(some.length === 0 ? ['allow'] : some)), asked).kind;
          const strict = decide(rulesOf(yamlOf([...(some.length === 0 ? ['allow'] : some), more])), asked).kind;
          expect(order.indexOf(strict)).toBeGreaterThanOrEqual(order.indexOf(less));
          expect(order.indexOf(strict)).toBeGreaterThanOrEqual(order.indexOf(more));
          const standing = permissionOf({ grant: 'write', safety, mode, policy: 'allow' });
          expect(order.indexOf(less)).toBeGreaterThanOrEqual(order.indexOf(standing));
        },
      ),
      { numRuns: 40 },
    );
    const tiers = [0, 1, 499, 500, 4_999, 5_000, 1e9, null].map((amount) => {
      const decision = decide(rulesOf(NOTHING), question({ amount }));
      return order.indexOf(decision.kind) * 10 + (idsOf(decision)[0] === 'large_change#1' ? 1 : 0);
    });
    expect(tiers).toEqual(tiers.toSorted((a, b) => a - b));
  });
});

describe('mistakes in a policy file', () => {
  it.each([
    ['a model that is not there', 'a: { when: { objects: [deel] }, verdict: allow }', 'There is no model `deel`'],
    [
      'an integration that is not there',
      'a: { when: { objects: [cmr.Account] }, verdict: allow }',
      'no integration `cmr`',
    ],
    [
      'a path without before or after',
      'a: { when: { objects: [deal], where: { stage: won } }, verdict: allow }',
      'which value',
    ],
    [
      'a field that is not there',
      'a: { when: { objects: [deal], where: { after.stag: won } }, verdict: allow }',
      'no field `stag`',
    ],
    ['a moving date', 'a: { when: { where: { after.closed_on: { lt: { ago: 1d } } } }, verdict: allow }', 'fixed'],
    ['an empty range', 'a: { when: { amount: { from: 5, below: 5 } }, verdict: allow }', 'range is empty'],
    ['a sum of nothing', 'a: { when: { sum: { per: agent, within: 1d } }, verdict: allow }', '`sum` adds'],
    [
      'a sum over a year',
      'a: { when: { amount: { from: 1 }, sum: { per: agent, within: 365d } }, verdict: allow }',
      'longer',
    ],
    ['more people than names', 'a: { verdict: approve, from: [x], people: 2 }', '`people: 2`'],
    ['an approver of nothing', 'a: { verdict: allow, from: [x] }', 'asks nobody'],
    ['a review before what goes at once', 'a: { verdict: allow, second_review: before }', 'nothing to review before'],
    ['an unknown verdict', 'a: { verdict: maybe }', 'verdict'],
  ])('%s', (_name, rule, told) => {
    expect(() => manifestWith(rulesIn(`    ${rule}`))).toThrow(told);
  });

  it('a route that nobody declared would tell nobody', () => {
    expect(() => manifestWith(rulesIn('    a: { verdict: allow }', 'tell: [nowhere]\n  '))).toThrow(
      'no route `nowhere`',
    );
    expect(() =>
      manifestWith(rulesIn('    a: { verdict: allow }', 'people: { lena: { route: nowhere } }\n  ')),
    ).toThrow('no route');
    expect(() => manifestWith(rulesIn('    a: { verdict: allow }', 'people: { lena: {} }\n  '))).toThrow(
      'how `lena` is reached',
    );
  });
});
