import { GantryError, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import type { Cursor, IdPage, NativeRecord, PageRequest, RecordPage } from '../contract.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { serverTimeOf } from '../kit/answer-values.ts';
import { readFittingPage } from '../kit/fitting-page.ts';
import { odooCall, rowsOf } from './call.ts';
import { displayNameOf } from './native-field.ts';
import { nativeRecord, stampTime } from './native-record.ts';
import { isWithin, positionOf, stepAfter, stretchAfter, type Position } from './position.ts';
import { readContext } from './read-context.ts';

/** Odoo sets no bound of its own; a call must end within the worker's time. */
const PAGE_ROWS = 1_000;

/**
 * One page in the order of write_date. Deleted records are nowhere to be seen
 * afterwards; `listIds` finds out. Models without write_date (SQL views) are
 * read whole, by id, each time.
 */
export async function readPage(context: SessionContext, request: PageRequest): Promise<RecordPage> {
  const { object } = request;
  const by = object.fields.some((field) => field.name === 'write_date') ? 'write_date' : 'id';
  let position = positionOf(request, by);
  // A page that only found out where the next one begins is not worth a round through the store.
  for (let attempt = 1; ; attempt += 1) {
    const page = await fittingPage(context, object, position);
    if (page.records.length > 0 || !page.more || attempt >= EMPTY_PAGES_MAX) {
      const isAnew = by === 'id' && request.cursor !== null && position.after === null;
      return isAnew ? { ...page, restarted: true } : page;
    }
    position = page.cursor as unknown as Position;
  }
}

const EMPTY_PAGES_MAX = 4;

function fittingPage(context: SessionContext, object: NativeObject, position: Position): Promise<RecordPage> {
  return readFittingPage(context, {
    object: object.name,
    sizeMax: PAGE_ROWS,
    read: (limit) => pageOf(context, object, position, limit),
  });
}

async function pageOf(
  context: SessionContext,
  object: NativeObject,
  position: Position,
  limit: number,
): Promise<RecordPage> {
  const { domain, order } = stretchAfter(position);
  const answer = await odooCall(context, object.name, 'search_read', {
    domain,
    fields: fieldsOf(object),
    order,
    limit,
    context: readContext,
  });
  const { askedAt, headers } = answer;
  const rows = rowsOf(answer, object.name);
  checkRows(object, position, rows);
  const step = stepAfter(position, rows, { limit, serverTime: serverTimeOf({ headers, askedAt }) });
  const records: NativeRecord[] = step.rows.map((row) => nativeRecord(object, row));
  return { records, cursor: step.position as unknown as Cursor, more: step.more, readAt: askedAt };
}

/** What is ours alone is not asked for: the name beside a many2one comes with it. */
export function fieldsOf(object: NativeObject): string[] {
  const shown = new Set(
    object.fields.filter((field) => field.nativeType === 'many2one').map((field) => displayNameOf(field.name)),
  );
  return object.fields
    .filter((field) => !(field.nativeType === 'display_name' && shown.has(field.name)))
    .map((field) => field.name);
}

/** The place to go on from is made of these, and only rows of the stretch that was asked for lead on. */
function checkRows(object: NativeObject, position: Position, rows: readonly JsonObject[]): void {
  const { by, unstamped } = position;
  const isStamped = by === 'write_date' && unstamped === null;
  const isWhole = (row: JsonObject): boolean =>
    isId(row['id']) && (!isStamped || (typeof row['write_date'] === 'string' && stampTime(row['write_date']) !== null));
  const wrong = rows.every(isWhole)
    ? rows.every((row) => isWithin(position, row))
      ? null
      : `Odoo answers with records of "${object.name}" that were not asked for, as if there were no condition.`
    : `A record of "${object.name}" came without its id or its write_date, the order of changes.`;
  if (wrong === null) return;
  throw new GantryError('upstream_malformed', {
    message: wrong,
    where: `${object.name}.search_read`,
    data: { class: 'malformed_response', object: object.name },
  });
}

/** A number that a row of a table can have. */
const isId = (value: Json | undefined): value is number => Number.isSafeInteger(value) && Number(value) > 0;

/** Ids are small: many more of them fit into one answer than records. */
const ID_ROWS = 20_000;

/** Ids of everything there is, archived records included: what is missing has been deleted. */
export async function listIds(context: SessionContext, object: NativeObject, afterId: string | null): Promise<IdPage> {
  const after = Number(afterId ?? 0);
  const { result } = await odooCall(context, object.name, 'search', {
    domain: [['id', '>', after]],
    order: 'id',
    limit: ID_ROWS,
    context: readContext,
  });
  if (!Array.isArray(result) || !result.every(isId)) {
    throw new GantryError('upstream_malformed', {
      message: `Odoo's answer is not a list of ids of "${object.name}".`,
      data: { class: 'malformed_response', object: object.name },
    });
  }
  // Beyond the last id of the page is where the next one begins: it has to be the largest.
  const isInOrder = result.every((id, at) => id > (at === 0 ? after : Number(result[at - 1])));
  if (!isInOrder) {
    throw new GantryError('upstream_malformed', {
      message: `Odoo lists ids of "${object.name}" out of order, or such as were not asked for.`,
      where: `${object.name}.search`,
      data: { class: 'malformed_response', object: object.name },
    });
  }
  return { ids: result.map(String), more: result.length >= ID_ROWS };
}

export async function countRecords(context: SessionContext, object: string): Promise<number | null> {
  const { result } = await odooCall(context, object, 'search_count', { domain: [], context: readContext });
  return typeof result === 'number' ? result : null;
}
