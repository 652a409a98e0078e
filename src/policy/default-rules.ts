import { limits } from '../kernel/index.ts';
import type { ApprovalRule, ApprovalRules, ApprovalWhen } from '../manifest/index.ts';

const DAY_MS = 24 * 3_600_000;

const always: ApprovalWhen = {
  agents: [],
  principals: [],
  intents: [],
  safety: [],
  operations: [],
  objects: [],
  fields: [],
  amount: null,
  records: null,
  sum: null,
  where: null,
};

const rule = (name: string, own: Partial<ApprovalRule> & Pick<ApprovalRule, 'verdict'>): ApprovalRule => ({
  name,
  why: null,
  when: always,
  from: [],
  people: 1,
  slaMs: limits.approvalSlaMs,
  escalateTo: [],
  fourEyes: 'usual',
  secondReview: null,
  at: { file: 'defaults', line: 1, column: 1 },
  ...own,
});

const aDay = { per: 'agent', withinMs: DAY_MS } as const;

/**
 * What holds where a project says nothing (docs/approvals.md shows it as a
 * file): small changes go through and are kept, larger ones wait for one
 * approver, the largest for whoever answers for the agent, with a second look
 * within a day. What many small ones come to counts.
 */
export const defaultRules: ApprovalRules = {
  untrustedText: 'approve',
  tell: [],
  people: new Map(),
  rules: [
    rule('small_change', {
      why: 'Small changes go through and are kept.',
      when: { ...always, amount: { from: null, below: 500 }, records: { from: null, below: 100 }, sum: aDay },
      verdict: 'allow',
    }),
    rule('medium_change', {
      when: { ...always, amount: { from: 500, below: 5_000 }, sum: aDay },
      verdict: 'approve',
    }),
    rule('large_change', {
      when: { ...always, amount: { from: 5_000, below: null }, sum: aDay },
      verdict: 'approve',
      from: ['$owner'],
      secondReview: { when: 'after', withinMs: DAY_MS, from: [] },
    }),
    rule('customer_status_and_contract', {
      why: 'Who is a customer, and what was agreed with them, changes with a person.',
      when: { ...always, fields: ['account.status', 'customer.status', 'contract_*', '*.contract_*'] },
      verdict: 'approve',
    }),
    rule('deletion', {
      when: { ...always, operations: ['delete'] },
      verdict: 'approve',
    }),
    rule('many_records', {
      when: { ...always, records: { from: 100, below: null }, sum: aDay },
      verdict: 'approve',
    }),
  ],
};
