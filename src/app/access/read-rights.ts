import {
  rightsFrom,
  ruleStanding,
  type ConnectionFacts,
  type ObjectFacts,
  type PrincipalRights,
  type StreamFacts,
} from '../../access/index.ts';
import { limits, type ConnectionId, type TenantId } from '../../kernel/index.ts';
import type { Manifest, ObjectPermissions } from '../../manifest/index.ts';
import {
  linksOfPrincipal,
  listAccess,
  listAccessStreams,
  listConnections,
  listStreams,
  objectStandingsOfPrincipal,
  standingsOfPrincipal,
  visibleClasses,
  type AccessStreamRow,
  type ConnectionRow,
  type ObjectStandingRow,
  type PrincipalLinkRow,
  type StandingRow,
  type StreamRow,
  type Tx,
} from '../../store/index.ts';

/** What is kept of a principal's rights, put together. Times are read before what they are the times of. */
export async function readRights(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly principal: string; readonly manifest: Manifest | null },
): Promise<PrincipalRights> {
  const { tenant, principal, manifest } = request;
  const states = new Map((await listAccess(tx, tenant)).map((row) => [row.connection, row.state]));
  const connections = await listConnections(tx, tenant);
  const plans = new Map<number, AccessStreamRow>();
  for (const { id } of connections) {
    if (!states.has(id)) continue;
    for (const row of await listAccessStreams(tx, { tenant, connection: id })) plans.set(row.stream, row);
  }
  const standings = new Map((await standingsOfPrincipal(tx, tenant, principal)).map((row) => [row.connection, row]));
  const objects = byConnection(await objectStandingsOfPrincipal(tx, tenant, principal));
  const links = new Map((await linksOfPrincipal(tx, tenant, principal)).map((row) => [row.connection, row]));
  const known = new Map<ConnectionId, ConnectionFacts>();
  for (const { id, slug } of connections) {
    const parts = {
      link: links.get(id) ?? null,
      standing: standings.get(id) ?? null,
      objects: objects.get(id) ?? [],
      isRefused: states.get(id) === 'refused',
    };
    known.set(id, await connectionFacts(tx, { tenant, connection: id }, slug, parts));
  }
  const integrations = new Map(connections.map((row) => [row.id, row]));
  const streams = (await listStreams(tx, tenant)).map((row) =>
    streamFacts(row, plans.get(row.id) ?? null, saidOf(manifest, integrations.get(row.connection), row.object)),
  );
  const maxAgeMs = manifest?.access?.maxAgeMs ?? limits.accessMaxAgeMs;
  return rightsFrom({ principal, now: tx.now, maxAgeMs, streams, connections: known });
}

export const streamFacts = (
  { id, connection, object }: StreamRow,
  plan: AccessStreamRow | null,
  said: ObjectPermissions | null,
): StreamFacts => ({
  stream: id,
  connection,
  object,
  said,
  plan:
    plan === null
      ? null
      : {
          strategy: plan.strategy,
          rule: plan.rule,
          why: plan.why,
          isPassing: plan.passPlace !== null,
          settledAt: plan.settledAt,
          sharesAt: plan.sharesAt,
          listedAt: plan.listedAt,
        },
});

async function connectionFacts(
  tx: Tx,
  key: { readonly tenant: TenantId; readonly connection: ConnectionId },
  slug: string,
  parts: {
    readonly link: PrincipalLinkRow | null;
    readonly standing: StandingRow | null;
    readonly objects: readonly ObjectStandingRow[];
    readonly isRefused: boolean;
  },
): Promise<ConnectionFacts> {
  const { link, standing, objects, isRefused } = parts;
  const isLinked = link !== null;
  return {
    slug,
    isRefused,
    isLinked,
    standing: standing === null ? null : { state: standing.state, readAt: standing.readAt },
    classes: await visibleClasses(tx, key, isLinked ? (standing?.grantees ?? []) : []),
    ruleClasses: await visibleClasses(tx, key, link === null ? [] : ruleStanding(link)),
    objects: new Map(objects.map((row) => [row.object, objectFacts(row)])),
  };
}

const objectFacts = ({ readable, seesAll, fields, listedAt, doubtedAt }: ObjectStandingRow): ObjectFacts => ({
  readable,
  seesAll,
  fields: new Set(fields),
  listedAt,
  isDoubted: doubtedAt !== null,
});

function byConnection(rows: readonly ObjectStandingRow[]): ReadonlyMap<ConnectionId, readonly ObjectStandingRow[]> {
  const found = new Map<ConnectionId, ObjectStandingRow[]>();
  for (const row of rows) found.set(row.connection, [...(found.get(row.connection) ?? []), row]);
  return found;
}

/** What the project says of an object of this connection; null: as the provider tells. */
export function saidOf(
  manifest: Manifest | null,
  connection: ConnectionRow | undefined,
  object: string,
): ObjectPermissions | null {
  const integration = connection === undefined ? undefined : manifest?.integrations.get(connection.integration);
  for (const declared of integration?.objects.values() ?? []) {
    if (declared.from === object) return declared.permissions ?? null;
  }
  return null;
}
