import type { TenantId } from '../kernel/index.ts';

/** For logs. None holds what is decided about, nor where anybody is reached. */
export type ApprovalLogEvent =
  | { readonly kind: 'approval_moved'; readonly tenant: TenantId; readonly approval: number; readonly state: string }
  | {
      readonly kind: 'approval_not_told';
      readonly tenant: TenantId;
      readonly approval: number;
      readonly recipient: string;
      readonly attempts: number;
      readonly status: number | null;
      readonly cause: string | null;
      /** No further try. */
      readonly dead: boolean;
    }
  /** A round could not be done; the next one tries again. */
  | { readonly kind: 'approval_look_failed'; readonly cause: unknown };
