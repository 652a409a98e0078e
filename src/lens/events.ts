import type { StreamId, TenantId } from '../kernel/index.ts';
import type { ClosedBecause } from './host-protocol.ts';

/** What happens inside the lens, for logs and metrics. Never holds a value of a record. */
export type LensEvent =
  | { readonly kind: 'lens_process_started'; readonly pid: number }
  /** `asked`: the lens was closed; else it died or was ended because a statement did not stop. */
  | { readonly kind: 'lens_process_ended'; readonly pid: number; readonly reason: string; readonly asked: boolean }
  /** The tenant's file, which was there, was opened for a question or a change. */
  | { readonly kind: 'lens_opened'; readonly tenant: TenantId; readonly ms: number }
  | { readonly kind: 'lens_closed'; readonly tenant: TenantId; readonly why: ClosedBecause }
  | { readonly kind: 'lens_built'; readonly tenant: TenantId; readonly records: number; readonly ms: number }
  | { readonly kind: 'lens_layout_applied'; readonly tenant: TenantId; readonly version: string; readonly ms: number }
  | { readonly kind: 'lens_applied'; readonly tenant: TenantId; readonly changes: number; readonly ms: number }
  /** Once per attempt, however many wait for it; the next one comes at the earliest after `retryMs`. */
  | {
      readonly kind: 'lens_tail_failed';
      readonly tenant: TenantId;
      readonly error: unknown;
      readonly retryMs: number;
    }
  /** The tenant's file was taken from a copy instead of reading all records again. */
  | { readonly kind: 'lens_restored'; readonly tenant: TenantId; readonly seq: number; readonly ms: number }
  | {
      readonly kind: 'lens_snapshot_taken';
      readonly tenant: TenantId;
      readonly seq: number;
      readonly fileBytes: number;
      readonly ms: number;
    }
  /** A copy could not be made or used; the lens does without it. */
  | { readonly kind: 'lens_snapshot_failed'; readonly tenant: TenantId; readonly error: unknown }
  /** After failures, the changes are applied again. */
  | { readonly kind: 'lens_recovered'; readonly tenant: TenantId; readonly failures: number; readonly ms: number }
  | { readonly kind: 'lens_file_discarded'; readonly tenant: TenantId; readonly reason: string }
  | {
      /** A view of the layout that DuckDB does not accept: reads of it fail until the layout changes. */
      readonly kind: 'lens_view_refused';
      readonly tenant: TenantId;
      readonly view: string;
      readonly reason: string;
    }
  | {
      /** Values that did not fit their column's type; they read as null. */
      readonly kind: 'lens_values_unreadable';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly column: string;
      readonly count: number;
    };
