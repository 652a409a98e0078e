import type { Json } from '../kernel/index.ts';

/** What applying a project would change. Pure data: the CLI prints it, JSON carries it. */
export interface Plan {
  /** Removals first, then changes, then additions; each group by kind and name. */
  readonly changes: readonly PlanChange[];
  /** Agents whose reach changes, by name. */
  readonly agents: readonly AgentImpact[];
  /** Something that works today would stop to work, or answer with less. */
  readonly breaking: boolean;
}

export type PlanKind =
  'project' | 'model' | 'field' | 'relation' | 'integration' | 'object' | 'mapping' | 'agent' | 'grant';

export interface PlanChange {
  readonly action: 'add' | 'change' | 'remove';
  readonly kind: PlanKind;
  /** `deal`, `deal.stage`, `crm`, `crm.Opportunity`, `crm.Opportunity.stage`, `renewals-copilot`, `renewals-copilot deal`. */
  readonly name: string;
  readonly breaking: boolean;
  /** For changes: which settings, from what to what. */
  readonly details: readonly PlanDetail[];
}

export interface PlanDetail {
  readonly key: string;
  readonly from: Json;
  readonly to: Json;
}

/** Fields as `deal.stage`, whole objects as `deal`, tools by name with `tool ` before it. */
export interface AgentImpact {
  readonly agent: string;
  readonly gains: readonly string[];
  readonly loses: readonly string[];
}
