import type { StreamId, TenantId } from '../kernel/index.ts';

/** What the lens needs from the truth, and nothing more. Adapted to src/store in store-feed.ts. */
export interface LensFeed {
  /** Latest state of every record that changed after `place.seq`, oldest change first, at most about `limit`. */
  changesSince(tenant: TenantId, place: FeedPlace, limit: number): Promise<FeedBatch>;
  /** Live records of a stream by ascending id, after `afterId` (null: from the start). */
  scan(tenant: TenantId, stream: StreamId, afterId: string | null, limit: number): Promise<readonly FeedRecord[]>;
  /** The last committed change; number 0 before the first. */
  head(tenant: TenantId): Promise<FeedPlace>;
  /** Calls `listener` when a tenant may have new changes: a hint. Returns the way to stop. */
  onWake(listener: (tenant: TenantId) => void): Promise<() => Promise<void>>;
}

/** Where a reader stands. */
export interface FeedPlace {
  readonly seq: number;
  /** Recognises the newest change of the snapshot that the reader's newest data came from, which may be after `seq`. */
  readonly mark: string | null;
}

export interface FeedBatch {
  /** The changes up to here are in the batch. */
  readonly seq: number;
  /** The last change there was when the batch was read, from the same snapshot. */
  readonly head: number;
  /** For the place after this batch. */
  readonly mark: string | null;
  /**
   * False: the truth does not lead on from the reader's place, since it was restored to an earlier state, or no longer
   * tells changes that old. The file is built anew.
   */
  readonly continues: boolean;
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
  /** Upstream modification time; where the source does not tell, when the change was read. */
  readonly at: Date | null;
  /** Access class; null: not known, so that no principal sees it. */
  readonly acl: number | null;
}

export interface FeedStream {
  readonly stream: StreamId;
  readonly asOf: Date | null;
  readonly backfilling: boolean;
}
