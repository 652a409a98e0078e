import type { TenantId } from '../kernel/index.ts';

/** For logs. None holds an alert's words, nor where it is sent. */
export type AlertLogEvent =
  | { readonly kind: 'alert_opened'; readonly tenant: TenantId; readonly topic: string; readonly severity: string }
  | { readonly kind: 'alert_resolved'; readonly tenant: TenantId; readonly topic: string }
  | {
      readonly kind: 'alert_not_sent';
      readonly tenant: TenantId;
      readonly alert: number;
      readonly route: string;
      readonly attempts: number;
      readonly status: number | null;
      readonly cause: string | null;
      /** No further try. */
      readonly dead: boolean;
    }
  /** A look could not be done; the next one tries again. */
  | { readonly kind: 'alert_look_failed'; readonly cause: unknown };
