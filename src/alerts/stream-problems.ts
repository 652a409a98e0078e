import { isReadable, type ConnectionState } from '../connection/index.ts';
import { errorTable, type ErrorCode } from '../kernel/index.ts';
import type { ConnectionRow, StreamRow } from '../store/index.ts';
import { counted, problemOf, type Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';
import type { WhoFixes } from './topics.ts';

/** What is wrong with single objects of a tenant's connections. Where the connection stands, that is told once, not per object. */
export function streamProblems(snapshot: Snapshot, tenant: string): Problem[] {
  const connections = new Map(snapshot.connections.map((row) => [row.id, row]));
  return snapshot.streams.flatMap((stream) => {
    const connection = connections.get(stream.connection);
    if (connection === undefined || connection.state === 'deleted' || !stream.enabled) return [];
    const subject = `${connection.slug}/${stream.object}`;
    const place = `--tenant ${tenant} --connection ${connection.slug} --object ${stream.object}`;
    const of: Of = { connection, stream, subject, place, snapshot };
    return [...readingProblem(of), ...cursorExpired(of), ...heldProblem(of), ...setAside(of), ...quarantined(of)];
  });
}

interface Of {
  readonly connection: ConnectionRow;
  readonly stream: StreamRow;
  /** `crm/Account`. */
  readonly subject: string;
  /** How a command names it. */
  readonly place: string;
  readonly snapshot: Snapshot;
}

/** Codes that say something of the connection, or have a topic of their own. */
export const TOLD_ELSEWHERE: ReadonlySet<ErrorCode> = new Set([
  'sync_deletions_held',
  'cursor_expired',
  'connection_reauth_required',
  'connection_paused',
  'upstream_unavailable',
  'upstream_rate_limited',
]);

/** Paused, failing, or left lying: at most one of these, the one that explains the others. */
function readingProblem({ connection, stream, subject, place, snapshot }: Of): Problem[] {
  const { paused, lastError, dueAt, leaseUntil } = stream;
  if (paused !== null) {
    const note = paused.note === null ? '' : `: ${paused.note}`;
    return [
      problemOf({
        topic: 'sync.paused',
        subject,
        since: new Date(paused.at),
        title: `${subject} is paused`,
        detail: `${paused.by} paused it${note}. What was read stays readable, and gets older.`,
        who: 'operator',
        fix: `Resume it, if the reason is gone: gantry sync resume ${place}`,
      }),
    ];
  }
  if (!isReadable(connection.state as ConnectionState)) return [];
  if (lastError !== null && !TOLD_ELSEWHERE.has(lastError.code)) {
    return [
      problemOf({
        topic: 'sync.failing',
        subject,
        since: null,
        title: `${subject} cannot be read (${lastError.code})`,
        detail: `${lastError.message} What was read before stays readable, and gets older; it is tried again by itself.`,
        who: whoFixes(lastError.code),
        fix: lastError.fix,
      }),
    ];
  }
  const lies = snapshot.now > dueAt && (leaseUntil === null || snapshot.now > leaseUntil);
  if (!lies) return [];
  return [
    problemOf({
      topic: 'sync.overdue',
      subject,
      since: leaseUntil !== null && leaseUntil > dueAt ? leaseUntil : dueAt,
      title: `${subject} is not read though it is due`,
      detail: 'No process with the worker role took it up: there is none, or too few of them.',
      who: 'operator',
      fix: 'Look whether processes with the worker role run (gantry serve --role worker), and start more.',
    }),
  ];
}

/** It stays until everything is read again: only then is the answer as good as before. */
function cursorExpired({ stream, subject, snapshot }: Of): Problem[] {
  const topic = 'sync.cursor_expired';
  const isNew = stream.lastError?.code === 'cursor_expired';
  if (!isNew && !(snapshot.present.has(`${topic} ${subject}`) && stream.phase !== 'current')) return [];
  return [
    problemOf({
      topic,
      subject,
      since: null,
      title: `${subject} is read again from the beginning`,
      detail:
        'The provider no longer knew the place where reading had stopped. What was read before stays readable, with its age, until the new reading is through.',
      who: 'operator',
      fix: 'Nothing has to be done. If it comes again and again, read the object more often, or pause it for shorter.',
    }),
  ];
}

function heldProblem({ stream, subject, place }: Of): Problem[] {
  const { lastError } = stream;
  if (lastError?.code !== 'sync_deletions_held') return [];
  return [
    problemOf({
      topic: 'sync.deletions_held',
      subject,
      since: null,
      title: `${subject}: deletions wait for somebody to look`,
      detail: lastError.message,
      who: 'operator',
      fix: `Look whether the provider still has them. Gone: gantry deletions accept ${place}. Still there: gantry deletions dismiss ${place}`,
    }),
  ];
}

function setAside({ stream, subject, place, snapshot }: Of): Problem[] {
  const dead = snapshot.deadLetters.find((each) => each.stream === stream.id);
  if (dead === undefined) return [];
  return [
    problemOf({
      topic: 'sync.dead_letters',
      subject,
      since: dead.oldestAt,
      title: `${subject}: ${counted(dead.count, 'record or page', 'records or pages')} could not be read`,
      detail:
        'They were set aside so that the rest goes on. Agents see those records as they were before, or not at all.',
      who: 'operator',
      fix: `Look at them and their causes: gantry dead-letters ${place}; then have them read again: gantry dead-letters replay ${place}`,
    }),
  ];
}

function quarantined({ stream, subject, place, snapshot }: Of): Problem[] {
  const count = snapshot.quarantined.get(stream.id) ?? 0;
  if (count === 0) return [];
  return [
    problemOf({
      topic: 'sync.quarantine',
      subject,
      since: null,
      title: `${subject}: ${counted(count, 'value does', 'values do')} not fit`,
      detail:
        "These values are not what their field's type says, so that they were set aside; the rest of their records is there.",
      who: 'operator',
      fix: `Look at them with the reason, and correct the field or its values in the system they come from: gantry quarantine ${place}`,
    }),
  ];
}

/** Who an error's advice is for. */
export function whoFixes(code: ErrorCode): WhoFixes {
  switch (errorTable[code].who) {
    case 'end_user':
      return 'tenant_admin';
    case 'provider':
      return 'provider';
    case 'product_team':
    case 'agent':
      return 'product_team';
    case 'operator':
      return 'operator';
  }
}
