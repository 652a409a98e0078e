import { limits, type Json } from '../../../kernel/index.ts';
import type { NativeObject } from '../../../schema/index.ts';
import { idAt, listAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { ownValue } from '../../kit/value-path.ts';
import { isSame } from '../../kit/write-settle.ts';
import type { RecordImage } from '../../writes.ts';
import { readRecords } from '../read-records.ts';
import { encodedSoql, quoted } from '../soql.ts';
import { stampOf } from './way.ts';

/** Records as they stand now; those in the recycle bin count as gone. */
export async function readImages(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
  fields: readonly string[],
): Promise<readonly RecordImage[]> {
  const stamp = stampOf(object);
  const wanted = new Set([...fields, ...(stamp === null ? [] : [stamp]), 'Id', 'IsDeleted']);
  const narrow = { ...object, fields: object.fields.filter(({ name }) => wanted.has(name)) };
  const found = new Map<string, RecordImage>();
  for (let at = 0; at < ids.length; at += limits.recordsByIdMax) {
    const { records } = await readRecords(context, narrow, ids.slice(at, at + limits.recordsByIdMax));
    for (const { id, deleted, values } of records) {
      const version = stamp === null ? null : ownValue(values, stamp);
      const shown = Object.fromEntries(fields.map((name) => [name, values[name] ?? null]));
      found.set(id, {
        id,
        missing: deleted,
        version: typeof version === 'string' && !deleted ? momentOf(version) : null,
        values: deleted ? {} : shown,
      });
    }
  }
  return ids.map((id) => found.get(id) ?? { id, missing: true, version: null, values: {} });
}

/** Salesforce writes the zone as +0000, which not everybody reads. */
const momentOf = (stamp: string): string | null => {
  const ms = Date.parse(stamp.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
};

/** As many as fit into one address, whatever they look like. */
const VALUES_AT_ONCE = 50;

export async function findBy(
  { declaration, http }: SessionContext,
  object: NativeObject,
  field: string,
  values: readonly Json[],
): Promise<ReadonlyMap<Json, readonly string[]>> {
  if (!object.fields.some(({ name }) => name === field)) throw new Error(`${object.name} has no field ${field}`);
  const path = `/services/data/${declaration.api_version}/query`;
  const found = new Map<Json, string[]>(values.map((value) => [value, []]));
  const askable = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  for (let at = 0; at < askable.length; at += VALUES_AT_ONCE) {
    const part = askable.slice(at, at + VALUES_AT_ONCE);
    const listed = part.map((value) => (typeof value === 'number' ? String(value) : quoted(value))).join(',');
    const columns = field === 'Id' ? 'Id' : `Id, ${field}`;
    const soql = `SELECT ${columns} FROM ${object.name} WHERE ${field} IN (${listed}) LIMIT 2000`;
    const { body } = await http({ path, rawQuery: `q=${encodedSoql(soql)}` });
    for (const row of listAt(body, 'records', `GET ${path}`)) {
      const stands = ownValue(row, field) ?? null;
      // Salesforce compares texts without regard to case.
      const asked =
        part.find((value) => isSame(field, value, stands)) ?? part.find((value) => lower(value) === lower(stands));
      if (asked === undefined) continue;
      const ids = found.get(asked) ?? [];
      if (ids.length < 2) found.set(asked, [...ids, idAt(row, 'Id', `GET ${path}`)]);
    }
  }
  return found;
}

const lower = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value)).toLowerCase();
