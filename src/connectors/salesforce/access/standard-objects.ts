/**
 * What Salesforce documents of its own objects and tells by no call (Object
 * Reference; help, "Object permissions", "Controlled by Parent").
 */

/** Setup objects that every user reads, whole, without an object permission. */
const OPEN = new Set([
  'BusinessHours',
  'CaseStatus',
  'ContractStatus',
  'CurrencyType',
  'Group',
  'LeadStatus',
  'OpportunityStage',
  'Organization',
  'Period',
  'RecordType',
  'TaskPriority',
  'TaskStatus',
  'UserRole',
]);

export const isOpenToAll = (object: string): boolean => OPEN.has(object);

/** Objects that are shown by rules of their own, whatever their default says: files by links, reports by folders, posts by feeds. */
const BY_OTHER_RULES = new Set([
  'Attachment',
  'CollaborationGroup',
  'ContentDocument',
  'ContentVersion',
  'ContentWorkspace',
  'Dashboard',
  'Document',
  'EmailMessage',
  'EmailTemplate',
  'FeedComment',
  'FeedItem',
  'Folder',
  'Note',
  'Report',
]);

export const hasOtherRules = (object: string): boolean => BY_OTHER_RULES.has(object);

/** Objects without an object permission of their own; records follow their sharing all the same. */
const UNPERMISSIONED = new Set(['User', 'Task', 'Event']);

/** Objects that may be read by whoever may read another one. */
const READ_WITH: Readonly<Record<string, string>> = {
  AccountContactRelation: 'Account',
  AccountContactRole: 'Account',
  CampaignMember: 'Campaign',
  CaseComment: 'Case',
  CaseContactRole: 'Case',
  ContractContactRole: 'Contract',
  OpportunityContactRole: 'Opportunity',
  OpportunityHistory: 'Opportunity',
  OpportunityLineItem: 'Opportunity',
  OrderItem: 'Order',
  PricebookEntry: 'Pricebook2',
  QuoteLineItem: 'Quote',
};

export type ReadRight =
  /** An object permission of its own, in profiles and permission sets. */
  { readonly kind: 'own' } | { readonly kind: 'with'; readonly object: string } | { readonly kind: 'everybody' };

export function readRightOf(object: string): ReadRight {
  if (OPEN.has(object) || UNPERMISSIONED.has(object)) return { kind: 'everybody' };
  const other = Object.hasOwn(READ_WITH, object) ? READ_WITH[object] : undefined;
  return other === undefined ? { kind: 'own' } : { kind: 'with', object: other };
}

/** The field to the record that decides, of standard objects that are controlled by a parent without a master-detail field. */
const PARENT_FIELDS: Readonly<Record<string, { readonly field: string; readonly object: string }>> = {
  AccountContactRole: { field: 'AccountId', object: 'Account' },
  Asset: { field: 'AccountId', object: 'Account' },
  CampaignMember: { field: 'CampaignId', object: 'Campaign' },
  CaseComment: { field: 'ParentId', object: 'Case' },
  Contact: { field: 'AccountId', object: 'Account' },
  Contract: { field: 'AccountId', object: 'Account' },
  ContractContactRole: { field: 'ContractId', object: 'Contract' },
  OpportunityContactRole: { field: 'OpportunityId', object: 'Opportunity' },
  OpportunityHistory: { field: 'OpportunityId', object: 'Opportunity' },
  OpportunityLineItem: { field: 'OpportunityId', object: 'Opportunity' },
  OrderItem: { field: 'OrderId', object: 'Order' },
  PricebookEntry: { field: 'Pricebook2Id', object: 'Pricebook2' },
  Quote: { field: 'OpportunityId', object: 'Opportunity' },
  QuoteLineItem: { field: 'QuoteId', object: 'Quote' },
};

export const standardParentOf = (object: string): { readonly field: string; readonly object: string } | null =>
  Object.hasOwn(PARENT_FIELDS, object) ? (PARENT_FIELDS[object] ?? null) : null;

/** The share objects that are older than the common form name the record by its object; all others say `ParentId`. */
const OWN_SHARE_FIELDS = new Set([
  'Account',
  'Asset',
  'Campaign',
  'Case',
  'Contact',
  'Lead',
  'Opportunity',
  'Order',
  'User',
]);

export const shareObjectOf = (object: string): string =>
  object.endsWith('__c') ? object.replace(/__c$/, '__Share') : `${object}Share`;

export const shareParentOf = (object: string): string => (OWN_SHARE_FIELDS.has(object) ? `${object}Id` : 'ParentId');

/**
 * Objects that a share of an account opens, too, and where it says so (Object
 * Reference, AccountShare). Salesforce makes no shares of their own for that.
 */
const LEVELS_OF_ACCOUNT: Readonly<Record<string, string>> = {
  Case: 'CaseAccessLevel',
  Contact: 'ContactAccessLevel',
  Opportunity: 'OpportunityAccessLevel',
};

export const accountLevelOf = (object: string): string | null =>
  Object.hasOwn(LEVELS_OF_ACCOUNT, object) ? (LEVELS_OF_ACCOUNT[object] ?? null) : null;
