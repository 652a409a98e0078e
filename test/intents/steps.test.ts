import { expect, test } from 'vitest';
import { decide, policyRules, type PolicyPart, type PolicyQuestion } from '../../src/policy/index.ts';
import { stepState, writeTable, type StepState, type WriteState } from '../../src/write/index.ts';
import { stepResult } from '../../src/write/steps/step-result.ts';
import { manifest } from '../write-plan/project.ts';

const states = Object.keys(writeTable) as readonly WriteState[];

/** A step of two writes, one in the state of the row, one in that of the column. */
const alone: Readonly<Record<WriteState, StepState>> = {
  planned: 'waiting',
  queued: 'running',
  sending: 'running',
  outcome_unknown: 'running',
  reconciling: 'running',
  needs_human: 'running',
  succeeded: 'done',
  failed: 'failed',
  cancelled: 'not_begun',
  expired: 'not_begun',
};

test('a step is as far as its writes are, for every pair of states', () => {
  expect(stepState([])).toBe('done');
  for (const one of states) {
    expect(stepState([{ state: one }])).toBe(alone[one]);
    for (const other of states) {
      const [first, second] = [alone[one], alone[other]];
      // Whatever can still take effect keeps the step going; a mixed end is none that the next step begins after.
      const moving = [first, second].some((each) => each === 'running' || each === 'waiting');
      const expected = first === second ? first : moving ? 'running' : 'failed';
      expect(stepState([{ state: one }, { state: other }]), `${one} ${other}`).toBe(expected);
    }
  }
});

test('a value is a result of another step only where it says nothing else', () => {
  expect(stepResult({ from_step: 0 })).toEqual({ step: 0, record: 0, text: null });
  expect(stepResult({ from_step: 2, record: 3, text: 'No. {id}' })).toEqual({ step: 2, record: 3, text: 'No. {id}' });
  for (const value of [
    null,
    'x',
    [],
    {},
    { from_step: -1 },
    { from_step: '0' },
    { from_step: 0.5 },
    { from_step: 0, record: -1 },
    { from_step: 0, text: 1 },
    { from_step: 0, more: 1 },
  ]) {
    expect(stepResult(value), JSON.stringify(value)).toBeNull();
  }
});

test('a rule about an operation holds for the step that is of it, whatever the others are', () => {
  const rules = policyRules(
    manifest([
      [
        'policies/money.yaml',
        'currencies:',
        `approvals:
  rules:
    tasks: { when: { intents: [create_task] }, verdict: forbid }
    all: { when: { amount: { below: 500 } }, verdict: allow }
currencies:`,
      ],
    ]),
    'writer',
    '2026-11-21',
  );
  const part = (intent: string | null): PolicyPart => ({
    integration: 'crm',
    mode: 'autonomous',
    connection: 'crm',
    object: 'Task',
    model: null,
    operation: 'create',
    records: 1,
    fields: [],
    rows: [],
    intent,
    safety: 'gated_write',
  });
  const question = (...intents: readonly (string | null)[]): PolicyQuestion => ({
    agent: 'a',
    principal: null,
    intent: intents.filter((each) => each !== null).join(' ') || null,
    safety: 'gated_write',
    accountable: null,
    parts: intents.map(part),
    amount: 0,
    currency: null,
    readUntrusted: false,
    spent: () => ({ amount: 0, records: 0 }),
  });
  expect(decide(rules, question(null, 'deal.close_won')).kind).toBe('allow');
  expect(decide(rules, question('deal.close_won', 'create_task')).kind).toBe('forbid');
});
