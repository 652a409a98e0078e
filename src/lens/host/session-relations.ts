import type { DuckDBConnection } from '@duckdb/node-api';
import type { SessionRelation } from '../contract.ts';
import type { SqlCall } from '../host-protocol.ts';
import type { DataVersion } from './agent-sessions.ts';
import { HostError } from './failure.ts';
import { quoteName } from './quote.ts';
import { select, selectText } from './select.ts';

/** A relation as it stands in the session's database. */
export interface Built {
  readonly as: SessionRelation['as'];
  readonly definition: string;
  /** The data that it surely holds: the file's sequence number before the copy began. */
  readonly seq: number;
  /** Of a view in the place of a copy: the last state known in which it hid nothing (bare-views.ts). */
  readonly bareAt: number | null;
}

export interface RelationHome {
  readonly connection: DuckDBConnection;
  /** The session's own database. */
  readonly database: string;
  /** The catalog of the tenant's file. */
  readonly catalog: string;
  /** Counts the layouts up to now; a relation of an earlier one is built again. */
  readonly epoch: number;
  readonly relations: Map<string, Built>;
}

/**
 * Makes every relation of the call exist and be current. Copies are made again
 * only where their data changed. `data` may move on while a copy is made, so a
 * copy counts as no newer than `data` was before it.
 */
export async function ensureRelations(home: RelationHome, call: SqlCall, data: DataVersion): Promise<void> {
  const seq = data.seq;
  const stale = call.relations.filter((relation) => !isCurrent(home, relation, call, data));
  if (stale.length === 0) return;
  try {
    // Names in our own selects are two-part; they are meant in the tenant's file.
    await home.connection.run(`use ${quoteName(home.catalog)}.main`);
    for (const relation of stale) await build(home, relation, seq);
  } catch (error) {
    throw failedBuild(error);
  }
  await home.connection.run(`use ${home.database}`);
}

export function isCurrent(home: RelationHome, relation: SessionRelation, call: SqlCall, data: DataVersion): boolean {
  const built = home.relations.get(relation.name);
  if (built === undefined || built.definition !== definitionOf(home, relation)) return false;
  return built.as === 'view' || call.streams.every((stream) => (data.changedAt.get(stream) ?? 0) <= built.seq);
}

export const definitionOf = ({ epoch }: RelationHome, { as, select: text, params, classed }: SessionRelation): string =>
  JSON.stringify([epoch, as, text, params, as === 'view' ? (classed ?? null) : null]);

async function build(home: RelationHome, relation: SessionRelation, seq: number): Promise<void> {
  const { connection } = home;
  const { schema, name } = splitName(relation.name);
  const target = `${home.database}.${quoteName(schema)}.${quoteName(name)}`;
  const before = home.relations.get(relation.name);
  home.relations.delete(relation.name);
  if (before !== undefined) await connection.run(`drop ${before.as} if exists ${target}`);
  else await connection.run(`create schema if not exists ${home.database}.${quoteName(schema)}`);
  if (relation.as === 'table') {
    await select(connection, `create table ${target} as ${relation.select}`, relation.params);
  } else {
    if (relation.params.length > 0) throw new Error(`relation ${relation.name}: a view cannot have parameters`);
    await connection.run(`create view ${target} as ${await qualified(home, relation.select)}`);
  }
  home.relations.set(relation.name, {
    as: relation.as,
    definition: definitionOf(home, relation),
    seq,
    bareAt: null,
  });
}

function splitName(name: string): { schema: string; name: string } {
  const dot = name.indexOf('.');
  return dot < 0 ? { schema: 'main', name } : { schema: name.slice(0, dot), name: name.slice(dot + 1) };
}

/**
 * A view's names are looked up in the view's own database, so each two-part
 * name gets the file's catalog in front. It is done in DuckDB's own parse of
 * our select: there a table node without catalog can be told from a text that
 * looks like one, since quotes within texts are escaped.
 */
async function qualified(home: RelationHome, text: string): Promise<string> {
  const tree = await selectText(home.connection, 'select json_serialize_sql($1::varchar)::varchar', [text]);
  const withCatalog = tree.replace(tableNode, (_, head: string) => `${head}${JSON.stringify(home.catalog)}`);
  return selectText(home.connection, 'select json_deserialize_sql($1::json)', [withCatalog]);
}

const tableNode =
  /("schema_name":"(?:[^"\\]|\\.)+","table_name":"(?:[^"\\]|\\.)*","column_name_alias":\[\],"catalog_name":)""/g;

// The select is ours: where it does not fit the file, the layout may be about to change.
// What fails on data is told as a failure of the agent's statement, without text.
export function failedBuild(error: unknown): unknown {
  const text = error instanceof Error ? error.message : String(error);
  if (/^(Catalog|Binder|Parser) Error/.test(text)) return new HostError({ kind: 'misfit', text });
  return error;
}
