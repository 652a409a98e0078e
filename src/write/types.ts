import type { Json, JsonObject, ConnectionId } from '../kernel/index.ts';
import type { DedupeClass, Reversibility, WriteOperation } from '../connectors/index.ts';
import type { PolicyDecision, PolicyQuestion, SafetyClass } from '../policy/index.ts';

/** `plan_` and 22 characters. */
export type PlanId = string;

/** `create_field`: a field of the customer's own is made, for the values of the step after it. */
export type PlannedOperation = WriteOperation | 'create_field';

/** What an agent or a person asks for, before anything is looked up. */
export interface WriteIntent {
  readonly operation: WriteOperation;
  /** A model (`deal`) or a native object (`crm.Opportunity`). */
  readonly object: string;
  /** Where several systems feed the model: the integration to write to; absent: the system of record. */
  readonly to?: string;
  /** 1 to `planRecordsMax`. */
  readonly records: readonly IntendedRecord[];
  /** Operation of the manifest that it comes from. */
  readonly intent?: string;
  /** Why, in the agent's words: shown as such, never believed. */
  readonly reason?: string;
  /** A step of a larger plan: how many come before it, whose results its values may be (steps/step-result.ts). */
  readonly after?: number;
}

export interface IntendedRecord {
  /** `crm/Opportunity/006…`, or the model's key; absent for `create`. */
  readonly id?: string;
  /** Of `upsert`, and of update or delete without `id`: field and value that find exactly one record. */
  readonly match?: { readonly [field: string]: Json };
  /** Model fields or native ones, as `object` is. Absent for `delete`. */
  readonly values?: { readonly [field: string]: Json };
}

/** One record of one system, thought through. */
export interface PlannedWrite {
  /** Within the plan, from 0. */
  readonly item: number;
  /** Steps run in order; a later one begins when the earlier one has wholly succeeded. */
  readonly step: number;
  /** Which record of the step's request it is, from 0; absent: nobody asks. */
  readonly record?: number;
  /** What the provider sees; unique over all tenants. */
  readonly key: string;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly integration: string;
  /** Native. */
  readonly object: string;
  readonly model: string | null;
  readonly operation: PlannedOperation;
  readonly recordId: string | null;
  readonly match: { readonly field: string; readonly value: Json } | null;
  /** Native, as sent. */
  readonly values: { readonly [field: string]: Json };
  /** As the replica knows them, native; null: a new record. What was read upstream right before the send is in the journal. */
  readonly before: { readonly [field: string]: Json } | null;
  /** For people and agents, in the words that were asked in. */
  readonly changes: readonly FieldChange[];
  /** A field of the record's own that names it: `Acme renewal 2027`. */
  readonly label: string | null;
  /** What this record alone moves, found as the plan's impact is; null: nobody can tell. Absent: it was not reckoned. */
  readonly worth?: number | null;
  /** Of `worth`; absent or null: it says none. */
  readonly currency?: string | null;
  /** Fields that an earlier step makes: they are looked for in the object before the write is sent. Absent: none. */
  readonly made?: readonly string[];
  readonly dedupe: DedupeClass;
  readonly reversibility: Reversibility;
  /** Of a plan in steps: the operation that its step is of, null: a plain write; absent: as the plan says. */
  readonly intent?: string | null;
  /** Takes back what was allowed once, because an agent asked for it: what it reaches has to be within the agent's grant. */
  readonly undoFor?: 'agent';
  /** Of a new record: the one that we had deleted and that it brings back, by id; absent: it brings back none. */
  readonly restores?: string;
  /** It takes back writes of a step of the same plan, by item; absent: it is what was asked for. */
  readonly takesBack?: { readonly step: number; readonly items: readonly number[] };
}

export interface FieldChange {
  /** Model field, or native one. */
  readonly field: string;
  readonly label: string;
  readonly before: Json;
  readonly after: Json;
  /** The caller may not see what stands there; it is not shown. */
  readonly hidden?: boolean;
}

/** Why a plan cannot be committed; where (`records[3].values.stage`), what, and how to mend it. */
export interface PlanProblem {
  readonly code: string;
  readonly at: string;
  readonly message: string;
  readonly fix: string;
}

export interface WritePlan {
  readonly id: PlanId;
  readonly agent: string;
  readonly principal: string | null;
  /** The operator who had it prepared, as with an undo; absent: its agent did. */
  readonly preparedBy?: string;
  /** Written by us: `Update 3 deals in Salesforce (acme-crm)`. */
  readonly title: string;
  readonly intent: WriteIntent;
  /** Absent: it is done in one. */
  readonly steps?: readonly PlanStepInfo[];
  /** Where a step fails; absent: `stop`. */
  readonly onFailure?: OnFailure;
  readonly safety: SafetyClass;
  readonly writes: readonly PlannedWrite[];
  readonly problems: readonly PlanProblem[];
  /** Left out by `unmapped: skip` and overwrite guards; in words. */
  readonly warnings: readonly string[];
  readonly sideEffects: readonly string[];
  readonly preconditions: readonly string[];
  /** Conditions that rest on what the caller is not shown: for the eyes of people who decide, never for the agent's. Absent: none. */
  readonly unseen?: readonly UnseenCondition[];
  readonly impact: Impact;
  readonly decision: PolicyDecision;
  /** What the policy was asked, and is asked again when it is committed. */
  readonly question: PlanQuestion;
  readonly cost: readonly { readonly connection: string; readonly calls: number }[];
  readonly undoes: PlanId | null;
  /** Of an undo of several plans: which; absent: it is of one, or is none. */
  readonly undoesAll?: readonly PlanId[];
  /** Over everything that will be sent, and what was there before: approvals are of this. */
  readonly payloadHash: string;
  /** Of the manifest's revision and overlay that decided. */
  readonly policyVersion: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/**
 * What follows where a step does not wholly succeed. `stop`: no later step
 * begins, and what was written stays. `take_back`: besides, what was written is
 * taken back, the last step first.
 */
export type OnFailure = 'stop' | 'take_back';

export interface PlanStepInfo {
  readonly title: string;
  /** Operation that it comes from. */
  readonly intent: string | null;
  readonly writes: number;
}

export type PlanQuestion = Omit<PolicyQuestion, 'spent'>;

/** A condition of an operation of which only people may know whether it holds. */
export interface UnseenCondition {
  readonly text: string;
  /** Of how many records it did not hold when the plan was made. */
  readonly fails: number;
}

export interface Impact {
  readonly records: number;
  /** In the tenant's base currency; null: nobody can tell; zero: it moves none. */
  readonly amount: number | null;
  readonly currency: string | null;
  /** How the amount was found, in words. */
  readonly why: string;
}

/** What becomes of a plan, for `get_status`, REST and the console. */
export interface PlanStatus {
  readonly plan: PlanId;
  readonly state: string;
  /** A sentence: what happens next, who has to do what. */
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly writes: readonly WriteStatus[];
  readonly detail: JsonObject;
}

export interface WriteStatus {
  readonly item: number;
  readonly state: string;
  readonly record: string | null;
  readonly code: string | null;
  readonly text: string | null;
}
