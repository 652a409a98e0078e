import type { Json, StreamId, TenantId } from '../kernel/index.ts';
import type { ClassedTable, LensLayout } from '../mapping/index.ts';

/**
 * The lens: one DuckDB file per tenant, derived from `record` and `change`,
 * disposable. All agent reads go here. DuckDB runs in a child process that
 * holds no credential and no database connection, so that a runaway statement
 * is ended by ending the process (docs/decisions).
 */
export interface Lens {
  /** Runs one SELECT of ours (structured queries): text built by src/query, values as parameters. */
  read(tenant: TenantId, read: LensRead): Promise<LensAnswer>;
  /**
   * Runs one SELECT of an agent's, already checked by src/query, on a
   * connection where only `relations` exist, as temporary tables or views.
   */
  readSql(tenant: TenantId, read: LensSqlRead): Promise<LensAnswer>;
  /**
   * DuckDB's own parse of a statement (`json_serialize_sql`); runs nothing.
   * Returns its JSON text. Raises `query_too_large` for texts that are made to
   * keep the parser busy, `sql_timeout` and `lens_restarted`.
   */
  parseSql(sql: string, by: SqlCaller): Promise<string>;
  /** Applies what `change` has up to now; resolves when the lens holds everything that was committed before the call. */
  catchUp(tenant: TenantId): Promise<void>;
  /** Throws the file away and builds it again from `record`. Reads meanwhile use the old one. */
  rebuild(tenant: TenantId): Promise<void>;
  /** The layout may have changed (new revision, new schema version): look again before the next read. */
  layoutChanged(tenant: TenantId): void;
  /** Brings the file up to date and keeps a copy of it where other processes find it. Raises `lens_snapshots_off`. */
  snapshot(tenant: TenantId): Promise<LensSnapshot>;
  status(tenant: TenantId): Promise<LensStatus>;
  /** Closes this process's file of the tenant, if it is open; the next question opens it again. */
  release(tenant: TenantId): Promise<void>;
  /**
   * These tenants are gone for good: this process removes their files, and every copy of them where copies are kept.
   * Who asks for one of them from now on is told `not_found`.
   */
  discard(tenants: readonly TenantId[]): Promise<DiscardedFiles>;
  close(): Promise<void>;
}

/** Where the lens learns what a tenant's file should look like. Implemented by src/app over manifest and store. */
export type LayoutSource = (tenant: TenantId) => Promise<LensLayout>;

export interface LensRead {
  readonly sql: string;
  /** Positional: `$1` is params[0]. Numbers, strings, booleans, null, or arrays of them. */
  readonly params: readonly Json[];
  readonly timeoutMs: number;
  /** Streams that the statement touches: their freshness comes back with the rows. */
  readonly streams: readonly StreamId[];
}

/** Whose statement it is: one caller's statements wait for each other, so that they leave room for the others'. */
export interface SqlCaller {
  readonly tenant: TenantId;
  readonly session: string;
}

export interface LensSqlRead extends LensRead {
  /** Cache key of the caller's relations: (agent, access version). */
  readonly session: string;
  readonly relations: readonly SessionRelation[];
  /** One more than this is fetched to tell whether the answer was cut. */
  readonly rowsMax: number;
}

/** A relation of the caller's: visible columns and rows only. */
export interface SessionRelation {
  /** The name that the agent writes, one or two parts: `deal`, `crm.Opportunity`. */
  readonly name: string;
  /** SELECT over the lens's own tables and views. */
  readonly select: string;
  readonly params: readonly Json[];
  /**
   * `table`: rows are restricted, so they are copied into a temporary table (a
   * filter in a view or CTE leaks hidden values through errors; measured,
   * research of the design). `view`: only columns are restricted.
   */
  readonly as: 'table' | 'view';
  /**
   * Of a copy that only access classes limit: the tables behind it. While none
   * of them holds a record that the caller is not shown, there is nothing that
   * expressions have to be kept from, and a view of `select` does as well
   * (host/bare-views.ts). Absent: always a copy.
   */
  readonly classed?: readonly ClassedTable[];
}

export interface LensAnswer {
  readonly columns: readonly LensAnswerColumn[];
  readonly rows: readonly (readonly Json[])[];
  /** True where more than `rowsMax` rows were there (readSql). */
  readonly cut: boolean;
  readonly freshness: readonly StreamFreshness[];
  /** Time in DuckDB and in getting there. */
  readonly engineMs: number;
}

export interface LensAnswerColumn {
  readonly name: string;
  readonly duckType: string;
}

export interface StreamFreshness {
  readonly stream: StreamId;
  /** When the provider was last asked for this object's changes and all of them are in the lens; null before the first load is complete. */
  readonly asOf: Date | null;
  readonly backfilling: boolean;
}

export interface LensSnapshot {
  /** The copy holds every change up to here. */
  readonly seq: number;
  readonly fileBytes: number;
  readonly ms: number;
}

export interface DiscardedFiles {
  readonly files: number;
  readonly snapshots: number;
}

export interface LensStatus {
  readonly tenant: TenantId;
  readonly layoutVersion: string | null;
  readonly appliedSeq: number;
  readonly headSeq: number;
  readonly fileBytes: number;
  readonly streams: readonly (StreamFreshness & { readonly rows: number })[];
}
