import { isReadable, type ConnectionState } from '../connection/index.ts';
import { counted, problemOf, type Problem } from './problem.ts';
import type { Snapshot } from './snapshot.ts';
import { TOLD_ELSEWHERE, whoFixes } from './stream-problems.ts';

/**
 * What is wrong with what is known of users' rights. Users are counted, not
 * named: their names are theirs. While a connection stands, that is told.
 */
export function accessProblems(snapshot: Snapshot, tenant: string): Problem[] {
  return snapshot.connections.flatMap((row) => {
    if (!isReadable(row.state as ConnectionState)) return [];
    const doubts = snapshot.accessDoubts.filter(({ connection }) => connection === row.id);
    const health = snapshot.accessHealth.find(({ connection }) => connection === row.id);
    const disagreements = doubts.map(({ object, users, since }) =>
      problemOf({
        topic: 'access.disagreement',
        subject: `${row.slug}/${object}`,
        since,
        title: `${row.slug}/${object}: the provider shows ${counted(users, 'user', 'users')} less than was worked out`,
        detail:
          'A sample was asked for as the user. Nothing of the object is shown to them any more before their rights have been read again; what was shown before may have been too much.',
        who: 'operator',
        fix: 'It passes by itself where rights changed a moment ago. If it comes again and again, say by `permissions` who is shown the object, and report it: something decides there that Gantry does not read.',
      }),
    );
    const error = health?.lastError ?? null;
    if (error === null || TOLD_ELSEWHERE.has(error.code)) return disagreements;
    return [
      ...disagreements,
      problemOf({
        topic: 'access.failing',
        subject: row.slug,
        since: null,
        title: `${row.slug}: users' rights cannot be read (${error.code})`,
        detail: `${error.message} Agents that act for users are shown nothing of it once what is known of their rights is too old.`,
        who: whoFixes(error.code),
        fix: `${error.fix} Of whom what is known: gantry status --tenant ${tenant}`,
      }),
    ];
  });
}
