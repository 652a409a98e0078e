import type { ConnectionId, JsonObject, TenantId } from '../kernel/index.ts';
import { tellAccess, type AccessKey } from './access-classes.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';

/** Who a user of the product is in a connected system. */
export interface PrincipalLinkRow {
  readonly connection: ConnectionId;
  readonly principal: string;
  /** Another user under the same name is another link. */
  readonly id: number;
  readonly sourceUser: string;
  readonly sourceName: string | null;
  /** For rules of the tenant's own: e-mail, team, territory. */
  readonly attributes: JsonObject;
  readonly linkedBy: string;
  readonly linkedAt: Date;
}

export type NewPrincipalLink = Omit<PrincipalLinkRow, 'connection' | 'id' | 'linkedAt'>;

const columns = `connection, principal, id, source_user as "sourceUser", source_name as "sourceName", attributes,
  linked_by as "linkedBy", linked_at as "linkedAt"`;

export const principalLinksSql = {
  read: `select ${columns} from principal_link where tenant = $1 and connection = $2 and principal = $3 for update`,
  add: `insert into principal_link (tenant, connection, principal, id, source_user, source_name, attributes, linked_by, linked_at)
    values ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8, $9)`,
  change: `update principal_link set source_name = $4, attributes = $5::text::jsonb, linked_by = $6, linked_at = $7
    where tenant = $1 and connection = $2 and principal = $3`,
  remove: 'delete from principal_link where tenant = $1 and connection = $2 and principal = $3 returning principal',
  ofConnection: `select ${columns} from principal_link where tenant = $1 and connection = $2 order by principal`,
  ofPrincipal: `select ${columns} from principal_link where tenant = $1 and principal = $2 order by connection`,
  all: `select ${columns} from principal_link where tenant = $1 order by connection, principal`,
  linked: 'select distinct connection from principal_link where tenant = $1 order by connection',
} as const;

/**
 * Links a principal, in place of whom it was linked to before: of another user
 * nothing that was learned stays.
 */
export async function linkPrincipal(tx: Tx, { tenant, connection }: AccessKey, link: NewPrincipalLink): Promise<void> {
  const { principal, sourceUser, sourceName, attributes, linkedBy } = link;
  const at = [tenant, connection, principal] as const;
  await tellAccess(tx, tenant);
  const [before] = await tx.query<PrincipalLinkRow>(principalLinksSql.read, at);
  const text = JSON.stringify(attributes);
  if (before?.sourceUser === sourceUser) {
    await tx.query(principalLinksSql.change, [...at, sourceName, text, linkedBy, tx.now]);
    return;
  }
  if (before !== undefined) await tx.query(principalLinksSql.remove, at);
  const id = await nextNumber(tx, tenant, 'principal_link');
  await tx.query(principalLinksSql.add, [...at, id, sourceUser, sourceName, text, linkedBy, tx.now]);
}

/** False: there is none. */
export async function unlinkPrincipal(tx: Tx, { tenant, connection }: AccessKey, principal: string): Promise<boolean> {
  await tellAccess(tx, tenant);
  return (await tx.query(principalLinksSql.remove, [tenant, connection, principal])).length > 0;
}

export function linksOfConnection(tx: Tx, { tenant, connection }: AccessKey): Promise<PrincipalLinkRow[]> {
  return tx.query<PrincipalLinkRow>(principalLinksSql.ofConnection, [tenant, connection]);
}

export function linksOfPrincipal(tx: Tx, tenant: TenantId, principal: string): Promise<PrincipalLinkRow[]> {
  return tx.query<PrincipalLinkRow>(principalLinksSql.ofPrincipal, [tenant, principal]);
}

export function listPrincipalLinks(tx: Tx, tenant: TenantId): Promise<PrincipalLinkRow[]> {
  return tx.query<PrincipalLinkRow>(principalLinksSql.all, [tenant]);
}

/** Connections that somebody is linked in: the permissions of those are learned. */
export async function linkedConnections(tx: Tx, tenant: TenantId): Promise<ConnectionId[]> {
  const rows = await tx.query<{ connection: ConnectionId }>(principalLinksSql.linked, [tenant]);
  return rows.map(({ connection }) => connection);
}
