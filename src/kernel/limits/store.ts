/** The database; part of `limits`. */
export const storeLimits = {
  /** With less room than this on its disk the embedded database only reads: its log grows by 16 MB at a time. */
  storeRoomMb: 32,
  /** With less than this, room is looked for before every use; else so often. */
  storeRoomNearMb: 512,
  storeRoomLookMs: 500,
  /** How long a request may take to arrive whole. */
  requestReceiveMs: 30_000,
  /** PostgreSQL server: one statement, an idle open transaction, and waiting for a connection. */
  statementTimeoutMs: 30_000,
  idleInTransactionMs: 60_000,
  connectTimeoutMs: 10_000,
  dbConnectionsMax: 10,
  /** Between two attempts to listen again after the server went away. */
  listenRetryMs: 500,
} as const;
