import { canonicalJson, contentHash, type Json } from '../kernel/index.ts';
import type { NativeRecord } from '../connectors/index.ts';
import { coerce, type FieldType, type NativeField, type NativeObject } from '../schema/index.ts';

/** A native record in the form that the store keeps, with what had to be left out of it. */
export interface NormalRecord {
  readonly id: string;
  /** Hash of the document: two equal hashes mean that nothing needs writing. */
  readonly hash: string;
  /** Canonical JSON of the type-clean values; `{}` for tombstones. */
  readonly docText: string;
  readonly srcAt: Date | null;
  readonly deleted: boolean;
  readonly misfits: readonly Misfit[];
}

/** A value that does not fit its field's declared type: kept aside with the reason, missing in the record. */
export interface Misfit {
  readonly field: string;
  readonly reason: string;
  readonly value: Json;
}

/**
 * Pure. Only fields that the schema knows are kept: a value without a type
 * cannot be queried, and an unknown field means that the schema is about to
 * be discovered anew.
 */
export function normaliseRecord(object: NativeObject, record: NativeRecord): NormalRecord {
  if (record.deleted) {
    return { id: record.id, hash: DELETED, docText: '{}', srcAt: record.modifiedAt, deleted: true, misfits: [] };
  }
  const parts: string[] = [];
  const misfits: Misfit[] = [];
  for (const { field, key, text, inherited } of spelledFields(object)) {
    const value = record.values[field.name];
    if (value === undefined || value === null) continue;
    if (text && typeof value === 'string' && PLAIN.test(value)) {
      parts.push(`${key}"${value}"`);
      continue;
    }
    if (inherited && !Object.hasOwn(record.values, field.name)) continue;
    const coerced = coerce(field, value);
    if (!coerced.ok) misfits.push({ field: field.name, reason: coerced.reason, value });
    else if (coerced.value !== null) parts.push(key + canonicalJson(coerced.value));
  }
  const docText = `{${parts.join(',')}}`;
  return { id: record.id, hash: contentHash(docText), docText, srcAt: record.modifiedAt, deleted: false, misfits };
}

/**
 * Text that every type of text keeps as it is and that JSON spells as it is: not
 * empty, no control characters, quotes, backslashes or surrogates. Most values
 * are, and asking this first takes half of the work out of reading a record again.
 */
const PLAIN = /^[ !#-[\]-~\u00a0-\ud7ff]+$/;
const TEXT_TYPES: ReadonlySet<FieldType> = new Set<FieldType>(['id', 'reference', 'string', 'text', 'enum']);

interface SpelledField {
  readonly field: NativeField;
  /** Its values are text. */
  readonly text: boolean;
  /** `constructor` may be a field's name, too: what a record does not have itself is not its value. */
  readonly inherited: boolean;
  /** `"name":` */
  readonly key: string;
}

const spelled = new WeakMap<NativeObject, readonly SpelledField[]>();

/** An object's fields in canonical order, with their keys as JSON: the same for all of its records. */
function spelledFields(object: NativeObject): readonly SpelledField[] {
  const known = spelled.get(object);
  if (known !== undefined) return known;
  const byName = new Map(object.fields.map((field) => [field.name, field]));
  const fields = [...byName.keys()].toSorted().flatMap((name) => {
    const field = byName.get(name);
    if (field === undefined) return [];
    const key = `${JSON.stringify(name)}:`;
    return [{ field, key, text: TEXT_TYPES.has(field.type), inherited: name in Object.prototype }];
  });
  spelled.set(object, fields);
  return fields;
}

/** The hash of "deleted": differs from every document's, so that deletion and return are both changes. */
const DELETED = contentHash('deleted');
