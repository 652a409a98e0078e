import { canonicalJson, contentHash, type Json } from '../kernel/index.ts';
import type { NativeRecord } from '../connectors/index.ts';
import { coerce, type NativeObject } from '../schema/index.ts';

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
  const document: { [field: string]: Json } = {};
  const misfits: Misfit[] = [];
  for (const field of object.fields) {
    const value = record.values[field.name];
    if (value === undefined || value === null) continue;
    const coerced = coerce(field, value);
    if (!coerced.ok) misfits.push({ field: field.name, reason: coerced.reason, value });
    else if (coerced.value !== null) document[field.name] = coerced.value;
  }
  const docText = canonicalJson(document);
  return { id: record.id, hash: contentHash(docText), docText, srcAt: record.modifiedAt, deleted: false, misfits };
}

/** The hash of "deleted": differs from every document's, so that deletion and return are both changes. */
const DELETED = contentHash('deleted');
