import type { OdooVersion } from '../version.ts';

export const FIELD_TYPES = [
  'boolean',
  'integer',
  'float',
  'monetary',
  'char',
  'text',
  'html',
  'date',
  'datetime',
  'selection',
  'many2one',
  'one2many',
  'many2many',
  'many2one_reference',
  'reference',
  'binary',
  'json',
] as const;
export type FieldType = (typeof FIELD_TYPES)[number];

/**
 * A stored value: null where Odoo's column is NULL, microseconds since 1970 for
 * datetimes, `YYYY-MM-DD` for dates, an id for many2one, ids for the x2many.
 */
export type Raw = null | boolean | number | string | readonly number[];

/** Reads another field of the same record. */
export type ReadField = (name: string) => Raw;
/** Reads a field of any record. */
export type ReadOther = (model: string, id: number, name: string) => Raw;

export interface FieldDef {
  readonly name: string;
  readonly type: FieldType;
  /** The label. */
  readonly string: string;
  readonly help?: string;
  readonly required?: boolean;
  readonly readonly?: boolean;
  /** False for values that are computed when asked; they leave write_date alone. Default true. */
  readonly store?: boolean;
  readonly selection?: readonly (readonly [value: string, label: string])[];
  readonly relation?: string;
  /** The many2one of the other model behind a one2many. */
  readonly relationField?: string;
  readonly digits?: readonly [number, number];
  readonly currencyField?: string;
  readonly size?: number;
  readonly translate?: boolean;
  readonly companyDependent?: boolean;
  readonly related?: string;
  /** Made in Studio or in the settings, not by a module. */
  readonly manual?: boolean;
  /** Only members of one of these groups see the field at all. */
  readonly groups?: readonly string[];
  readonly default?: Raw;
  /** Of a many2one: what happens when its record goes. Default `restrict` where it is required, else `set null`. */
  readonly ondelete?: 'cascade' | 'restrict';
  /** From the record's other fields, whether or not the result is stored. */
  readonly compute?: (read: ReadField, other: ReadOther) => Raw;
  /** First and last release that has the field. */
  readonly from?: OdooVersion;
  readonly until?: OdooVersion;
}

export function isX2many(field: FieldDef): boolean {
  return field.type === 'one2many' || field.type === 'many2many';
}

export function isStored(field: FieldDef): boolean {
  return field.store !== false;
}

/** The columns that every table has (odoo/orm/models.py, LOG_ACCESS_COLUMNS). */
export const MAGIC_FIELDS: readonly FieldDef[] = [
  { name: 'id', type: 'integer', string: 'ID', readonly: true },
  { name: 'display_name', type: 'char', string: 'Display Name', readonly: true, store: false },
  { name: 'create_uid', type: 'many2one', string: 'Created by', relation: 'res.users', readonly: true },
  { name: 'create_date', type: 'datetime', string: 'Created on', readonly: true },
  { name: 'write_uid', type: 'many2one', string: 'Last Updated by', relation: 'res.users', readonly: true },
  { name: 'write_date', type: 'datetime', string: 'Last Updated on', readonly: true },
  {
    name: '__last_update',
    type: 'datetime',
    string: 'Last Modified on',
    readonly: true,
    store: false,
    until: 14,
    compute: (read) => read('write_date'),
  },
];
