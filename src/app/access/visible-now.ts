import { ruleStanding } from '../../access/index.ts';
import { limits, type ConnectionId, type StreamId, type TenantId } from '../../kernel/index.ts';
import type { NativeObject } from '../../schema/index.ts';
import {
  latestSchemaVersion,
  linksOfPrincipal,
  readAccessStream,
  readClasses,
  readStream,
  visibleClasses,
  type Db,
  type PrincipalLinkRow,
} from '../../store/index.ts';
import type { Targets } from '../sync/targets.ts';
import { ownSession } from './own-session.ts';

export interface VisibleNowDeps {
  readonly db: Db;
  readonly targets: Pick<Targets, 'ofConnection' | 'asUser'>;
}

export interface VisibleNowRequest {
  readonly tenant: TenantId;
  readonly principal: string;
  readonly stream: StreamId;
  readonly ids: readonly string[];
}

/**
 * Those of the records that their source shows the principal at this moment;
 * null where it cannot be asked. What a rule of the tenant's own decides is not
 * asked for there. Raises what the connector raises.
 */
export async function visibleNow(
  deps: VisibleNowDeps,
  request: VisibleNowRequest,
): Promise<ReadonlySet<string> | null> {
  const { tenant, principal, stream, ids } = request;
  const found = await deps.db.tenantRead(tenant, async (tx) => {
    const row = await readStream(tx, tenant, stream);
    const plan = await readAccessStream(tx, { tenant, stream });
    const object = (await latestSchemaVersion(tx, tenant, stream))?.object ?? null;
    const link = (await linksOfPrincipal(tx, tenant, principal)).find((each) => each.connection === row?.connection);
    return { row, plan, object, link };
  });
  const { row, plan, object, link } = found;
  if (plan?.strategy === 'everyone') return new Set(ids);
  if (row === null || plan === null || object === null || link === undefined) return null;
  if (plan.strategy === 'rule') return byRule(deps, request, link);
  const ask = await wayToAsk(deps, { ...request, connection: row.connection, link }, object);
  if (ask === null) return null;
  const visible = new Set<string>();
  for (let start = 0; start < ids.length; start += limits.accessIdsMax) {
    for (const id of await ask(ids.slice(start, start + limits.accessIdsMax))) visible.add(id);
  }
  return visible;
}

type Ask = (ids: readonly string[]) => Promise<ReadonlySet<string>>;

/** As the user where there is an own sign-in of the one who is linked, which tells most truly; else the connection's user is told of the other. */
async function wayToAsk(
  { targets }: VisibleNowDeps,
  request: VisibleNowRequest & { readonly connection: ConnectionId; readonly link: PrincipalLinkRow },
  object: NativeObject,
): Promise<Ask | null> {
  const { tenant, connection, link } = request;
  const own = await ownSession(targets, request, []);
  if (own !== null) return (ids) => own.asUser.visible(object, ids);
  const permissions = (await targets.ofConnection(tenant, connection, 'interactive'))?.session.permissions;
  const visibleTo = permissions?.visibleTo?.bind(permissions);
  return visibleTo === undefined ? null : (ids) => visibleTo(link.sourceUser, object, ids);
}

async function byRule(
  { db }: VisibleNowDeps,
  { tenant, stream, ids }: VisibleNowRequest,
  link: PrincipalLinkRow,
): Promise<ReadonlySet<string>> {
  return db.tenantRead(tenant, async (tx) => {
    const key = { tenant, connection: link.connection };
    const classes = new Set(await visibleClasses(tx, key, ruleStanding(link)));
    const records = await readClasses(tx, { tenant, stream }, ids);
    return new Set([...records.values()].flatMap(({ id, acl }) => (acl !== null && classes.has(acl) ? [id] : [])));
  });
}
