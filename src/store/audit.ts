import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** Where a tenant's chain ends, and where what is kept of it begins. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly floorSeq: number;
  readonly floorHash: Uint8Array;
  /** Up to here a checkpoint has been made. */
  readonly checkedSeq: number;
}

/** An entry as it is kept: its place in the chain, and what it says. Null `body`: erased. */
export interface AuditRow extends AuditColumns {
  readonly seq: number;
  readonly at: Date;
  readonly kind: string;
  readonly commitment: Uint8Array;
  readonly hash: Uint8Array;
  readonly salt: Uint8Array | null;
  readonly body: string | null;
}

/** What entries are searched by. */
export interface AuditColumns {
  readonly agent: string | null;
  readonly principal: string | null;
  readonly operator: string | null;
  readonly plan: string | null;
  readonly connection: string | null;
  readonly object: string | null;
  readonly model: string | null;
  readonly record: string | null;
  /** The last part of `record`. */
  readonly recordKey: string | null;
  /** In lower case. */
  readonly label: string | null;
  readonly amount: number | null;
}

const columns = `p.agent, p.principal, p.operator, p.plan, p.connection, p.object, p.model, p.record,
  p.record_key as "recordKey", p.label, p.amount`;

export const auditSql = {
  // Held until the transaction ends: entries of a tenant follow one another.
  lock: `insert into audit_head (tenant, seq, hash, floor_hash) values ($1, 0, $2, $2)
    on conflict (tenant) do update set seq = audit_head.seq
    returning seq, hash, floor_seq as "floorSeq", floor_hash as "floorHash", checked_seq as "checkedSeq"`,
  // Only where the chain ends as the rows say; whoever else adds to it waits from here on.
  add: `with head as (
      update audit_head set seq = $5, hash = $6 where tenant = $1 and seq = $7 and hash = $8
      returning checked_seq
    ), given as materialized (
      select (r ->> 'q')::bigint as seq, r ->> 'k' as kind, decode(r ->> 'c', 'hex') as commitment,
        decode(r ->> 'h', 'hex') as hash, decode(r ->> 's', 'hex') as salt, r
      from head, jsonb_array_elements($3::text::jsonb) as e (r)
    ), entries as (
      insert into audit_entry (tenant, seq, at, kind, commitment, hash)
      select $1, seq, $2, kind, commitment, hash from given
    ), payloads as (
      insert into audit_payload (tenant, seq, at, kind, salt, body, agent, principal, operator, plan, connection,
        object, model, record, record_key, label, amount)
      select $1, seq, $2, kind, salt, ($4::text[])[(r ->> 'n')::int], r ->> 'agent', r ->> 'principal', r ->> 'operator', r ->> 'plan',
        r ->> 'connection', r ->> 'object', r ->> 'model', r ->> 'record', r ->> 'recordKey', r ->> 'label', (r ->> 'amount')::double precision
      from given
    )
    select checked_seq as "checkedSeq" from head`,
  head: `select seq, hash, floor_seq as "floorSeq", floor_hash as "floorHash", checked_seq as "checkedSeq" from audit_head where tenant = $1`,
  page: `select e.seq, e.at, e.kind, e.commitment, e.hash, p.salt, p.body, p.at as "saidAt", p.kind as "saidKind", ${columns}
    from audit_entry e left join audit_payload p on p.tenant = $1 and p.seq = e.seq
    where e.tenant = $1 and e.seq > $2 order by e.seq limit $3`,
  extra: `select p.seq from audit_payload p left join audit_entry e on e.tenant = $1 and e.seq = p.seq
    where p.tenant = $1 and e.seq is null order by p.seq limit $2`,
  hold: 'select seq from audit_head where tenant = $1 for update',
  erase: `update audit_payload set salt = null, body = null, agent = null, principal = null, operator = null,
      plan = null, connection = null, object = null, model = null, record = null, record_key = null, label = null,
      amount = null, erased_at = $2
    where tenant = $1 and seq = any($3::bigint[]) and body is not null returning seq`,
  // At a checkpoint that is as old itself: it proves that what is removed was.
  floor: `with last_old as (
      select e.seq, e.hash from audit_head f
      join audit_checkpoint c on c.tenant = $1 and c.seq > f.floor_seq and c.at < $2
      join audit_entry e on e.tenant = $1 and e.seq = c.seq and e.at < $2
      where f.tenant = $1 order by c.seq desc limit 1)
    update audit_head h set floor_seq = o.seq, floor_hash = o.hash from last_old o
    where h.tenant = $1 and o.seq > h.floor_seq and o.seq <= h.checked_seq returning h.floor_seq as "seq"`,
  prunePayloads: `delete from audit_payload where tenant = $1 and seq in (
      select p.seq from audit_payload p join audit_head h on h.tenant = $1 and p.seq <= h.floor_seq
      where p.tenant = $1 order by p.seq limit $2) returning seq`,
  pruneEntries: `delete from audit_entry where tenant = $1 and seq in (
      select e.seq from audit_entry e join audit_head h on h.tenant = $1 and e.seq <= h.floor_seq
      where e.tenant = $1 order by e.seq limit $2) returning seq`,
} as const;

/** The chain's end, which nobody else can go on from until this transaction has ended. `genesis`: of a chain that begins. */
export async function lockAuditHead(tx: Tx, tenant: TenantId, genesis: Uint8Array): Promise<AuditHead> {
  const [head] = await tx.query<AuditHead>(auditSql.lock, [tenant, genesis]);
  if (head === undefined) throw new Error('an upsert returns its row');
  return head;
}

/** Where a chain ends. */
export type AuditEnd = Pick<AuditHead, 'seq' | 'hash'>;

/**
 * In order, each right after the one before it; the last one becomes the chain's end. Null: the chain does not end
 * where `after` says, and nothing was added. Else up to where a checkpoint has been signed.
 */
export async function addAuditRows(
  tx: Tx,
  tenant: TenantId,
  rows: readonly Omit<AuditRow, 'at'>[],
  after: AuditEnd,
): Promise<{ readonly checkedSeq: number } | null> {
  const last = rows.at(-1) ?? after;
  const given = rows.map(({ seq, kind, commitment, hash, salt, ...row }, index) => ({
    q: seq,
    n: index + 1,
    k: kind,
    c: hex(commitment),
    h: hex(hash),
    s: salt === null ? null : hex(salt),
    ...columnsIn(row),
  }));
  const bodies = rows.map(({ body }) => body ?? '');
  const params = [tenant, tx.now, JSON.stringify(given), bodies, last.seq, last.hash, after.seq, after.hash];
  const [added] = await tx.query<{ checkedSeq: number }>(auditSql.add, params);
  return added ?? null;
}

export async function readAuditHead(tx: Tx, tenant: TenantId): Promise<AuditHead | null> {
  const [head] = await tx.query<AuditHead>(auditSql.head, [tenant]);
  return head ?? null;
}

/** What is searched by time and kind, beside what the chain says of them; null where the payload is gone. */
export interface KeptAuditRow extends AuditRow {
  readonly saidAt: Date | null;
  readonly saidKind: string | null;
}

/** Entries after `after`, in order, with what they say. */
export function readAuditPage(tx: Tx, tenant: TenantId, after: number, limit: number): Promise<KeptAuditRow[]> {
  return tx.query<KeptAuditRow>(auditSql.page, [tenant, after, limit]);
}

/** Numbers of payloads that no entry of the chain stands for. */
export async function extraAuditPayloads(tx: Tx, tenant: TenantId, limit: number): Promise<number[]> {
  const rows = await tx.query<{ seq: number }>(auditSql.extra, [tenant, limit]);
  return rows.map(({ seq }) => seq);
}

/**
 * Empties what entries say, for good; the chain stays. Those that are empty
 * already are not named again. The caller adds an entry that names them, in the
 * same transaction: without it the chain does not verify any more.
 */
export async function eraseAuditPayloads(tx: Tx, tenant: TenantId, seqs: readonly number[]): Promise<number[]> {
  if (seqs.length === 0) return [];
  // The chain's end before payloads, as whoever removes old entries takes them: neither waits for the other in a circle.
  await tx.query(auditSql.hold, [tenant]);
  const rows = await tx.query<{ seq: number }>(auditSql.erase, [tenant, tx.now, seqs]);
  return rows.map(({ seq }) => seq).toSorted((one, other) => one - other);
}

/**
 * What is older leaves the chain's beginning: first the place is noted where it
 * begins from then on, which is the last checkpoint that is older, then rows go.
 */
export async function pruneAudit(
  tx: Tx,
  { tenant, before, limit }: { readonly tenant: TenantId; readonly before: Date; readonly limit: number },
): Promise<number> {
  await tx.query(auditSql.floor, [tenant, before]);
  await tx.query(auditSql.prunePayloads, [tenant, limit]);
  return (await tx.query(auditSql.pruneEntries, [tenant, limit])).length;
}

const columnsIn = (row: AuditColumns): AuditColumns => ({
  agent: row.agent,
  principal: row.principal,
  operator: row.operator,
  plan: row.plan,
  connection: row.connection,
  object: row.object,
  model: row.model,
  record: row.record,
  recordKey: row.recordKey,
  label: row.label,
  amount: row.amount,
});

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
