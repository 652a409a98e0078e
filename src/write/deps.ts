import type { AppendAudit, AuditActor } from '../audit/index.ts';
import type { SessionWrites, WriteOperation } from '../connectors/index.ts';
import type { Clock, ConnectionId, JsonObject, Random, TenantId } from '../kernel/index.ts';
import type { IntegrationMode } from '../manifest/index.ts';
import type { RecordWriter } from '../mapping/index.ts';
import type { ApprovalNeed, PolicyDecision, TrialEnd } from '../policy/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { Db, Tx } from '../store/index.ts';
import type { WriteWatch } from '../switches/index.ts';
import type { WriteLogEvent } from './events.ts';
import type { PlanId, PlannedWrite, PlanQuestion, WritePlan } from './types.ts';

/** Whoever commits, withdraws or decides. */
export type WriteActor = AuditActor;

export interface WriteDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvent: (event: WriteLogEvent) => void;
  readonly audit: AppendAudit;
  readonly rules: PlanRules;
  /** Null: nobody can be asked, so that what needs approval is refused. */
  readonly approvals: PlanApprovals | null;
  /** A way to write there; null: nobody has signed in, or the manifest no longer wants the integration. */
  readonly targetOf: (
    tenant: TenantId,
    connection: ConnectionId,
    principal: string | null,
  ) => Promise<WriteTarget | null>;
  /**
   * What may not be written any more, with why, by key: the principal does not
   * see the record, or a field of it, or may not change it, or the grant is
   * another. Asked right before each send.
   */
  readonly unwritable: (tenant: TenantId, question: RightsQuestion) => Promise<ReadonlyMap<string, string>>;
  /** Conditions of the operation that held when it was planned and do not any more, in words, by key; absent: there are none. */
  readonly unmet?: (tenant: TenantId, question: RightsQuestion) => Promise<ReadonlyMap<string, string>>;
  /** Native fields that `unwritable` and `unmet` want to know as the source has them at that moment; absent: none. */
  readonly fieldsAsked?: (tenant: TenantId, question: RightsQuestion) => Promise<readonly string[]>;
  /** What the system itself would refuse the principal, with why, by key; also where nobody can tell. */
  readonly refusedToUser: (tenant: TenantId, question: UserQuestion) => Promise<ReadonlyMap<string, string>>;
  /** What plans of ours stand on: the applied project, as it is for an agent. */
  readonly factsOf: (tenant: TenantId, agent: string) => Promise<PlanFacts>;
  /** How records of models are written, by model; absent: there are no models. */
  readonly writersOf?: (tenant: TenantId) => Promise<ReadonlyMap<string, readonly RecordWriter[]>>;
  /** What stops writes by itself, read before the transaction that counts; null, or absent: nothing does. */
  readonly watch?: () => Promise<WriteWatch | null>;
  /** Absent: `limits.writeLeaseMs`. */
  readonly leaseMs?: number;
  /** Absent: `limits.writeSettleMaxMs`. */
  readonly settleMaxMs?: number;
}

export interface PlanFacts {
  readonly policyVersion: string;
  /** The human who answers for the agent. */
  readonly accountable: string | null;
  /** By integration. */
  readonly modes: ReadonlyMap<string, IntegrationMode>;
  /** Null, or absent: the agent is not on trial. */
  readonly trial?: TrialEnd | null;
}

/** Policy, in the transaction of the commit. */
export interface PlanRules {
  /** To be called before a transaction that decides: within one, nothing else can be read. */
  ready(tenant: TenantId): Promise<void>;
  /** What would be decided at this moment. */
  preview(tenant: TenantId, question: PlanQuestion): Promise<PolicyDecision>;
  /** With the sums of now. */
  decide(tx: Tx, tenant: TenantId, plan: WritePlan): Promise<PolicyDecision>;
  /** It was accepted: from now on it counts. */
  accepted(tx: Tx, tenant: TenantId, plan: WritePlan): Promise<void>;
  /** It ended before anything was sent: it does not count any more. */
  dropped(tx: Tx, tenant: TenantId, plan: PlanId): Promise<void>;
}

/** People's decisions; each call in the caller's transaction. */
export interface PlanApprovals {
  open(
    tx: Tx,
    request: {
      readonly tenant: TenantId;
      readonly plan: WritePlan;
      readonly needs: readonly ApprovalNeed[];
      readonly who: WriteActor;
    },
  ): Promise<void>;
  /** Somebody looks at it afterwards. */
  review(
    tx: Tx,
    request: {
      readonly tenant: TenantId;
      readonly plan: WritePlan;
      readonly need: ApprovalNeed;
      readonly who: WriteActor;
    },
  ): Promise<void>;
  /** Nobody has to decide any more. */
  close(tx: Tx, request: { readonly tenant: TenantId; readonly plan: PlanId; readonly why: string }): Promise<void>;
  /** Whether what was approved may still be carried out: deciders' roles, hash and policy. Null: it may; else why not. */
  fallen(
    tx: Tx,
    request: {
      readonly tenant: TenantId;
      readonly plan: PlanId;
      readonly payloadHash: string;
      readonly policyVersion: string;
    },
  ): Promise<string | null>;
}

/** One sign-in of a connection. */
export interface WriteTarget {
  /** Whose own it is; null: the connection's. */
  readonly principal: string | null;
  /** Null: the connector only reads. */
  readonly writes: SessionWrites | null;
  /** As discovered last; null: there is none of that name. */
  objectOf(name: string): Promise<NativeObject | null>;
  /** The same, after the system was asked what it has now. Absent: it cannot be asked. */
  discover?(name: string): Promise<NativeObject | null>;
}

export interface RightsQuestion {
  readonly connection: ConnectionId;
  readonly agent: string;
  readonly principal: string | null;
  readonly object: string;
  readonly operation: WriteOperation;
  /** Fields are to be made there, for values that stand in no field yet; absent: records are written. */
  readonly makesFields?: true;
  /** Operation of the manifest, or intent, that it comes from; null: a plain write. */
  readonly intent: string | null;
  /** It takes back what was allowed once. */
  readonly undo: boolean;
  /** Whose own sign-in they go with; null: the connection's. */
  readonly signIn: string | null;
  readonly writes: readonly (Pick<
    PlannedWrite,
    'key' | 'recordId' | 'match' | 'values' | 'model' | 'changes' | 'undoFor'
  > & {
    /** The fields asked for, native, as they stand at the source now; absent: they were not read. */
    readonly now?: JsonObject;
  })[];
}

/** Writes in a user's name that go with the connection's sign-in. */
export interface UserQuestion extends Pick<RightsQuestion, 'connection' | 'object' | 'operation'> {
  readonly principal: string;
  readonly writes: readonly Pick<PlannedWrite, 'key' | 'recordId' | 'match' | 'values'>[];
}
