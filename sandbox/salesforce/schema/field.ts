/** Field types as the REST API spells them. */
export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'combobox'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'email'
  | 'phone'
  | 'url'
  | 'reference'
  | 'encryptedstring'
  | 'address'
  | 'location'
  /** Of the Tooling API: a whole definition in one field. */
  | 'complexvalue';

/**
 * A value inside the sandbox: datetimes are milliseconds since 1970, dates are
 * `YYYY-MM-DD`, compounds are plain objects; everything else as in JSON.
 */
export type Value = string | number | boolean | null | { readonly [part: string]: unknown };

export interface FieldDef {
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** Where its values are kept; stays when an admin renames the field. */
  readonly storage: string;
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly nillable: boolean;
  readonly custom: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly calculated: boolean;
  readonly formula: string | null;
  readonly externalId: boolean;
  readonly unique: boolean;
  readonly autoNumber: boolean;
  readonly nameField: boolean;
  readonly defaultedOnCreate: boolean;
  readonly defaultValue: Value;
  readonly referenceTo: readonly string[];
  /** Name of the parent in a query path, such as `Account` or `Konto__r`. */
  readonly relationshipName: string | null;
  /** Name of the children seen from the parent, such as `Contacts`. */
  readonly childRelationshipName: string | null;
  readonly cascadeDelete: boolean;
  readonly picklist: readonly string[];
  readonly restrictedPicklist: boolean;
  /** Null where every value of the picklist may always be chosen. */
  readonly dependency: Dependency | null;
  readonly help: string | null;
  readonly compound: string | null;
  readonly extraTypeInfo: string | null;
  readonly htmlFormatted: boolean;
}

/** What a dependent picklist depends on. */
export interface Dependency {
  /** Storage name of the controlling picklist of the same object. */
  readonly controller: string;
  /** Value of the dependent picklist -> values of the controlling one with which it may be chosen. */
  readonly validFor: Readonly<Record<string, readonly string[]>>;
}

export type FieldExtra = Partial<Omit<FieldDef, 'name' | 'label' | 'type'>>;

const LENGTHS: Partial<Record<FieldType, number>> = {
  id: 18,
  reference: 18,
  string: 255,
  textarea: 255,
  picklist: 255,
  multipicklist: 4099,
  combobox: 255,
  email: 80,
  phone: 40,
  url: 255,
  encryptedstring: 175,
};
const PRECISION: Partial<Record<FieldType, readonly [number, number]>> = {
  double: [18, 0],
  currency: [18, 2],
  percent: [5, 2],
};

/** A field with what its type implies; `extra` says what differs. */
export function field(name: string, label: string, type: FieldType, extra: FieldExtra = {}): FieldDef {
  const calculated = extra.calculated ?? false;
  const derived = calculated || ['address', 'location', 'id', 'complexvalue'].includes(type);
  const [precision, scale] = PRECISION[type] ?? [0, 0];
  return {
    name,
    label,
    type,
    storage: name,
    length: LENGTHS[type] ?? 0,
    precision,
    scale,
    nillable: type !== 'boolean' && type !== 'id',
    custom: name.endsWith('__c') || name.endsWith('__s'),
    createable: !derived,
    updateable: !derived,
    calculated,
    formula: null,
    externalId: false,
    unique: false,
    autoNumber: false,
    nameField: false,
    defaultedOnCreate: type === 'boolean' || type === 'id',
    defaultValue: type === 'boolean' ? false : null,
    referenceTo: [],
    relationshipName: null,
    childRelationshipName: null,
    cascadeDelete: false,
    picklist: [],
    restrictedPicklist: false,
    dependency: null,
    help: null,
    compound: null,
    extraTypeInfo: null,
    htmlFormatted: false,
    ...extra,
  };
}

/** Set by the platform and never by a user. */
export const readOnly: FieldExtra = { createable: false, updateable: false, nillable: false, defaultedOnCreate: true };

export function reference(
  name: string,
  label: string,
  to: string | readonly string[],
  children: string | null = null,
  extra: FieldExtra = {},
): FieldDef {
  const relationshipName = name.endsWith('__c') ? name.replace(/__c$/, '__r') : name.replace(/Id$/, '');
  return field(name, label, 'reference', {
    referenceTo: typeof to === 'string' ? [to] : to,
    relationshipName,
    childRelationshipName: children,
    ...extra,
  });
}

/** Long text can neither be filtered nor sorted by, as on the platform. */
export function isFilterable(def: FieldDef): boolean {
  if (def.type === 'textarea') return def.length <= 255;
  return def.type !== 'address' && def.type !== 'encryptedstring' && def.type !== 'complexvalue';
}

export function isSortable(def: FieldDef): boolean {
  return isFilterable(def) && def.type !== 'multipicklist' && def.type !== 'location';
}

export function isGroupable(def: FieldDef): boolean {
  const never: readonly FieldType[] = [
    'currency',
    'double',
    'percent',
    'datetime',
    'time',
    'multipicklist',
    'location',
  ];
  return isFilterable(def) && !def.calculated && !never.includes(def.type);
}
