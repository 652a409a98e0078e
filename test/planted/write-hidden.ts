import type { PlantedDefect } from './types.ts';

const hidden = 'test/write-plan/hidden.test.ts';
const undo = 'test/write/undo.test.ts';
const users = 'test/write-plan/user-rights.test.ts';
const left = 'test/write-plan/grant-left.test.ts';

/** What somebody is not shown, told by writing. */
export const writeHiddenDefects: PlantedDefect[] = [
  {
    name: 'an operation tells whether a condition over hidden fields holds',
    file: 'src/write/plan/check-preconditions.ts',
    find: 'parts.filter((part) => isShownTo(asker.caller, visible, part))',
    replace: 'parts.filter((part) => isShownTo(asker.caller, visible, part) || visible.name !== text)',
    suite: hidden,
  },
  {
    name: 'a record that left the grant is written',
    file: 'src/app/write/within-grant.ts',
    find: 'if (shown.has(write.key) && isOpen) within',
    replace: 'if (shown.has(write.key) || isOpen) within',
    suite: left,
  },
  {
    name: 'whether the grant has a record is told by what was read long ago',
    file: 'src/app/write/within-grant.ts',
    find: '&& !left(write))',
    replace: '&& (!left(write) || writes.length > 0))',
    suite: left,
  },
  {
    name: 'an agent’s undo reaches records that its grant does not have any more',
    file: 'src/app/write/within-grant.ts',
    find: "writes.filter(({ undoFor }) => undoFor === 'agent')",
    replace: '[]',
    suite: left,
  },
  {
    name: 'a plan is worth what a hidden field says',
    file: 'src/write/plan/draft-values.ts',
    find: 'const before = new Map([...whole].filter(([name]) => shown(name)));',
    replace: 'const before = whole;',
    suite: hidden,
  },
  {
    name: 'an upsert tells of a record that the user is not shown',
    file: 'src/write/plan/find-upserts.ts',
    find: 'all.filter((id) => !hidden.has(id))',
    replace: 'all',
    suite: hidden,
  },
  {
    name: 'an undo tells an agent what stands in fields that it is not shown',
    file: 'src/write/undo/compare.ts',
    find: '(fields.has(each.field) ? each : { ...each, hidden: true })',
    replace: '(fields.size >= 0 ? each : { ...each, hidden: true })',
    suite: undo,
  },
  {
    name: 'an undo tells a user whether a hidden field has changed since',
    file: 'src/write/undo/compare.ts',
    find: 'return Object.keys(after).some(hides) ?',
    replace: 'return Object.keys(after).every(hides) ?',
    suite: undo,
  },
  {
    name: 'a plan repeats what an automation says of a hidden field',
    file: 'src/write/plan/words.ts',
    find: 'message === null || tells(message)',
    replace: 'message === null || tells(null)',
    suite: hidden,
  },
  {
    name: 'an undo takes back what was sent beside its own writes',
    file: 'src/write/undo/chain.ts',
    find: 'filter(([field]) => field in values)',
    replace: "filter(([field]) => field in values || field !== '')",
    suite: undo,
  },
  {
    name: 'an idempotency key tells of another user',
    file: 'src/write/keep-plan.ts',
    find: 'principal === null ? key : `',
    replace: "principal !== '' ? key : `",
    suite: 'test/write/send.test.ts',
  },
  {
    name: 'a field that the grant names no longer is sent',
    file: 'src/app/write/grant-lost.ts',
    find: 'return isGranted && isWithin ? []',
    replace: 'return isGranted || isWithin ? []',
    suite: 'test/write-plan/plan.test.ts',
  },
  {
    name: 'what needs the sign-in of the user goes with that of the connection',
    file: 'src/app/write/write-targets.ts',
    find: "get(stream.integration)?.scope.writeAs === 'user';",
    replace: 'get(stream.integration)?.scope.writeAs === undefined;',
    suite: hidden,
  },
  {
    name: 'what a user may change is not asked when it is sent',
    file: 'src/app/write/write-targets.ts',
    find: 'if (question.signIn !== null) return known;',
    replace: "if (question.signIn !== '') return known;",
    suite: users,
  },
  {
    name: 'a plan passes over fields that the user may not change',
    file: 'src/write/plan/check-user.ts',
    find: 'for (const name of [...named].slice(0, limits.planProblemsMax))',
    replace: 'for (const name of [...named].slice(limits.planProblemsMax))',
    suite: users,
  },
  {
    name: 'what nobody knows of a user’s rights is allowed',
    file: 'src/write/plan/check-user.ts',
    find: "case 'unknown':\n      return report(notes, { item, path: '' }, unknownRight(slug, right.why));",
    replace: "case 'unknown':\n      return;",
    suite: users,
  },
  {
    name: 'a user whom the system does not know may change everything',
    file: 'src/app/write/user-rights.ts',
    find: "if (answer === null) throw unknown('inactive', about);",
    replace: 'if (answer === null) return about.writes.map(() => MAY);',
    suite: users,
  },
  {
    name: 'an undo does not ask whether the user may do that',
    file: 'src/write/undo/user-refusals.ts',
    find: 'principal === null || reached.signIn !== null',
    replace: "principal !== '' || reached.signIn !== null",
    suite: undo,
  },
  {
    name: 'in Salesforce every field of a record may be edited that may be read',
    file: 'src/connectors/salesforce/access/write-rights.ts',
    find: 'AND PermissionsEdit = true AND',
    replace: 'AND PermissionsRead = true AND',
    suite: 'test/connectors/salesforce-permissions.test.ts',
  },
  {
    name: 'in Zendesk a custom role lets agents change what it lets them see',
    file: 'src/connectors/zendesk/access/write-rights.ts',
    find: "if (flag(role, 'ticket_editing') !== true) return MAY_NOT;",
    replace: '',
    suite: 'test/connectors/zendesk-permissions.test.ts',
  },
  {
    name: 'in Google Calendar a reader may change events',
    file: 'src/connectors/google-calendar/access/roles.ts',
    find: "isOfPrivate ? 'writer' : 'writerWithoutPrivateAccess'",
    replace: "isOfPrivate ? 'writer' : 'reader'",
    suite: 'test/connectors/google-calendar-permissions.test.ts',
  },
  {
    name: 'a session of the approval page outlives its key',
    file: 'src/store/operators.ts',
    find: "date_trunc('milliseconds', created_at) = $2",
    replace: "date_trunc('milliseconds', created_at) >= $2",
    suite: 'test/approvals/doors.test.ts',
  },
];
