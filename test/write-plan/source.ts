import type { JsonObject } from '../../src/kernel/index.ts';
import type { fieldTypes, NativeField, NativeObject } from '../../src/schema/index.ts';

const field = (
  name: string,
  type: (typeof fieldTypes)[number] = 'string',
  more: Partial<NativeField> = {},
): NativeField => ({
  name,
  label: name.replace('__c', ''),
  type,
  nativeType: type,
  nullable: true,
  custom: name.endsWith('__c'),
  writable: true,
  ...more,
});
const values = (...all: string[]) => ({
  values: all.map((value) => ({ value, label: value, active: value !== 'Alt' })),
});

const opportunity: NativeObject = {
  name: 'Opportunity',
  label: 'Opportunity',
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [
    field('Id', 'id', { writable: false, nullable: false }),
    field('Name', 'string', { nullable: false, required: true, lengthMax: 20 }),
    field('Stage__c', 'enum', values('Offen', 'Gewonnen', 'Verloren', 'Alt')),
    field('Amount', 'decimal', { scale: 2, nativeType: 'currency' }),
    field('Budget__c', 'decimal', { scale: 2, nativeType: 'currency' }),
    field('Currency__c', 'string', { writable: false }),
    // The system calls it a number, whatever a customer keeps in it.
    field('Volume__c', 'decimal', { scale: 2, nativeType: 'double' }),
    field('CloseDate', 'date', { required: true }),
    field('Description', 'text', { lengthMax: 100 }),
    field('Reference__c', 'string', { unique: true }),
    field('Secret__c'),
    field('AccountId', 'reference', { references: ['Account'] }),
    field('OwnerId', 'reference', { references: ['User'] }),
    field('RecordTypeId', 'reference', { references: ['RecordType'] }),
    field('Origin__c', 'enum', values('Agent', 'Web')),
  ],
  recordTypes: [
    { id: 'rt1', name: 'Sale', label: 'Sale', active: true, default: true, values: {} },
    { id: 'rt2', name: 'Test', label: 'Test', active: true, default: false, values: { Stage__c: ['Offen'] } },
  ],
  rules: [
    {
      kind: 'validation',
      name: 'Won needs a date',
      active: true,
      message: 'Give the date.',
      condition: null,
      fields: ['Stage__c'],
    },
    {
      kind: 'automation',
      name: 'Tell finance',
      active: true,
      message: 'Mails the amount.',
      condition: null,
      fields: ['Amount'],
    },
  ],
};
const small = (name: string, ...fields: NativeField[]): NativeObject => ({
  name,
  label: name,
  custom: false,
  idField: 'Id',
  linkTemplate: null,
  fields: [field('Id', 'id', { writable: false, nullable: false }), ...fields],
});
/** What the system has, by hand. */
export const objects = [
  opportunity,
  small('Account', field('Name'), field('Status__c', 'enum', values('Kunde', 'Interessent'))),
  small('User', field('Email')),
  small(
    'Case',
    field('Subject'),
    field('Fee__c', 'decimal', { nativeType: 'currency' }),
    field('CurrencyIsoCode', 'enum', values('EUR', 'USD')),
    field('Old__c', 'string', { deprecated: true }),
  ),
];

export type Rows = { readonly [object: string]: readonly (JsonObject & { readonly Id: string })[] };

export const rows: Rows = {
  Account: [
    { Id: 'a1', Name: 'Nordwind', Status__c: 'Kunde' },
    { Id: 'a2', Name: 'Talbach', Status__c: 'Interessent' },
    { Id: 'a3', Name: 'Hidden', Status__c: 'Kunde' },
  ],
  User: [
    { Id: 'u1', Email: 'ada@example.com' },
    { Id: 'u2', Email: 'brita@example.com' },
  ],
  Opportunity: [
    {
      Id: 'o1',
      Name: 'Renewal',
      Stage__c: 'Offen',
      Amount: 1000,
      Budget__c: 50,
      Currency__c: 'USD',
      CloseDate: '2026-12-01',
      AccountId: 'a1',
      OwnerId: 'u1',
      Reference__c: 'R-1',
    },
    {
      Id: 'o2',
      Name: 'Upsell',
      Stage__c: 'Offen',
      Amount: 300,
      CloseDate: '2026-12-02',
      AccountId: 'a2',
      Description: 'Old note',
      Reference__c: 'R-2',
    },
    { Id: 'o3', Name: 'Lost one', Stage__c: 'Verloren', Amount: 10, CloseDate: '2026-12-03', AccountId: 'a1' },
    { Id: 'o4', Name: 'Trial', Stage__c: 'Offen', RecordTypeId: 'rt2', Currency__c: 'XTS', Budget__c: 5 },
  ],
  Case: [
    { Id: 'c1', Subject: 'Help', Fee__c: 5, CurrencyIsoCode: 'EUR' },
    { Id: 'c2', Subject: 'Free', Fee__c: 0, CurrencyIsoCode: 'EUR' },
  ],
};
