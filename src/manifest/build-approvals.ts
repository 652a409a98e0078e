import { limits, suggest } from '../kernel/index.ts';
import type {
  ApprovalPerson,
  ApprovalPilot,
  ApprovalRule,
  ApprovalRules,
  ApprovalWhen,
  Range,
  SecondReview,
} from './approval-types.ts';
import { secondsIn } from './ages.ts';
import type { DocumentPath, Reporter, YamlDocument } from './document.ts';
import { comparisons, readFilter } from './read-filter.ts';
import { findField, type Scope } from './scope.ts';
import type { RawApprovalRule, RawApprovals } from './shapes/approval-shape.ts';
import type { Model } from './types.ts';

export interface ApprovalContext {
  readonly document: YamlDocument;
  readonly scope: Scope;
  /** By name; null: not known. */
  readonly alertRoutes: readonly string[] | null;
  readonly report: Reporter;
}

type RawWhen = NonNullable<RawApprovalRule['when']>;

/** The `approvals` block of a policy file. Names in conditions are checked where one model is meant. */
export function buildApprovals(raw: RawApprovals, context: ApprovalContext): ApprovalRules {
  const entries = Object.entries(raw.rules);
  if (entries.length > limits.approvalRulesMax) {
    context.report({
      code: 'manifest_value_invalid',
      path: ['approvals', 'rules'],
      message: `There are ${String(entries.length)} rules; at most ${String(limits.approvalRulesMax)} are taken.`,
    });
  }
  for (const [index, name] of (raw.tell ?? []).entries()) checkRoute(name, ['approvals', 'tell', index], context);
  const people = new Map<string, ApprovalPerson>();
  for (const [name, { email, route }] of Object.entries(raw.people ?? {})) {
    if (email === undefined && route === undefined) {
      context.report({
        code: 'manifest_key_missing',
        path: ['approvals', 'people', name],
        message: `Nothing says how \`${name}\` is reached.`,
        fix: 'Write `email`, or the `route` of alerts that only this person reads.',
      });
    }
    if (route !== undefined) checkRoute(route, ['approvals', 'people', name, 'route'], context);
    people.set(name, { email: email ?? null, route: route ?? null });
  }
  return {
    untrustedText: raw.untrusted_text ?? 'approve',
    tell: raw.tell ?? [],
    people,
    rules: entries.map(([name, rule]) => buildRule(name, rule, context)),
    ...buildPilots(raw.pilots, context),
  };
}

function buildPilots(raw: RawApprovals['pilots'], context: ApprovalContext): Pick<ApprovalRules, 'pilots'> {
  if (raw === undefined) return {};
  const seen = new Map<string, string>();
  const pilots = Object.entries(raw).map(([name, pilot]): ApprovalPilot => {
    const path = ['approvals', 'pilots', name];
    const first = seen.get(pilot.agent);
    if (first !== undefined) {
      context.report({
        code: 'manifest_name_duplicate',
        path: [...path, 'agent'],
        message: `Agent \`${pilot.agent}\` is on trial in \`${first}\` already.`,
        fix: 'A trial is of one workflow: end one before the other begins.',
      });
    }
    seen.set(pilot.agent, name);
    checkIntegration(pilot.integration, [...path, 'integration'], context);
    const { agent, integration, intents = [], approver, until, per_day: day } = pilot;
    const at = context.document.mark(path, 'key');
    return {
      name,
      agent,
      integration,
      intents,
      approver,
      until,
      amountPerDay: day.amount,
      recordsPerDay: day.records,
      at,
    };
  });
  return { pilots };
}

function checkIntegration(name: string, path: DocumentPath, { scope, report }: ApprovalContext): void {
  if (scope.integrations.has(name) || scope.broken.has(name)) return;
  report({
    code: 'manifest_value_invalid',
    path,
    message: `There is no integration \`${name}\`.`,
    fix: 'Name one of integrations/.',
    suggestions: suggest(name, scope.integrations.keys()),
  });
}

function checkRoute(name: string, path: DocumentPath, { alertRoutes, report }: ApprovalContext): void {
  if (alertRoutes === null || alertRoutes.includes(name)) return;
  report({
    code: 'manifest_value_invalid',
    path,
    message: `There is no route \`${name}\`, so nobody would be told.`,
    fix: 'Declare it under `alerts.routes` in gantry.yaml, or correct the name.',
    suggestions: suggest(name, alertRoutes),
  });
}

function buildRule(name: string, raw: RawApprovalRule, context: ApprovalContext): ApprovalRule {
  const path = ['approvals', 'rules', name];
  for (const key of ['from', 'people', 'sla', 'escalate_to', 'four_eyes'] as const) {
    if (raw.verdict === 'approve' || raw[key] === undefined) continue;
    context.report({
      code: 'manifest_key_unknown',
      path: [...path, key],
      at: 'key',
      message: `\`${key}\` is about who approves, and \`verdict: ${raw.verdict}\` asks nobody.`,
      fix: `Remove it, or write \`verdict: approve\`.`,
    });
  }
  if (raw.from !== undefined && (raw.people ?? 1) > raw.from.length) {
    context.report({
      code: 'manifest_value_invalid',
      path: [...path, 'people'],
      message: `\`people: ${String(raw.people)}\` are more than \`from\` names.`,
      fix: 'Name as many, or leave `from` out.',
    });
  }
  const review = secondReviewOf(raw);
  if (
    review !== null &&
    (raw.verdict === 'propose' || raw.verdict === 'forbid' || (raw.verdict === 'allow' && review.when === 'before'))
  ) {
    context.report({
      code: 'manifest_value_invalid',
      path: [...path, 'second_review'],
      message: `\`verdict: ${raw.verdict}\` leaves nothing to review ${review.when === 'before' ? 'before the write' : 'afterwards'}.`,
      fix: raw.verdict === 'allow' ? 'Write `after`, or `verdict: approve`.' : 'Remove it.',
    });
  }
  return {
    name,
    why: raw.why ?? null,
    when: buildWhen(raw.when ?? {}, [...path, 'when'], context),
    verdict: raw.verdict,
    from: raw.from ?? [],
    people: raw.people ?? 1,
    slaMs: raw.sla === undefined ? limits.approvalSlaMs : msIn(raw.sla),
    escalateTo: raw.escalate_to ?? [],
    fourEyes: raw.four_eyes ?? 'usual',
    secondReview: review,
    at: context.document.mark(path, 'key'),
  };
}

/** The shape admits minutes, hours and days. */
const msIn = (time: string): number => secondsIn(time) * 1_000;

function secondReviewOf({ second_review: raw }: RawApprovalRule): SecondReview | null {
  if (raw === undefined) return null;
  const { when, within, from } = typeof raw === 'string' ? { when: raw } : raw;
  return { when, withinMs: within === undefined ? limits.reviewWithinMs : msIn(within), from: from ?? [] };
}

function buildWhen(raw: RawWhen, path: DocumentPath, context: ApprovalContext): ApprovalWhen {
  const amount = rangeOf(raw.amount, [...path, 'amount'], context);
  const records = rangeOf(raw.records, [...path, 'records'], context);
  if (raw.sum !== undefined && amount === null && records === null) {
    context.report({
      code: 'manifest_key_missing',
      path: [...path, 'sum'],
      at: 'key',
      message: '`sum` adds what was accepted before, and nothing says from how much on the rule applies.',
      fix: 'Write `amount` or `records` beside it.',
    });
  }
  checkSum(raw, path, context);
  checkObjects(raw, path, context);
  return {
    agents: raw.agents ?? [],
    principals: raw.principals ?? [],
    intents: raw.intents ?? [],
    safety: raw.safety ?? [],
    operations: raw.operations ?? [],
    objects: raw.objects ?? [],
    fields: raw.fields ?? [],
    amount,
    records,
    sum: raw.sum === undefined ? null : { per: raw.sum.per, withinMs: msIn(raw.sum.within) },
    where: conditionOf(raw, [...path, 'where'], context),
  };
}

function checkSum({ sum }: RawWhen, path: DocumentPath, { report }: ApprovalContext): void {
  if (sum === undefined || msIn(sum.within) <= limits.spentWindowMaxMs) return;
  report({
    code: 'manifest_value_invalid',
    path: [...path, 'sum', 'within'],
    message: `\`${sum.within}\` is longer than what was accepted is kept.`,
    fix: 'Write at most 31d.',
  });
}

function rangeOf(raw: RawWhen['amount'], path: DocumentPath, { report }: ApprovalContext): Range | null {
  if (raw === undefined) return null;
  const { from = null, below = null } = raw;
  if ((from === null && below === null) || (from !== null && below !== null && from >= below)) {
    report({
      code: 'manifest_value_invalid',
      path,
      message: from === null ? 'The range has no end.' : 'The range is empty: `from` is not less than `below`.',
      fix: 'Write `from`, `below`, or both with `from` less than `below`.',
    });
  }
  return { from, below };
}

/** A word without a sign of a glob and without a dot is meant for a model. */
function checkObjects({ objects }: RawWhen, path: DocumentPath, { scope, report }: ApprovalContext): void {
  for (const [index, object] of (objects ?? []).entries()) {
    if (/[*?]/.test(object)) continue;
    const [first = '', ...rest] = object.split('.');
    if (rest.length > 0 ? scope.integrations.has(first) : scope.models.has(first)) continue;
    if (scope.broken.has(first)) continue;
    report({
      code: rest.length > 0 ? 'manifest_object_unknown' : 'manifest_model_unknown',
      path: [...path, 'objects', index],
      message:
        rest.length > 0
          ? `There is no integration \`${first}\`, so nothing is named \`${object}\`.`
          : `There is no model \`${object}\`.`,
      fix: 'Name a model, or a native object of an integration.',
      suggestions: suggest(first, rest.length > 0 ? scope.integrations.keys() : scope.models.keys()),
    });
  }
}

const PREFIX = /^(before|after)\.(?=.)/;

function conditionOf(raw: RawWhen, path: DocumentPath, context: ApprovalContext): ApprovalWhen['where'] {
  if (raw.where === undefined) return null;
  const filter = readFilter(raw.where, path, context.report);
  if (filter === null) return null;
  const models = (raw.objects ?? []).map((object): Model | null => context.scope.models.get(object) ?? null);
  const model = models.length === 1 ? (models[0] ?? null) : null;
  for (const { operand, value } of comparisons(filter)) {
    if (operand.kind === 'measure' || value.kind === 'relative') {
      mistake('A condition of a rule looks at the values of the record alone, against fixed ones.', path, context);
      continue;
    }
    const field = operand.path.replace(PREFIX, '');
    if (field === operand.path) {
      mistake(`\`${operand.path}\` does not say which value is meant.`, path, context);
    } else if (model !== null && !field.startsWith('native:')) {
      findField(model, field, { path }, context.scope, context.report);
    }
  }
  return filter;
}

const mistake = (message: string, path: DocumentPath, { report }: ApprovalContext): void =>
  report({
    code: 'manifest_filter_invalid',
    path,
    message,
    fix: 'Write `before.<field>` or `after.<field>` and a value: `after.stage: won`.',
  });
