import { canonicalJson, contentHash, GantryError, type Json, type JsonObject } from '../../kernel/index.ts';
import type { PageRequest } from '../contract.ts';
import { stampOf, stampTime } from './native-record.ts';

/**
 * Where reading stands, complete in itself. Odoo keeps write_date to the
 * microsecond, answers and compares it by the second. So the unit of progress
 * is a whole second: the last second of a full page is left for the next one,
 * and a second with more records than a page is read by id.
 */
export interface Position {
  readonly by: 'write_date' | 'id';
  /** Reading records that have no write_date, after this id; null: these are done. */
  readonly unstamped: number | null;
  /** From this second on, itself included; null: from the first. By id: always null. */
  readonly from: string | null;
  /** By id: after this one. By write_date: within the second `from`, after this one; null: by time. */
  readonly after: number | null;
  /** Set while a run is in the recent past: the second from which the next run has to read again. */
  readonly floor: string | null;
  /** Records that come again because their second is read again: stamp and fingerprint. */
  readonly seen: readonly string[];
}

/** What to ask for next: conditions of a domain, all of which must hold, and the order. */
export interface Stretch {
  readonly domain: readonly Json[];
  readonly order: string;
}

export interface Step {
  /** Rows of the page; the others come again. */
  readonly rows: readonly JsonObject[];
  readonly position: Position;
  readonly more: boolean;
}

/**
 * A record's stamp is the time at which its transaction began. One that
 * commits later appears behind a reader who is ahead of it. What is older than
 * this is settled (requests end after two minutes by default, scheduled
 * actions after a quarter of an hour); what is younger is read again.
 */
const SETTLED_AFTER_MS = 15 * 60_000;

/** More make the cursor too large to store with each page; a record that is not kept is read twice, which is harmless. */
const SEEN_MAX = 300;

export function positionOf(request: PageRequest, by: Position['by']): Position {
  const { cursor, since, object } = request;
  const beginning: Position = { by, unstamped: null, from: null, after: null, floor: null, seen: [] };
  if (cursor === null) {
    if (by === 'id') return beginning;
    return since === undefined ? { ...beginning, unstamped: 0 } : { ...beginning, from: stampOf(since) };
  }
  const position = cursor as unknown as Position;
  const isWhole = isNumberOrNull(position.unstamped) && isNumberOrNull(position.after) && Array.isArray(position.seen);
  if (position.by === by && isWhole && isStampOrNull(position.from) && isStampOrNull(position.floor)) return position;
  throw new GantryError('cursor_expired', {
    message: `"${object.name}" is now read in the order of ${by}; the stored place was of another form.`,
  });
}

const isNumberOrNull = (value: unknown): boolean => value === null || Number.isSafeInteger(value);
const isStampOrNull = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && stampTime(value) !== null);

export function stretchAfter({ by, unstamped, from, after }: Position): Stretch {
  if (by === 'id') return { domain: [['id', '>', after ?? 0]], order: 'id' };
  if (unstamped !== null) {
    return {
      domain: [
        ['write_date', '=', false],
        ['id', '>', unstamped],
      ],
      order: 'id',
    };
  }
  if (from === null) return { domain: [['write_date', '!=', false]], order: 'write_date, id' };
  if (after === null) return { domain: [['write_date', '>=', from]], order: 'write_date, id' };
  return {
    domain: [
      ['write_date', '>=', from],
      ['write_date', '<', secondAfter(from)],
      ['id', '>', after],
    ],
    order: 'id',
  };
}

/** Whether a row is one of the stretch that `stretchAfter` asks for; only such rows lead further. Pure. */
export function isWithin({ by, unstamped, from, after }: Position, row: JsonObject): boolean {
  const id = Number(row['id']);
  if (by === 'id') return id > (after ?? 0);
  if (unstamped !== null) return id > unstamped;
  if (from === null) return true;
  const second = stampIn(row).slice(0, from.length);
  return after === null ? second >= from : second === from && id > after;
}

/** What a page of at most `limit` rows means. `serverTime` is the provider's. Pure. */
export function stepAfter(
  position: Position,
  rows: readonly JsonObject[],
  { limit, serverTime }: { readonly limit: number; readonly serverTime: Date },
): Step {
  const isFull = rows.length >= limit;
  const lastId = rows.length === 0 ? null : Number(rows.at(-1)?.['id']);
  if (position.by === 'id') {
    // Without a stamp there is no "since": after the last page everything is read again.
    return { rows, position: { ...position, after: isFull ? lastId : null }, more: isFull };
  }
  if (position.unstamped !== null) {
    return { rows, position: { ...position, unstamped: isFull ? lastId : null }, more: true };
  }
  const settled = stampOf(new Date(serverTime.getTime() - SETTLED_AFTER_MS));
  const latest = rows.reduce((max, row) => (stampIn(row) > max ? stampIn(row) : max), '');
  // The earliest page of the run that saw unsettled records decides.
  const floor = position.floor ?? (latest > settled ? settled : null);
  if (position.after !== null && position.from !== null) {
    const next = isFull ? { after: lastId } : { from: secondAfter(position.from), after: null };
    return fresh(position, rows, { ...position, ...next, floor }, true);
  }
  if (!isFull) {
    const end = latest === '' ? position.from : latest;
    const from = floor === null || (end !== null && end < floor) ? end : floor;
    return fresh(position, rows, { ...position, from, after: null, floor: null }, false);
  }
  // Rows of the last second may be missing here, and their order within it is not that of ids.
  const complete = rows.filter((row) => stampIn(row) < latest);
  const after = complete.length === 0 ? 0 : null;
  return fresh(position, complete, { ...position, from: latest, after, floor }, true);
}

/** Drops what came before, and remembers what will come again. */
function fresh(before: Position, rows: readonly JsonObject[], next: Position, more: boolean): Step {
  const known = new Set(before.seen);
  const marked = rows.map((row) => ({ row, mark: `${stampIn(row)} ${fingerprint(row)}` }));
  const again = next.floor ?? (more ? null : next.from);
  const marks = again === null ? [] : marked.filter(({ mark }) => mark >= again).map(({ mark }) => mark);
  // What this run has passed is of no use any more, unless the next one goes back.
  const needed = next.floor ?? next.from ?? '';
  const seen = [...new Set([...before.seen, ...marks])].filter((mark) => mark >= needed).toSorted();
  return {
    rows: marked.filter(({ mark }) => !known.has(mark)).map(({ row }) => row),
    position: { ...next, seen: seen.slice(-SEEN_MAX) },
    more,
  };
}

/** Stamps compare as text. */
const stampIn = (row: JsonObject): string => (typeof row['write_date'] === 'string' ? row['write_date'] : '');

/** By content, not by id: a record that changed again within its second must come through. */
const fingerprint = (row: JsonObject): string => contentHash(canonicalJson(row)).slice(0, 16);

function secondAfter(stamp: string): string {
  return stampOf(new Date((stampTime(stamp)?.getTime() ?? 0) + 1_000));
}
