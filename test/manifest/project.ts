import { loadProject, type KnownNames, type LoadResult, type Manifest } from '../../src/manifest/index.ts';

export const known: KnownNames = {
  connectors: ['salesforce', 'zendesk'],
  tools: ['describe', 'query_records', 'query_sql'],
  providerLimits: new Map([
    ['salesforce', [{ name: 'daily', callsMax: 5_000_000 }]],
    ['zendesk', []],
  ]),
  liveWays: new Map([
    ['salesforce', { stream: 'any' }],
    ['zendesk', { webhook: ['organizations', 'tickets'] }],
  ]),
};

/** A small project without mistakes: the ground on which each test makes its own. */
export const files: Readonly<Record<string, string>> = {
  'gantry.yaml': `gantry: 1
project: shop
agents:
  helper:
    owner: ida@acme.example
    grant:
      tools: [describe, query_records]
      objects:
        account: '*'
        deal:
          fields: [name, stage]
          where: { stage: { ne: lost } }
        crm.*: '*'
      rows_max: 50
`,
  'models/account.yaml': `model: account
label: name
fields:
  crm_id: id
  name: { type: string, required: true }
  phone: { type: string, sensitive: true }
  parent: { type: reference, to: account, on: crm_id }
many:
  deals: { model: deal, via: account }
`,
  'models/deal.yaml': `model: deal
fields:
  name: string
  stage: { type: enum, values: [open, won, lost] }
  amount: { type: decimal, currency: EUR }
  closed_on: date
  account:
    type: reference
    to: account
    on: crm_id
`,
  'integrations/crm.yaml': `integration: crm
connector: salesforce
trust: record
also_sync: ['*__c']
objects:
  Account:
    model: account
    fields:
      crm_id: Id
      name: Name
      phone: Phone
  Opportunity:
    model: deal
    sync: { backfill: 90d, every: 5m }
    where: { IsDeleted: false }
    fields:
      name: { from: Name, trim: true }
      stage:
        from: StageName
        value_map: { Offen: open, Gewonnen: won }
      amount: { from: Amount, number: { decimal: ',' } }
      account: { from: Ref__c, lookup: { object: Account, key: Number__c, take: Id } }
`,
  'policies/rules.yaml': `saved_queries:
  deals_in_stage:
    why: What is in one stage.
    params:
      stage: { type: enum, values: [open, won] }
      least: { type: number, default: 0 }
    query:
      object: deal
      filter: { stage: { param: stage }, amount: { gte: { param: least } } }
      fields: [name, amount, account.name]
      sort: [{ field: amount, dir: desc }]
currencies:
  base: EUR
  source: treasury
  rates:
    USD: { 2026-01-01: 1.1, 2026-07-01: 1.08 }
history: { keep: 30d }
`,
  'tenants/acme.yaml': `tenant: acme
why: Sales calls stages by other names here.
models:
  deal:
    fields:
      region: string
integrations:
  crm:
    also_sync: [Projekt_*]
    objects:
      Opportunity:
        where: { Owner__c: { ne: ops } }
        fields:
          stage: { from: Phase__c, value_map: { Neu: open } }
          region: Region__c
          amount: null
      Vertrag:
        model: deal
        fields: { name: Titel }
limits:
  helper: { rows_max: 20 }
`,
};

/** Which JSON Schema a file has to fit. */
export function kindOf(file: string): string {
  if (file === 'gantry.yaml') return 'project';
  const folder = file.slice(0, file.indexOf('/'));
  return { models: 'model', integrations: 'integration', policies: 'policy', tenants: 'tenant' }[folder] ?? folder;
}

/** The project without policies and overlays. */
export const plainFiles: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(files).filter(([file]) => !file.startsWith('policies/') && !file.startsWith('tenants/')),
);

/** The project with texts replaced: `edits` by file, as [find, replacement] with `find` present exactly once. */
export function edited(edits: {
  readonly [file: string]: readonly (readonly [string, string])[];
}): Map<string, string> {
  const result = new Map(Object.entries(files));
  for (const [file, changes] of Object.entries(edits)) {
    for (const [find, replacement] of changes) {
      const text = result.get(file) ?? '';
      if (text.split(find).length !== 2) throw new Error(`${file} has not exactly one ${find}`);
      result.set(
        file,
        text.replace(find, () => replacement),
      );
    }
  }
  return result;
}

export const load = (project: ReadonlyMap<string, string | Uint8Array>): LoadResult => loadProject(project, known);

export function manifestOf(project: ReadonlyMap<string, string>): Manifest {
  const result = load(project);
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems, null, 2));
  return result.manifest;
}
