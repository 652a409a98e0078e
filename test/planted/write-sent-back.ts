import type { PlantedDefect } from './types.ts';

const suite = 'test/write/sent-back.test.ts';

export const writeSentBackDefects: PlantedDefect[] = [
  {
    name: 'what was written is read back when the schedule says so',
    file: 'src/write/keep-outcomes.ts',
    find: "if (events.some(({ event }) => event === 'applied')) await readBack",
    replace: "if (events.some(({ event }) => event === 'found')) await readBack",
    suite,
  },
  {
    name: 'an approval holds under other rules than those it was given under',
    file: 'src/write/send-batch.ts',
    find: 'policyVersion: versions.get(row.agent) ?? null',
    replace: 'policyVersion: row.policyVersion',
    suite,
  },
  {
    name: 'a record that was changed after the approval is not shown to people again',
    file: 'src/write/send-back.ts',
    find: "new Set(['record_changed', 'approval_fallen'])",
    replace: "new Set(['approval_fallen'])",
    suite,
  },
  {
    name: 'approvals are looked at when a plan begins, and not again',
    file: 'src/write/send-batch.ts',
    find: 'if (!row.approved) return null;',
    replace: "if (!row.approved || row.state === 'running') return null;",
    suite,
  },
  {
    name: 'what was changed after the approval is written over in a plan that is under way',
    file: 'src/write/send-back.ts',
    find: 'const asksAgain = own.some(({ queued, code }) => queued.approved && sentBack.has(code));',
    replace:
      'const asksAgain = own.some(({ queued, code }) => queued.approved && sentBack.has(code));\n    if (asksAgain) await sendBack(turn, own);\n    if (asksAgain) continue;',
    suite,
  },
  {
    name: 'whoever committed a plan may approve it when it is asked about again',
    file: 'src/approvals/open-approvals.ts',
    find: 'operator: requester.operator ?? last?.operator ?? null,',
    replace: 'operator: requester.operator,',
    suite,
  },
  {
    name: 'writes to a revoked connection wait for it',
    file: 'src/write/end-gone.ts',
    find: "new Set(['revoked', 'deleted'])",
    replace: "new Set(['deleted'])",
    suite,
  },
  {
    name: 'people are to look at a plan that was taken back before anything was sent',
    file: 'src/write/withdraw.ts',
    find: "if (unsent || row.state === 'awaiting_approval') {",
    replace: "if (row.state === 'awaiting_approval') {",
    suite,
  },
];
