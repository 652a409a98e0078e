import type { ShownFields } from '../../access/index.ts';
import type { Standing } from '../../connectors/index.ts';
import type { ConnectionId, StreamId, TenantId } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  latestSchemaVersion,
  linksOfPrincipal,
  readAccess,
  readStream,
  type AccessConnectionRow,
  type PrincipalLinkRow,
} from '../../store/index.ts';
import { ownSession } from './own-session.ts';
import type { VisibleNowDeps } from './visible-now.ts';

export interface FieldsNowRequest {
  readonly tenant: TenantId;
  readonly principal: string;
  /** Objects whose rights a provider tells, none that a rule of the project's own decides. */
  readonly streams: readonly StreamId[];
}

/**
 * What the sources show the principal of these objects' fields at this moment;
 * streams whose source cannot be asked are not in it. Raises what the
 * connectors raise.
 */
export async function fieldsNow(deps: VisibleNowDeps, request: FieldsNowRequest): Promise<ShownFields> {
  const shown = new Map<StreamId, ReadonlySet<string> | null>();
  const asked = await askedOf(deps, request);
  await Promise.all(
    asked.map(async (each) => {
      const fields = await askOne(deps, request, each);
      if (fields === null) return;
      for (const { stream, object } of each.objects) shown.set(stream, fields.get(object.name) ?? null);
    }),
  );
  return shown;
}

/** A connection, and what is asked there about whom. */
interface Asked {
  readonly connection: ConnectionId;
  readonly link: PrincipalLinkRow;
  readonly facts: AccessConnectionRow['facts'];
  readonly objects: readonly { readonly stream: StreamId; readonly object: NativeObject }[];
}

/** Without streams that are gone, or where nobody is linked. */
async function askedOf(
  { db }: VisibleNowDeps,
  { tenant, principal, streams }: FieldsNowRequest,
): Promise<readonly Asked[]> {
  return db.tenantRead(tenant, async (tx) => {
    const links = new Map((await linksOfPrincipal(tx, tenant, principal)).map((link) => [link.connection, link]));
    const asked = new Map<ConnectionId, Asked>();
    for (const stream of streams) {
      const row = await readStream(tx, tenant, stream);
      const object = (await latestSchemaVersion(tx, tenant, stream))?.object ?? null;
      const link = row === null ? undefined : links.get(row.connection);
      if (row === null || object === null || link === undefined) continue;
      const { connection } = row;
      const known = asked.get(connection);
      const facts = known === undefined ? ((await readAccess(tx, { tenant, connection }))?.facts ?? null) : known.facts;
      asked.set(connection, { connection, link, facts, objects: [...(known?.objects ?? []), { stream, object }] });
    }
    return [...asked.values()];
  });
}

type Fields = ReadonlyMap<string, ReadonlySet<string>>;

/** By native object, as `visibleNow` asks: as the user where that is possible. */
async function askOne(
  { targets }: VisibleNowDeps,
  { tenant, principal }: FieldsNowRequest,
  { connection, link, facts, objects }: Asked,
): Promise<Fields | null> {
  const schemas = objects.map(({ object }) => object);
  const own = await ownSession(targets, { tenant, connection, principal, link }, schemas);
  if (own !== null) return fieldsIn(own.standing);
  const permissions = (await targets.ofConnection(tenant, connection, 'interactive'))?.session.permissions;
  if (permissions === undefined || facts === null) return null;
  const user = link.sourceUser;
  if (permissions.fieldsShownTo !== undefined) return permissions.fieldsShownTo(user, schemas, facts);
  const standings = await permissions.readStandings?.([user], schemas, facts);
  if (standings === undefined) return null;
  const standing = standings.find((each) => each.user === user);
  return standing === undefined ? new Map() : fieldsIn(standing);
}

function fieldsIn({ active, objects }: Standing): Fields {
  return active ? new Map([...objects].map(([name, { fields }]) => [name, fields])) : new Map();
}
