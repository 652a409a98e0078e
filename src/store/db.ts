import type { TenantId } from '../kernel/index.ts';

/**
 * PostgreSQL, wherever it runs. Two adapters (PGlite in a worker thread, `pg`
 * over the network), one dialect, the same migrations.
 */
export interface Db {
  readonly kind: 'pglite' | 'postgres';
  /** `15.4`, for doctor. */
  readonly serverVersion: string;
  /** One statement outside any tenant: directory, revisions, migrations. */
  query<Row>(text: string, params?: readonly SqlParam[]): Promise<Row[]>;
  /** A transaction outside any tenant. `place`: its name in rehearsals of crashes, `<area>.<what>`. */
  tx<Result>(work: (tx: Tx) => Promise<Result>, place?: string): Promise<Result>;
  /** The same for what only reads. */
  read<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * A transaction for one tenant: row-level security is on and admits that
   * tenant only, as the second wall behind the `tenant = $n` of every statement.
   */
  tenantTx<Result>(tenant: TenantId, work: (tx: Tx) => Promise<Result>, place?: string): Promise<Result>;
  /** The same for what only reads: PostgreSQL refuses anything else. */
  tenantRead<Result>(tenant: TenantId, work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * Wakes `listener` when anybody notifies `channel`; a hint, never a guarantee. `missed` is called after a time in
   * which nothing could be heard: anything may have been said. Returns the way to stop.
   */
  listen(channel: string, listener: (payload: string) => void, missed?: () => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface Tx {
  /** The database's time at the transaction's start: the only time for leases, expiry and row stamps. */
  readonly now: Date;
  query<Row>(text: string, params?: readonly SqlParam[]): Promise<Row[]>;
}

/** JSON goes in as text and is cast in the statement (`$1::text::jsonb`): drivers differ in how they encode objects. */
export type SqlParam = null | boolean | number | string | Date | Uint8Array | readonly number[] | readonly string[];
