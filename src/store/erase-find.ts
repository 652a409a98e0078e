import type { ConnectionId, JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import { changeChannel } from './changes.ts';
import type { Tx } from './db.ts';

/** A stream by the names that people know it by. */
export interface NamedStream {
  readonly stream: StreamId;
  readonly connection: ConnectionId;
  readonly slug: string;
  readonly object: string;
}

/** A record, or one of its earlier versions, that holds one of the texts. */
export interface FoundDocument {
  readonly id: string;
  /** Of the version; null: the record as it is. */
  readonly ver: number | null;
  readonly doc: JsonObject;
}

export interface FoundPart {
  readonly found: readonly FoundDocument[];
  /** Where to go on; null: that was all. */
  readonly next: FindPlace | null;
}

export interface FindPlace {
  readonly id: string;
  readonly ver: number;
}

/** The last row of the part comes in any case: it says where to go on. */
const marked = `marked as materialized (
      select id, ver, place, text, exists (select 1 from unnest($5::text[]) t where position(t in lower(text)) > 0) as holds
      from part)
    select id, ver, place, holds, case when holds then text end as "docText" from marked
    where holds or place = (select max(place) from marked) order by place`;

export const eraseFindSql = {
  streams: `select s.id as stream, s.connection, c.slug, s.object
    from stream s join connection c on c.tenant = s.tenant and c.id = s.connection
    where s.tenant = $1 and c.tenant = $1 order by s.id`,
  // Numbers of streams are never given twice.
  buried: `select o.stream, d.id as connection, d.slug, o.object from deleted_connection d
      cross join lateral unnest(d.streams, d.objects) as o(stream, object)
    where d.tenant = $1 order by o.stream`,
  records: `with part as materialized (
      select ext_id as id, null::int as ver, doc::text as text, row_number() over (order by ext_id) as place from record
      where tenant = $1 and stream = $2 and ext_id > $3 and not deleted order by ext_id limit $4),
    ${marked}`,
  versions: `with part as materialized (
      select ext_id as id, ver, doc::text as text, row_number() over (order by ext_id, ver) as place from record_history
      where tenant = $1 and stream = $2 and (ext_id, ver) > ($3, $6) order by ext_id, ver limit $4),
    ${marked}`,
  present: `select r.ext_id as id, r.doc::text as "docText", r.src_at as "srcAt", r.acl_own as "aclOwn"
    from record r where r.tenant = $1 and r.stream = $2 and r.ext_id = any($3::text[]) and not r.deleted`,
  setVersion: `update record_history set doc = $5::text::jsonb
    where tenant = $1 and stream = $2 and ext_id = $3 and ver = $4`,
  linked: `select distinct principal from principal_link
    where tenant = $1 and (lower(principal) = $2 or lower(attributes ->> 'email') = $2) order by principal`,
  emails: `select distinct lower(attributes ->> 'email') as email from principal_link
    where tenant = $1 and principal = any($2::text[]) and attributes ->> 'email' is not null`,
  restart: `with head as (
      insert into change_head (tenant, seq, copies_from) values ($1, 1, 1)
      on conflict (tenant) do update set seq = change_head.seq + 1, copies_from = change_head.seq + 1
      returning seq)
    insert into change (tenant, seq, stream, ext_id, op, ver, at) select $1, head.seq, 0, '', 'a', 0, $2 from head`,
  notify: 'select pg_notify($1, $2)',
} as const;

export function namedStreams(tx: Tx, tenant: TenantId): Promise<NamedStream[]> {
  return tx.query<NamedStream>(eraseFindSql.streams, [tenant]);
}

/** Those that went with their connection: their records are gone, what was written to them is not. */
export function buriedStreams(tx: Tx, tenant: TenantId): Promise<NamedStream[]> {
  return tx.query<NamedStream>(eraseFindSql.buried, [tenant]);
}

interface FindRow {
  readonly id: string;
  readonly ver: number | null;
  readonly place: number;
  readonly holds: boolean;
  readonly docText: string | null;
}

/**
 * Looks at the next `limit` live records of a stream, or (`past`) at earlier
 * versions, for any of the texts: lower-case, as they stand in JSON.
 */
export async function findTexts(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  request: {
    readonly texts: readonly string[];
    readonly past: boolean;
    readonly from: FindPlace;
    readonly limit: number;
  },
): Promise<FoundPart> {
  const { texts, past, from, limit } = request;
  const params = [tenant, stream, from.id, limit, [...texts]];
  const rows = past
    ? await tx.query<FindRow>(eraseFindSql.versions, [...params, from.ver])
    : await tx.query<FindRow>(eraseFindSql.records, params);
  const last = rows.at(-1);
  const found = rows.flatMap(({ id, ver, holds, docText }) =>
    holds && docText !== null ? [{ id, ver, doc: JSON.parse(docText) as JsonObject }] : [],
  );
  return { found, next: last === undefined || last.place < limit ? null : { id: last.id, ver: last.ver ?? 0 } };
}

/** A live record with what is needed to keep it without some of its fields. */
export interface PresentRecord {
  readonly id: string;
  readonly doc: JsonObject;
  readonly srcAt: Date | null;
  readonly aclOwn: number | null;
}

export async function presentRecords(
  tx: Tx,
  { tenant, stream }: { readonly tenant: TenantId; readonly stream: StreamId },
  ids: readonly string[],
): Promise<PresentRecord[]> {
  const rows = await tx.query<Omit<PresentRecord, 'doc'> & { readonly docText: string }>(eraseFindSql.present, [
    tenant,
    stream,
    [...ids],
  ]);
  return rows.map(({ docText, ...rest }) => ({ ...rest, doc: JSON.parse(docText) as JsonObject }));
}

/** Addresses under which these users of the product are linked. */
export async function emailsOfPrincipals(tx: Tx, tenant: TenantId, principals: readonly string[]): Promise<string[]> {
  const rows = await tx.query<{ email: string }>(eraseFindSql.emails, [tenant, [...principals]]);
  return rows.map(({ email }) => email);
}

/** An earlier version is from now on as if it had been so. */
export async function setPastVersion(
  tx: Tx,
  at: { readonly tenant: TenantId; readonly stream: StreamId; readonly id: string; readonly ver: number },
  docText: string,
): Promise<void> {
  await tx.query(eraseFindSql.setVersion, [at.tenant, at.stream, at.id, at.ver, docText]);
}

/** Users of the product that are called by this e-mail address (lower-case), or are linked under it. */
export async function principalsOfEmail(tx: Tx, tenant: TenantId, email: string): Promise<string[]> {
  const rows = await tx.query<{ principal: string }>(eraseFindSql.linked, [tenant, email]);
  return rows.map(({ principal }) => principal);
}

/**
 * Copies of the records that stand where they stand now are made anew. The
 * change that says so is of no record, so that the newest one, by which readers
 * know the database, names nobody.
 */
export async function restartCopies(tx: Tx, tenant: TenantId): Promise<void> {
  await tx.query(eraseFindSql.restart, [tenant, tx.now]);
  await tx.query(eraseFindSql.notify, [changeChannel, String(tenant)]);
}
