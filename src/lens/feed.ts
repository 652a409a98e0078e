import type { StreamId, TenantId } from '../kernel/index.ts';

/** What the lens needs from the truth, and nothing more. Adapted to src/store in store-feed.ts. */
export interface LensFeed {
  /** Latest state of every record that changed after `afterSeq`, oldest change first, at most about `limit`. */
  changesSince(tenant: TenantId, afterSeq: number, limit: number): Promise<FeedBatch>;
  /** Live records of a stream by ascending id, after `afterId` (null: from the start). */
  scan(tenant: TenantId, stream: StreamId, afterId: string | null, limit: number): Promise<readonly FeedRecord[]>;
  /** Sequence number of the last committed change; 0 before the first. */
  head(tenant: TenantId): Promise<number>;
  /** Calls `listener` when a tenant may have new changes: a hint. Returns the way to stop. */
  onWake(listener: (tenant: TenantId) => void): Promise<() => Promise<void>>;
}

export interface FeedBatch {
  /** The changes up to here are in the batch. */
  readonly seq: number;
  /** The last change there was when the batch was read, from the same snapshot. */
  readonly head: number;
  readonly changes: readonly FeedChange[];
  /** From the same snapshot: true of the lens once `seq` equals `head`. */
  readonly streams: readonly FeedStream[];
}

export interface FeedChange extends FeedRecord {
  readonly stream: StreamId;
}

export interface FeedRecord {
  readonly id: string;
  /** The document as JSON text; null where the record is deleted. */
  readonly doc: string | null;
  /** Upstream modification time. */
  readonly at: Date | null;
}

export interface FeedStream {
  readonly stream: StreamId;
  readonly asOf: Date | null;
  readonly backfilling: boolean;
}
