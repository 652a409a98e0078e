import { loadProject, type LoadResult, type Manifest } from '../../src/manifest/index.ts';

const model = `
model: deal
title: Deal
label: name
fields:
  crm_id: { type: id, required: true }
  name: { type: string, required: true }
  stage: { type: enum, values: [open, won, lost] }
  amount: { type: decimal, currency: EUR }
  budget: { type: decimal, currency_field: currency }
  currency: string
  close_date: date
  note: text
  reference: { type: string, why: Our own number. }
  secret: string
  region: string
  account: { type: reference, to: account, on: crm_id }
  owner_mail: { type: string, title: E-mail of the owner }
operations:
  close_won:
    title: Close as won
    intent: When the customer signed.
    on: update
    input:
      closed_on: { type: date, why: When it was signed. }
      note: { type: string, required: false }
    sets: { stage: won, close_date: { input: closed_on }, note: { input: note } }
    safety: safe_write
    preconditions:
      - { text: Only open deals of accounts that are customers can be won., where: { and: [{ stage: open }, { account.status: customer }] } }
      - The contract is signed.
    side_effects: [Sales is told.]
    reversibility: compensating
    impact: amount
  reopen: { on: update, sets: { stage: open }, impact: { product: [{ change: amount }, 2] } }
`;

const account = `
model: account
title: Account
label: name
fields:
  crm_id: { type: id, required: true }
  name: string
  status: { type: enum, values: [customer, prospect] }
`;

const crm = `
integration: crm
title: Salesforce
connector: salesforce
trust: record
mode: gated
scope: { write: [Opportunity, 'Case*'] }
objects:
  Opportunity:
    model: deal
    fields:
      crm_id: Id
      name: { from: Name, trim: true }
      stage: { from: Stage__c, value_map: { Offen: open, Gewonnen: won, Verloren: lost } }
      amount: Amount
      budget: Budget__c
      currency: Currency__c
      close_date: CloseDate
      note: Description
      reference: Reference__c
      secret: Secret__c
      region: Region__c
      account: AccountId
      owner_mail: { from: OwnerId, lookup: { object: User, key: Id, take: Email } }
    defaults: { Origin__c: Agent }
    write:
      operations: [create, update, upsert, delete]
      guards: { name: never, note: if_empty }
      unmapped: { region: { store_in: Description }, currency: skip }
      side_effects: [The owner gets a mail.]
  Account:
    model: account
    fields: { crm_id: Id, name: Name, status: { from: Status__c, value_map: { Kunde: customer, Interessent: prospect } } }
  User: {}
  Case:
    write: { operations: [update] }
`;

const project = `
gantry: 1
project: writes
agents:
  writer:
    owner: lena@example.com
    grant:
      tools: [query_records, prepare_write, commit_write, run_operation, get_status, undo, describe]
      objects:
        deal: { fields: [crm_id, name, stage, amount, budget, currency, close_date, note, reference, region, account, owner_mail] }
        account: { fields: [crm_id, name], where: { name: { ne: Hidden } } }
        crm.Opportunity: { fields: [Id, Name, Stage__c, Amount, AccountId] }
        crm.Case: '*'
      write:
        deal: { operations: [create, update, upsert, delete], where: { stage: { ne: lost } } }
        crm.Opportunity: { operations: [update], fields: [Stage__c, AccountId] }
        crm.Case: { operations: [update] }
      operations: [deal.close_won]
  narrow:
    grant:
      tools: [prepare_write]
      objects: { deal: '*' }
      write: { deal: { operations: [update], fields: [stage] } }
`;

const money = `
currencies:
  base: EUR
  source: the bank
  rates: { USD: { 2026-01-01: 1.25, 2026-12-01: 9 } }
`;

export const files: ReadonlyMap<string, string> = new Map([
  ['gantry.yaml', project],
  ['models/deal.yaml', model],
  ['models/account.yaml', account],
  ['integrations/crm.yaml', crm],
  ['policies/money.yaml', money],
]);

const known = {
  connectors: ['salesforce'],
  tools: ['query_records', 'prepare_write', 'commit_write', 'run_operation', 'get_status', 'undo', 'describe'],
};

/** A customer who writes otherwise. */
export const overlay = `
tenant: acme
integrations:
  crm:
    objects:
      Opportunity:
        write: { operations: [update], guards: { amount: never } }
`;

/** The project with some texts in place of others. */
export function load(edits: readonly (readonly [file: string, find: string, replace: string])[] = []): LoadResult {
  const edited = new Map(files);
  for (const [file, find, replace] of edits) {
    const text = edited.get(file) ?? '';
    if (!text.includes(find)) throw new Error(`${file} has no ${find}`);
    edited.set(file, text.replace(find, replace));
  }
  return loadProject(edited, known);
}

export function manifest(edits: Parameters<typeof load>[0] = []): Manifest {
  const result = load(edits);
  if (result.kind === 'ok') return result.manifest;
  throw new Error(
    result.problems.map((problem) => `${problem.file}:${String(problem.line)} ${problem.message}`).join('\n'),
  );
}
