import type { JsonObject } from '../kernel/index.ts';

/**
 * One thing that happened, in the words of whoever has to answer for it. What
 * must not be forgotten when a person is erased (that something happened, when,
 * of which kind) is in the chain; everything else is payload beside it.
 */
export interface AuditEntry {
  readonly kind: AuditKind;
  readonly actor: AuditActor;
  readonly subject: AuditSubject;
  /** As the actor gave it; text of theirs. */
  readonly reason: string | null;
  /** In the tenant's base currency; null: no money, or nobody can tell. */
  readonly amount: number | null;
  /** Input, before and after, decision, policy version: what the kind needs. */
  readonly detail: JsonObject;
}

export const auditKinds = [
  'tool_called',
  'plan_prepared',
  'plan_committed',
  'plan_refused',
  'plan_sent_back',
  'plan_withdrawn',
  'plan_expired',
  'plan_ended',
  'take_back_begun',
  'step_turned_back',
  'step_taken_back',
  'take_back_stuck',
  'take_back_said',
  'approval_asked',
  'approval_decided',
  'approval_reminded',
  'approval_escalated',
  'approval_expired',
  'approval_delegated',
  'delegation_ended',
  'glass_broken',
  'review_opened',
  'review_done',
  'write_attempted',
  'write_ended',
  'write_unknown',
  'write_settled',
  'undo_prepared',
  'switch_thrown',
  'switch_lift_asked',
  'switch_lifted',
  'configuration_changed',
  'sign_in_link_made',
  'subject_erased',
  'erasure_lifted',
  'offboarding_asked',
  'offboarding_done',
] as const;

export type AuditKind = (typeof auditKinds)[number];

/** Who did it. An agent acts for `principal` where there is one. */
export type AuditActor =
  | { readonly kind: 'agent'; readonly agent: string; readonly principal: string | null }
  | { readonly kind: 'operator'; readonly name: string }
  | { readonly kind: 'gantry' };

/** What it was about; each as people and agents write it. */
export interface AuditSubject {
  readonly plan?: string;
  readonly write?: string;
  readonly approval?: string;
  /** Slug; of an entry about several systems theirs, in order, with commas between them (systems.ts). */
  readonly connection?: string;
  readonly object?: string;
  readonly model?: string;
  /** `crm/Account/001…`, as everywhere. */
  readonly record?: string;
  /** The record's own name then: `Nordwind AG`. */
  readonly label?: string;
  readonly tool?: string;
  /** The user of the product whom it is about, where the actor is not their agent. */
  readonly principal?: string;
}
