import { isReadable, whoMends, type ConnectionState, type WhoCanFix } from '../../connection/index.ts';
import { limits } from '../../kernel/index.ts';
import type { ConnectionRow, StreamRow } from '../../store/index.ts';

/**
 * What one object of a connection is doing, seen from outside. Nothing of it is
 * kept: it follows from the rows of the connection and of the object.
 */
export type ObjectState =
  /** The project no longer asks for it. */
  | 'off'
  /** The connection stands still, and so does it. */
  | 'stopped'
  | 'paused'
  | 'reading'
  /** Deletions wait for somebody. */
  | 'held'
  | 'failing'
  /** The calls that the provider allows are used up: it goes on by itself. */
  | 'waiting'
  | 'loading'
  /** All of it is read again; what was here is served meanwhile. */
  | 'rereading'
  /** Due for long, and nobody reads it. */
  | 'overdue'
  | 'current';

export interface ObjectCondition {
  readonly state: ObjectState;
  readonly what: string;
  readonly whoCanFix: WhoCanFix | null;
  /** What to do; null: nothing. */
  readonly fix: string | null;
}

/** How a command names an object. */
export interface ObjectPlace {
  readonly tenant: string;
  readonly connection: string;
  readonly object: string;
}

/** Pure: an object's condition at the database's time `now`, in words for people who did not write the program. */
export function objectCondition(
  stream: StreamRow,
  connection: Pick<ConnectionRow, 'state'>,
  place: ObjectPlace,
  now: Date,
): ObjectCondition {
  const state = objectStateOf(stream, connection, now);
  const { paused, lastError } = stream;
  switch (state) {
    case 'off':
      return passing(state, 'The project no longer asks for it. Its records stay.');
    case 'stopped':
      return passing(state, 'It stands still with its connection.');
    case 'paused':
      return {
        state,
        what: `Paused by ${paused?.by ?? 'somebody'} since ${paused?.at ?? 'then'}${noteOf(paused?.note)}. Its records stay readable.`,
        whoCanFix: 'operator',
        fix: `Go on reading it: ${commandOf('sync resume', place)}`,
      };
    case 'reading':
      return passing(state, `It is being read now${readingOf(stream)}.`);
    case 'held':
      return {
        state,
        what: `Deletions are held${lastError === null ? '.' : `: ${lastError.message}`}`,
        whoCanFix: 'operator',
        fix: `Look whether the provider still has them. Gone: ${commandOf('deletions accept', place)}. Still there: ${commandOf('deletions dismiss', place)}`,
      };
    case 'failing':
      return {
        state,
        what: `Reading it fails${lastError === null ? '.' : `: ${lastError.message}`}`,
        whoCanFix: whoMends(lastError),
        fix: lastError?.fix ?? null,
      };
    case 'waiting':
      return passing(state, waitingText(stream));
    case 'loading':
      return passing(state, 'Its first load is not complete yet.');
    case 'rereading':
      return passing(state, 'All of it is read again; what was here is served meanwhile, and said to be old.');
    case 'overdue':
      return {
        state,
        what: `It was due at ${stream.dueAt.toISOString()}, and nobody reads it.`,
        whoCanFix: 'operator',
        fix: 'Look whether a process with the worker role runs (gantry serve --role worker) and what its log says.',
      };
    case 'current':
      return passing(state, 'It is kept up to date.');
  }
}

/** Pure: the first of these that holds. */
export function objectStateOf(stream: StreamRow, { state }: Pick<ConnectionRow, 'state'>, now: Date): ObjectState {
  if (!stream.enabled) return 'off';
  if (stream.paused !== null) return 'paused';
  if (!isReadable(state as ConnectionState)) return 'stopped';
  // One that fails is read again and again: that it is being read just now is not what matters then.
  if (stream.lastError === null && stream.leaseUntil !== null && stream.leaseUntil > now) return 'reading';
  if (stream.lastError?.code === 'sync_deletions_held') return 'held';
  const isOverdue = now.getTime() - stream.dueAt.getTime() > limits.streamOverdueMs;
  if (isOfBudget(stream.lastError)) return isOverdue ? 'overdue' : 'waiting';
  if (stream.lastError !== null) return 'failing';
  if (isOverdue) return 'overdue';
  if (stream.phase === 'current') return stream.backfillAsked === null ? 'current' : 'rereading';
  return stream.asOf === null ? 'loading' : 'rereading';
}

/** Nobody refused anything: our own share of the provider's calls makes it wait. */
export const isOfBudget = (error: StreamRow['lastError']): boolean => error?.data?.['class'] === 'budget';

/** Pure: for operators and agents. */
export function waitingText({ asOf, dueAt, lastError }: Pick<StreamRow, 'asOf' | 'dueAt' | 'lastError'>): string {
  const limit = lastError?.data?.['limit'];
  const which = typeof limit === 'string' ? ` (limit "${limit}")` : '';
  const what = asOf === null ? 'Its first load waits' : 'Reading it waits';
  return `${what} until ${dueAt.toISOString()} for calls that the provider allows${which}. It goes on by itself.`;
}

const readingOf = ({ phase, asOf }: StreamRow): string =>
  phase === 'current'
    ? ''
    : asOf === null
      ? ': its first load'
      : ', from the beginning; what was here is served meanwhile';

/** `gantry sync resume --tenant acme --connection crm --object Account` */
export const commandOf = (command: string, { tenant, connection, object }: ObjectPlace): string =>
  `gantry ${command} --tenant ${tenant} --connection ${connection} --object ${object}`;

const passing = (state: ObjectState, what: string): ObjectCondition => ({ state, what, whoCanFix: null, fix: null });

const noteOf = (note: string | null | undefined): string => (note === null || note === undefined ? '' : `: ${note}`);
