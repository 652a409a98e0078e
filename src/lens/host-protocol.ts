import type { Json, StreamId, TenantId } from '../kernel/index.ts';
import type { LensLayout } from '../mapping/index.ts';
import type { DiscardedFiles, LensAnswerColumn, SessionRelation } from './contract.ts';

/**
 * What the lens says to its host process and hears from it. Messages cross as
 * structured clones; everything in them is plain data. Times are ISO texts.
 */
export interface HostCalls {
  /** Opens the tenant's file; null where there is none that can be used. */
  open: Call<{ tenant: TenantId }, FileState | null>;
  /**
   * Starts a write of many messages: `fresh` in a new file beside the present
   * one, `current` in one transaction of the present file. Returns the streams
   * whose tables are new or changed and must be loaded. `presentSeq`: where the
   * present file must stand; null for a new one.
   */
  begin: Call<BeginWrite, readonly StreamId[]>;
  load: Call<{ tenant: TenantId; stream: StreamId; records: RecordColumns }, null>;
  apply: Call<ApplyBatch, null>;
  finish: Call<{ tenant: TenantId; seq: number; mark: string | null; streams: readonly StreamState[] }, FileState>;
  abort: Call<{ tenant: TenantId }, null>;
  read: Call<{ tenant: TenantId; sql: string; params: readonly Json[]; timeoutMs: number }, Rows>;
  readSql: Call<SqlCall, Rows>;
  /** DuckDB's parse of an agent's statement. `timeoutMs` bounds the wait for its turn. */
  parse: Call<{ tenant: TenantId; session: string; sql: string; timeoutMs: number }, string>;
  /** Lets go of the tenant's file once nothing uses it; the next call opens it again. */
  release: Call<{ tenant: TenantId }, null>;
  /** Copies the tenant's file into `dir`; no write of it may be under way. Only the newest copy of a format stays. */
  snapshot: Call<{ tenant: TenantId; dir: string }, { seq: number; fileBytes: number }>;
  /** Where the newest copy of this program's format stands; null where there is none. */
  snapshotSeq: Call<{ tenant: TenantId; dir: string }, number | null>;
  /** Takes the newest copy for a tenant that has no file; false where there is none that opens. */
  restore: Call<{ tenant: TenantId; dir: string }, boolean>;
  /** Removes the files of these tenants, and their copies in `snapshotDir`, of whatever format. No write of them may be under way. */
  discard: Call<{ tenants: readonly TenantId[]; snapshotDir: string | null }, DiscardedFiles>;
  /** Writes everything to the files and lets go of them; the last call. */
  shutdown: Call<null, null>;
  status: Call<{ tenant: TenantId }, { fileBytes: number; rows: readonly { stream: StreamId; rows: number }[] }>;
}

interface Call<Request, Reply> {
  readonly request: Request;
  readonly reply: Reply;
}

export interface BeginWrite {
  readonly tenant: TenantId;
  readonly target: 'fresh' | 'current';
  readonly layout: LensLayout;
  readonly presentSeq: number | null;
}

export interface FileState {
  readonly seq: number;
  /** FeedPlace's. */
  readonly mark: string | null;
  readonly layoutVersion: string;
  readonly streams: readonly StreamState[];
}

export interface StreamState {
  readonly stream: StreamId;
  readonly asOf: string | null;
  readonly backfilling: boolean;
}

/** Records as columns: arrays of plain values cross a process boundary far cheaper than thousands of objects. */
export interface RecordColumns {
  readonly ids: readonly string[];
  readonly docs: readonly string[];
  readonly ats: readonly (string | null)[];
  /** Access classes. */
  readonly acls: readonly (number | null)[];
}

/** Changes after `afterSeq` up to `seq`. */
export interface ApplyBatch {
  readonly tenant: TenantId;
  /** In a transaction of their own, all or nothing; or in the write that was begun. */
  readonly within: 'own' | 'write';
  readonly afterSeq: number;
  readonly seq: number;
  readonly mark: string | null;
  readonly changes: readonly StreamChanges[];
  readonly streams: readonly StreamState[];
}

export interface StreamChanges {
  readonly stream: StreamId;
  /** Ids whose rows go: every changed record, deleted or not. */
  readonly gone: readonly string[];
  readonly records: RecordColumns;
}

export interface SqlCall {
  readonly tenant: TenantId;
  readonly sql: string;
  readonly params: readonly Json[];
  readonly timeoutMs: number;
  readonly rowsMax: number;
  readonly session: string;
  readonly relations: readonly SessionRelation[];
  readonly streams: readonly StreamId[];
}

export interface Rows {
  readonly columns: readonly LensAnswerColumn[];
  readonly rows: readonly (readonly Json[])[];
  readonly cut: boolean;
  readonly engineMs: number;
}

export type HostCallName = keyof HostCalls;

export interface ToHost {
  readonly id: number;
  readonly name: HostCallName;
  readonly request: unknown;
}

/**
 * `idle`: nobody asked for long. `room`: others were used more lately, and there
 * are enough of them. `asked`: it is for another process. `broken`: DuckDB gave
 * it up; the next use opens it again.
 */
export type ClosedBecause = 'idle' | 'room' | 'asked' | 'broken' | 'grown';

export type FromHost =
  | { readonly kind: 'reply'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: HostFailure }
  | { readonly kind: 'event'; readonly event: HostEvent };

/**
 * `timeout`: stopped at its time. `misfit`: the statement names something that
 * the file does not have (perhaps the layout is about to change). `sequence`:
 * the file is at another sequence number than the batch starts from. `absent`:
 * the tenant has no file that can be used. `sql`: an agent's statement failed;
 * carries no text. `too_large`: more text, memory or depth than it may have.
 * `disk_full`: there is no room to write; the file is as it was. `broken`: DuckDB
 * gave up the instance under the statement; the next call opens the file anew.
 * `engine`: anything else.
 */
export type HostFailure =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'misfit'; readonly text: string }
  | { readonly kind: 'sequence' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'sql' }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'file_in_use'; readonly path: string }
  | { readonly kind: 'disk_full'; readonly text: string }
  | { readonly kind: 'broken'; readonly text: string }
  | { readonly kind: 'engine'; readonly text: string };

export type HostEvent =
  | { readonly kind: 'file_opened'; readonly tenant: TenantId; readonly ms: number }
  | { readonly kind: 'file_closed'; readonly tenant: TenantId; readonly why: ClosedBecause }
  | { readonly kind: 'file_discarded'; readonly tenant: TenantId; readonly reason: string }
  | { readonly kind: 'view_refused'; readonly tenant: TenantId; readonly view: string; readonly reason: string }
  | {
      readonly kind: 'values_unreadable';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly column: string;
      readonly count: number;
    };
