import type { PlantedDefect } from './types.ts';

const hidden = 'test/write-plan/hidden.test.ts';
const undo = 'test/write/undo.test.ts';

/** What somebody is not shown, told by writing. */
export const writeHiddenDefects: PlantedDefect[] = [
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
    name: 'a session of the approval page outlives its key',
    file: 'src/store/operators.ts',
    find: "date_trunc('milliseconds', created_at) = $2",
    replace: "date_trunc('milliseconds', created_at) >= $2",
    suite: 'test/approvals/doors.test.ts',
  },
];
