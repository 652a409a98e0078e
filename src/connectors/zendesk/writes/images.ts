import type { Json } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { readDeclaredRecords } from '../../kit/declared-records.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { NativeRecord } from '../../contract.ts';
import type { RecordImage } from '../../writes.ts';

/** Moves with every change that people and programs make. */
const VERSION_FIELD = 'updated_at';

/** Records as they stand now, by show_many, which leaves out what was deleted. */
export async function readImages(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly RecordImage[]> {
  const declared = context.declaration.objects[object.name];
  if (declared?.many === undefined) throw new Error(`${object.name} declares no way to single records`);
  const { records } = await readDeclaredRecords(context, declared, declared.many, ids);
  const byId = new Map(records.map((record) => [record.id, record]));
  return ids.map((id) => imageOf(id, byId.get(id), fields));
}

function imageOf(id: string, record: NativeRecord | undefined, fields: readonly string[]): RecordImage {
  if (record === undefined || record.deleted) return { id, missing: true, version: null, values: {} };
  const version = record.values[VERSION_FIELD];
  const values = Object.fromEntries(fields.map((field): [string, Json] => [field, record.values[field] ?? null]));
  return { id, missing: false, version: typeof version === 'string' ? version : null, values };
}
