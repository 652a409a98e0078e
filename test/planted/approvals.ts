import type { PlantedDefect } from './types.ts';

const tokens = 'test/approvals/tokens.test.ts';
const retention = 'test/write/retention.test.ts';

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
    file: 'src/approvals/word-stands.ts',
    find: "if (by === 'key') return judged(await operatorRoleOf(tx, name));",
    replace: "if (by === 'key') return null;",
    suite: 'test/approvals/decisions.test.ts',
  },
  {
    name: 'what an identity provider said at the decision holds when it is carried out',
    file: 'src/approvals/word-stands.ts',
    find: 'return judged(newest?.role ?? null);',
    replace: 'return null;',
    suite: tokens,
  },
  {
    name: 'a role that an identity provider gave once is believed for ever',
    file: 'src/approvals/word-stands.ts',
    find: 'if (heardAt + limits.approvalTokenHoldsMs <= tx.now.getTime()) {',
    replace: 'if (heardAt < 0) {',
    suite: tokens,
  },
  {
    name: 'who was signed out has approved all the same',
    file: 'src/approvals/word-stands.ts',
    find: 'if (cutBefore !== null && new Date(token.issuedAt) <= cutBefore)',
    replace: 'if (cutBefore !== null && new Date(token.issuedAt) < new Date(0))',
    suite: tokens,
  },
  {
    name: 'whoever broke the glass may have lost what let them',
    file: 'src/approvals/approvals-stand.ts',
    find: "if (about.glassBy === null) return { kind: 'stand' };",
    replace: "if (about.glassBy !== '') return { kind: 'stand' };",
    suite: tokens,
  },
  {
    name: 'a newer token that names no role leaves the approver an approver',
    file: 'src/app/identity/operators.ts',
    find: 'await note({ name: nameKey(name), issuer, role, issuedAt });',
    replace: 'if (role !== null) await note({ name: nameKey(name), issuer, role, issuedAt });',
    suite: 'test/identity/tokens.test.ts',
  },
  {
    name: 'approvals of plans that are under way go with age',
    file: 'src/store/prune-plans.ts',
    find: 'and p.ended_at < $2\n',
    replace: 'and coalesce(p.ended_at < $2, true)\n',
    suite: retention,
  },
  {
    name: 'a plan goes while the audit still tells of it',
    file: 'src/store/prune-plans.ts',
    find: 'and not exists (select from audit_payload e where e.tenant = $1 and e.plan = p.id)',
    replace: '',
    suite: retention,
  },
  {
    name: 'plans are kept for a shorter time than the audit where that is set',
    file: 'src/app/housekeeping.ts',
    find: 'Math.max(planKeepDays, auditKeepDays)',
    replace: 'planKeepDays',
    suite: retention,
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
  {
    name: 'whoever prepared an undo agrees to it',
    file: 'src/approvals/open-approvals.ts',
    find: 'const names = [principal, operator, preparer, ',
    replace: 'const names = [principal, operator, ',
    suite: 'test/approvals/plans.test.ts',
  },
  {
    name: 'what is asked of everybody is dropped where one turn cannot tell all of it',
    file: 'src/store/approval-notices.ts',
    find: 'and (recipient = $3) = $5',
    replace: 'and (not $5 or recipient = $3)',
    suite: 'test/approvals/on-time.test.ts',
  },
];
