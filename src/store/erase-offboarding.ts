import type { JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** Notified with the number of a tenant that is gone: whoever has files of it removes them. */
export const goneChannel = 'gantry_gone';

/** A tenant that leaves, or has left. `state` is src/app/erasure's, opaque here. */
export interface OffboardingRow {
  readonly id: number;
  readonly tenant: TenantId;
  readonly slug: string;
  readonly state: string;
  readonly stateSince: Date;
  readonly askedBy: string;
  readonly note: string | null;
  readonly askedAt: Date;
  /** What became of each connection. */
  readonly connections: readonly JsonObject[];
  /** Rows by table. */
  readonly removed: { readonly [table: string]: number };
  readonly files: JsonObject;
  readonly proof: JsonObject | null;
  readonly proofHash: string | null;
  readonly endedAt: Date | null;
}

const columns = `id, tenant, slug, state, state_since as "stateSince", asked_by as "askedBy", note,
  asked_at as "askedAt", connections, removed, files, proof, proof_hash as "proofHash", ended_at as "endedAt"`;

export const eraseOffboardingSql = {
  leave: 'update tenant set leaving_at = $2 where id = $1 and leaving_at is null returning slug',
  add: `insert into offboarding (tenant, slug, state, state_since, asked_by, note, asked_at, due_at)
    values ($1, $2, $3, $4, $5, $6, $4, $7) returning ${columns}`,
  read: `select ${columns} from offboarding where id = $1`,
  lock: `select ${columns} from offboarding where id = $1 for update`,
  present: `select ${columns} from offboarding where slug = $1 and ended_at is null`,
  list: `select ${columns} from offboarding order by id desc limit $1`,
  keep: `update offboarding set state = $2, state_since = $3, connections = $4::text::jsonb, removed = $5::text::jsonb,
      files = $6::text::jsonb, proof = $7::text::jsonb, proof_hash = $8, ended_at = $9,
      due_at = case when $9::timestamptz is null then due_at end
    where id = $1`,
  due: 'select id from offboarding where due_at <= now() order by due_at limit $1',
  claim: `update offboarding set due_at = $3, attempts = attempts + 1 where id = $1 and due_at <= $2 returning id`,
  again: 'update offboarding set due_at = $2 where id = $1 and due_at is not null',
  goneSince: 'select tenant from offboarding where ended_at is not null order by id',
  notify: 'select pg_notify($1, $2)',
} as const;

/** From here on nobody finds the tenant by its name. `tx` is a plain transaction. Null: it leaves already, or is gone. */
export async function beginOffboarding(
  tx: Tx,
  request: {
    readonly tenant: TenantId;
    readonly state: string;
    readonly by: string;
    readonly note: string | null;
    readonly dueAt: Date;
  },
): Promise<OffboardingRow | null> {
  const { tenant, state, by, note, dueAt } = request;
  const [leaving] = await tx.query<{ slug: string }>(eraseOffboardingSql.leave, [tenant, tx.now]);
  if (leaving === undefined) return null;
  const params = [tenant, leaving.slug, state, tx.now, by, note, dueAt];
  return (await tx.query<OffboardingRow>(eraseOffboardingSql.add, params))[0] ?? null;
}

export async function readOffboarding(db: Directory, id: number): Promise<OffboardingRow | null> {
  return (await db.query<OffboardingRow>(eraseOffboardingSql.read, [id]))[0] ?? null;
}

export async function lockOffboarding(tx: Tx, id: number): Promise<OffboardingRow | null> {
  return (await tx.query<OffboardingRow>(eraseOffboardingSql.lock, [id]))[0] ?? null;
}

/** The one under way of a tenant that was called so. */
export async function presentOffboarding(db: Directory, slug: string): Promise<OffboardingRow | null> {
  return (await db.query<OffboardingRow>(eraseOffboardingSql.present, [slug]))[0] ?? null;
}

/** Newest first. */
export function listOffboardings(db: Directory, limit: number): Promise<OffboardingRow[]> {
  return db.query<OffboardingRow>(eraseOffboardingSql.list, [limit]);
}

export async function keepOffboarding(tx: Tx, row: OffboardingRow): Promise<void> {
  await tx.query(eraseOffboardingSql.keep, [
    row.id,
    row.state,
    row.stateSince,
    JSON.stringify(row.connections),
    JSON.stringify(row.removed),
    JSON.stringify(row.files),
    row.proof === null ? null : JSON.stringify(row.proof),
    row.proofHash,
    row.endedAt,
  ]);
}

export async function dueOffboardings(db: Directory, limit: number): Promise<number[]> {
  return (await db.query<{ id: number }>(eraseOffboardingSql.due, [limit])).map(({ id }) => id);
}

/** False: somebody else has it, or it has ended. */
export async function claimOffboarding(tx: Tx, id: number, until: Date): Promise<boolean> {
  return (await tx.query(eraseOffboardingSql.claim, [id, tx.now, until])).length > 0;
}

/** It is looked at again then. */
export async function postponeOffboarding(tx: Tx, id: number, dueAt: Date): Promise<void> {
  await tx.query(eraseOffboardingSql.again, [id, dueAt]);
}

/** All processes that have files of the tenant remove them. */
export async function tellGone(db: Directory, tenant: TenantId): Promise<void> {
  await db.query(eraseOffboardingSql.notify, [goneChannel, String(tenant)]);
}

/** Tenants that have left; their numbers are never given again. */
export async function goneTenants(db: Directory): Promise<TenantId[]> {
  return (await db.query<{ tenant: TenantId }>(eraseOffboardingSql.goneSince)).map(({ tenant }) => tenant);
}
