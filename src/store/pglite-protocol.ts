import type { SqlParam } from './db.ts';

/** Between the main thread and the thread that PGlite blocks while it works. */
export type PgliteRequest =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly text: string;
      readonly params: readonly Exclude<SqlParam, Date>[];
    }
  | { readonly kind: 'script'; readonly id: number; readonly text: string }
  | { readonly kind: 'listen'; readonly id: number; readonly channel: string }
  | { readonly kind: 'close'; readonly id: number };

export type PgliteReply =
  | { readonly kind: 'ready'; readonly serverVersion: string }
  | { readonly kind: 'rows'; readonly id: number; readonly rows: unknown[] }
  | { readonly kind: 'failed'; readonly id: number; readonly error: PgliteFailure }
  | { readonly kind: 'unusable'; readonly error: PgliteFailure }
  | { readonly kind: 'notified'; readonly channel: string; readonly payload: string };

/** What an error of PostgreSQL says; class instances do not cross threads. */
export interface PgliteFailure {
  readonly message: string;
  readonly code?: string;
  readonly detail?: string;
  readonly constraint?: string;
}

export interface PgliteWorkerData {
  /** Undefined: in memory, gone with the process. */
  readonly dataDir: string | undefined;
  /** A new database, packed; undefined: PGlite makes one itself. */
  readonly newborn: string | undefined;
}
