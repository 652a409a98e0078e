import { salesforceId } from '../../world/index.ts';
import { field, reference, type FieldDef } from './field.ts';
import { withoutDeletion, type ObjectDef } from './object.ts';
import type { RecordTypeDef } from './record-type.ts';

const STAGES_OF_RENEWALS = ['Prospecting', 'Negotiation/Review', 'Closed Won', 'Closed Lost'];

type Type = Omit<RecordTypeDef, 'id' | 'object' | 'isDefault' | 'adminOnly' | 'active'> &
  Partial<Pick<RecordTypeDef, 'isDefault' | 'adminOnly' | 'active'>>;

/** The customer's record types by object. */
const TYPES: Readonly<Record<string, readonly Type[]>> = {
  Account: [
    {
      developerName: 'Kunde',
      label: 'Kunde',
      description: 'Firmen mit Vertrag, auch mit einem gekündigten',
      isDefault: true,
      picklists: {
        Kundenstatus__c: ['Aktiv', 'Gefährdet', 'Gekündigt'],
        Type: ['Customer - Direct', 'Customer - Channel', 'Other'],
      },
    },
    {
      developerName: 'Interessent',
      label: 'Interessent',
      description: null,
      picklists: { Kundenstatus__c: ['Interessent'], Type: ['Prospect'] },
    },
    {
      developerName: 'Partner',
      label: 'Vertriebspartner',
      description: 'Legt nur Sales Operations an',
      adminOnly: true,
      picklists: { Kundenstatus__c: ['Aktiv', 'Gekündigt'], Type: ['Customer - Channel'] },
    },
  ],
  Opportunity: [
    {
      developerName: 'Neugeschaeft',
      label: 'Neugeschäft',
      description: null,
      isDefault: true,
      picklists: { Vertragsart__c: ['Neugeschäft'] },
    },
    {
      developerName: 'Verlaengerung',
      label: 'Verlängerung',
      description: 'Legt der Flow zum Vertragsende an',
      picklists: {
        Vertragsart__c: ['Verlängerung'],
        StageName: STAGES_OF_RENEWALS,
        LeadSource: ['Other'],
      },
    },
    {
      developerName: 'Erweiterung',
      label: 'Erweiterung',
      description: null,
      picklists: { Vertragsart__c: ['Erweiterung'], StageName: STAGES_OF_RENEWALS },
    },
    {
      developerName: 'Pilotprojekt',
      label: 'Pilotprojekt (alt)',
      description: null,
      active: false,
      picklists: { Vertragsart__c: ['Neugeschäft'] },
    },
  ],
};

export const recordTypes: readonly RecordTypeDef[] = Object.entries(TYPES)
  .flatMap(([object, types]) => types.map((type) => ({ object, type })))
  .map(({ object, type }, at) => ({
    isDefault: false,
    adminOnly: false,
    active: true,
    ...type,
    object,
    id: salesforceId('012', at),
  }));

/** The id of a record type of this org. Throws if there is none of the name. */
export function recordTypeId(object: string, developerName: string): string {
  const id = IDS.get(`${object}.${developerName}`);
  if (id === undefined) throw new Error(`no record type ${developerName} of ${object}`);
  return id;
}

const IDS = new Map(recordTypes.map((type) => [`${type.object}.${type.developerName}`, type.id]));

/** On objects that have record types. */
export const recordTypeField: FieldDef = reference('RecordTypeId', 'Record Type ID', 'RecordType', null, {
  defaultedOnCreate: true,
});

/** Record types as records. */
export const recordTypeObject: ObjectDef = {
  name: 'RecordType',
  label: 'Record Type',
  plural: 'Record Types',
  keyPrefix: '012',
  sort: 'standard',
  queryable: true,
  writable: false,
  fields: withoutDeletion([
    field('Name', 'Name', 'string', { length: 80, nameField: true, nillable: false }),
    field('DeveloperName', 'Record Type Name', 'string', { length: 80, nillable: false }),
    field('NamespacePrefix', 'Namespace Prefix', 'string', { length: 15 }),
    field('Description', 'Description', 'string'),
    field('SobjectType', 'Object Type', 'picklist', { nillable: false, picklist: Object.keys(TYPES) }),
    field('IsActive', 'Active', 'boolean'),
  ]),
};
