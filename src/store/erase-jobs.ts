import type { JsonObject, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import type { Directory } from './tenants.ts';

/** A person's erasure. `state` is src/app/erasure's, opaque here. */
export interface ErasureRow {
  readonly id: number;
  readonly state: string;
  readonly stateSince: Date;
  /** Sealed; null once it has ended. */
  readonly subject: Uint8Array | null;
  readonly subjectHash: string;
  readonly mentions: boolean;
  readonly askedBy: string;
  readonly note: string | null;
  readonly askedAt: Date;
  readonly rounds: number;
  /** Counts by place. */
  readonly found: { readonly [place: string]: number };
  readonly removed: { readonly [place: string]: number };
  readonly proof: JsonObject | null;
  readonly proofHash: string | null;
  readonly endedAt: Date | null;
  /** Who had what is left out come in again, and when. */
  readonly lifted: JsonObject | null;
}

export interface ErasureKey {
  readonly tenant: TenantId;
  readonly id: number;
}

const columns = `id, state, state_since as "stateSince", subject, subject_hash as "subjectHash", mentions,
  asked_by as "askedBy", note, asked_at as "askedAt", rounds, found, removed, proof, proof_hash as "proofHash",
  ended_at as "endedAt", lifted`;

export const eraseJobsSql = {
  add: `insert into erasure (tenant, id, state, state_since, subject, subject_hash, mentions, asked_by, note, asked_at)
    values ($1, $2, $3, $9, $4, $5, $6, $7, $8, $9)`,
  read: `select ${columns} from erasure where tenant = $1 and id = $2`,
  lock: `select ${columns} from erasure where tenant = $1 and id = $2 for update`,
  list: `select ${columns} from erasure where tenant = $1 order by id desc limit $2`,
  keep: `update erasure set state = $3, state_since = $4, subject = $5, rounds = $6, found = $7::text::jsonb,
      removed = $8::text::jsonb, proof = $9::text::jsonb, proof_hash = $10, ended_at = $11, lifted = $12::text::jsonb
    where tenant = $1 and id = $2`,
  drop: "delete from erasure where tenant = $1 and id = $2 and state = 'asked' and rounds = 0 returning id",
  due: 'select tenant, erasure as id from erasure_turn where due_at <= now() order by due_at limit $1',
  setTurn: `insert into erasure_turn (tenant, erasure, due_at) values ($1, $2, $3)
    on conflict (tenant, erasure) do update set due_at = excluded.due_at`,
  claim: `update erasure_turn set due_at = $4, attempts = attempts + 1
    where tenant = $1 and erasure = $2 and due_at <= $3 returning erasure`,
  endTurn: 'delete from erasure_turn where tenant = $1 and erasure = $2',
} as const;

export type NewErasure = Pick<ErasureRow, 'id' | 'state' | 'subject' | 'subjectHash' | 'mentions' | 'askedBy' | 'note'>;

export const nextErasure = (tx: Tx, tenant: TenantId): Promise<number> => nextNumber(tx, tenant, 'erasure');

/** Whoever asked begins at once; should they die, others see to it from `dueAt` on. */
export async function addErasure(tx: Tx, tenant: TenantId, row: NewErasure, dueAt: Date): Promise<void> {
  const { id, state, subject, subjectHash, mentions, askedBy, note } = row;
  const values = [state, subject, subjectHash, mentions, askedBy, note, tx.now];
  await tx.query(eraseJobsSql.add, [tenant, id, ...values]);
  await setErasureTurn(tx, { tenant, id }, dueAt);
}

export async function readErasure(tx: Tx, { tenant, id }: ErasureKey): Promise<ErasureRow | null> {
  return (await tx.query<ErasureRow>(eraseJobsSql.read, [tenant, id]))[0] ?? null;
}

export async function lockErasure(tx: Tx, { tenant, id }: ErasureKey): Promise<ErasureRow | null> {
  return (await tx.query<ErasureRow>(eraseJobsSql.lock, [tenant, id]))[0] ?? null;
}

/** Newest first. */
export function listErasures(tx: Tx, tenant: TenantId, limit: number): Promise<ErasureRow[]> {
  return tx.query<ErasureRow>(eraseJobsSql.list, [tenant, limit]);
}

export async function keepErasure(tx: Tx, tenant: TenantId, row: ErasureRow): Promise<void> {
  const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
  await tx.query(eraseJobsSql.keep, [
    tenant,
    row.id,
    row.state,
    row.stateSince,
    row.subject,
    row.rounds,
    json(row.found),
    json(row.removed),
    json(row.proof),
    row.proofHash,
    row.endedAt,
    json(row.lifted),
  ]);
}

/** One that nothing was done for yet. */
export async function dropErasure(tx: Tx, key: ErasureKey): Promise<void> {
  const dropped = await tx.query(eraseJobsSql.drop, [key.tenant, key.id]);
  if (dropped.length > 0) await endErasureTurn(tx, key);
}

/** Those that somebody has to go on with, of all tenants, longest due first. */
export function dueErasures(db: Directory, limit: number): Promise<ErasureKey[]> {
  return db.query<ErasureKey>(eraseJobsSql.due, [limit]);
}

export async function setErasureTurn(tx: Tx, { tenant, id }: ErasureKey, dueAt: Date): Promise<void> {
  await tx.query(eraseJobsSql.setTurn, [tenant, id, dueAt]);
}

/** False: somebody else has it, or it has ended. */
export async function claimErasure(tx: Tx, { tenant, id }: ErasureKey, until: Date): Promise<boolean> {
  return (await tx.query(eraseJobsSql.claim, [tenant, id, tx.now, until])).length > 0;
}

export async function endErasureTurn(tx: Tx, { tenant, id }: ErasureKey): Promise<void> {
  await tx.query(eraseJobsSql.endTurn, [tenant, id]);
}
