import { createHash } from 'node:crypto';
import { keyChannel } from './api-keys.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** One who operates the installation. Only the hash of the key is kept. */
export interface OperatorRow {
  readonly name: string;
  /** One of src/identity's roles. */
  readonly role: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
}

const columns = 'name, role, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt"';

export const operatorsSql = {
  remove: 'update operator set removed_at = $2 where name = $1 and removed_at is null returning name',
  add: `insert into operator (name, role, key_hash, created_at, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)`,
  find: `select ${columns} from operator
    where key_hash = $1 and removed_at is null and (expires_at is null or expires_at > now())`,
  list: `select ${columns} from operator where removed_at is null order by name`,
  standing: `select role from operator where name = $1 and date_trunc('milliseconds', created_at) = $2
    and removed_at is null and (expires_at is null or expires_at > $3)`,
  notify: 'select pg_notify($1, $2)',
} as const;

/** Keys are 32 random bytes, so a plain hash is enough. */
const hashOf = (key: string): Uint8Array => new Uint8Array(createHash('sha256').update(key).digest());

export interface NewOperator {
  readonly name: string;
  readonly role: string;
  readonly key: string;
  readonly by: string;
  readonly expiresAt: Date | null;
}

/** Takes the place of whoever had the name: their key is not good any more. `tx` is a plain transaction. */
export async function addOperator(tx: Tx, operator: NewOperator): Promise<void> {
  const { name, role, key, by, expiresAt } = operator;
  await tx.query(operatorsSql.remove, [name, tx.now]);
  await tx.query(operatorsSql.add, [name, role, hashOf(key), tx.now, by, expiresAt]);
  await tx.query(operatorsSql.notify, [keyChannel, '']);
}

/** False where there is none of that name. */
export async function removeOperator(tx: Tx, name: string): Promise<boolean> {
  const removed = (await tx.query(operatorsSql.remove, [name, tx.now])).length > 0;
  await tx.query(operatorsSql.notify, [keyChannel, '']);
  return removed;
}

/** Null: unknown, expired or removed. */
export async function findOperator(db: Directory, key: string): Promise<OperatorRow | null> {
  return (await db.query<OperatorRow>(operatorsSql.find, [hashOf(key)]))[0] ?? null;
}

/** The role of a key's owner as it is now; null: that key is not good any more. */
export async function standingOfKey(
  tx: Tx,
  { name, createdAt }: Pick<OperatorRow, 'name' | 'createdAt'>,
): Promise<string | null> {
  const [row] = await tx.query<{ role: string }>(operatorsSql.standing, [name, createdAt, tx.now]);
  return row?.role ?? null;
}

export function listOperators(db: Directory): Promise<OperatorRow[]> {
  return db.query<OperatorRow>(operatorsSql.list);
}
