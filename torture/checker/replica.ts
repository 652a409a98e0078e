import pg from 'pg';
import type { Facts } from './facts.ts';
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
  /** Tenants in whose records a text stands. */
  holdersOf(text: string): Promise<readonly string[]>;
  /** Tables in which one of the texts stands as it is. */
  tablesWith(texts: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** Reads past row-level security, as the owner of the server. */
export async function openReplica({ databaseUrl }: Facts): Promise<Replica> {
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
    holdersOf: async (text) =>
      (
        await rows<{ slug: string }>(
          `select distinct t.slug from record r join tenant t on t.id = r.tenant where r.doc::text like '%' || $1 || '%'`,
          [text],
        )
      ).map(({ slug }) => slug),
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
