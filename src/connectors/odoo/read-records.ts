import { canonicalJson, contentHash, GantryError, type JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { RecordsById, StampPage } from '../contract.ts';
import { idAt, textAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { odooCall, odooFacts, rowsOf } from './call.ts';
import { nativeRecord, stampTime } from './native-record.ts';
import { readContext } from './read-context.ts';
import { fieldsOf } from './read-page.ts';

/** Records by their ids, archived ones included. What is deleted is missing: Odoo keeps no trace of it. */
export async function readRecords(
  context: SessionContext,
  object: NativeObject,
  ids: readonly string[],
): Promise<RecordsById> {
  const wanted = [...new Set(ids)].map(Number).filter((id) => Number.isSafeInteger(id) && id > 0);
  const readAt = context.clock.now();
  const rows = wanted.length === 0 ? [] : await rowsWhere(context, object.name, ['id', 'in', wanted], fieldsOf(object));
  const records = rows.map((row) => nativeRecord(object, row));
  const found = new Set(records.map(({ id }) => id));
  return { records, missing: ids.filter((id) => !found.has(id)), readAt };
}

const STAMP_ROWS = 5_000;

export async function listStamps(
  context: SessionContext,
  object: NativeObject,
  afterId: string | null,
): Promise<StampPage> {
  const after = Number(afterId ?? 0);
  const isStamped = object.fields.some((field) => field.name === 'write_date');
  const fields = isStamped ? ['id', 'write_date'] : ['id'];
  const rows = await rowsWhere(context, object.name, ['id', '>', after], fields, STAMP_ROWS);
  const ids = rows.map((row) => idAt(row, 'id', `record of "${object.name}"`));
  // Beyond the last id of the page is where the next one begins: it has to be the largest.
  const isInOrder = ids.every((id, at) => Number(id) > (at === 0 ? after : Number(ids[at - 1])));
  if (!isInOrder) {
    throw new GantryError('upstream_malformed', {
      message: `Odoo lists records of "${object.name}" out of order, or such as were not asked for.`,
      where: `${object.name}.search_read`,
      data: { class: 'malformed_response', object: object.name },
    });
  }
  return { ids, stamps: rows.map((row) => stampTime(textAt(row, 'write_date'))), more: rows.length >= STAMP_ROWS };
}

/** Groups and companies decide which records a user sees; the field of groups has another name since Odoo 18.2. */
export async function grantsHash(context: SessionContext): Promise<string | null> {
  const { uid } = await odooFacts(context);
  for (const groups of ['group_ids', 'groups_id']) {
    try {
      const [user] = await rowsWhere(context, 'res.users', ['id', '=', uid], [groups, 'company_id', 'company_ids'], 1);
      if (user !== undefined && user[groups] !== undefined) return contentHash(canonicalJson({ uid, user }));
    } catch (error) {
      if (!(error instanceof GantryError) || !UNKNOWN_FIELD.has(error.code)) throw error;
    }
  }
  return null;
}

const UNKNOWN_FIELD = new Set(['upstream_refused', 'upstream_schema_changed', 'upstream_forbidden']);

async function rowsWhere(
  context: SessionContext,
  model: string,
  condition: readonly [string, string, number | readonly number[]],
  fields: readonly string[],
  limit?: number,
): Promise<readonly JsonObject[]> {
  const [field, operator, value] = condition;
  const answer = await odooCall(context, model, 'search_read', {
    domain: [[field, operator, typeof value === 'number' ? value : [...value]]],
    fields: [...fields],
    order: 'id',
    ...(limit === undefined ? {} : { limit }),
    context: readContext,
  });
  return rowsOf(answer, model);
}
