import type { PlantedDefect } from './types.ts';

export const approvalDefects: PlantedDefect[] = [
  {
    name: 'one human gives two approvals',
    file: 'src/store/migrations/0025_approval.sql',
    find: 'create unique index approval_one_human on approval',
    replace: 'create index approval_one_human on approval',
    suite: 'test/approvals/decisions.test.ts',
  },
  {
    name: 'whoever asked for it decides under the address that the project has for them',
    file: 'src/approvals/may-decide.ts',
    find: 'if (own.some((name) => approval.barred.includes(name))) {',
    replace: 'if (approval.barred.includes(nameKey(decider.name))) {',
    suite: 'test/approvals/decisions.test.ts',
  },
  {
    name: 'a yes is to whatever would be written by now',
    file: 'src/approvals/decide-approval.ts',
    find: 'if (seen === about.payloadHash || ',
    replace: 'if (seen !== null || ',
    suite: 'test/approvals/decisions.test.ts',
  },
  {
    name: 'who decided is not looked up again when it is carried out',
    file: 'src/approvals/approvals-stand.ts',
    find: "if (decider === null || deciderBy !== 'key') continue;",
    replace: 'if (decider !== null) continue;',
    suite: 'test/approvals/decisions.test.ts',
  },
  {
    name: 'silence is a yes',
    file: 'src/approvals/on-time.ts',
    find: "deps.onDecided(tx, tenant, about.plan, { kind: 'expired' })",
    replace: "deps.onDecided(tx, tenant, about.plan, { kind: 'approved', by: 'nobody' })",
    suite: 'test/approvals/on-time.test.ts',
  },
  {
    name: 'a link decides more than once',
    file: 'src/approvals/look-up.ts',
    find: '(tx) => takeApprovalLink(tx, token)',
    replace: 'async () => true',
    suite: 'test/approvals/doors.test.ts',
  },
];
