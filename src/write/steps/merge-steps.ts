import type { PolicyPart, SafetyClass } from '../../policy/index.ts';
import { payloadHash } from '../plan/plan-write.ts';
import type { PlanPorts } from '../plan/ports.ts';
import { takeBackWords } from '../take-back/words.ts';
import type { Impact, OnFailure, PlannedWrite, PlanQuestion, WritePlan } from '../types.ts';
import { stepResult } from './step-result.ts';

/** The plans of single steps as one; asks the policy about the whole. */
export async function mergeSteps(
  { decide }: Pick<PlanPorts, 'decide'>,
  plans: readonly WritePlan[],
  onFailure: OnFailure,
): Promise<WritePlan> {
  const [first] = plans;
  if (first === undefined) throw new Error('there are steps');
  const writes = plans
    .flatMap((plan, step) => plan.writes.map((write) => ({ ...write, step, intent: plan.intent.intent ?? null })))
    .map((write, item): PlannedWrite => ({ ...write, item, key: `${first.id.slice('plan_'.length)}-${String(item)}` }));
  const impact = impactOf(plans);
  const unseen = plans.flatMap((plan) => plan.unseen ?? []);
  const sideEffects = [...new Set(plans.flatMap((plan) => plan.sideEffects))];
  const isTakenBack = onFailure === 'take_back';
  const question = questionOf(plans, impact, isTakenBack ? takeBackParts(plans) : []);
  const intents = namesOf(plans);
  const { reason } = first.intent;
  return {
    ...first,
    title: `In ${String(plans.length)} steps: ${plans.map(({ title }) => title).join('; then ')}`,
    intent: {
      operation: first.intent.operation,
      object: first.intent.object,
      records: plans.flatMap(({ intent }) => intent.records),
      ...(intents === null ? {} : { intent: intents }),
      ...(reason === undefined ? {} : { reason }),
    },
    steps: plans.map(({ title, intent, writes: own }) => ({
      title,
      intent: intent.intent ?? null,
      writes: own.length,
    })),
    safety: question.safety,
    writes,
    problems: [...plans.flatMap(inStep), ...unknownResults(writes), ...recordsTwice(writes)],
    ...(isTakenBack ? { onFailure } : {}),
    warnings: [
      ...(isTakenBack ? takeBackWords({ writes, sideEffects }) : []),
      ...plans.flatMap(({ warnings }, step) => warnings.map((text) => `Step ${String(step)}: ${text}`)),
    ],
    sideEffects,
    preconditions: [...new Set(plans.flatMap(({ preconditions }) => preconditions))],
    ...(unseen.length === 0 ? {} : { unseen }),
    impact,
    question,
    decision: await decide(question),
    cost: costOf(plans),
    payloadHash: payloadHash(writes, onFailure),
  };
}

const inStep = ({ problems }: WritePlan, step: number): WritePlan['problems'] =>
  problems.map((problem) => ({ ...problem, at: `records[${String(step)}].${problem.at}` }));

/**
 * What a later step was planned with is the record before the earlier one: its
 * before-values, its worth and its preconditions would be of a record that is
 * not there any more.
 */
function recordsTwice(writes: readonly PlannedWrite[]): WritePlan['problems'] {
  const first = new Map<string, number | undefined>();
  return writes.flatMap(({ connection, object, recordId, step, record }) => {
    if (recordId === null) return [];
    const key = JSON.stringify([connection, object, recordId]);
    if (!first.has(key)) first.set(key, step);
    const before = first.get(key);
    if (before === step) return [];
    return [
      {
        code: 'write_record_twice',
        at: `records[${String(step)}].records[${String(record)}]`,
        message: `Step ${String(before)} changes the same record.`,
        fix: 'Put both changes into one step, or prepare the second when the first is done.',
      },
    ];
  });
}

/** A record that needs no write has no result: nothing of it is sent. */
function unknownResults(writes: readonly PlannedWrite[]): WritePlan['problems'] {
  const made = new Set(writes.map(({ step, record }) => `${String(step)} ${String(record)}`));
  return writes.flatMap(({ values, step, record }) =>
    Object.entries(values).flatMap(([field, value]) => {
      const result = stepResult(value);
      if (result === null || made.has(`${String(result.step)} ${String(result.record)}`)) return [];
      return [
        {
          code: 'write_reference_unknown',
          at: `records[${String(step)}].records[${String(record)}].values.${field}`,
          message: `Step ${String(result.step)} writes nothing to its record ${String(result.record)}.`,
          fix: 'Give the id of the record itself.',
        },
      ];
    }),
  );
}

/** Of the whole no less than of its parts: what nobody can tell of one step nobody can tell of all. */
function impactOf(plans: readonly WritePlan[]): Impact {
  const records = plans.reduce((sum, { impact }) => sum + impact.records, 0);
  const moved = plans.map(({ impact }) => impact).filter(({ amount }) => amount !== 0);
  const [first] = moved;
  if (first === undefined) return { records, amount: 0, currency: null, why: 'It changes no amount of money.' };
  if (moved.length === 1) return { ...first, records };
  const isKnown = moved.every(({ amount, currency }) => amount !== null && currency === first.currency);
  const amount = isKnown ? moved.reduce((sum, each) => sum + Math.abs(each.amount ?? 0), 0) : null;
  return {
    records,
    amount: amount === null ? null : Math.round(amount * 100) / 100,
    currency: isKnown ? first.currency : null,
    why: isKnown ? 'Sum of the steps.' : 'An amount is missing, or the steps are in several currencies.',
  };
}

const classes = ['read', 'safe_write', 'gated_write', 'forbidden'] as const satisfies readonly SafetyClass[];

/**
 * What taking back may come to beside what the steps do themselves: rules about
 * deleting and making records hold for it. Counted and priced are the steps.
 */
function takeBackParts(plans: readonly WritePlan[]): PolicyPart[] {
  return plans.flatMap(({ question }) =>
    question.parts.flatMap((part): PolicyPart[] => {
      const operation = opposite[part.operation];
      if (operation === null) return [];
      const fields = operation === 'delete' ? [] : part.fields;
      return [{ ...part, operation, fields, records: 0, rows: [], intent: null, safety: 'gated_write' }];
    }),
  );
}

/** Null: what takes it back is an update as well, of the same fields, or nothing does. */
const opposite: Readonly<Record<PolicyPart['operation'], 'create' | 'delete' | null>> = {
  create: 'delete',
  upsert: 'delete',
  delete: 'create',
  update: null,
  create_field: null,
};

function questionOf(plans: readonly WritePlan[], impact: Impact, more: readonly PolicyPart[]): PlanQuestion {
  const [first] = plans;
  if (first === undefined) throw new Error('there are steps');
  const unseen = [...new Set(plans.flatMap(({ question }) => question.unseen ?? []))];
  const safety = classes[Math.max(...plans.map((plan) => classes.indexOf(plan.safety)))] ?? 'forbidden';
  return {
    ...first.question,
    intent: namesOf(plans),
    safety,
    // A rule about an operation holds for the steps that are of it.
    parts: [
      ...plans.flatMap(({ question }) =>
        question.parts.map((part) => ({ ...part, intent: question.intent, safety: question.safety })),
      ),
      ...more,
    ],
    amount: impact.amount,
    currency: impact.currency,
    ...(unseen.length === 0 ? {} : { unseen }),
  };
}

/** All operations by name, as switches and trials know them; null: plain writes alone. */
function namesOf(plans: readonly WritePlan[]): string | null {
  const names = new Set(plans.flatMap(({ intent }) => intent.intent ?? []));
  return names.size === 0 ? null : [...names].join(' ');
}

function costOf(plans: readonly WritePlan[]): WritePlan['cost'] {
  const calls = new Map<string, number>();
  for (const { connection, calls: own } of plans.flatMap(({ cost }) => cost)) {
    calls.set(connection, (calls.get(connection) ?? 0) + own);
  }
  return [...calls].map(([connection, own]) => ({ connection, calls: own }));
}
