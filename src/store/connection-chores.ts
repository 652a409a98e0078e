import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** One thing that is left to do for a connection. `kind` is src/connection's, opaque here. */
export interface ChoreKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly kind: string;
}

export interface Chore extends ChoreKey {
  readonly dueAt: Date;
  /** How many times somebody took it. */
  readonly attempts: number;
}

const columns = 'tenant, connection, kind, due_at as "dueAt", attempts';

export const choresSql = {
  set: `insert into connection_chore (tenant, connection, kind, due_at) values ($1, $2, $3, $4)
    on conflict (tenant, connection, kind) do update set due_at = excluded.due_at, attempts = 0`,
  due: `select ${columns} from connection_chore
    where due_at <= now() and kind = any($2::text[]) order by due_at limit $1`,
  claim: `update connection_chore set due_at = $5, attempts = attempts + 1
    where tenant = $1 and connection = $2 and kind = $3 and due_at <= $4 returning ${columns}`,
  finish: 'delete from connection_chore where tenant = $1 and connection = $2 and kind = $3',
  ofTenant: `select ${columns} from connection_chore where tenant = $1 order by connection, kind`,
} as const;

/** To be done from `dueAt` on. In the transaction that makes it necessary, so that it is not forgotten. */
export async function setChore(tx: Tx, { tenant, connection, kind }: ChoreKey, dueAt: Date): Promise<void> {
  await tx.query(choresSql.set, [tenant, connection, kind, dueAt]);
}

/** What of these kinds is due now, of all tenants, longest first. */
export function dueChores(
  db: Directory,
  { kinds, limit }: { readonly kinds: readonly string[]; readonly limit: number },
): Promise<Chore[]> {
  return db.query<Chore>(choresSql.due, [limit, [...kinds]]);
}

/** Null where somebody else has it or it is done. Whoever has it must be through, or have set it again, by `until`. */
export async function claimChore(tx: Tx, key: ChoreKey, until: Date): Promise<Chore | null> {
  const { tenant, connection, kind } = key;
  return (await tx.query<Chore>(choresSql.claim, [tenant, connection, kind, tx.now, until]))[0] ?? null;
}

export async function finishChore(tx: Tx, { tenant, connection, kind }: ChoreKey): Promise<void> {
  await tx.query(choresSql.finish, [tenant, connection, kind]);
}

export function connectionChores(db: Directory, tenant: TenantId): Promise<Chore[]> {
  return db.query<Chore>(choresSql.ofTenant, [tenant]);
}
