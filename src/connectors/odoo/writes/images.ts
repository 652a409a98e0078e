import type { Json } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { RecordImage } from '../../writes.ts';
import { odooCall, rowsOf } from '../call.ts';
import { readContext } from '../read-context.ts';
import { readRecords } from '../read-records.ts';
import { idNumbers } from './values.ts';

/** When a record was last written, by the second. */
const VERSION_FIELD = 'write_date';

/** Records as they stand now, archived ones included. */
export async function readImages(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly RecordImage[]> {
  const wanted = new Set([...fields, object.idField, VERSION_FIELD]);
  const narrow = { ...object, fields: object.fields.filter(({ name }) => wanted.has(name)) };
  const { records } = await readRecords(context, narrow, ids);
  const byId = new Map(records.map((record) => [record.id, record.values]));
  return ids.map((id): RecordImage => {
    const values = byId.get(id);
    if (values === undefined) return { id, missing: true, version: null, values: {} };
    const version = values[VERSION_FIELD];
    return {
      id,
      missing: false,
      version: typeof version === 'string' ? version : null,
      values: Object.fromEntries(fields.map((field): [string, Json] => [field, values[field] ?? null])),
    };
  });
}

/** Values in one call, and records in its answer. */
const [VALUES_MAX, ROWS_MAX] = [100, 1_000];
/** More of one value nobody needs to know. */
const ALIKE = 2;

export async function findBy(
  context: SessionContext,
  object: NativeObject,
  field: string,
  values: readonly Json[],
): Promise<ReadonlyMap<Json, readonly string[]>> {
  const found = new Map<string, string[]>();
  const isLink = object.fields.find(({ name }) => name === field)?.nativeType === 'many2one';
  for (let start = 0; start < values.length; start += VALUES_MAX) {
    const chunk = values.slice(start, start + VALUES_MAX);
    const asked = isLink ? idNumbers(chunk.map(textOf)) : [...chunk];
    const answer = await odooCall(context, object.name, 'search_read', {
      domain: [[field, 'in', asked]],
      fields: [...new Set(['id', field])],
      order: 'id',
      limit: ROWS_MAX,
      context: readContext,
    });
    for (const row of rowsOf(answer, object.name)) {
      const [value] = Array.isArray(row[field]) ? (row[field] as readonly Json[]) : [row[field]];
      const key = textOf(value ?? null);
      found.set(key, [...(found.get(key) ?? []), textAt(row, 'id') ?? ''].slice(0, ALIKE));
    }
  }
  return new Map(values.map((value) => [value, found.get(textOf(value)) ?? []]));
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
