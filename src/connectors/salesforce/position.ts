import { GantryError, limits } from '../../kernel/index.ts';
import type { PageRequest } from '../contract.ts';
import { soqlStamp, type Place } from './soql.ts';

/**
 * Where reading stands, complete in itself. `floor` is set while a run is in
 * the recent past: the time from which the next run has to read again.
 */
export interface Position {
  readonly by: string;
  readonly after: Place | null;
  readonly floor: string | null;
}

/**
 * Records appear when their transaction commits, with the stamp of an earlier
 * moment: a long Apex or bulk transaction (at most ten minutes) can add
 * records behind a reader that is ahead of it. What is older than this is
 * settled; what is younger is read again by the next run.
 */
const SETTLED_AFTER_MS = 10 * 60_000;

/** The name of an object's order; a cursor of another order is of no use. */
const orderName = (stampField: string | null): string => stampField ?? 'Id';

export function positionOf(request: PageRequest, stampField: string | null): Position {
  const by = orderName(stampField);
  if (request.cursor === null) {
    const since = stampField === null ? undefined : request.since;
    return { by, after: since === undefined ? null : { stamp: soqlStamp(since), id: '' }, floor: null };
  }
  const cursor = request.cursor as unknown as Partial<Position>;
  if (cursor.by !== by || cursor.after === undefined || cursor.floor === undefined) {
    throw new GantryError('cursor_expired', {
      message: `"${request.object.name}" is now read in the order of ${by}; the stored place was of another order.`,
    });
  }
  if (cursor.after !== null && cursor.after.id.length > limits.recordIdCharsMax) {
    throw new GantryError('cursor_expired', {
      message: `The stored place of "${request.object.name}" is longer than any that Salesforce takes.`,
    });
  }
  return { by, after: cursor.after, floor: cursor.floor };
}

/** To go on after everything up to `upTo` has been read in some other order; what was not settled then comes again. */
export function positionAfter(upTo: Date, stampField: string): Position {
  const stamp = soqlStamp(new Date(upTo.getTime() - SETTLED_AFTER_MS));
  return { by: orderName(stampField), after: { stamp, id: '' }, floor: null };
}

/** At the beginning of the object, or of what was changed since then. */
export function positionSince(since: Date | null, stampField: string): Position {
  const after = since === null ? null : { stamp: soqlStamp(since), id: '' };
  return { by: orderName(stampField), after, floor: null };
}

export function nextPosition(
  position: Position,
  page: { end: Place | null; more: boolean; askedAt: Date; stampField: string | null },
): Position {
  const by = orderName(page.stampField);
  // Without a stamp there is no "since": after the last page the next run reads everything again.
  if (page.stampField === null) return { by, after: page.more ? page.end : null, floor: null };
  const settled = soqlStamp(new Date(page.askedAt.getTime() - SETTLED_AFTER_MS));
  const isRecent = page.end !== null && page.end.stamp !== null && page.end.stamp > settled;
  // The earliest page of the run that saw unsettled records decides.
  const floor = position.floor ?? (isRecent ? settled : null);
  if (page.more) return { by, after: page.end, floor };
  return { by, after: floor === null ? page.end : earlier(page.end, floor), floor: null };
}

function earlier(end: Place | null, floor: string): Place {
  return end !== null && end.stamp !== null && end.stamp < floor ? end : { stamp: floor, id: '' };
}
