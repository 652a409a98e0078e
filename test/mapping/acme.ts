import { loadProject, readProject, type Manifest } from '../../src/manifest/index.ts';
import type { TenantStream } from '../../src/mapping/index.ts';
import { field, object, picklist, stream } from './support.ts';

export const knownNames = {
  connectors: ['salesforce', 'zendesk', 'odoo', 'google_calendar'],
  tools: [
    'search_catalog',
    'describe',
    'query_records',
    'query_sql',
    'get_record',
    'list_connections',
    'prepare_write',
    'run_operation',
    'commit_write',
    'get_status',
    'undo',
  ],
};

export async function renewals(): Promise<Manifest> {
  const result = loadProject(await readProject('examples/renewals'), knownNames);
  if (result.kind === 'problems') throw new Error(JSON.stringify(result.problems, null, 2));
  return result.manifest;
}

const custom = { custom: true } as const;

const account = object(
  'Account',
  [
    field('Id', 'id'),
    field('Name', 'string'),
    field('Website', 'string'),
    field('Industry', 'string'),
    field('BillingCity', 'string'),
    field('BillingCountry', 'string'),
    field('Phone', 'string'),
    field('NumberOfEmployees', 'integer'),
    field('AnnualRevenue', 'decimal', { scale: 0 }),
    field('OwnerId', 'reference', { references: ['User'] }),
    field('ParentId', 'reference', { references: ['Account'] }),
    field('Kundennummer__c', 'string', custom),
    field('Kundensegment__c', 'enum', { ...custom, ...picklist('Enterprise', 'Mittelstand', 'Kleinunternehmen') }),
    field('Kundenstatus__c', 'enum', {
      ...custom,
      ...picklist('Aktiv', 'Gefährdet', 'Gekündigt', 'Interessent', 'Gesperrt'),
    }),
  ],
  { linkTemplate: 'https://acme.example/{id}' },
);

const contact = object('Contact', [
  field('Id', 'id'),
  field('FirstName', 'string'),
  field('LastName', 'string'),
  field('Email', 'string'),
  field('Phone', 'string'),
  field('Title', 'string'),
  field('AccountId', 'reference', { references: ['Account'] }),
]);

const opportunity = object('Opportunity', [
  field('Id', 'id'),
  field('Name', 'string'),
  field('AccountId', 'reference', { references: ['Account'] }),
  field('OwnerId', 'reference', { references: ['User'] }),
  field('CloseDate', 'date'),
  field('NextStep', 'string'),
  field('Probability', 'number'),
  field('Vertriebsphase__c', 'enum', {
    ...custom,
    ...picklist('Qualifizierung', 'Bedarfsanalyse', 'Angebot', 'Verhandlung', 'Gewonnen', 'Verloren'),
  }),
  field('Auftragswert__c', 'decimal', { ...custom, scale: 2 }),
  field('Vertragsart__c', 'enum', { ...custom, ...picklist('Neugeschäft', 'Verlängerung', 'Erweiterung') }),
  field('Verlaengerungsdatum__c', 'date', custom),
]);

const event = object('Event', [
  field('Id', 'id'),
  field('Subject', 'string'),
  field('WhatId', 'reference', { references: ['Account', 'Opportunity'] }),
  field('WhoId', 'reference', { references: ['Contact', 'Lead'] }),
  field('OwnerId', 'reference', { references: ['User'] }),
  field('StartDateTime', 'datetime'),
  field('DurationInMinutes', 'integer'),
  field('Besprechungsart__c', 'enum', {
    ...custom,
    ...picklist('QBR', 'Kickoff', 'Demo', 'Support-Review', 'Telefonat'),
  }),
]);

const user = object('User', [
  field('Id', 'id'),
  field('Name', 'string'),
  field('Email', 'string'),
  field('IsActive', 'boolean'),
]);

const vertrag = object('Vertrag__c', [field('Id', 'id'), field('Name', 'string')], { custom: true });

const zendesk = { idField: 'id' } as const;

const tickets = object(
  'tickets',
  [
    field('id', 'id'),
    field('subject', 'string'),
    field('description', 'text'),
    field('status', 'enum', picklist('new', 'open', 'pending', 'hold', 'solved', 'closed')),
    field('priority', 'enum', picklist('low', 'normal', 'high', 'urgent')),
    field('type', 'enum', picklist('problem', 'incident', 'question', 'task')),
    field('organization_id', 'reference', { references: ['organizations'] }),
    field('requester_id', 'reference', { references: ['users'] }),
    field('assignee_id', 'reference', { references: ['users'] }),
    field('created_at', 'datetime'),
    field('updated_at', 'datetime'),
    field('custom_360001', 'enum', {
      ...custom,
      label: 'Produktbereich',
      ...picklist('abrechnung', 'import', 'api', 'berichte', 'mobil'),
    }),
    field('custom_360002', 'string', { ...custom, label: 'Vertragsnummer' }),
    field('custom_360003', 'decimal', { ...custom, label: 'Umsatzrisiko EUR', scale: 2 }),
    field('custom_360004', 'boolean', { ...custom, label: 'Eskaliert' }),
  ],
  zendesk,
);

const organizations = object(
  'organizations',
  [field('id', 'id'), field('name', 'string'), field('external_id', 'string'), field('domain_names', 'multi_enum')],
  zendesk,
);

const users = object('users', [field('id', 'id'), field('name', 'string'), field('email', 'string')], zendesk);

/** The customised systems of one customer, as discovery would tell of them. */
export const acmeObjects = { account, contact, opportunity, event, user, vertrag, tickets, organizations, users };

export function acmeStreams(): TenantStream[] {
  const support = { provider: 'zendesk' } as const;
  return [
    ...[account, contact, opportunity, event, user, vertrag].map((each) => stream('crm', each)),
    ...[tickets, organizations, users].map((each) => stream('support', each, support)),
  ];
}
