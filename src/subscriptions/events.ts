import type { TenantId } from '../kernel/index.ts';

/** For logs and alerts. None holds anything of a record, nor a receiver's address. */
export type SubscriptionLogEvent =
  /** It stopped by itself and waits for somebody; told once. */
  | {
      readonly kind: 'subscription_disabled';
      readonly tenant: TenantId;
      readonly subscription: number;
      readonly reason: string;
    }
  | {
      readonly kind: 'delivery_failed';
      readonly tenant: TenantId;
      readonly subscription: number;
      readonly seq: number;
      readonly attempts: number;
      readonly status: number | null;
      readonly cause: string | null;
      readonly dead: boolean;
    }
  /** A round could not be done; the next one tries again. */
  | { readonly kind: 'subscription_round_failed'; readonly cause: unknown };
