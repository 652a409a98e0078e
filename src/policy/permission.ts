import type { IntegrationMode } from '../manifest/index.ts';
import type { PolicyDecision, SafetyClass } from './types.ts';

/** What the rules of the policy file say; `silent`: none that applies says anything. */
export type PolicyWord = 'silent' | 'allow' | 'approve' | 'propose' | 'forbid';

export type Permission = PolicyDecision['kind'];

export interface PermissionParts {
  /** Whether the agent's grant has it. */
  readonly grant: 'none' | 'write';
  readonly safety: SafetyClass;
  readonly mode: IntegrationMode;
  readonly policy: PolicyWord;
  /** `schema`: the customer's system itself gets another shape (`create_field`). Absent: records alone change. */
  readonly change?: 'records' | 'schema';
}

/**
 * `ask` is an approval that a rule may spare: a gated write needs somebody's
 * word, and a rule that says `allow` is the word of whoever wrote it.
 */
type Level = 'allow' | 'ask' | 'approve' | 'propose' | 'forbid';

const order: readonly Level[] = ['allow', 'ask', 'approve', 'propose', 'forbid'];

const byGrant: Readonly<Record<PermissionParts['grant'], Level>> = { none: 'forbid', write: 'allow' };

/** What is declared to read writes nothing. */
const bySafety: Readonly<Record<SafetyClass, Level>> = {
  read: 'forbid',
  safe_write: 'allow',
  gated_write: 'ask',
  forbidden: 'forbid',
};

const byMode: Readonly<Record<IntegrationMode, Level>> = {
  read_only: 'forbid',
  propose_only: 'propose',
  gated: 'approve',
  autonomous: 'allow',
};

/** No rule spares the approval of what changes a customer's system for everybody. */
const byChange: Readonly<Record<NonNullable<PermissionParts['change']>, Level>> = {
  records: 'allow',
  schema: 'approve',
};

const stricter = (a: Level, b: Level): Level => (order.indexOf(a) >= order.indexOf(b) ? a : b);

/** The most restrictive of them. docs/approvals.md has the table of all combinations. */
export function permissionOf({ grant, safety, mode, policy, change = 'records' }: PermissionParts): Permission {
  const standing = [byGrant[grant], bySafety[safety], byMode[mode], byChange[change]].reduce(stricter);
  const said = policy === 'silent' ? standing : stricter(standing, policy);
  if (said !== 'ask') return said;
  return policy === 'allow' ? 'allow' : 'approve';
}

/** Which of several parts of a plan counts. */
export const strictest = (permissions: readonly Permission[]): Permission =>
  permissions.reduce<Permission>((a, b) => (order.indexOf(a) >= order.indexOf(b) ? a : b), 'allow');

export type StandingReason = 'safety' | 'mode' | 'create_field' | 'no_rule';

/** Whose word it was that a part may do no more: for the reasons. */
export function heldBackBy({ safety, mode, policy, change }: PermissionParts): StandingReason[] {
  const silent = bySafety[safety] === 'ask' && policy === 'silent';
  return [
    ...(bySafety[safety] === 'forbid' ? (['safety'] as const) : []),
    ...(byMode[mode] === 'allow' ? [] : (['mode'] as const)),
    ...(change === 'schema' ? (['create_field'] as const) : []),
    ...(silent ? (['no_rule'] as const) : []),
  ];
}
