import { contentHash } from '../src/kernel/index.ts';
import type { ProjectFiles } from '../src/manifest/index.ts';
import type { NativeField, NativeObject } from '../src/schema/index.ts';
import type { IngestRecord } from '../src/store/index.ts';

/** The smallest project that has a model, a reference, native objects and a row filter. */
export function projectFiles(title = 'Bench'): ProjectFiles {
  return new Map([
    ['gantry.yaml', gantry(title)],
    ['models/account.yaml', account],
    ['models/deal.yaml', deal],
    ['integrations/crm.yaml', crm],
  ]);
}

const gantry = (title: string): string => `gantry: 1
project: bench
title: ${title}
agents:
  reader:
    grant:
      tools: [search_catalog, describe, query_records, query_sql, get_record, list_connections]
      objects:
        account: '*'
        deal: '*'
        crm.Account: '*'
        crm.Opportunity: { where: { Score__c: { gte: 20 } } }
`;

const account = `model: account
label: name
fields:
  crm_id: { type: id, required: true }
  name: { type: string, required: true }
`;

const deal = `model: deal
label: name
fields:
  crm_id: { type: id, required: true }
  name: { type: string, required: true }
  phase: { type: string }
  value: { type: number }
  account: { type: reference, to: account, on: crm_id }
`;

const crm = `integration: crm
connector: salesforce
trust: record
objects:
  Account:
    model: account
    fields: { crm_id: Id, name: Name }
  Opportunity:
    model: deal
    fields: { crm_id: Id, name: Name, phase: Phase__c, value: Value__c, account: AccountId }
`;

const PHASES = ['new', 'proposal', 'negotiation', 'won', 'lost'];
const ACCOUNTS = 50;

const field = (name: string, type: NativeField['type']): NativeField => ({
  name,
  label: name,
  type,
  nativeType: type,
  nullable: name !== 'Id',
  custom: name.endsWith('__c'),
  writable: name !== 'Id',
});

const objectOf = (name: string, fields: readonly NativeField[]): NativeObject => ({
  name,
  label: name,
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields,
});

/** An object with records made as they are asked for: a hundred thousand wide ones do not lie in memory at once. */
export interface MadeObject {
  readonly object: NativeObject;
  readonly count: number;
  readonly record: (at: number) => IngestRecord;
}

export const accounts = (): MadeObject => ({
  object: objectOf('Account', [field('Id', 'id'), field('Name', 'string')]),
  count: ACCOUNTS,
  record: (at) => recordOf({ Id: accountId(at), Name: `Account ${String(at)}` }),
});

/** Nine columns have a part in the questions; the others are a customer's text and number fields, a third of them empty. */
const NAMED = 9;

/** Opportunities with so many columns in all. `note` is the length of a text in the first ten of them. */
export function opportunities(count: number, columns: number, note = 0): MadeObject {
  const extra = Array.from({ length: columns - NAMED }, (_, at) => ({
    name: `Field_${String(at)}__c`,
    number: at % 4 === 0,
  }));
  const fields = [
    field('Id', 'id'),
    field('Name', 'string'),
    field('AccountId', 'reference'),
    field('Phase__c', 'string'),
    field('Renewal__c', 'boolean'),
    field('Value__c', 'number'),
    field('Score__c', 'integer'),
    field('Closes__c', 'date'),
    field('Note__c', 'text'),
    ...extra.map(({ name, number }) => field(name, number ? 'number' : 'string')),
  ];
  const record = (at: number): IngestRecord => {
    const rest = extra.flatMap(({ name, number }, place) => {
      if ((at + place) % 3 === 0) return [];
      const value = (at * 31 + place * 17) % 9_973;
      return [[name, number ? value / 10 : `value ${String(value)}`]];
    });
    return recordOf({
      Id: `006${String(at).padStart(9, '0')}`,
      Name: `Deal ${String(at)}`,
      AccountId: accountId(at % ACCOUNTS),
      Phase__c: PHASES[at % PHASES.length] ?? '',
      Renewal__c: at % 3 === 0,
      Value__c: (at * 7_919) % 100_000,
      Score__c: (at * 37) % 100,
      Closes__c: `2026-${String(1 + (at % 12)).padStart(2, '0')}-${String(1 + (at % 28)).padStart(2, '0')}`,
      ...(at < 10 && note > 0 ? { Note__c: longText(at, note) } : {}),
      ...Object.fromEntries(rest),
    });
  };
  return { object: objectOf('Opportunity', fields), count, record };
}

/** Words that differ from record to record, so that nothing of it is stored once. */
function longText(seed: number, length: number): string {
  const words = Array.from({ length: Math.ceil(length / 8) }, (_, at) => ((seed + 1) * (at + 7_919) * 31).toString(36));
  return words.join(' ').padEnd(length, '.').slice(0, length);
}

const accountId = (at: number): string => `001${String(at).padStart(9, '0')}`;

function recordOf(doc: Readonly<Record<string, unknown>> & { readonly Id: string }): IngestRecord {
  const docText = JSON.stringify(doc);
  const srcAt = new Date('2026-01-01T00:00:00Z');
  return { id: doc.Id, hash: contentHash(docText), docText, srcAt, deleted: false };
}
