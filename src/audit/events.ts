/** For logs and metrics. */
export type AuditLogEvent =
  /** A checkpoint was not made; it stays due. */
  | { readonly kind: 'audit_checkpoint_failed'; readonly cause: unknown }
  /** Tool calls could not be kept yet; they are tried again. */
  | { readonly kind: 'audit_waits'; readonly tenant: string; readonly waiting: number; readonly cause: unknown }
  /** More tool calls wait than may: so many were only counted. */
  | { readonly kind: 'audit_reads_lost'; readonly tenant: string; readonly lost: number };
