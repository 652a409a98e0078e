import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** A signed statement of what a chain's end was. */
export interface CheckpointRow {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly at: Date;
  readonly signature: Uint8Array;
  readonly keyId: string;
}

export const auditCheckpointsSql = {
  // In the transaction that adds to the chain; whoever has the turn meanwhile looks again.
  due: `insert into audit_turn (tenant, due_at) values ($1, $2) on conflict (tenant) do nothing`,
  claim: `with taken as (
      select tenant from audit_turn where due_at <= now() and (lease_until is null or lease_until <= now())
      order by due_at limit $3 for update skip locked)
    update audit_turn t set lease_by = $1, lease_until = now() + $2::int * interval '1 millisecond'
    from taken where t.tenant = taken.tenant returning t.tenant`,
  settle: 'delete from audit_turn where tenant = $1 and lease_by = $2 returning tenant',
  add: `insert into audit_checkpoint (tenant, seq, hash, at, signature, key_id) values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant, seq) do nothing`,
  checked: 'update audit_head set checked_seq = $2 where tenant = $1 and checked_seq < $2',
  list: `select seq, hash, at, signature, key_id as "keyId" from audit_checkpoint where tenant = $1 order by seq`,
} as const;

/** The chain has grown: a checkpoint is due at `dueAt` at the latest. That of the installation (0) is no tenant's turn: it is looked at in every round. */
export async function checkpointDue(tx: Tx, tenant: TenantId, dueAt: Date): Promise<void> {
  if (tenant === 0) return;
  await tx.query(auditCheckpointsSql.due, [tenant, dueAt]);
}

export async function claimAuditTurns(
  db: Directory,
  { worker, leaseMs, limit }: { readonly worker: string; readonly leaseMs: number; readonly limit: number },
): Promise<TenantId[]> {
  const rows = await db.query<{ tenant: TenantId }>(auditCheckpointsSql.claim, [worker, leaseMs, limit]);
  return rows.map(({ tenant }) => tenant);
}

/** Keeps the checkpoint and ends the turn, so that what is added next asks for another. False: the turn is another process's. */
export async function keepCheckpoint(tx: Tx, tenant: TenantId, worker: string, row: CheckpointRow): Promise<boolean> {
  if ((await tx.query(auditCheckpointsSql.settle, [tenant, worker])).length === 0) return false;
  await addCheckpoint(tx, tenant, row);
  return true;
}

/** Of a chain whose end is locked. */
export async function addCheckpoint(tx: Tx, tenant: TenantId, row: CheckpointRow): Promise<void> {
  await tx.query(auditCheckpointsSql.add, [tenant, row.seq, row.hash, row.at, row.signature, row.keyId]);
  await tx.query(auditCheckpointsSql.checked, [tenant, row.seq]);
}

export function listCheckpoints(tx: Tx, tenant: TenantId): Promise<CheckpointRow[]> {
  return tx.query<CheckpointRow>(auditCheckpointsSql.list, [tenant]);
}
