import type { Db, SqlParam } from './db.ts';

/** What differs between the two adapters; everything else about a `Db` is create-db.ts. */
export interface Driver {
  readonly kind: Db['kind'];
  readonly serverVersion: string;
  /** The directory that the data is in, for errors about its disk. */
  readonly where?: string;
  /** Lends one connection to `work` alone; waits its turn where there is only one. */
  session<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  readonly listen: Db['listen'];
  readonly close: () => Promise<void>;
}

export interface Session {
  query(text: string, params: readonly SqlParam[]): Promise<unknown[]>;
  /** Several statements in one message, without parameters; the rows of the last one. */
  script(text: string): Promise<unknown[]>;
  /** The connection is in an unknown state: do not lend it again. */
  discard(): void;
}
