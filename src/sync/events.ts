import type { ErrorBody, StreamId, TenantId } from '../kernel/index.ts';

/** What sync does, for logs and metrics. Never holds a record's value. */
export type SyncEvent =
  | {
      readonly kind: 'sync_page';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      /** Under which name the run holds the stream: no other run has it. */
      readonly run: string;
      readonly object: string;
      readonly records: number;
      readonly changed: number;
      readonly quarantined: number;
    }
  | {
      readonly kind: 'sync_run_ended';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly run: string;
      readonly object: string;
      readonly pages: number;
      readonly records: number;
      readonly ms: number;
      readonly error: ErrorBody | null;
      /** Set with `internal` errors: for the log, never for callers. */
      readonly cause?: unknown;
    }
  | {
      readonly kind: 'schema_changed';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly object: string;
      readonly version: number;
      readonly fieldsAdded: readonly string[];
      readonly fieldsRemoved: readonly string[];
    }
  | {
      /** A comparison missed so many records that none is deleted before somebody confirms it. */
      readonly kind: 'sync_deletions_held';
      readonly tenant: TenantId;
      readonly stream: StreamId;
      readonly object: string;
      readonly missing: number;
      readonly compared: number;
    }
  | {
      readonly kind: 'object_unavailable';
      readonly tenant: TenantId;
      readonly connection: string;
      readonly object: string;
    }
  | {
      /** The round was given up; the next one tries again. */
      readonly kind: 'sync_poll_failed';
      readonly cause: unknown;
    };
