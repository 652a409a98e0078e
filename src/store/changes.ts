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
  /** Access class; null: nobody knows who is shown it. */
  readonly acl: number | null;
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
  /** Changes up to here are gone. */
  readonly floor: number;
  /** What tells the newest change from any other with its number; null before the first. */
  readonly mark: string | null;
  /**
   * False: the changes after `afterSeq` do not lead on from what the reader has, because they are gone, because the
   * database was restored to an earlier state since, or because something was erased. The reader starts over from
   * `scanRecords`.
   */
  readonly continues: boolean;
  /** From the same snapshot as the records. */
  readonly streams: readonly StreamState[];
}

/**
 * A restored database gives the numbers of lost changes to other changes. Their time, together with what they are of,
 * tells them apart: two changes of one number are written at different times.
 */
const markOf = `seq || ' ' || stream || ' ' || ver || ' ' || floor(extract(epoch from at) * 1000) || ' ' || ext_id`;

export const changesSql = {
  /*
   * One statement, so that records, head and stream states come from one
   * snapshot: its first row is about the latter. Records are looked up one by
   * one (`limit 1` keeps it so): a join without statistics reads all of them.
   */
  read: `with page as materialized (
      select seq, stream, ext_id from change where tenant = $1 and seq > $2 order by seq limit $3),
    latest as (select stream, ext_id, max(seq) as seq from page group by stream, ext_id)
    select 0::bigint as seq, null::int as stream, null::text as id, null::timestamptz as "srcAt", null::timestamptz as "seenAt", null::int as acl,
      json_build_object(
        'seq', (select max(seq) from page),
        'head', (select seq from change_head where tenant = $1),
        'floor', (select floor from change_head where tenant = $1),
        'copiesFrom', (select copies_from from change_head where tenant = $1),
        'mark', (select ${markOf} from change where tenant = $1 order by seq desc limit 1),
        'known', (select ${markOf} = $4 from change where tenant = $1 and seq = nullif(split_part($4, ' ', 1), '')::bigint),
        'streams', (select json_agg(json_build_array(id, as_of, phase) order by id) from stream where tenant = $1))::text as "docText"
    union all
    select l.seq, r.stream, r.ext_id, r.src_at, r.seen_at, r.acl, r.doc::text
    from latest l cross join lateral (
      select * from record where tenant = $1 and stream = l.stream and ext_id = l.ext_id limit 1) r
    order by 1`,
  head: 'select seq from change_head where tenant = $1',
  place: `select h.seq, (select ${markOf} from change where tenant = $1 order by seq desc limit 1) as mark
    from change_head h where h.tenant = $1`,
  scan: `select ext_id as id, doc::text as "docText", src_at as "srcAt", seen_at as "seenAt", acl from record
    where tenant = $1 and stream = $2 and ext_id > $3 and not deleted order by ext_id limit $4`,
} as const;

/**
 * What changed after `afterSeq`, at most `limit` changes. Safe under concurrent
 * writers: commits of one tenant happen in the order of `seq`, so nothing below
 * `seq` can appear later (docs/decisions/0002-change-order.md).
 */
export async function readChanges(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly afterSeq: number;
    /** `mark` of the newest page that anything the reader has came from; null: it has nothing yet. */
    readonly mark?: string | null;
    readonly limit: number;
  },
): Promise<ChangePage> {
  const { tenant, afterSeq, mark = null, limit } = request;
  const [first, ...records] = await tx.query<ChangedRecord>(changesSql.read, [tenant, afterSeq, limit, mark ?? '']);
  const state = JSON.parse(first?.docText ?? '{}') as {
    readonly seq: number | null;
    readonly head: number | null;
    readonly floor: number | null;
    readonly copiesFrom: number | null;
    readonly mark: string | null;
    readonly known: boolean | null;
    readonly streams: readonly [StreamId, string | null, StreamPhase][] | null;
  };
  const oldest = Math.max(state.floor ?? 0, state.copiesFrom ?? 0);
  return {
    records: records.map(({ stream, id, docText, srcAt, seenAt, acl }) => ({
      stream,
      id,
      docText,
      srcAt,
      seenAt,
      acl,
    })),
    seq: state.seq ?? afterSeq,
    head: state.head ?? 0,
    floor: state.floor ?? 0,
    mark: state.mark,
    continues: afterSeq >= oldest && afterSeq <= (state.head ?? 0) && (afterSeq === 0 || state.known === true),
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

/** The newest change: its number and its mark, from one snapshot. */
export interface ChangePlace {
  readonly seq: number;
  readonly mark: string | null;
}

export async function changePlace(tx: Tx, tenant: TenantId): Promise<ChangePlace> {
  const [row] = await tx.query<ChangePlace>(changesSql.place, [tenant]);
  return row ?? { seq: 0, mark: null };
}

export interface ScannedRecord {
  readonly id: string;
  readonly docText: string;
  readonly srcAt: Date | null;
  readonly seenAt: Date;
  readonly acl: number | null;
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
