import type { Json } from '../kernel/index.ts';
import type { Problem } from './problem.ts';

/** What applying a project would change. Pure data: the CLI prints it, JSON carries it. */
export interface Plan {
  /** Removals first, then changes, then additions; each group by kind and name. */
  readonly changes: readonly PlanChange[];
  /** Agents whose reach changes, by name. */
  readonly agents: readonly AgentImpact[];
  /** Tenants that the changes touch, by slug. */
  readonly tenants: readonly TenantImpact[];
  /** What has to be declared before the project can be applied. */
  readonly breaks: readonly Break[];
  /** What is no mistake and yet may not be meant. */
  readonly notes: readonly string[];
  /** Something that works today would stop to work, or answer with less: there are `breaks`. */
  readonly breaking: boolean;
}

export type PlanKind =
  | 'project'
  | 'model'
  | 'field'
  | 'relation'
  | 'operation'
  | 'integration'
  | 'object'
  | 'mapping'
  | 'agent'
  | 'grant'
  | 'saved_query'
  | 'policy'
  | 'switch'
  | 'checklist'
  | 'alert_route'
  | 'overlay';

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

export interface TenantImpact {
  /** Slug. */
  readonly tenant: string;
  /** Changed integrations to which the tenant is connected. */
  readonly integrations: readonly string[];
  /** Where its overlay comes from, after the change. */
  readonly overlay: 'project' | 'stored' | null;
  /** What changes for this tenant alone, by its overlay. */
  readonly changes: readonly PlanChange[];
  /** Mistakes of its stored overlay over the new project: names that it no longer has. */
  readonly stale: readonly Problem[];
}

/** One change that would break an agent or a tenant, and nothing that merely follows from another one. */
export interface Break {
  /** What `--allow-breaking` names: `field deal.stage`, `tenant acme field deal.region`, `overlay acme`. */
  readonly name: string;
  /** In words. */
  readonly what: string;
  /** Null where it is not about one tenant. */
  readonly tenant: string | null;
  /** Where it is written: the file of the project in force, or the line of a stored overlay. */
  readonly where: string;
}

/** What a plan has to know beside the two manifests; the store tells. */
export interface PlanContext {
  /** The database's day (UTC), `2026-11-20`: from its `sunset` on, a deprecated thing may go. */
  readonly today: string;
  readonly tenants: readonly TenantFacts[];
}

export interface TenantFacts {
  readonly tenant: string;
  /** Integrations that its connections use. */
  readonly integrations: readonly string[];
  /** Its stored overlay, where it has one. */
  readonly stored: { readonly version: number; readonly content: string } | null;
}
