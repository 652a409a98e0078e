import { limits, type Clock, type TenantId } from '../../kernel/index.ts';
import type { Manifest } from '../../manifest/index.ts';
import {
  decide,
  policyRules,
  policyVersionOf,
  sumKey,
  sumsOf,
  trialEndOf,
  type PolicyDecision,
  type PolicyRules,
  type Spent,
} from '../../policy/index.ts';
import { dropSpent, keepSpent, lockSpending, readSpent, type Db, type Tx } from '../../store/index.ts';
import type { PlanFacts, PlanQuestion, PlanRules, WritePlan } from '../../write/index.ts';
import type { TenantManifests } from '../project/tenant-manifests.ts';
import { manifestOf } from './manifest-of.ts';

/** The policy that decides on plans, with what was accepted before. */
export interface Rules extends PlanRules {
  /** As it would be decided at this moment. */
  preview(tenant: TenantId, question: PlanQuestion): Promise<PolicyDecision>;
}

export const rulesNow = (manifest: Manifest, agent: string, clock: Clock): PolicyRules =>
  policyRules(manifest, agent, dayOf(clock.now()));

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/** What plans of an agent stand on. */
export function planFacts(manifest: Manifest, agent: string, clock: Clock): PlanFacts {
  const rules = rulesNow(manifest, agent, clock);
  return {
    policyVersion: policyVersionOf(rules),
    accountable: rules.owner,
    modes: new Map([...manifest.integrations].map(([name, { mode }]) => [name, mode])),
    trial: trialEndOf(rules),
  };
}

export function createRules(deps: {
  readonly db: Db;
  readonly clock: Clock;
  readonly manifests: TenantManifests;
}): Rules {
  const { db, clock, manifests } = deps;
  const inForce = new Map<TenantId, Manifest>();

  const rulesFor = (tenant: TenantId, agent: string): PolicyRules => {
    const manifest = inForce.get(tenant);
    if (manifest === undefined) throw new Error('the manifest is read before the transaction');
    return rulesNow(manifest, agent, clock);
  };
  const ready = async (tenant: TenantId): Promise<void> => {
    const { manifest } = await manifestOf(manifests, tenant);
    // The last ones alone: a process serves many tenants over time.
    inForce.delete(tenant);
    inForce.set(tenant, manifest);
    for (const oldest of inForce.keys()) {
      if (inForce.size <= limits.cataloguesMax) break;
      inForce.delete(oldest);
    }
  };

  return {
    ready,
    preview: async (tenant, question) => {
      await ready(tenant);
      const rules = rulesFor(tenant, question.agent);
      if (sumsOf(rules).length === 0) return decide(rules, { ...question, spent: () => nothing });
      return db.tenantRead(tenant, async (tx) => decided(tx, tenant, { rules, question, but: '' }));
    },
    decide: async (tx, tenant, plan) => {
      const rules = rulesFor(tenant, plan.agent);
      if (policyVersionOf(rules) !== plan.policyVersion) return policyChanged;
      // Two that are accepted at one moment see each other's amounts.
      if (sumsOf(rules).length > 0) await lockSpending(tx, tenant);
      return decided(tx, tenant, { rules, question: plan.question, but: plan.id });
    },
    accepted: (tx, tenant, plan) => keepSpent(tx, tenant, spentBy(plan), limits.spentWindowMaxMs),
    dropped: (tx, tenant, plan) => dropSpent(tx, tenant, plan),
  };
}

const nothing: Spent = { amount: 0, records: 0 };

const policyChanged: PolicyDecision = {
  kind: 'forbid',
  because: [
    {
      rule: 'policy_changed',
      text: 'The rules, or their rates, are others than when the plan was prepared: prepare it again.',
    },
  ],
};

async function decided(
  tx: Tx,
  tenant: TenantId,
  { rules, question, but }: { readonly rules: PolicyRules; readonly question: PlanQuestion; readonly but: string },
): Promise<PolicyDecision> {
  const { agent, principal } = question;
  const sums = new Map<string, Spent>();
  for (const sum of sumsOf(rules)) sums.set(sumKey(sum), await readSpent(tx, tenant, { agent, principal, but }, sum));
  // Whether a trial is over is for the database to say, as at the send.
  const today = { ...rules, day: dayOf(tx.now) };
  return decide(today, { ...question, spent: (sum) => sums.get(sumKey(sum)) ?? nothing });
}

function spentBy({ id, agent, principal, impact, question }: WritePlan) {
  const models = new Map<string, number>();
  for (const { model, records } of question.parts) models.set(model ?? '', (models.get(model ?? '') ?? 0) + records);
  return {
    plan: id,
    agent,
    principal,
    amount: impact.amount,
    records: impact.records,
    models: [...models].map(([model, records]) => ({ model, records })),
  };
}
