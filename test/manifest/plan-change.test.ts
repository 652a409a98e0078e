import { describe, expect, it } from 'vitest';
import { planChange, renderPlan, type Plan } from '../../src/manifest/index.ts';
import { edited, manifestOf, plainFiles } from './project.ts';

type Edits = Parameters<typeof edited>[0];

const alone = { today: '2026-11-21', tenants: [] };
const plain = (edits: Edits) => manifestOf(new Map([...edited(edits)].filter(([file]) => file in plainFiles)));
const plan = (edits: Edits): Plan => planChange(plain({}), plain(edits), alone);
const crm = 'integrations/crm.yaml';
const deal = 'models/deal.yaml';

describe('the plan of a change', () => {
  it('is empty for the same project', () => {
    expect(plan({})).toEqual({ changes: [], agents: [], tenants: [], breaks: [], notes: [], breaking: false });
    expect(renderPlan(plan({}))).toBe('');
  });

  it('adds everything the first time and breaks nothing', () => {
    const first = planChange(null, plain({}), alone);
    expect(new Set(first.changes.map((each) => each.action))).toEqual(new Set(['add']));
    expect(first.breaking).toBe(false);
    expect(first.changes.map((each) => `${each.kind} ${each.name}`)).toContain('mapping crm.Opportunity.stage');
    expect(first.agents).toEqual([
      { agent: 'helper', gains: ['account', 'crm.*', 'deal', 'tool describe', 'tool query_records'], loses: [] },
    ]);
  });

  it.each<[string, Edits, string, boolean]>([
    ['a title', { [deal]: [['model: deal', 'model: deal\ntitle: Sale']] }, '~ model deal', false],
    ['a value more', { [deal]: [['[open, won, lost]', '[open, won, lost, gone]']] }, '~ field deal.stage', false],
    [
      'a value less',
      { [deal]: [['[open, won, lost]', '[open, lost, won2]']], [crm]: [['Gewonnen: won', 'Gewonnen: won2']] },
      '~ field deal.stage',
      true,
    ],
    ['another type', { [deal]: [['closed_on: date', 'closed_on: datetime']] }, '~ field deal.closed_on', true],
    ['a field less', { [deal]: [['  closed_on: date\n', '']] }, '- field deal.closed_on', true],
    [
      'a field that becomes sensitive',
      { [deal]: [['closed_on: date', 'closed_on: { type: date, sensitive: true }']] },
      '~ field deal.closed_on',
      true,
    ],
    ['another source', { [crm]: [['{ from: Name, trim: true }', 'Title']] }, '~ mapping crm.Opportunity.name', false],
    [
      'records skipped',
      { [crm]: [['{ from: Name, trim: true }', '{ from: Name, trim: true, on_missing: skip }']] },
      '~ mapping crm.Opportunity.name',
      true,
    ],
    ['a shorter history', { [crm]: [['backfill: 90d', 'backfill: 30d']] }, '~ object crm.Opportunity', true],
    ['a longer history', { [crm]: [['backfill: 90d', 'backfill: all']] }, '~ object crm.Opportunity', false],
    ['a condition less', { [crm]: [['    where: { IsDeleted: false }\n', '']] }, '~ object crm.Opportunity', false],
    ['objects no longer replicated', { [crm]: [["also_sync: ['*__c']\n", '']] }, '~ integration crm', true],
    ['fewer rows', { 'gantry.yaml': [['rows_max: 50', 'rows_max: 10']] }, '~ agent helper', true],
    ['more rows', { 'gantry.yaml': [['rows_max: 50', 'rows_max: 100']] }, '~ agent helper', false],
    ['a granted field less', { 'gantry.yaml': [['[name, stage]', '[name]']] }, '~ grant helper deal', true],
    ['an object no longer granted', { 'gantry.yaml': [["        crm.*: '*'\n", '']] }, '- grant helper crm.*', true],
  ])('tells whether it breaks anything: %s', (_, edits, line, breaking) => {
    const change = plan(edits);
    const rendered = renderPlan(change)
      .split('\n')
      .find((each) => each.startsWith(line));
    expect(rendered).toBe(breaking ? `${line}  (breaking)` : line);
    expect(change.breaking).toBe(breaking);
  });

  it('says what each agent gains and loses, whatever the cause', () => {
    const impact = (edits: Edits): Plan['agents'] => plan(edits).agents;
    expect(impact({ 'gantry.yaml': [['[describe, query_records]', '[describe, query_sql]']] })).toEqual([
      { agent: 'helper', gains: ['tool query_sql'], loses: ['tool query_records'] },
    ]);
    // Not a word of the grant changes, yet the agent loses a field, as `*` leaves out sensitive ones.
    expect(impact({ 'models/account.yaml': [['crm_id: id', 'crm_id: { type: id, sensitive: true }']] })).toEqual([
      { agent: 'helper', gains: [], loses: ['account.crm_id'] },
    ]);
    expect(impact({ 'gantry.yaml': [['stage: { ne: lost }', 'stage: won']] })).toEqual([
      { agent: 'helper', gains: ['rows of deal'], loses: ['rows of deal'] },
    ]);
    expect(impact({ 'gantry.yaml': [['          where: { stage: { ne: lost } }\n', '']] })).toEqual([
      { agent: 'helper', gains: ['rows of deal'], loses: [] },
    ]);
  });

  it('carries the old and the new setting, removals first', () => {
    const change = plan({
      [deal]: [
        ['currency: EUR', 'currency: USD'],
        ['  closed_on: date\n', '  won_on: date\n'],
      ],
    });
    expect(change.changes).toEqual([
      { action: 'remove', kind: 'field', name: 'deal.closed_on', breaking: true, details: [] },
      {
        action: 'change',
        kind: 'field',
        name: 'deal.amount',
        breaking: true,
        details: [{ key: 'currency', from: 'EUR', to: 'USD' }],
      },
      { action: 'add', kind: 'field', name: 'deal.won_on', breaking: false, details: [] },
    ]);
    expect(JSON.parse(JSON.stringify(change))).toEqual(change);
  });
});
