/**
 * What a provider says about its own objects, in one vocabulary. Discovered
 * from the customer's org, never listed by us: the customer's schema is the
 * contract.
 */

/**
 * The closed set of value types. A stored value of each type is, in JSON:
 * id, string, text, enum, reference: string; boolean: boolean;
 * integer: whole number within 2^53; number: finite number;
 * decimal: finite number, exact to `scale` digits; date: `YYYY-MM-DD`;
 * datetime: `YYYY-MM-DDTHH:MM:SS.sssZ` (UTC); time: `HH:MM:SS`;
 * multi_enum: array of strings; json: anything.
 */
export const fieldTypes = [
  'id',
  'string',
  'text',
  'boolean',
  'integer',
  'number',
  'decimal',
  'date',
  'datetime',
  'time',
  'enum',
  'multi_enum',
  'reference',
  'json',
] as const;

export type FieldType = (typeof fieldTypes)[number];

export interface EnumValue {
  readonly value: string;
  readonly label: string;
  readonly active: boolean;
}

export interface NativeField {
  /** The provider's API name, unique within the object. */
  readonly name: string;
  readonly label: string;
  readonly type: FieldType;
  /** The provider's own type name, for people. */
  readonly nativeType: string;
  readonly nullable: boolean;
  /** Added by the customer, not by the provider. */
  readonly custom: boolean;
  readonly writable: boolean;
  /** Allowed values of enum and multi_enum, where the provider closes the set. */
  readonly values?: readonly EnumValue[];
  /** Native object names that a reference may point to. */
  readonly references?: readonly string[];
  /** Digits after the point, of decimal. */
  readonly scale?: number;
  readonly lengthMax?: number;
  /** Computed upstream; changes without touching the modification time. */
  readonly computed?: boolean;
  readonly unique?: boolean;
  readonly help?: string;
}

export interface NativeObject {
  /** The provider's API name, unique within the connection. */
  readonly name: string;
  readonly label: string;
  readonly custom: boolean;
  /** Name of the field that identifies a record. */
  readonly idField: string;
  /** Address of a record for people, with `{id}`; null where there is none. */
  readonly linkTemplate: string | null;
  readonly fields: readonly NativeField[];
}

/** An object before its fields are asked for. */
export interface NativeObjectSummary {
  readonly name: string;
  readonly label: string;
  readonly custom: boolean;
  /** False where records cannot be listed (views, settings, history tables ...). */
  readonly replicable: boolean;
}
