import { conditionOf, type ConnectionState } from '../connection/index.ts';
import { limits } from '../kernel/index.ts';
import type { ConnectionRow, CredentialSummary } from '../store/index.ts';
import type { AlertFacts } from './facts.ts';
import { counted, problemOf, type Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';

const DAY_MS = 86_400_000;
const CRITICAL_DAYS = 3;

/** What is wrong with a tenant's connections as wholes. */
export function connectionProblems(snapshot: Snapshot, { titleOf }: AlertFacts, tenant: string): Problem[] {
  return snapshot.connections.flatMap((row) => [
    ...stateProblem(row, titleOf(row.integration), tenant),
    ...endingSignIns(row, snapshot),
  ]);
}

/** A state that somebody chose, or that is on its way, is no problem; a pause is one when it is forgotten (topics.ts). */
function stateProblem(row: ConnectionRow, title: string, tenant: string): Problem[] {
  // Without the account's name: alerts outlive connections, and nothing of a customer's may.
  const { what, problem, fix, meanwhile, whoCanFix } = conditionOf({ ...row, accountName: null }, title);
  const draft = { subject: row.slug, since: row.stateSince, detail: [what, problem, meanwhile].join(' ') };
  switch (row.state as ConnectionState) {
    case 'reauth_required':
      return [
        problemOf({
          ...draft,
          topic: 'connection.sign_in',
          title: `${row.slug}: somebody has to sign in again`,
          detail: `${what} ${meanwhile}`,
          who: 'tenant_admin',
          fix: `Sign in again, to the same account. A link for them: gantry connect-token create --tenant ${tenant} --integration ${row.integration}`,
        }),
      ];
    case 'degraded':
      return [
        problemOf({
          ...draft,
          topic: 'connection.degraded',
          title: `${row.slug}: calls to ${title} fail`,
          who: whoCanFix ?? 'provider',
          fix: fix ?? 'It is tried again by itself; look whether the provider reports an outage.',
        }),
      ];
    case 'paused':
      return [
        problemOf({
          ...draft,
          topic: 'connection.paused',
          title: `${row.slug} is paused`,
          detail: `${what} ${meanwhile}`,
          who: 'operator',
          fix: `Resume it, if the reason is gone: gantry connection resume ${row.slug} --tenant ${tenant}`,
        }),
      ];
    case 'created':
    case 'authorising':
    case 'working':
    case 'revoked':
    case 'deleted':
      return [];
  }
}

const IN_USE: ReadonlySet<string> = new Set<ConnectionState>(['working', 'degraded', 'paused']);

/** One for the connection's own sign-in, one for those of its users together: their names are theirs. */
function endingSignIns(row: ConnectionRow, { credentials, now }: Snapshot): Problem[] {
  if (!IN_USE.has(row.state)) return [];
  const aheadMs = Math.max(...limits.signInEndToldDays) * DAY_MS;
  const ending = credentials.filter(
    ({ connection, endsAt, endedAt, renewable }) =>
      connection === row.id &&
      endsAt !== null &&
      endedAt === null &&
      !renewable &&
      endsAt.getTime() - now.getTime() <= aheadMs,
  );
  const own = ending.filter(({ principal }) => principal === '');
  const users = ending.filter(({ principal }) => principal !== '');
  return [
    ...endingProblem(row, own, now, { subject: row.slug, whose: 'the sign-in' }),
    ...endingProblem(row, users, now, {
      subject: `${row.slug} users`,
      whose: counted(users.length, "user's own sign-in", "users' own sign-ins"),
    }),
  ];
}

function endingProblem(
  { slug }: ConnectionRow,
  ending: readonly CredentialSummary[],
  now: Date,
  { subject, whose }: { readonly subject: string; readonly whose: string },
): Problem[] {
  const soonest = Math.min(...ending.map(({ endsAt }) => endsAt?.getTime() ?? Infinity));
  if (ending.length === 0) return [];
  const day = new Date(soonest).toISOString().slice(0, 10);
  const verb = ending.length === 1 ? 'ends' : 'end';
  return [
    problemOf({
      topic: 'connection.sign_in_ends',
      subject,
      severity: soonest - now.getTime() <= CRITICAL_DAYS * DAY_MS ? 'critical' : 'warning',
      since: null,
      title: `${slug}: ${whose} ${verb} on ${day}`,
      detail: 'The provider lets nobody but a person renew it. After that day nothing is read with it.',
      who: 'tenant_admin',
      fix: 'Make a new key, or sign in again, before that day.',
    }),
  ];
}
