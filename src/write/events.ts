import type { ConnectionId, TenantId } from '../kernel/index.ts';

/** For logs and alerts. None holds anything of a record. */
export type WriteLogEvent =
  | {
      readonly kind: 'writes_sent';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly object: string;
      readonly operation: string;
      readonly form: string;
      readonly records: number;
      readonly applied: number;
      readonly unknown: number;
    }
  /** Nothing left: a switch, the provider, or the connection was in the way. */
  | {
      readonly kind: 'writes_held';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly records: number;
      readonly code: string;
      readonly cause?: unknown;
    }
  /** What stands there after a send could not be read; undoing takes what was sent for it. */
  | {
      readonly kind: 'after_images_missing';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly records: number;
      readonly cause: unknown;
    }
  /** A person has to say what became of them. */
  | {
      readonly kind: 'writes_need_human';
      readonly tenant: TenantId;
      readonly connection: ConnectionId;
      readonly records: number;
    }
  /** A round could not be done; the next one tries again. */
  | { readonly kind: 'write_round_failed'; readonly cause: unknown };
