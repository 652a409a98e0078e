import type { StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { StreamPhase } from './streams.ts';

/** Notified with the tenant's number after each ingest. A hint: poll as well. */
export const changeChannel = 'gantry_change';

/** A record's state at the time of reading, so never older than the change that named it. */
export interface ChangedRecord {
  readonly stream: StreamId;
  readonly id: string;
  /** Null: deleted. */
  readonly docText: string | null;
  readonly srcAt: Date | null;
  readonly seenAt: Date;
}

export interface StreamState {
  readonly stream: StreamId;
  readonly asOf: Date | null;
  readonly phase: StreamPhase;
}

export interface ChangePage {
  /** One entry per record, in the order of their last change. */
  readonly records: readonly ChangedRecord[];
  /** The last change that this page covers; `afterSeq` of the next call. */
  readonly seq: number;
  /** The newest change there is. Only when `seq` equals it do `streams` describe what the reader then has. */
  readonly head: number;
  /** From the same snapshot as the records. */
  readonly streams: readonly StreamState[];
}

export const changesSql = {
  /*
   * One statement, so that records, head and stream states come from one
   * snapshot: its first row is about the latter. Records are looked up one by
   * one (`limit 1` keeps it so): a join without statistics reads all of them.
   */
  read: `with page as materialized (
      select seq, stream, ext_id from change where tenant = $1 and seq > $2 order by seq limit $3),
    latest as (select stream, ext_id, max(seq) as seq from page group by stream, ext_id)
    select 0::bigint as seq, null::int as stream, null::text as id, null::timestamptz as "srcAt", null::timestamptz as "seenAt",
      json_build_object(
        'seq', (select max(seq) from page),
        'head', (select seq from change_head where tenant = $1),
        'streams', (select json_agg(json_build_array(id, as_of, phase) order by id) from stream where tenant = $1))::text as "docText"
    union all
    select l.seq, r.stream, r.ext_id, r.src_at, r.seen_at, r.doc::text
    from latest l cross join lateral (
      select * from record where tenant = $1 and stream = l.stream and ext_id = l.ext_id limit 1) r
    order by 1`,
  head: 'select seq from change_head where tenant = $1',
  scan: `select ext_id as id, doc::text as "docText", src_at as "srcAt", seen_at as "seenAt" from record
    where tenant = $1 and stream = $2 and ext_id > $3 and not deleted order by ext_id limit $4`,
} as const;

/**
 * What changed after `afterSeq`, at most `limit` changes. Safe under concurrent
 * writers: commits of one tenant happen in the order of `seq`, so nothing below
 * `seq` can appear later (docs/decisions/0002-change-order.md).
 */
export async function readChanges(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly afterSeq: number; readonly limit: number },
): Promise<ChangePage> {
  const { tenant, afterSeq, limit } = request;
  const [first, ...records] = await tx.query<ChangedRecord>(changesSql.read, [tenant, afterSeq, limit]);
  const state = JSON.parse(first?.docText ?? '{}') as {
    readonly seq: number | null;
    readonly head: number | null;
    readonly streams: readonly [StreamId, string | null, StreamPhase][] | null;
  };
  return {
    records: records.map(({ stream, id, docText, srcAt, seenAt }) => ({ stream, id, docText, srcAt, seenAt })),
    seq: state.seq ?? afterSeq,
    head: state.head ?? 0,
    streams: (state.streams ?? []).map(([stream, asOf, phase]) => ({
      stream,
      asOf: asOf === null ? null : new Date(asOf),
      phase,
    })),
  };
}

/** Sequence number of the tenant's newest change; 0 before the first. */
export async function changeHead(tx: Tx, tenant: TenantId): Promise<number> {
  const [row] = await tx.query<{ seq: number }>(changesSql.head, [tenant]);
  return row?.seq ?? 0;
}

export interface ScannedRecord {
  readonly id: string;
  readonly docText: string;
  readonly srcAt: Date | null;
  readonly seenAt: Date;
}

/** Live records of a stream in the order of their ids (by bytes); go on after the last id. `afterId` null: from the start. */
export async function scanRecords(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly stream: StreamId;
    readonly afterId: string | null;
    readonly limit: number;
  },
): Promise<ScannedRecord[]> {
  const { tenant, stream, afterId, limit } = request;
  return tx.query<ScannedRecord>(changesSql.scan, [tenant, stream, afterId ?? '', limit]);
}
