import type { JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** A change with the record as it was before and after it, exactly, however often it changed since. */
export interface ChangeImages {
  readonly seq: number;
  readonly stream: StreamId;
  readonly id: string;
  readonly at: Date;
  /** Null: it did not exist. */
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** Access classes of the two: who may hear of them. Null: nobody knows, or there is none of it. */
  readonly beforeAcl: number | null;
  readonly afterAcl: number | null;
  /** That of the record at present, or when it was deleted. */
  readonly nowAcl: number | null;
}

export interface ImagePage {
  readonly changes: readonly ChangeImages[];
  /** The last change looked at, of whatever stream; `afterSeq` of the next call. */
  readonly seq: number;
  /** Changes up to here are gone. */
  readonly floor: number;
  /** When the first change looked at was made; null where there was none. */
  readonly firstAt: Date | null;
}

interface ImageRow {
  readonly seq: number;
  readonly stream: StreamId;
  readonly id: string;
  readonly at: Date;
  readonly wanted: boolean;
  readonly beforeText: string | null;
  readonly afterText: string | null;
  readonly beforeAcl: number | null;
  readonly afterAcl: number | null;
  readonly nowAcl: number | null;
}

/** The versions that a change led from and to: the record's own, or what the history kept of it. */
const images = `(select h.doc::text from record_history h
      where h.tenant = $1 and h.stream = c.stream and h.ext_id = c.ext_id and h.ver = c.ver - 1) as "beforeText",
    coalesce((select r.doc::text from record r
      where r.tenant = $1 and r.stream = c.stream and r.ext_id = c.ext_id and r.ver = c.ver),
      (select h.doc::text from record_history h
      where h.tenant = $1 and h.stream = c.stream and h.ext_id = c.ext_id and h.ver = c.ver)) as "afterText",
    (select h.acl from record_history h
      where h.tenant = $1 and h.stream = c.stream and h.ext_id = c.ext_id and h.ver = c.ver - 1) as "beforeAcl",
    coalesce((select r.acl from record r
      where r.tenant = $1 and r.stream = c.stream and r.ext_id = c.ext_id and r.ver = c.ver),
      (select h.acl from record_history h
      where h.tenant = $1 and h.stream = c.stream and h.ext_id = c.ext_id and h.ver = c.ver)) as "afterAcl",
    (select r.acl from record r
      where r.tenant = $1 and r.stream = c.stream and r.ext_id = c.ext_id) as "nowAcl"`;

export const changeImagesSql = {
  // Look-ups by key, as in changes.ts; only for the streams that are asked for.
  after: `with page as materialized (
      select seq, stream, ext_id, ver, at, stream = any($4::int[]) and op <> 'a' as wanted from change
      where tenant = $1 and seq > $2 order by seq limit $3),
    c as materialized (select * from page where wanted),
    told as (select c.seq, ${images} from c)
    select p.seq, p.stream, p.ext_id as id, p.at, p.wanted, t."beforeText", t."afterText", t."beforeAcl", t."afterAcl", t."nowAcl"
    from page p left join told t on t.seq = p.seq order by p.seq`,
  at: `with c as materialized (
      select seq, stream, ext_id, ver, at from change where tenant = $1 and seq = any($2::bigint[]))
    select c.seq, c.stream, c.ext_id as id, c.at, true as wanted, ${images} from c order by c.seq`,
  floor: 'select floor from change_head where tenant = $1',
} as const;

/** The next changes of these streams, looking at no more than `limit` changes. */
export async function readImages(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly afterSeq: number;
    readonly streams: readonly StreamId[];
    readonly limit: number;
  },
): Promise<ImagePage> {
  const { tenant, afterSeq, streams, limit } = request;
  const rows = await tx.query<ImageRow>(changeImagesSql.after, [tenant, afterSeq, limit, [...streams]]);
  const [head] = await tx.query<{ floor: number }>(changeImagesSql.floor, [tenant]);
  return {
    changes: rows.filter(({ wanted }) => wanted).map(imagesOf),
    seq: rows.at(-1)?.seq ?? afterSeq,
    floor: head?.floor ?? 0,
    firstAt: rows[0]?.at ?? null,
  };
}

/** These changes, those that are still kept, in their order. */
export async function readImagesAt(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<ChangeImages[]> {
  return (await tx.query<ImageRow>(changeImagesSql.at, [tenant, [...seqs]])).map(imagesOf);
}

function imagesOf({ wanted: _wanted, beforeText, afterText, ...rest }: ImageRow): ChangeImages {
  return { ...rest, before: parsed(beforeText), after: parsed(afterText) };
}

const parsed = (text: string | null): JsonObject | null => (text === null ? null : (JSON.parse(text) as JsonObject));
