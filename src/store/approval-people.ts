import { createHash } from 'node:crypto';
import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

export interface DelegationRow {
  readonly id: number;
  readonly name: string;
  readonly toName: string;
  readonly since: Date;
  readonly until: Date;
  readonly createdBy: string;
}

const delegationColumns = 'id, name, to_name as "toName", since, until, created_by as "createdBy"';

export const approvalPeopleSql = {
  addLink: `insert into approval_link (hash, tenant, approval, person, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)`,
  // The token tells the tenant, hence no tenant in the condition.
  findLink: `select tenant, approval, person from approval_link
    where hash = $1 and used_at is null and expires_at > now()`,
  useLink: `update approval_link set used_at = now() where hash = $1 and used_at is null and expires_at > now()
    returning tenant`,
  // One that was used says who decided: it goes with its approval (prune-plans.ts).
  sweepLinks: 'delete from approval_link where expires_at < $1 and used_at is null',
  delegate: `insert into approval_delegation (name, to_name, since, until, created_by, created_at)
    values ($1, $2, $3, $4, $5, $6) returning ${delegationColumns}`,
  endDelegation: `update approval_delegation set ended_at = $2
    where id = $1 and ended_at is null and ($3::text is null or name = $3) returning ${delegationColumns}`,
  delegations: `select ${delegationColumns} from approval_delegation where ended_at is null and until > now()
    order by name, since`,
  standsInFor: `select name from approval_delegation
    where to_name = $1 and ended_at is null and since <= $2 and until > $2`,
  inForce: `select name, to_name as "toName" from approval_delegation
    where ended_at is null and since <= $1 and until > $1 order by id`,
  role: `select role from operator where lower(name) = $1 and removed_at is null
      and (expires_at is null or expires_at > $2)`,
  keyMakers: `select created_by as "by" from operator where lower(name) = $1 and removed_at is null
      and date_trunc('milliseconds', created_at) >= $2`,
} as const;

/** Tokens are 32 random bytes, so a plain hash is enough. */
const hashOf = (token: string): Uint8Array => new Uint8Array(createHash('sha256').update(token).digest());

export interface ApprovalLink {
  readonly tenant: TenantId;
  readonly approval: number;
  readonly person: string;
}

/** Links whose time is over, and that nobody used. `tx` is a plain transaction, as below. */
export async function sweepApprovalLinks(tx: Tx): Promise<void> {
  await tx.query(approvalPeopleSql.sweepLinks, [tx.now]);
}

/** Clears away those that ended unused. */
export async function addApprovalLink(
  tx: Tx,
  link: ApprovalLink & { readonly token: string; readonly expiresAt: Date },
): Promise<void> {
  await tx.query(approvalPeopleSql.sweepLinks, [tx.now]);
  const { token, tenant, approval, person, expiresAt } = link;
  await tx.query(approvalPeopleSql.addLink, [hashOf(token), tenant, approval, person, tx.now, expiresAt]);
}

/** Null: unknown, expired or used. Looking at it does not use it: mail scanners follow links. */
export async function findApprovalLink(db: Directory, token: string): Promise<ApprovalLink | null> {
  return (await db.query<ApprovalLink>(approvalPeopleSql.findLink, [hashOf(token)]))[0] ?? null;
}

/** Once only: of two that come at once, one is first. */
export async function takeApprovalLink(db: Directory, token: string): Promise<boolean> {
  return (await db.query(approvalPeopleSql.useLink, [hashOf(token)])).length > 0;
}

/** `tx` is a plain transaction, as in the two that follow. Names are lower case. */
export async function addDelegation(
  tx: Tx,
  row: Pick<DelegationRow, 'name' | 'toName' | 'since' | 'until' | 'createdBy'>,
): Promise<DelegationRow> {
  const params = [row.name, row.toName, row.since, row.until, row.createdBy, tx.now];
  const [added] = await tx.query<DelegationRow>(approvalPeopleSql.delegate, params);
  if (added === undefined) throw new Error('a delegation was not added');
  return added;
}

/** `of`: only that person's own. Null: there is none. */
export async function endDelegation(tx: Tx, id: number, of: string | null): Promise<DelegationRow | null> {
  return (await tx.query<DelegationRow>(approvalPeopleSql.endDelegation, [id, tx.now, of]))[0] ?? null;
}

export function listDelegations(db: Directory): Promise<DelegationRow[]> {
  return db.query<DelegationRow>(approvalPeopleSql.delegations);
}

/** In whose place somebody decides at this moment. */
export async function standsInFor(tx: Tx, name: string): Promise<readonly string[]> {
  const rows = await tx.query<{ name: string }>(approvalPeopleSql.standsInFor, [name, tx.now]);
  return rows.map((row) => row.name);
}

/** Who decides in whose place at this moment, whoever is asked. */
export function delegationsInForce(tx: Tx): Promise<Pick<DelegationRow, 'name' | 'toName'>[]> {
  return tx.query(approvalPeopleSql.inForce, [tx.now]);
}

/** Of an operator with a key of their own, by lower-case name; null: there is none any more. */
export async function operatorRoleOf(tx: Tx, name: string): Promise<string | null> {
  return (await tx.query<{ role: string }>(approvalPeopleSql.role, [name, tx.now]))[0]?.role ?? null;
}

/** Who made the keys that operators of this lower-case name have, of those made since then. */
export async function keyMakersSince(tx: Tx, name: string, since: Date): Promise<string[]> {
  return (await tx.query<{ by: string }>(approvalPeopleSql.keyMakers, [name, since])).map(({ by }) => by);
}
