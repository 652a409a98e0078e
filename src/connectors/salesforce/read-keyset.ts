import { GantryError, type JsonObject } from '../../kernel/index.ts';
import type { Cursor, PageRequest, RecordPage } from '../contract.ts';
import { booleanAt, idAt, listAt, serverTimeOf, textAt, timeAt } from '../kit/answer-values.ts';
import type { SessionContext } from '../kit/declared-connector.ts';
import { readFittingPage } from '../kit/fitting-page.ts';
import { nativeRecord, stampFieldOf } from './native-record.ts';
import { nextPosition, positionOf } from './position.ts';
import { encodedSoql, fieldGroups, selectSoql, soqlStamp, type Place, type Selection } from './soql.ts';

/** The most that Salesforce returns in one answer. */
const PAGE_ROWS = 2_000;

/**
 * One page by keyset on (stamp, Id). Query locators are not used: they lapse,
 * belong to one user's open cursors, and would make a page that only the
 * process that began the run can continue. A keyset costs the same one call
 * per 2,000 records and can be resumed by anybody at any time. `only`: a
 * condition beside the place, the same for all pages of a reading.
 */
export async function readKeysetPage(
  context: SessionContext,
  request: PageRequest,
  only?: string,
): Promise<RecordPage> {
  return readFittingPage(context, {
    object: request.object.name,
    sizeMax: PAGE_ROWS,
    read: (rows) => pageOf(context, request, rows, only),
  });
}

/** Null: the page ends where it began, and there is more. */
async function pageOf(
  context: SessionContext,
  request: PageRequest,
  limit: number,
  only: string | undefined,
): Promise<RecordPage | null> {
  const { object } = request;
  const names = new Set(object.fields.map((field) => field.name));
  const stampField = stampFieldOf(object);
  const position = positionOf(request, stampField);
  const keys = ['Id', ...(stampField === null ? [] : [stampField]), ...(names.has('IsDeleted') ? ['IsDeleted'] : [])];
  const [first = [], ...others] = fieldGroups([...names].filter((name) => !keys.includes(name)));
  const selection: Selection = {
    object: object.name,
    fields: [...keys, ...first],
    stampField,
    after: position.after,
    ...(only === undefined ? {} : { only }),
    limit,
  };
  const head = await select(context, selection);
  const last = head.rows.at(-1);
  const end = last === undefined ? position.after : placeOf(last, stampField);
  // Large rows make answers shorter than the limit; only a short answer that is also complete is the end.
  const more = !head.done || head.rows.length >= limit;
  if (more && isSamePlace(end, position.after)) return null;
  if (isBefore(end, position.after)) throw repeats(object.name);
  const rows =
    last === undefined || end === null ? [] : await withOtherFields(context, selection, others, head.rows, end);
  // Without a stamp each run reads everything: what does not come is gone, deletions being told of by no other means.
  const restarted = stampField === null && request.cursor !== null && position.after === null;
  return {
    ...(restarted ? { restarted } : {}),
    records: rows.map((row) => nativeRecord(object, row, stampField)),
    cursor: nextPosition(position, { end, more, askedAt: head.serverTime, stampField }) as unknown as Cursor,
    more,
    readAt: head.askedAt,
  };
}

const isSamePlace = (a: Place | null, b: Place | null): boolean => a?.id === b?.id && a?.stamp === b?.stamp;

/** Stamps never go back: what was asked for begins at this one. Whether ids do is for Salesforce's own order to say. */
const isBefore = (a: Place | null, b: Place | null): boolean =>
  a !== null && b !== null && a.stamp !== null && b.stamp !== null && a.stamp < b.stamp;

interface Selected {
  readonly rows: readonly JsonObject[];
  readonly done: boolean;
  readonly askedAt: Date;
  /** By the provider's clock where it tells. */
  readonly serverTime: Date;
}

async function select({ declaration, http }: SessionContext, selection: Selection): Promise<Selected> {
  // queryAll also returns what is in the recycle bin; objects without IsDeleted have none.
  const resource = selection.fields.includes('IsDeleted') ? 'queryAll' : 'query';
  const path = `/services/data/${declaration.api_version}/${resource}`;
  const { body, headers, askedAt } = await http({ path, rawQuery: `q=${encodedSoql(selectSoql(selection))}` });
  const where = `GET ${path} (${selection.object})`;
  return {
    rows: listAt(body, 'records', where),
    done: booleanAt(body, 'done', where),
    askedAt,
    serverTime: serverTimeOf({ headers, askedAt }),
  };
}

/**
 * Reads the remaining field groups over exactly the same stretch of records and
 * joins them by id and stamp. A row that lost a part was changed between the
 * queries; its new version comes later in the order.
 */
async function withOtherFields(
  context: SessionContext,
  selection: Selection,
  groups: readonly (readonly string[])[],
  head: readonly JsonObject[],
  end: Place,
): Promise<readonly JsonObject[]> {
  const { stampField } = selection;
  const keyFields = ['Id', ...(stampField === null ? [] : [stampField])];
  const deletedToo = selection.fields.includes('IsDeleted') ? ['IsDeleted'] : [];
  const keyOf = (row: JsonObject): string => keyFields.map((name) => textAt(row, name)).join(' ');
  let joined = new Map(head.map((row) => [keyOf(row), row]));
  for (const group of groups) {
    const parts = await selectAll(context, {
      ...selection,
      fields: [...keyFields, ...deletedToo, ...group],
      upTo: end,
    });
    joined = new Map(
      parts.flatMap((part): [string, JsonObject][] => {
        const row = joined.get(keyOf(part));
        return row === undefined ? [] : [[keyOf(part), { ...row, ...part }]];
      }),
    );
  }
  return [...joined.values()];
}

/** A bounded stretch to its end, however short the single answers are. */
async function selectAll(context: SessionContext, selection: Selection): Promise<readonly JsonObject[]> {
  const rows: JsonObject[] = [];
  let { after } = selection;
  for (;;) {
    const answer = await select(context, { ...selection, after });
    rows.push(...answer.rows);
    const last = answer.rows.at(-1);
    if (last === undefined || (answer.done && answer.rows.length < selection.limit)) return rows;
    const end = placeOf(last, selection.stampField);
    if (isSamePlace(end, after) || isBefore(end, after)) throw repeats(selection.object);
    after = end;
  }
}

function repeats(object: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `Salesforce answers with the same records of "${object}" again and again.`,
    data: { class: 'malformed_response', object },
  });
}

function placeOf(row: JsonObject, stampField: string | null): Place {
  const where = 'query answer of Salesforce';
  const id = idAt(row, 'Id', where);
  if (stampField === null) return { stamp: null, id };
  const stamp = timeAt(row, stampField);
  if (stamp === null) {
    throw new GantryError('upstream_malformed', {
      message: `A record came without "${stampField}", the order of changes.`,
      where,
      data: { class: 'malformed_response', path: stampField },
    });
  }
  return { stamp: soqlStamp(stamp), id };
}
