import pg from 'pg';
import type { Facts } from './facts.ts';
import { openJournal, type Journal } from './intents.ts';
import { plainFields, type Records } from './truth.ts';

/** What the database holds of one object: living records, and ids of those that are known to be gone. */
export interface Kept {
  readonly living: Records;
  readonly gone: ReadonlySet<string>;
}

export interface Replica {
  /** Null where the object is not replicated (yet). */
  read(tenant: string, connection: string, object: string, fields: readonly string[]): Promise<Kept | null>;
  /** Records of which the changes say that they came back after they were deleted. */
  risen(tenant: string): Promise<readonly { readonly object: string; readonly id: string }[]>;
  /** Versions that are the same as the ones before them. */
  idle(tenant: string): Promise<readonly { readonly object: string; readonly id: string; readonly version: number }[]>;
  /** Tenants in whose records a text stands. */
  holdersOf(text: string): Promise<readonly string[]>;
  /** Events about a record that deliveries brought. */
  deliveriesOf(
    tenant: string,
    place: { readonly connection: string; readonly object: string; readonly id: string },
  ): Promise<number>;
  /** Changes after that one of a native object such as `crm.Contact`. */
  changesOf(
    tenant: string,
    object: string,
    after: number,
  ): Promise<readonly { readonly sequence: number; readonly id: string }[]>;
  /** When the streams of all systems have last run: the longest ago, by the database's clock; null: one never has. */
  lastRuns(): Promise<{ readonly oldest: Date | null; readonly now: Date }>;
  /** Of writes. */
  readonly journal: Journal;
  /** Tables in which one of the texts stands as it is. */
  tablesWith(texts: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Reads past row-level security, as the owner of the server. */
export async function openReplica({ databaseUrl, keys }: Facts): Promise<Replica> {
  const client = new pg.Client(databaseUrl);
  client.on('error', () => undefined);
  await client.connect();
  const rows = async <Row extends pg.QueryResultRow>(text: string, params: unknown[]): Promise<Row[]> =>
    (await client.query<Row>(text, params)).rows;
  return {
    read: async (tenant, connection, object, fields) => {
      const [stream] = await rows<{ tenant: number; id: number }>(
        `select s.tenant, s.id from stream s join tenant t on t.id = s.tenant
         join connection c on c.tenant = s.tenant and c.id = s.connection
         where t.slug = $1 and c.slug = $2 and s.object = $3`,
        [tenant, connection, object],
      );
      if (stream === undefined) return null;
      const found = await rows<{ id: string; doc: Record<string, unknown> | null; deleted: boolean }>(
        'select ext_id as id, doc, deleted from record where tenant = $1 and stream = $2',
        [stream.tenant, stream.id],
      );
      return {
        living: new Map(
          found.filter(({ deleted }) => !deleted).map(({ id, doc }) => [id, plainFields(fields, doc ?? {})]),
        ),
        gone: new Set(found.filter(({ deleted }) => deleted).map(({ id }) => id)),
      };
    },
    risen: (tenant) =>
      rows(
        `select distinct s.object, c.ext_id as id from change c join tenant t on t.id = c.tenant
         join stream s on s.tenant = c.tenant and s.id = c.stream
         join change d on d.tenant = c.tenant and d.stream = c.stream and d.ext_id = c.ext_id and d.op = 'd' and d.seq < c.seq
         where t.slug = $1 and c.op <> 'd'`,
        [tenant],
      ),
    idle: (tenant) =>
      rows(
        `select s.object, h.ext_id as id, h.ver + 1 as version from record_history h join tenant t on t.id = h.tenant
         join stream s on s.tenant = h.tenant and s.id = h.stream
         left join record_history n on n.tenant = h.tenant and n.stream = h.stream and n.ext_id = h.ext_id and n.ver = h.ver + 1
         left join record r on r.tenant = h.tenant and r.stream = h.stream and r.ext_id = h.ext_id and r.ver = h.ver + 1
           and not r.deleted
         where t.slug = $1 and not h.gone and h.doc = coalesce(n.doc, r.doc) limit 1`,
        [tenant],
      ),
    holdersOf: async (text) =>
      (
        await rows<{ slug: string }>(
          `select distinct t.slug from record r join tenant t on t.id = r.tenant where r.doc::text like '%' || $1 || '%'`,
          [text],
        )
      ).map(({ slug }) => slug),
    deliveriesOf: async (tenant, { connection, object, id }) => {
      const [row] = await rows<{ known: string }>(
        `select count(*) as known from inbox_event e join tenant t on t.id = e.tenant
         join connection c on c.tenant = e.tenant and c.id = e.connection
         where t.slug = $1 and c.slug = $2 and e.object = $3 and e.record_id = $4`,
        [tenant, connection, object, id],
      );
      return Number(row?.known ?? 0);
    },
    changesOf: async (tenant, object, after) => {
      const [connection = '', name = ''] = object.split('.');
      const found = await rows<{ seq: string; id: string }>(
        `select h.seq, h.ext_id as id from change h join tenant t on t.id = h.tenant
         join stream s on s.tenant = h.tenant and s.id = h.stream
         join connection c on c.tenant = s.tenant and c.id = s.connection
         where t.slug = $1 and c.slug = $2 and s.object = $3 and h.seq > $4 order by h.seq`,
        [tenant, connection, name, after],
      );
      return found.map(({ seq, id }) => ({ sequence: Number(seq), id }));
    },
    lastRuns: async () => {
      const [row] = await rows<{ oldest: Date | null; never: boolean; now: Date }>(
        `select min(s.last_run_at) as oldest, bool_or(s.last_run_at is null) as never, now() as now
         from stream s join tenant t on t.id = s.tenant where s.enabled and t.slug = any ($1)`,
        [Object.keys(keys)],
      );
      return { oldest: row?.never === false ? row.oldest : null, now: row?.now ?? new Date() };
    },
    journal: openJournal(client),
    tablesWith: async (texts) => {
      if (texts.length === 0) return [];
      const tables = await rows<{ name: string }>(
        "select quote_ident(tablename) as name from pg_tables where schemaname = current_schema() and tablename <> 'change'",
        [],
      );
      // Bytes are shown in hexadecimal.
      const spelled = texts.flatMap((text) => [text, Buffer.from(text).toString('hex')]);
      const like = spelled.map((text) => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`);
      const hits: string[] = [];
      for (const { name } of tables) {
        const [row] = await rows<{ hit: boolean }>(
          `select exists (select from ${name} t where t::text like any ($1)) as hit`,
          [like],
        );
        if (row?.hit === true) hits.push(name);
      }
      return hits;
    },
    close: () => client.end(),
  };
}
