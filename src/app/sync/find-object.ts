import { requireConnection } from '../../connection/index.ts';
import { GantryError, suggest, type StreamId, type TenantId } from '../../kernel/index.ts';
import { listConnections, listStreams, type ConnectionRow, type StreamRow, type Tx } from '../../store/index.ts';

/** One object of a connection that the project wants. Raises `not_found`. */
export async function objectNamed(
  tx: Tx,
  tenant: TenantId,
  { connection: slug, object }: { readonly connection: string; readonly object: string },
): Promise<{ readonly connection: ConnectionRow; readonly stream: StreamRow }> {
  const connection = await requireConnection(tx, tenant, slug);
  const streams = (await listStreams(tx, tenant, connection.id)).filter(({ enabled }) => enabled);
  const stream = streams.find((each) => each.object === object);
  if (stream !== undefined) return { connection, stream };
  throw noSuchObject(
    slug,
    object,
    streams.map((each) => each.object),
  );
}

function noSuchObject(connection: string | null, object: string, known: readonly string[]): GantryError {
  const whose = connection === null ? 'No connection has an' : `Connection ${connection} has no`;
  return new GantryError('not_found', {
    message: `${whose} object "${object.slice(0, 80)}".`,
    where: 'object',
    suggestions: suggest(object, known),
    fix: 'Name an object that the connection replicates; `gantry connection show` lists them.',
  });
}

/** A tenant's connections and objects by number, for lists that name them. */
export interface Names {
  readonly connections: ReadonlyMap<number, ConnectionRow>;
  readonly streams: ReadonlyMap<StreamId, StreamRow>;
}

export async function namesOf(tx: Tx, tenant: TenantId): Promise<Names> {
  return {
    connections: new Map((await listConnections(tx, tenant)).map((row) => [row.id, row])),
    streams: new Map((await listStreams(tx, tenant)).map((row) => [row.id, row])),
  };
}

/** `{connection, object}` of a stream. */
export function placeOf(
  { connections, streams }: Names,
  id: StreamId,
): { connection: string | null; object: string | null } {
  const stream = streams.get(id);
  if (stream === undefined) return { connection: null, object: null };
  return { connection: connections.get(stream.connection)?.slug ?? null, object: stream.object };
}

/**
 * The streams that a list is asked for; null: all of the tenant. Raises
 * `not_found` for a connection, or an object of it, that is not there. Without a
 * connection the object is looked for in all.
 */
export async function streamsAsked(
  tx: Tx,
  tenant: TenantId,
  { connection, object }: { readonly connection: string | null; readonly object: string | null },
): Promise<StreamRow[] | null> {
  if (connection === null && object === null) return null;
  const row = connection === null ? null : await requireConnection(tx, tenant, connection);
  const all = row === null ? await listStreams(tx, tenant) : await listStreams(tx, tenant, row.id);
  if (object === null) return all;
  const found = all.filter((each) => each.object === object);
  if (found.length > 0) return found;
  throw noSuchObject(
    connection,
    object,
    all.map((each) => each.object),
  );
}
