import type { Caller } from '../../access/index.ts';
import type { ConnectorIntents, SessionWrites, WriteOperation, WriteRight } from '../../connectors/index.ts';
import type { ConnectionId, Json, JsonObject, Random, StreamId } from '../../kernel/index.ts';
import type { AgentDeclaration, Manifest, OperationCode } from '../../manifest/index.ts';
import type { RecordWriter, TenantStream } from '../../mapping/index.ts';
import type { PolicyDecision } from '../../policy/index.ts';
import type { LocatedRecord, LocateRequest, QueryScope } from '../../query/index.ts';
import type { PlannedWrite, PlanQuestion } from '../types.ts';

/** Who wants to write, and what there is. Implemented by src/app for one request. */
export interface Asker {
  readonly caller: Caller;
  readonly scope: QueryScope;
  readonly manifest: Manifest;
  readonly agent: AgentDeclaration;
  /** All of the tenant's replicated objects, with their connections. */
  readonly streams: readonly TenantStream[];
  readonly writers: ReadonlyMap<string, readonly RecordWriter[]>;
  /** Of the rules that decide. */
  readonly policyVersion: string;
  /** Values that their conditions look at: `before.stage`. */
  readonly pathsAsked: readonly string[];
  /** The agent was shown free text of others before. */
  readonly readUntrusted: boolean;
}

/** What planning reads. Nothing here sends anything. */
export interface PlanPorts {
  readonly random: Random;
  readonly now: Date;
  /** Through the replica, as this caller. */
  readonly locate: (caller: Caller, request: LocateRequest) => Promise<readonly LocatedRecord[]>;
  /** Live records as they are stored, by native id. */
  readonly documents: (stream: StreamId, ids: readonly string[]) => Promise<ReadonlyMap<string, JsonObject>>;
  /** Null: the connection cannot be asked now. `none`: its connector only reads. */
  readonly writesOf: (connection: ConnectionId) => Promise<SessionWrites | 'none' | null>;
  /**
   * What the system itself says that the user may write, in the order of the
   * writes; null: it is not asked, as they are in nobody's name, or go with the
   * user's own sign-in. Raises `write_rights_unknown`.
   */
  readonly userRights: (about: UserRightsQuestion) => Promise<readonly WriteRight[] | null>;
  /**
   * What an operation in TypeScript returns. Raises `operation_refused`,
   * `operation_failed`, `operation_timeout`, `operation_result_invalid`.
   */
  readonly runCode: (
    code: OperationCode,
    call: { readonly operation: string; readonly given: JsonObject },
  ) => Promise<Json>;
  /** By provider: what its connector can do of what people mean in every app. */
  readonly intents: ReadonlyMap<string, ConnectorIntents>;
  /** The policy of now, with the sums of now. */
  readonly decide: (question: PlanQuestion) => Promise<PolicyDecision>;
}

export interface UserRightsQuestion {
  readonly stream: TenantStream;
  readonly operation: WriteOperation;
  readonly writes: readonly Pick<PlannedWrite, 'recordId' | 'match' | 'values'>[];
}
