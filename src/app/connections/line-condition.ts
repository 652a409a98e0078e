import type { WhoCanFix } from '../../connection/index.ts';
import { limits } from '../../kernel/index.ts';
import type { LineRow } from '../../store/index.ts';

/** How a line of events looks from outside; it follows from its row. */
export type LineHealth =
  | 'live'
  /** Held by nobody who lives, though it was live: what happens is told later. */
  | 'behind'
  | 'opening'
  | 'broken'
  /** Nobody holds it now, and nothing is wrong. */
  | 'waiting';

export interface LineCondition {
  readonly state: LineHealth;
  readonly what: string;
  readonly whoCanFix: WhoCanFix | null;
  readonly fix: string | null;
}

/** A line that is followed says something at least so often, or is closed and opened anew. */
const SILENT_MS = 2 * limits.eventLineSilenceMs;

/** Pure: a line's condition at the database's time `now`. */
export function lineCondition(line: LineRow, now: Date): LineCondition {
  const { state, heardAt, lastError, failures } = line;
  const last = heardAt === null ? 'Nothing was heard on it yet.' : `Last heard ${heardAt.toISOString()}.`;
  if (state === 'live' && heardAt !== null && now.getTime() - heardAt.getTime() <= SILENT_MS)
    return { state: 'live', what: `The provider tells of changes as they happen. ${last}`, ...nobody };
  if (state === 'live')
    return {
      state: 'behind',
      what: `Nobody follows the line of events any more. ${last} ${SCHEDULE}`,
      whoCanFix: 'operator',
      fix: 'Look whether a process with the worker role runs (gantry serve --role worker).',
    };
  if (state === 'opening') return { state: 'opening', what: `The line of events is being opened. ${last}`, ...nobody };
  if (lastError === null)
    return { state: 'waiting', what: `Nobody follows the line of events now. ${last} ${SCHEDULE}`, ...nobody };
  const tries = failures === 1 ? 'once' : `${String(failures)} times in a row`;
  return {
    state: 'broken',
    what: `The line of events broke ${tries}: ${lastError.message} ${last} ${SCHEDULE} It is opened again by itself.`,
    whoCanFix: lastError.code === 'upstream_forbidden' ? 'tenant_admin' : 'provider',
    fix: lastError.fix,
  };
}

const SCHEDULE = 'Meanwhile changes are found by the schedule.';
const nobody = { whoCanFix: null, fix: null } as const;
