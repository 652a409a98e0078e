import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

export interface LocalUserRow {
  readonly name: string;
  /** As src/identity made it. */
  readonly password: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  /** Wrong passwords in a row. */
  readonly failures: number;
  readonly lockedUntil: Date | null;
}

const columns = `name, password, created_at as "createdAt", created_by as "createdBy", failures,
  locked_until as "lockedUntil"`;

export const localUsersSql = {
  set: `insert into local_user (tenant, name, password, created_at, created_by) values ($1, $2, $3, $4, $5)
    on conflict (tenant, name) do update set password = excluded.password, failures = 0, locked_until = null`,
  find: `select ${columns} from local_user where tenant = $1 and name = $2`,
  // Counted before the password is tried: as many at once as one likes are as many attempts.
  attempt: `update local_user set failures = failures + 1,
      locked_until = case when failures + 1 >= $4 then $5::timestamptz else null end
    where tenant = $1 and name = $2 and (locked_until is null or locked_until <= $3)
    returning ${columns}`,
  succeeded: 'update local_user set failures = 0, locked_until = null where tenant = $1 and name = $2',
  list: `select ${columns} from local_user where tenant = $1 order by name`,
  remove: 'delete from local_user where tenant = $1 and name = $2 returning name',
} as const;

export async function setLocalUser(
  tx: Tx,
  user: { readonly tenant: TenantId; readonly name: string; readonly password: string; readonly by: string },
): Promise<void> {
  await tx.query(localUsersSql.set, [user.tenant, user.name, user.password, tx.now, user.by]);
}

/** Counts an attempt; null: no such user, or locked. The last of `attemptsMax` in a row locks until `lockUntil`. */
export async function beginAttempt(
  tx: Tx,
  of: { readonly tenant: TenantId; readonly name: string; readonly attemptsMax: number; readonly lockUntil: Date },
): Promise<LocalUserRow | null> {
  const params = [of.tenant, of.name, tx.now, of.attemptsMax, of.lockUntil];
  return (await tx.query<LocalUserRow>(localUsersSql.attempt, params))[0] ?? null;
}

export async function endAttempts(tx: Tx, tenant: TenantId, name: string): Promise<void> {
  await tx.query(localUsersSql.succeeded, [tenant, name]);
}

export async function findLocalUser(tx: Tx, tenant: TenantId, name: string): Promise<LocalUserRow | null> {
  return (await tx.query<LocalUserRow>(localUsersSql.find, [tenant, name]))[0] ?? null;
}

export function listLocalUsers(tx: Tx, tenant: TenantId): Promise<LocalUserRow[]> {
  return tx.query<LocalUserRow>(localUsersSql.list, [tenant]);
}

/** False where there is none of that name. */
export async function removeLocalUser(tx: Tx, tenant: TenantId, name: string): Promise<boolean> {
  return (await tx.query(localUsersSql.remove, [tenant, name])).length > 0;
}
