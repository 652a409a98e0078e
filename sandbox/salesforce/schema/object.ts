import { field, readOnly, reference, type FieldDef } from './field.ts';
import type { RecordTypeDef } from './record-type.ts';

export type ObjectSort = 'standard' | 'custom' | 'setting' | 'metadata' | 'event';

export interface ObjectDef {
  readonly name: string;
  readonly label: string;
  readonly plural: string;
  readonly keyPrefix: string;
  readonly sort: ObjectSort;
  readonly queryable: boolean;
  /** Users can create, change and delete records. */
  readonly writable: boolean;
  readonly fields: readonly FieldDef[];
  /** Besides the master record type, which every object has; absent: none. */
  readonly recordTypes?: readonly RecordTypeDef[];
}

const id = field('Id', 'Record ID', 'id');
const created = [
  field('CreatedDate', 'Created Date', 'datetime', readOnly),
  reference('CreatedById', 'Created By ID', 'User', null, readOnly),
];
const modified = [
  field('LastModifiedDate', 'Last Modified Date', 'datetime', readOnly),
  reference('LastModifiedById', 'Last Modified By ID', 'User', null, readOnly),
  field('SystemModstamp', 'System Modstamp', 'datetime', readOnly),
];
const deleted = field('IsDeleted', 'Deleted', 'boolean', { ...readOnly });

export const owner = reference('OwnerId', 'Owner ID', 'User', null, { nillable: false, defaultedOnCreate: true });

/** Leads and cases may belong to a queue as well. */
export const ownerOrQueue = reference('OwnerId', 'Owner ID', ['Group', 'User'], null, {
  nillable: false,
  defaultedOnCreate: true,
});

export function nameText(label: string, length = 80, required = true): FieldDef {
  return field('Name', label, 'string', { length, nameField: true, nillable: !required });
}

export function autoNumber(label: string): FieldDef {
  return field('Name', label, 'string', { ...readOnly, length: 80, nameField: true, autoNumber: true });
}

/** Audit fields that nearly every record has, in the order that describe lists them. */
export function withSystemFields(fields: readonly FieldDef[]): readonly FieldDef[] {
  return [id, deleted, ...fields, ...created, ...modified];
}

/** Like `withSystemFields` without `IsDeleted`: users and metadata cannot be deleted into the recycle bin. */
export function withoutDeletion(fields: readonly FieldDef[]): readonly FieldDef[] {
  return [id, ...fields, ...created, ...modified];
}

/** Fields of a platform event, which is published and never stored as a record. */
export function eventFields(fields: readonly FieldDef[]): readonly FieldDef[] {
  return [
    field('ReplayId', 'Replay ID', 'string', readOnly),
    ...created,
    field('EventUuid', 'Event UUID', 'string', readOnly),
    ...fields,
  ];
}

/** Street, city, region, postcode, country and coordinates with the compound that bundles them. */
export function address(prefix: string): readonly FieldDef[] {
  const compound = `${prefix}Address`;
  const part = (name: string, length: number, type: 'string' | 'textarea' = 'string'): FieldDef =>
    field(`${prefix}${name}`, `${prefix} ${name === 'State' ? 'State/Province' : name}`, type, { length, compound });
  return [
    part('Street', 255, 'textarea'),
    part('City', 40),
    part('State', 80),
    part('PostalCode', 20),
    part('Country', 80),
    field(`${prefix}Latitude`, `${prefix} Latitude`, 'double', { precision: 18, scale: 15, compound }),
    field(`${prefix}Longitude`, `${prefix} Longitude`, 'double', { precision: 18, scale: 15, compound }),
    field(compound, `${prefix} Address`, 'address'),
  ];
}

export const activityDates: readonly FieldDef[] = [
  field('LastActivityDate', 'Last Activity', 'date', { createable: false, updateable: false }),
  field('LastViewedDate', 'Last Viewed Date', 'datetime', { createable: false, updateable: false }),
  field('LastReferencedDate', 'Last Referenced Date', 'datetime', { createable: false, updateable: false }),
];
