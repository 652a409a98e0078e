import { field, readOnly, reference, type FieldDef, type FieldExtra } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import { triggerUsages } from './automations.ts';

const fixed: FieldExtra = { createable: false, updateable: false };
const id = field('Id', 'Record ID', 'id');
const audit: readonly FieldDef[] = [
  field('CreatedDate', 'Created Date', 'datetime', readOnly),
  field('LastModifiedDate', 'Last Modified Date', 'datetime', readOnly),
];
const namespace = field('NamespacePrefix', 'Namespace Prefix', 'string', { ...fixed, length: 15 });
const fullName = field('FullName', 'Full Name', 'string', { length: 255 });
const metadata = field('Metadata', 'Metadata', 'complexvalue', { nillable: true });

/** A look-up by durable id: the object's own name, or an id where the object is custom. */
function entity(name: string, label: string, relationshipName: string, extra: FieldExtra = {}): FieldDef {
  return field(name, label, 'string', { referenceTo: ['EntityDefinition'], relationshipName, ...fixed, ...extra });
}

function setup(name: string, label: string, keyPrefix: string, fields: readonly FieldDef[]): ObjectDef {
  return { name, label, plural: `${label}s`, keyPrefix, sort: 'standard', queryable: true, writable: false, fields };
}

/** Objects about objects, in the data API and in the Tooling API (Object Reference, "EntityDefinition"). */
export const entityDefinition = setup('EntityDefinition', 'Entity Definition', '4ie', [
  id,
  field('DurableId', 'Durable ID', 'string', fixed),
  field('QualifiedApiName', 'Qualified API Name', 'string', { ...fixed, length: 70 }),
  field('DeveloperName', 'Developer Name', 'string', { ...fixed, length: 40 }),
  namespace,
  field('MasterLabel', 'Master Label', 'string', fixed),
  field('Label', 'Label', 'string', { ...fixed, nameField: true }),
  field('PluralLabel', 'Plural Label', 'string', fixed),
  field('KeyPrefix', 'Key Prefix', 'string', { ...fixed, length: 3 }),
  field('IsCustomizable', 'Customizable', 'boolean', readOnly),
  field('IsCustomSetting', 'Custom Setting', 'boolean', readOnly),
  field('IsQueryable', 'Queryable', 'boolean', readOnly),
  field('InternalSharingModel', 'Internal Sharing Model', 'picklist', {
    ...fixed,
    picklist: ['Private', 'Read', 'ReadWrite', 'ControlledByParent'],
  }),
]);

/** Object Reference, "FlowDefinitionView": of the data API, for users who may view setup. */
export const flowDefinitionView = setup('FlowDefinitionView', 'Flow Definition View', '3dd', [
  id,
  field('DurableId', 'Durable ID', 'string', fixed),
  field('ApiName', 'API Name', 'string', fixed),
  field('Label', 'Label', 'string', { ...fixed, nameField: true }),
  field('Description', 'Description', 'string', fixed),
  field('ProcessType', 'Process Type', 'picklist', { ...fixed, picklist: ['AutoLaunchedFlow', 'Flow'] }),
  field('TriggerType', 'Trigger Type', 'picklist', {
    ...fixed,
    picklist: ['RecordAfterSave', 'RecordBeforeDelete', 'RecordBeforeSave', 'Scheduled'],
  }),
  field('RecordTriggerType', 'Record Trigger Type', 'picklist', {
    ...fixed,
    picklist: ['Create', 'Update', 'CreateAndUpdate', 'Delete'],
  }),
  entity('TriggerObjectOrEventId', 'Trigger Object or Event ID', 'TriggerObjectOrEvent'),
  field('TriggerObjectOrEventLabel', 'Trigger Object or Event Label', 'string', fixed),
  field('IsActive', 'Active', 'boolean', readOnly),
  field('IsOutOfDate', 'Out of Date', 'boolean', readOnly),
  field('IsTemplate', 'Template', 'boolean', readOnly),
  field('ActiveVersionId', 'Active Version ID', 'string', fixed),
  field('LatestVersionId', 'Latest Version ID', 'string', fixed),
  field('VersionNumber', 'Version Number', 'int', fixed),
  namespace,
  field('Builder', 'Builder', 'string', fixed),
  field('ManageableState', 'Manageable State', 'picklist', { ...fixed, picklist: ['unmanaged', 'installed'] }),
  field('LastModifiedBy', 'Last Modified By', 'string', fixed),
  field('LastModifiedDate', 'Last Modified Date', 'datetime', readOnly),
]);

/** Tooling API Reference, "ValidationRule". */
export const validationRule = setup('ValidationRule', 'Validation Rule', '03d', [
  id,
  field('ValidationName', 'Validation Name', 'string', { ...fixed, length: 80, nameField: true }),
  field('Active', 'Active', 'boolean', readOnly),
  field('Description', 'Description', 'string'),
  entity('EntityDefinitionId', 'Entity Definition ID', 'EntityDefinition', { nillable: false }),
  field('ErrorDisplayField', 'Error Display Field', 'string', fixed),
  field('ErrorMessage', 'Error Message', 'string', fixed),
  fullName,
  metadata,
  namespace,
  field('ManageableState', 'Manageable State', 'picklist', { ...fixed, picklist: ['unmanaged', 'installed'] }),
  ...audit,
]);

/** Tooling API Reference, "FlowDefinition". */
export const flowDefinition = setup('FlowDefinition', 'Flow Definition', '300', [
  id,
  field('DeveloperName', 'Developer Name', 'string', { ...fixed, nameField: true }),
  field('MasterLabel', 'Master Label', 'string', fixed),
  field('Description', 'Description', 'string', fixed),
  reference('ActiveVersionId', 'Active Version ID', 'Flow', null, fixed),
  reference('LatestVersionId', 'Latest Version ID', 'Flow', null, fixed),
  fullName,
  namespace,
  ...audit,
]);

/** Tooling API Reference, "Flow": one record per version. */
export const flow = setup('Flow', 'Flow', '301', [
  id,
  reference('DefinitionId', 'Definition ID', 'FlowDefinition', null, fixed),
  field('MasterLabel', 'Master Label', 'string', { ...fixed, nameField: true }),
  field('Description', 'Description', 'string', fixed),
  field('ProcessType', 'Process Type', 'picklist', { ...fixed, picklist: ['AutoLaunchedFlow', 'Flow'] }),
  field('Status', 'Status', 'picklist', { ...fixed, picklist: ['Active', 'Draft', 'Obsolete'] }),
  field('VersionNumber', 'Version Number', 'int', fixed),
  fullName,
  metadata,
  ...audit,
]);

/** Tooling API Reference, "ApexTrigger". */
export const apexTrigger = setup('ApexTrigger', 'Apex Trigger', '01q', [
  id,
  field('Name', 'Name', 'string', { ...fixed, nameField: true }),
  entity('EntityDefinitionId', 'Entity Definition ID', 'EntityDefinition'),
  field('TableEnumOrId', 'Table Enum or ID', 'string', fixed),
  field('Status', 'Status', 'picklist', { ...fixed, picklist: ['Active', 'Inactive'] }),
  ...triggerUsages.map((usage) => field(`Usage${usage}`, usage, 'boolean', readOnly)),
  field('ApiVersion', 'API Version', 'double', fixed),
  field('IsValid', 'Valid', 'boolean', readOnly),
  namespace,
  ...audit,
]);

/** Tooling API Reference, "CustomField". */
export const customField = setup('CustomField', 'Custom Field', '00N', [
  id,
  field('DeveloperName', 'Developer Name', 'string', { ...fixed, length: 40, nameField: true }),
  namespace,
  entity('EntityDefinitionId', 'Entity Definition ID', 'EntityDefinition'),
  field('TableEnumOrId', 'Table Enum or ID', 'string', fixed),
  fullName,
  metadata,
  field('ManageableState', 'Manageable State', 'picklist', { ...fixed, picklist: ['unmanaged', 'installed'] }),
  ...audit,
]);

export const toolingObjects: readonly ObjectDef[] = [
  entityDefinition,
  validationRule,
  flowDefinition,
  flow,
  apexTrigger,
  customField,
];
