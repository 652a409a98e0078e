import { describe, expect, it } from 'vitest';
import { planChange, renderPlan, type Plan, type PlanContext } from '../../src/manifest/index.ts';
import { edited, manifestOf, plainFiles } from './project.ts';

type Edits = Parameters<typeof edited>[0];

const deal = 'models/deal.yaml';
const account = 'models/account.yaml';
const crm = 'integrations/crm.yaml';
const project = 'gantry.yaml';
const today = '2026-11-21';

const plain = (edits: Edits) => manifestOf(new Map([...edited(edits)].filter(([file]) => file in plainFiles)));

const plan = (before: Edits, after: Edits, context: Partial<PlanContext> = {}): Plan =>
  planChange(plain(before), plain(after), { today, tenants: [], ...context });

const breaks = (before: Edits, after: Edits, context: Partial<PlanContext> = {}): string[] =>
  plan(before, after, context).breaks.map(({ name }) => name);

/** Takes `amount` out of the model, and out of the mapping that feeds it. */
const withoutAmount: Edits = {
  [deal]: [['  amount: { type: decimal, currency: EUR }\n', '']],
  [crm]: [["      amount: { from: Amount, number: { decimal: ',' } }\n", '']],
};
const deprecatedFrom = (day: string): Edits => ({
  [deal]: [
    [
      'amount: { type: decimal, currency: EUR }',
      `amount: { type: decimal, currency: EUR, deprecated: { sunset: ${day} } }`,
    ],
  ],
});

describe('what has to be declared before it can be applied', () => {
  it('is the cause, not what follows from it', () => {
    expect(breaks({}, withoutAmount)).toEqual(['field deal.amount']);
    expect(breaks({}, { ...withoutAmount, [project]: [['[name, stage]', '[name]']] })).toEqual([
      'field deal.amount',
      'grant helper deal',
    ]);
    // The grant loses only what the model loses.
    const grantsAmount: Edits = { [project]: [['[name, stage]', '[name, amount]']] };
    expect(breaks(grantsAmount, { ...withoutAmount, [project]: [['[name, stage]', '[name]']] })).toEqual([
      'field deal.amount',
    ]);
  });

  it('is a whole model, without its fields, relations, mappings and grants', () => {
    const after = new Map([...edited({})].filter(([file]) => file in plainFiles && file !== deal));
    after.set(account, (after.get(account) ?? '').replace(/many:\n.*\n/, ''));
    after.set(crm, (after.get(crm) ?? '').replace(/ {2}Opportunity:[\s\S]*/, ''));
    after.set(project, (after.get(project) ?? '').replace(/ {8}deal:\n.*\n.*\n/, ''));
    const change = planChange(plain({}), manifestOf(after), { today, tenants: [] });
    expect(change.breaks.map(({ name }) => name)).toEqual(['model deal', 'object crm.Opportunity']);
    expect(change.changes.length).toBeGreaterThan(10);
  });

  it('says where it stands and which agents lose it', () => {
    const after: Edits = {
      [deal]: [['  stage: { type: enum, values: [open, won, lost] }\n', '']],
      [crm]: [['      stage:\n        from: StageName\n        value_map: { Offen: open, Gewonnen: won }\n', '']],
      [project]: [
        ['[name, stage]', '[name]'],
        ['          where: { stage: { ne: lost } }\n', ''],
      ],
    };
    expect(plan({}, after).breaks).toEqual([
      {
        name: 'field deal.stage',
        what: 'It would be gone. Agents that lose it: helper.',
        tenant: null,
        where: 'models/deal.yaml:4',
      },
    ]);
  });

  it('is an agent’s way in that goes, and never a suspension', () => {
    const who = (lines: string): Edits => ({
      [project]: [['    owner: ida@acme.example\n', `    owner: ida@acme.example\n${lines}`]],
    });
    const cells: readonly (readonly [string, string, boolean])[] = [
      ['', '    acts_for: both\n', false],
      ['', '    acts_for: users\n', true],
      ['    acts_for: both\n', '    acts_for: users\n', true],
      ['    acts_for: users\n', '    acts_for: both\n', false],
      ['    acts_for: both\n', '', true],
      ['', '    ip_allow: [10.0.0.0/8]\n', true],
      ['    ip_allow: [10.0.0.0/8]\n', '', false],
      ['    ip_allow: [10.0.0.0/8, 10.1.0.0/16]\n', '    ip_allow: [10.0.0.0/8]\n', true],
      ['', '    clients: [app-1]\n', false],
      ['    clients: [app-1]\n', '', true],
      ['    clients: [app-1]\n', '    clients: [app-1, app-2]\n', false],
      ['    redirect_uris: [http://127.0.0.1/a]\n', '    redirect_uris: [http://127.0.0.1/b]\n', true],
      ['', '    status: suspended\n', false],
      ['    status: suspended\n', '', false],
    ];
    for (const [before, after, wanted] of cells) {
      expect([before, after, breaks(who(before), who(after))]).toEqual([before, after, wanted ? ['agent helper'] : []]);
    }
  });

  it('is nothing where the project in force gave notice, and the day has come', () => {
    expect(breaks(deprecatedFrom('2026-11-20'), withoutAmount)).toEqual([]);
    expect(breaks(deprecatedFrom('2026-11-21'), withoutAmount)).toEqual([]);
    expect(breaks(deprecatedFrom('2026-11-22'), withoutAmount)).toEqual(['field deal.amount']);
    // Notice that is given with the change itself is none.
    const retyped: Edits = {
      [deal]: [
        ['amount: { type: decimal, currency: EUR }', 'amount: { type: integer, deprecated: { sunset: 2026-01-01 } }'],
      ],
    };
    expect(breaks({}, retyped)).toEqual(['field deal.amount']);
    expect(breaks(deprecatedFrom('2026-11-20'), retyped)).toEqual([]);
  });

  it('is nothing for a relation or a mapping of what had notice', () => {
    const noticed: Edits = { [deal]: [['model: deal', 'model: deal\ndeprecated: { sunset: 2026-11-01 }']] };
    expect(breaks(noticed, { ...noticed, [account]: [['many:\n  deals: { model: deal, via: account }\n', '']] })) //
      .toEqual([]);
    expect(breaks({}, { [account]: [['many:\n  deals: { model: deal, via: account }\n', '']] })).toEqual([
      'relation account.deals',
    ]);
    const unmapped: Edits = { [crm]: [["      amount: { from: Amount, number: { decimal: ',' } }\n", '']] };
    expect(breaks({}, unmapped)).toEqual(['mapping crm.Opportunity.amount']);
    expect(breaks(noticed, { ...noticed, ...unmapped })).toEqual([]);
  });

  it('is a saved query that asks for more, and none that is new', () => {
    const rules = 'policies/rules.yaml';
    const whole = (edits: Edits) => manifestOf(edited(edits));
    const between = (after: Edits): string[] =>
      planChange(whole({}), whole(after), { today, tenants: [] }).breaks.map(({ name }) => name);
    expect(between({ [rules]: [['{ type: number, default: 0 }', '{ type: number }']] })).toEqual([
      'saved_query deals_in_stage',
    ]);
    expect(between({ [rules]: [['values: [open, won]', 'values: [open, won, lost]']] })).toEqual([]);
    expect(between({ [rules]: [['keep: 30d', 'keep: 7d']] })).toEqual(['policy history']);
    expect(between({ [rules]: [['    USD: {', '    CHF: { 2026-01-01: 0.93 }\n    USD: {']] })).toEqual([]);
  });
});

const stored = (content: string) => ({ version: 3, content: `tenant: globex\n${content}` });

describe('the tenants that a change touches', () => {
  const globex = { tenant: 'globex', integrations: ['crm', 'crm'], stored: null };
  const initech = { tenant: 'initech', integrations: ['support'], stored: null };

  it('are those that are connected to an integration which changes, or feeds a model that does', () => {
    const tenants = [initech, globex];
    const touched = (edits: Edits) => plan({}, edits, { tenants }).tenants.map(({ tenant }) => tenant);
    expect(touched({ [crm]: [['every: 5m', 'every: 1m']] })).toEqual(['globex']);
    expect(touched({ [deal]: [['name: string', 'name: { type: string, title: Title }']] })).toEqual(['globex']);
    expect(touched({ [project]: [['rows_max: 50', 'rows_max: 60']] })).toEqual([]);
    expect(plan({}, {}, { tenants }).tenants).toEqual([]);
  });

  it('are told when their stored overlay names what is gone, with the line', () => {
    const overlay = stored(
      'integrations:\n  crm:\n    objects:\n      Opportunity:\n        fields:\n          amount: Wert__c\n',
    );
    const change = plan({}, withoutAmount, { tenants: [{ ...globex, stored: overlay }] });
    expect(change.tenants).toMatchObject([
      {
        tenant: 'globex',
        integrations: ['crm'],
        overlay: 'stored',
        stale: [{ code: 'manifest_field_unknown', file: 'overlay of globex, version 3', line: 7, column: 11 }],
      },
    ]);
    expect(change.breaks.map(({ name, where, tenant }) => [name, where, tenant])).toEqual([
      ['field deal.amount', 'models/deal.yaml:5', null],
      ['overlay globex', 'overlay of globex, version 3:7:11', 'globex'],
    ]);
    expect(renderPlan(change)).toContain('stale: overlay of globex, version 3:7:11');
  });

  it('are not told twice of an overlay that was stale before', () => {
    const overlay = stored('models: { gone: { fields: {} } }\n');
    const change = plan({}, { [crm]: [['every: 5m', 'every: 1m']] }, { tenants: [{ ...globex, stored: overlay }] });
    expect(change.tenants[0]?.stale).toHaveLength(1);
    expect(change.breaks).toEqual([]);
  });

  it('see what their own overlay in the project takes from them', () => {
    const acme = { tenant: 'acme', integrations: ['crm'], stored: null };
    const whole = (edits: Edits) => manifestOf(edited(edits));
    const tenants = [acme];
    const edits: Edits = {
      'tenants/acme.yaml': [
        ['      region: string\n', '      area: string\n'],
        ['          region: Region__c\n', '          area: Region__c\n'],
      ],
    };
    const change = planChange(whole({}), whole(edits), { today, tenants });
    expect(change.breaks).toMatchObject([{ name: 'tenant acme field deal.region', tenant: 'acme' }]);
    expect(change.tenants).toMatchObject([{ tenant: 'acme', overlay: 'project', integrations: [] }]);
    const names = change.tenants[0]?.changes.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
    expect(names).toContain('add field deal.area');
    // Nobody else has such a field.
    expect(change.changes.map(({ kind }) => kind)).toEqual(['overlay']);
  });

  it('that a project has an overlay for and that are not there are noted', () => {
    const change = planChange(null, manifestOf(edited({})), { today, tenants: [] });
    expect(change.notes).toEqual([
      'tenants/acme.yaml:1: there is no tenant acme yet.',
      'acme has deal.stage of crm.Opportunity come from elsewhere; by that field the grants of helper say which records they have.',
    ]);
    expect(change.breaks).toEqual([]);
  });
});
