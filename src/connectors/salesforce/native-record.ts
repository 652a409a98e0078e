import type { Json, JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { NativeRecord } from '../contract.ts';
import { idAt, timeAt } from '../kit/answer-values.ts';
import { ownValue } from '../kit/value-path.ts';

/** The field that gives the order of changes; null where an object has none. */
export function stampFieldOf(object: NativeObject): string | null {
  return STAMP_FIELDS.find((name) => object.fields.some((field) => field.name === name)) ?? null;
}

/** In order of preference. SystemModstamp moves with every change, automated ones too; the others are what old objects have. */
const STAMP_FIELDS = ['SystemModstamp', 'LastModifiedDate'];

/** A row of a query answer, or of a bulk job's results once its texts are values. */
export function nativeRecord(object: NativeObject, row: JsonObject, stampField: string | null): NativeRecord {
  const id = idAt(row, 'Id', 'query answer of Salesforce');
  const modifiedAt = stampField === null ? null : timeAt(row, stampField);
  if (row['IsDeleted'] === true) return { id, modifiedAt, deleted: true, values: {} };
  const values: Record<string, Json> = {};
  for (const field of object.fields) {
    const value = ownValue(row, field.name);
    if (value === undefined) continue;
    // Salesforce writes a multi-select picklist as one text with semicolons.
    const isList = field.type === 'multi_enum' && typeof value === 'string';
    values[field.name] = isList ? value.split(';').filter((item) => item !== '') : value;
  }
  return { id, modifiedAt, deleted: false, values };
}
