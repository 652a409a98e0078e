import { accessProblems } from './access-problems.ts';
import { connectionProblems } from './connection-problems.ts';
import { eventProblems } from './event-problems.ts';
import type { AlertFacts, InstallationFacts } from './facts.ts';
import { counted, problemOf, type Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';
import { globalSwitchProblems, switchProblems } from './switch-problems.ts';
import { streamProblems } from './stream-problems.ts';
import { takeBackProblems } from './take-back-problems.ts';

/** Pure: what is wrong with a tenant now. The same state gives the same problems, whoever looks. `tenant`: its name, for commands. */
export function problemsOf(snapshot: Snapshot, facts: AlertFacts, tenant: string): Problem[] {
  return [
    ...connectionProblems(snapshot, facts, tenant),
    ...streamProblems(snapshot, tenant),
    ...accessProblems(snapshot, tenant),
    ...eventProblems(snapshot, facts, tenant),
    ...switchProblems(snapshot.switches, tenant),
    ...takeBackProblems(snapshot.takeBacks, tenant),
    ...budgetProblems(facts),
    ...projectProblems(facts, tenant),
    ...vaultProblems(facts),
  ];
}

function budgetProblems({ budgets }: AlertFacts): Problem[] {
  return (budgets ?? []).map(({ connection, limit, used, calls, exhaustedAt, resetsAt }) => {
    const isOut = used >= calls;
    const until = resetsAt === null ? '' : ` They are given anew at ${moment(resetsAt)}.`;
    return problemOf({
      topic: 'budget.running_out',
      subject: `${connection} ${limit}`,
      ...(isOut ? { severity: 'critical' as const } : {}),
      since: null,
      title: isOut ? `${connection}: no calls are left (${limit})` : `${connection}: calls run out (${limit})`,
      detail: `${String(used)} of ${String(calls)} are used${isOut ? '.' : `; at this rate they are used up at ${moment(exhaustedAt)}.`}${until} Reading on schedule waits first; agents that ask keep the reserve.`,
      who: 'operator',
      fix: 'Read large objects less often, or ask the provider for a larger limit; the calls of other programs on the same account count, too.',
    });
  });
}

const moment = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function projectProblems({ mappings, overlay }: AlertFacts, tenant: string): Problem[] {
  const broken = (mappings ?? []).map(({ object, reasons }) =>
    problemOf({
      topic: 'mapping.broken',
      subject: object,
      since: null,
      title: `${object}: ${counted(reasons.length, 'mapping does', 'mappings do')} not fit this customer`,
      detail: `${reasons.slice(0, 3).join(' ')}${reasons.length > 3 ? ` And ${String(reasons.length - 3)} more.` : ''} The model goes on without them.`,
      who: 'product_team',
      fix: "Map what the customer has, in the project or in the tenant's overlay. What would change: gantry plan",
    }),
  );
  if (overlay?.why === undefined) return broken;
  return [
    ...broken,
    problemOf({
      topic: 'overlay.stale',
      subject: '',
      since: null,
      title: 'The overlay does not fit the project in force',
      detail: `${overlay.why} Until then agents of this tenant get an error, and its systems are not read.`,
      who: 'product_team',
      fix: `Store a corrected one: gantry overlay set --tenant ${tenant} FILE; or take it away: gantry overlay remove --tenant ${tenant}`,
    }),
  ];
}

function vaultProblems({ vault }: AlertFacts): Problem[] {
  if (vault === null) return [];
  const { unreadable, underOtherMaster } = vault;
  const lost = problemOf({
    topic: 'vault.unreadable',
    subject: '',
    since: null,
    title: 'Secrets of this tenant cannot be opened',
    detail: `${counted(unreadable, 'key is', 'keys are')} sealed under a master key that this process was not given. What was read stays readable; nothing is read anew with these credentials.`,
    who: 'operator',
    fix: 'Start the processes with the right GANTRY_MASTER_KEY, or name the former one in GANTRY_OTHER_MASTER_KEYS.',
  });
  const unfinished = problemOf({
    topic: 'vault.other_key',
    subject: '',
    since: null,
    title: 'An exchange of the master key is not finished',
    detail: `${counted(underOtherMaster, 'key is', 'keys are')} still sealed under another master key.`,
    who: 'operator',
    fix: 'Finish it: gantry vault rotate',
  });
  return [...(unreadable > 0 ? [lost] : []), ...(underOtherMaster > 0 ? [unfinished] : [])];
}

/** The same for the installation as a whole. The embedded database is for trying, and says so itself. */
export function installationProblems({
  embedded,
  durable,
  archived,
  unknownMigrations,
  switches,
}: InstallationFacts): Problem[] {
  const newer = problemOf({
    topic: 'installation.schema_newer',
    subject: '',
    since: null,
    title: 'The database was brought forward by a newer program',
    detail: `Processes of an older version still run beside it: they do not know ${unknownMigrations.join(', ')}.`,
    who: 'operator',
    fix: 'Replace the older processes.',
  });
  const fragile = problemOf({
    topic: 'installation.not_durable',
    subject: '',
    since: null,
    title: 'The database may lose what was committed',
    detail: 'fsync or full_page_writes is off: a crash of its machine may destroy it.',
    who: 'operator',
    fix: 'Switch both on in the settings of PostgreSQL.',
  });
  const unarchived = problemOf({
    topic: 'installation.not_archived',
    subject: '',
    since: null,
    title: 'The database cannot be restored to a moment',
    detail: 'archive_mode is off, so that after a lost disk only the last dump is left.',
    who: 'operator',
    fix: 'Archive its log: docs/operating.md, Backup and restore.',
  });
  return [
    ...(unknownMigrations.length > 0 ? [newer] : []),
    ...(embedded || durable ? [] : [fragile]),
    ...(embedded || archived ? [] : [unarchived]),
    ...globalSwitchProblems(switches),
  ];
}
