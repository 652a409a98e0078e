import type { AdminRight } from '../../connectors/index.ts';
import type { ApprovalPilot, SignedThresholds, WriteAs } from '../../manifest/index.ts';

/** What the list before a launch looks at, of one tenant at one moment. Plain data. */
export interface ChecklistFacts {
  readonly now: Date;
  readonly agents: readonly AgentFact[];
  readonly integrations: readonly IntegrationFact[];
  readonly connections: readonly ConnectionFact[];
  readonly rotateDays: number;
  readonly keys: readonly KeyFact[];
  readonly credentials: readonly CredentialFact[];
  readonly audit: AuditFact;
  readonly rehearsal: RehearsalFact;
  /** Of the rules in force. */
  readonly rules: string;
  readonly signed: SignedThresholds | null;
  readonly pilots: readonly ApprovalPilot[];
  /** When the tenant's first write was accepted; null: none was. */
  readonly firstWriteAt: Date | null;
}

export interface AgentFact {
  readonly name: string;
  readonly owner: string | null;
  readonly suspended: boolean;
  /** Objects and operations that it is granted. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

export interface IntegrationFact {
  readonly name: string;
  readonly onCall: string | null;
  readonly mode: string;
  /** What decides where a user has no sign-in of its own. */
  readonly writeAs: WriteAs;
  readonly read: readonly string[];
  readonly write: readonly string[];
}

export interface ConnectionFact {
  readonly slug: string;
  /** As the provider calls the connected user; null: not known. */
  readonly user: string | null;
  /** `failed`: it could not be asked, with the error's code. */
  readonly admin: AdminRight | { readonly kind: 'failed'; readonly code: string };
}

/** A key of an agent or an operator that is good now. */
export interface KeyFact {
  readonly what: string;
  readonly madeAt: Date;
  readonly endsAt: Date | null;
}

export interface CredentialFact {
  /** `crm`, `crm of lena`. */
  readonly what: string;
  /** Gantry renews it by itself. */
  readonly renewable: boolean;
  readonly endsAt: Date | null;
}

/** A question that was really asked. */
export type AuditFact =
  | { readonly kind: 'empty' }
  | {
      readonly kind: 'asked';
      readonly question: string;
      readonly answers: number;
      /** The entry that is known to be there was among the answers. */
      readonly found: boolean;
      readonly tookMs: number;
      readonly verified: boolean;
      readonly entries: number;
    };

/** The newest undo in the tenant that is named as the sandbox. */
export type RehearsalFact =
  | { readonly kind: 'no_sandbox' }
  | { readonly kind: 'unknown_tenant'; readonly sandbox: string }
  | { readonly kind: 'never'; readonly sandbox: string }
  | {
      readonly kind: 'done';
      readonly sandbox: string;
      readonly plan: string;
      readonly undoes: string;
      readonly at: Date;
      /** Writes of it by state. */
      readonly counts: Readonly<Record<string, number>>;
    };
