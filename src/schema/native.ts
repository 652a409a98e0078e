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
  /** Kept by the provider for old programs alone. */
  readonly deprecated?: boolean;
  /** A new record without it is refused: not nullable, no default, and somebody has to fill it in. */
  readonly required?: boolean;
  /** Only some values of this field are allowed for each value of that one (dependent picklists). */
  readonly controlledBy?: string;
  readonly help?: string;
}

/** A kind of record within an object, with its own set of allowed values. */
export interface RecordType {
  readonly id: string;
  readonly name: string;
  readonly label: string;
  readonly active: boolean;
  readonly default: boolean;
  /** By field: the values that records of this type may have, where they are fewer than the field's own. */
  readonly values: { readonly [field: string]: readonly string[] };
}

/**
 * Something that the customer configured and that a reader or writer of the
 * object should know: a `validation` or `constraint` refuses writes, an
 * `automation` changes data by itself after a change.
 */
export interface NativeRule {
  readonly kind: 'validation' | 'constraint' | 'automation';
  readonly name: string;
  readonly active: boolean;
  /** What people are told when it refuses, or what it is for. */
  readonly message: string | null;
  /** The provider's own condition or formula, for people; null where it is not shown. */
  readonly condition: string | null;
  /** Fields that it names, as far as the provider tells. */
  readonly fields: readonly string[];
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
  /** Absent where the provider has none or does not tell. */
  readonly recordTypes?: readonly RecordType[];
  readonly rules?: readonly NativeRule[];
}

/** An object before its fields are asked for. */
export interface NativeObjectSummary {
  readonly name: string;
  readonly label: string;
  readonly custom: boolean;
  /** False where records cannot be listed (views, settings, history tables ...). */
  readonly replicable: boolean;
}
