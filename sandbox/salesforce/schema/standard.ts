import { field, readOnly, reference, type FieldDef } from './field.ts';
import {
  activityDates,
  address,
  nameText,
  owner,
  ownerOrQueue,
  withoutDeletion,
  withSystemFields,
  type ObjectDef,
} from './object.ts';

const INDUSTRIES = [
  'Agriculture',
  'Banking',
  'Chemicals',
  'Construction',
  'Consulting',
  'Education',
  'Electronics',
  'Energy',
];
const LEAD_SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other'];
const STAGES = [
  'Prospecting',
  'Qualification',
  'Needs Analysis',
  'Proposal/Price Quote',
  'Negotiation/Review',
  'Closed Won',
  'Closed Lost',
];
const leadSource = field('LeadSource', 'Lead Source', 'picklist', { picklist: LEAD_SOURCES });
const description = field('Description', 'Description', 'textarea', { length: 32_000 });
const master = (name: string): FieldDef =>
  reference('MasterRecordId', 'Master Record ID', name, null, { createable: false, updateable: false });

export const account: ObjectDef = standard('Account', 'Accounts', '001', [
  master('Account'),
  nameText('Account Name', 255),
  field('Type', 'Account Type', 'picklist', {
    picklist: ['Prospect', 'Customer - Direct', 'Customer - Channel', 'Other'],
  }),
  reference('ParentId', 'Parent Account ID', 'Account', 'ChildAccounts'),
  ...address('Billing'),
  ...address('Shipping'),
  field('Phone', 'Account Phone', 'phone'),
  field('Fax', 'Account Fax', 'phone'),
  field('AccountNumber', 'Account Number', 'string', { length: 40 }),
  field('Website', 'Website', 'url'),
  field('Industry', 'Industry', 'picklist', { picklist: INDUSTRIES }),
  field('AnnualRevenue', 'Annual Revenue', 'currency', { precision: 18, scale: 0 }),
  field('NumberOfEmployees', 'Employees', 'int', { length: 8 }),
  field('Rating', 'Account Rating', 'picklist', { picklist: ['Hot', 'Warm', 'Cold'] }),
  description,
  owner,
  ...activityDates,
  field('AccountSource', 'Account Source', 'picklist', { picklist: LEAD_SOURCES }),
]);

export const contact: ObjectDef = standard('Contact', 'Contacts', '003', [
  master('Contact'),
  reference('AccountId', 'Account ID', 'Account', 'Contacts', { cascadeDelete: true }),
  field('LastName', 'Last Name', 'string', { length: 80, nillable: false }),
  field('FirstName', 'First Name', 'string', { length: 40 }),
  field('Salutation', 'Salutation', 'picklist', { picklist: ['Mr.', 'Ms.', 'Mx.', 'Dr.', 'Prof.'] }),
  field('Name', 'Full Name', 'string', { ...readOnly, length: 121, nameField: true }),
  ...address('Mailing'),
  field('Phone', 'Business Phone', 'phone'),
  field('MobilePhone', 'Mobile Phone', 'phone'),
  reference('ReportsToId', 'Reports To ID', 'Contact'),
  field('Email', 'Email', 'email'),
  field('Title', 'Title', 'string', { length: 128 }),
  field('Department', 'Department', 'string', { length: 80 }),
  leadSource,
  field('Birthdate', 'Birthdate', 'date'),
  description,
  owner,
  field('HasOptedOutOfEmail', 'Email Opt Out', 'boolean'),
  field('DoNotCall', 'Do Not Call', 'boolean'),
  ...activityDates,
  field('EmailBouncedReason', 'Email Bounced Reason', 'string'),
  field('EmailBouncedDate', 'Email Bounced Date', 'datetime'),
]);

export const opportunity: ObjectDef = standard('Opportunity', 'Opportunities', '006', [
  reference('AccountId', 'Account ID', 'Account', 'Opportunities', { cascadeDelete: true }),
  field('IsPrivate', 'Private', 'boolean'),
  nameText('Name', 120),
  description,
  field('StageName', 'Stage', 'picklist', { picklist: STAGES, nillable: false }),
  field('Amount', 'Amount', 'currency', { precision: 18, scale: 2 }),
  field('Probability', 'Probability (%)', 'percent', { precision: 3, scale: 0 }),
  field('ExpectedRevenue', 'Expected Amount', 'currency', { createable: false, updateable: false }),
  field('TotalOpportunityQuantity', 'Quantity', 'double', { precision: 18, scale: 2 }),
  field('CloseDate', 'Close Date', 'date', { nillable: false }),
  field('Type', 'Opportunity Type', 'picklist', { picklist: ['New Business', 'Existing Business'] }),
  field('NextStep', 'Next Step', 'string'),
  leadSource,
  field('IsClosed', 'Closed', 'boolean', readOnly),
  field('IsWon', 'Won', 'boolean', readOnly),
  field('ForecastCategory', 'Forecast Category', 'picklist', {
    ...readOnly,
    picklist: ['Omitted', 'Pipeline', 'BestCase', 'Forecast', 'Closed'],
  }),
  field('ForecastCategoryName', 'Forecast Category', 'picklist', {
    picklist: ['Omitted', 'Pipeline', 'Best Case', 'Commit', 'Closed'],
  }),
  reference('CampaignId', 'Campaign ID', 'Campaign', 'Opportunities'),
  field('HasOpportunityLineItem', 'Has Line Item', 'boolean', readOnly),
  owner,
  ...activityDates,
]);

export const event: ObjectDef = standard('Event', 'Events', '00U', [
  reference('WhoId', 'Name ID', ['Contact', 'Lead'], 'Events'),
  reference('WhatId', 'Related To ID', ['Account', 'Opportunity', 'Case'], 'Events'),
  field('Subject', 'Subject', 'combobox', { nameField: true, picklist: ['Call', 'Email', 'Meeting', 'Other'] }),
  field('Location', 'Location', 'string'),
  field('IsAllDayEvent', 'All-Day Event', 'boolean'),
  field('ActivityDateTime', 'Due Date Time', 'datetime'),
  field('ActivityDate', 'Due Date Only', 'date'),
  field('DurationInMinutes', 'Duration', 'int', { length: 8 }),
  field('StartDateTime', 'Start Date Time', 'datetime'),
  field('EndDateTime', 'End Date Time', 'datetime'),
  field('EndDate', 'End Date', 'date', { createable: false, updateable: false }),
  description,
  reference('AccountId', 'Account ID', 'Account', null, { createable: false, updateable: false }),
  owner,
  field('IsPrivate', 'Private', 'boolean'),
  field('ShowAs', 'Show Time As', 'picklist', { picklist: ['Busy', 'OutOfOffice', 'Free'] }),
  field('IsChild', 'Is Child', 'boolean', readOnly),
  field('IsGroupEvent', 'Is Group Event', 'boolean', readOnly),
  field('IsArchived', 'Archived', 'boolean', readOnly),
  field('IsRecurrence', 'Create Recurring Series of Events', 'boolean'),
]);

export const task: ObjectDef = standard('Task', 'Tasks', '00T', [
  reference('WhoId', 'Name ID', ['Contact', 'Lead'], 'Tasks'),
  reference('WhatId', 'Related To ID', ['Account', 'Opportunity', 'Case'], 'Tasks'),
  field('Subject', 'Subject', 'combobox', {
    nameField: true,
    picklist: ['Call', 'Send Letter', 'Send Quote', 'Other'],
  }),
  field('ActivityDate', 'Due Date Only', 'date'),
  field('Status', 'Status', 'picklist', {
    nillable: false,
    defaultedOnCreate: true,
    defaultValue: 'Not Started',
    picklist: ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred'],
  }),
  field('Priority', 'Priority', 'picklist', {
    nillable: false,
    defaultedOnCreate: true,
    defaultValue: 'Normal',
    picklist: ['High', 'Normal', 'Low'],
  }),
  field('IsHighPriority', 'High Priority', 'boolean', readOnly),
  owner,
  description,
  reference('AccountId', 'Account ID', 'Account', null, { createable: false, updateable: false }),
  field('IsClosed', 'Closed', 'boolean', readOnly),
  field('IsArchived', 'Archived', 'boolean', readOnly),
]);

export const lead: ObjectDef = standard('Lead', 'Leads', '00Q', [
  field('LastName', 'Last Name', 'string', { length: 80, nillable: false }),
  field('FirstName', 'First Name', 'string', { length: 40 }),
  field('Name', 'Full Name', 'string', { ...readOnly, length: 121, nameField: true }),
  field('Title', 'Title', 'string', { length: 128 }),
  field('Company', 'Company', 'string', { nillable: false }),
  field('Phone', 'Phone', 'phone'),
  field('Email', 'Email', 'email'),
  field('Website', 'Website', 'url'),
  leadSource,
  field('Status', 'Status', 'picklist', {
    nillable: false,
    defaultedOnCreate: true,
    defaultValue: 'Open - Not Contacted',
    picklist: ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted'],
  }),
  field('Industry', 'Industry', 'picklist', { picklist: INDUSTRIES }),
  ownerOrQueue,
  field('IsConverted', 'Converted', 'boolean', { createable: true, updateable: false }),
  ...activityDates,
]);

export const caseObject: ObjectDef = standard('Case', 'Cases', '500', [
  field('CaseNumber', 'Case Number', 'string', { ...readOnly, length: 30, nameField: true, autoNumber: true }),
  reference('ContactId', 'Contact ID', 'Contact', 'Cases'),
  reference('AccountId', 'Account ID', 'Account', 'Cases'),
  field('Subject', 'Subject', 'string'),
  field('Status', 'Status', 'picklist', {
    defaultedOnCreate: true,
    defaultValue: 'New',
    picklist: ['New', 'Working', 'Escalated', 'Closed'],
  }),
  field('Priority', 'Priority', 'picklist', { picklist: ['High', 'Medium', 'Low'] }),
  description,
  field('IsClosed', 'Closed', 'boolean', readOnly),
  field('ClosedDate', 'Closed Date', 'datetime', { createable: false, updateable: false }),
  ownerOrQueue,
]);

export const campaign: ObjectDef = standard('Campaign', 'Campaigns', '701', [
  nameText('Name'),
  reference('ParentId', 'Parent Campaign ID', 'Campaign', 'ChildCampaigns'),
  field('Status', 'Status', 'picklist', { picklist: ['Planned', 'In Progress', 'Completed', 'Aborted'] }),
  field('StartDate', 'Start Date', 'date'),
  field('EndDate', 'End Date', 'date'),
  field('IsActive', 'Active', 'boolean'),
  owner,
]);

export const user: ObjectDef = {
  ...standard('User', 'Users', '005', []),
  writable: false,
  fields: withoutDeletion([
    field('Username', 'Username', 'string', { length: 80, nillable: false }),
    field('LastName', 'Last Name', 'string', { length: 80, nillable: false }),
    field('FirstName', 'First Name', 'string', { length: 40 }),
    field('Name', 'Full Name', 'string', { ...readOnly, length: 121, nameField: true }),
    field('Email', 'Email', 'email', { length: 128, nillable: false }),
    field('Alias', 'Alias', 'string', { length: 8, nillable: false }),
    field('IsActive', 'Active', 'boolean'),
    field('Department', 'Department', 'string', { length: 80 }),
    field('Title', 'Title', 'string', { length: 80 }),
    field('UserType', 'User Type', 'picklist', { ...readOnly, picklist: ['Standard', 'PowerPartner', 'Guest'] }),
    field('TimeZoneSidKey', 'Time Zone', 'picklist', {
      nillable: false,
      picklist: ['Europe/Berlin', 'Europe/Vienna', 'GMT'],
    }),
    field('LocaleSidKey', 'Locale', 'picklist', { nillable: false, picklist: ['de_DE', 'de_AT', 'en_GB', 'en_US'] }),
    field('LanguageLocaleKey', 'Language', 'picklist', { nillable: false, picklist: ['de', 'en_US', 'fr'] }),
    reference('ManagerId', 'Manager ID', 'User', 'ManagedUsers'),
    reference('ProfileId', 'Profile ID', 'Profile', 'Users', { nillable: false }),
    reference('UserRoleId', 'Role ID', 'UserRole', 'Users'),
  ]),
};

export const organization: ObjectDef = {
  ...standard('Organization', 'Organizations', '00D', []),
  writable: false,
  fields: withoutDeletion([
    nameText('Name'),
    field('InstanceName', 'Instance Name', 'string', { length: 5, createable: false, updateable: false }),
    field('IsSandbox', 'Is Sandbox', 'boolean', readOnly),
    field('OrganizationType', 'Edition', 'picklist', {
      ...readOnly,
      picklist: ['Developer Edition', 'Enterprise Edition', 'Unlimited Edition'],
    }),
    field('LanguageLocaleKey', 'Language', 'picklist', { nillable: false, picklist: ['de', 'en_US'] }),
    field('TimeZoneSidKey', 'Time Zone', 'picklist', { nillable: false, picklist: ['Europe/Berlin'] }),
  ]),
};

function standard(name: string, plural: string, keyPrefix: string, fields: readonly FieldDef[]): ObjectDef {
  return {
    name,
    label: name,
    plural,
    keyPrefix,
    sort: 'standard',
    queryable: true,
    writable: true,
    fields: withSystemFields(fields),
  };
}
