import {
  canonicalJson,
  contentHash,
  GantryError,
  isJsonObject,
  limits,
  type Json,
  type JsonObject,
} from '../../kernel/index.ts';
import type { Cursor, NativeRecord, PageRequest, RecordPage } from '../contract.ts';
import { booleanAt, idAt, listAt, textAt, timeAt } from './answer-values.ts';
import type { CustomFields, DeclaredObject } from './declaration.ts';
import type { SessionContext } from './declared-connector.ts';
import { readFittingPage } from './fitting-page.ts';
import { trailIn, trailTo, type Trail } from './trail.ts';
import { fillTemplate, readPath } from './value-path.ts';

/** One answer of the provider's change feed is one page, made smaller where it does not fit. */
export async function readDeclaredPage(
  context: SessionContext,
  object: DeclaredObject,
  request: PageRequest,
): Promise<RecordPage> {
  const size = object.read.page_size;
  return readFittingPage(context, {
    object: request.object.name,
    sizeMax: size?.max ?? 1,
    read: (records) => pageOf(context, object, request, size === undefined ? {} : { [size.param]: String(records) }),
  });
}

/** Null: the page ends where it began, and there is more. `size`: the parameter for how many records. */
export async function pageOf(
  context: SessionContext,
  object: DeclaredObject,
  request: PageRequest,
  size: Readonly<Record<string, string>>,
): Promise<RecordPage | null> {
  const plan = object.read;
  const position = positionOf(request);
  const query = {
    ...plan.query,
    ...size,
    ...(position === null ? { [plan.start.param]: startOf(plan.start, request.since) } : { [plan.param]: position.at }),
  };
  const nothingNew = plan.nothing_new;
  const accept = (status: number, body: Json): boolean => {
    if (nothingNew === undefined || !nothingNew.status.includes(status)) return false;
    const value = readPath(body, nothingNew.at);
    return typeof value === 'string' && value.toLowerCase().includes(nothingNew.contains.toLowerCase());
  };
  const { status, body, askedAt } = await context.http({ path: plan.path, query, accept }).catch((error: unknown) => {
    throw position === null ? error : orCursorExpired(error, request.object.name);
  });
  const readAt = new Date(askedAt.getTime() - plan.withholds_s * 1_000);
  const stay: Cursor = { at: position?.at ?? BEGINNING, seen: position?.seen ?? [], ...timed(position?.time ?? null) };
  const leavesOut = plan.withholds_s > 0;
  if (status >= 400) return { records: [], cursor: stay, more: false, readAt, leavesOut };

  const where = `GET ${plan.path}`;
  const entries = listAt(body, plan.records, where);
  const more = !booleanAt(body, plan.end, where);
  const next = textAt(body, plan.next);
  if (next === null && more) throw lacksNext(plan.next, where);
  if (next !== null && next.length > limits.cursorCharsMax) throw nextTooLong(plan.next, where);
  if (next !== null && !isPlace(plan.by, next, askedAt)) throw nextIsNone(plan.next, where);
  // Without this, a provider that repeats itself would be asked for the same page for ever.
  if (more && next === position?.at) return null;
  if (plan.by === 'time' && position !== null && next !== null && Number(next) < Number(position.at)) {
    throw nextIsNone(plan.next, where);
  }
  const trail = more
    ? trailTo(position?.trail, { place: next ?? '', records: entries.length, object: request.object.name, where })
    : undefined;
  const cursor = next === null ? stay : nextCursor(object, entries, { next, trail, time: position?.time ?? null });
  const repeats = new Set(position?.seen);
  const fresh = plan.by === 'time' ? entries.filter((entry) => !repeats.has(fingerprint(entry))) : entries;
  return { records: fresh.map((entry) => declaredRecord(object, entry, where)), cursor, more, readAt, leavesOut };
}

function startOf(start: DeclaredObject['read']['start'], since: Date | undefined): string {
  if (since === undefined || start.since === undefined) return start.value;
  return String(Math.floor(since.getTime() / 1_000));
}

interface Position {
  readonly at: string;
  /** By time only: fingerprints of the records of the boundary second, which comes again. */
  readonly seen: readonly string[];
  readonly trail: Trail | undefined;
  /** When the last record before it changed, in seconds; null: not known. */
  readonly time: number | null;
}

/** Null: at the beginning. Raises `cursor_expired`. */
export function positionOf(request: PageRequest): Position | null {
  if (request.cursor === null) return null;
  const { at, seen } = request.cursor;
  if (typeof at !== 'string' || at.length > limits.cursorCharsMax || !Array.isArray(seen)) {
    throw new GantryError('cursor_expired', {
      message: `The stored cursor of "${request.object.name}" has another form.`,
    });
  }
  const { time, trail } = request.cursor;
  if (at === BEGINNING) return null;
  return { at, seen: seen as readonly string[], trail: trailIn(trail), time: typeof time === 'number' ? time : null };
}

/** The cursor of a feed that has been read and was empty. */
const BEGINNING = '';

/** More fingerprints than this make the cursor too large to store with each page; what is not kept is read twice, which is harmless. */
const SEEN_MAX = 500;

function nextCursor(
  object: DeclaredObject,
  entries: readonly JsonObject[],
  { next, trail, time }: { readonly next: string; readonly trail: Trail | undefined; readonly time: number | null },
): Cursor {
  const held = trail === undefined ? {} : { trail: { ...trail } };
  if (object.read.by === 'cursor') {
    const last = entries.map((entry) => timeAt(entry, object.modified_at)).findLast((each) => each !== null);
    const reached = last === undefined ? time : Math.floor(last.getTime() / 1_000);
    return { at: next, seen: [], ...held, ...timed(reached) };
  }
  const boundaryMs = Number(next) * 1_000;
  const onBoundary = entries.filter((entry) => (timeAt(entry, object.modified_at)?.getTime() ?? 0) >= boundaryMs);
  return { at: next, seen: onBoundary.slice(-SEEN_MAX).map(fingerprint), ...held };
}

const timed = (time: number | null): { readonly time?: number } => (time === null ? {} : { time });

/** By content, not by id: a record that changed again within the boundary second must come through. */
const fingerprint = (entry: JsonObject): string => contentHash(canonicalJson(entry)).slice(0, 16);

export function declaredRecord(object: DeclaredObject, entry: JsonObject, where: string): NativeRecord {
  const id = idAt(entry, object.id, where);
  const deleted = object.deleted !== undefined && isOneOf(readPath(entry, object.deleted.at), object.deleted.is);
  const modifiedAt = timeAt(entry, object.modified_at);
  if (deleted) return { id, modifiedAt, deleted, values: {} };
  const values: Record<string, Json> = {};
  for (const name of Object.keys(object.fields)) {
    const value = entry[name];
    if (value !== undefined) values[name] = value;
  }
  if (object.custom_fields !== undefined) addCustomValues(values, object.custom_fields, entry);
  return { id, modifiedAt, deleted, values };
}

const isOneOf = (value: Json | undefined, list: readonly (string | boolean)[]): boolean =>
  (typeof value === 'string' || typeof value === 'boolean') && list.includes(value);

function addCustomValues(values: Record<string, Json>, plan: CustomFields, entry: JsonObject): void {
  const holder = readPath(entry, plan.values.at);
  const add = (key: string, value: Json | undefined): void => {
    if (value !== undefined) values[fillTemplate(plan.name, { key })] = value;
  };
  if (plan.values.shape === 'map') {
    if (isJsonObject(holder)) for (const [key, value] of Object.entries(holder)) add(key, value);
    return;
  }
  if (!Array.isArray(holder)) return;
  for (const pair of holder as readonly Json[]) {
    const key = textAt(pair, plan.values.key);
    if (key !== null) add(key, readPath(pair, plan.values.value));
  }
}

/** A moment further ahead than the calendars of two continents can explain is not where reading goes on: all changes until then would be missed. */
const AHEAD_MAX_S = 86_400;

/** Whether a place can be stored and sent back: plain signs, or a moment that has been. */
function isPlace(by: 'cursor' | 'time', next: string, askedAt: Date): boolean {
  if (by === 'cursor') return /^[\x20-\x7e]*$/.test(next);
  return /^\d{1,12}$/.test(next) && Number(next) <= askedAt.getTime() / 1_000 + AHEAD_MAX_S;
}

function nextIsNone(path: string, where: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider's answer has something at "${path}" that is no place to go on from.`,
    where,
    data: { class: 'malformed_response', path },
  });
}

function lacksNext(path: string, where: string): GantryError {
  return new GantryError('upstream_malformed', {
    message: `The provider's answer lacks "${path}", the place to go on from.`,
    where,
    data: { class: 'malformed_response', path },
  });
}

function nextTooLong(path: string, where: string): GantryError {
  const charsMax = limits.cursorCharsMax;
  return new GantryError('upstream_malformed', {
    message: `The provider's answer has more than ${String(charsMax)} characters at "${path}": no later call could carry that.`,
    where,
    data: { class: 'malformed_response', path },
  });
}

/** "Address too long" and "headers too large": the cursor is the only part of the call that the provider made. */
const TOO_LONG = new Set<unknown>([414, 431]);

function orCursorExpired(error: unknown, object: string): unknown {
  if (!(error instanceof GantryError) || !TOO_LONG.has(error.details.data?.['status'])) return error;
  return new GantryError('cursor_expired', {
    message: `The provider no longer takes the stored cursor of "${object}": it is too long for it.`,
    ...(error.details.where === undefined ? {} : { where: error.details.where }),
    data: { ...error.details.data },
  });
}
