import type { ErrorCode, JsonObject, StreamId, TenantId } from '../kernel/index.ts';
import { nextNumber } from './counters.ts';
import type { Tx } from './db.ts';
import { withoutSuppressedFields } from './erase-suppressed.ts';

/** A record, by its id, or a page, by the hash of its place. */
export type DeadLetterKind = 'record' | 'page';

export interface DeadLetterRow {
  readonly id: number;
  readonly stream: StreamId;
  readonly kind: DeadLetterKind;
  readonly name: string;
  /** src/sync's (dead-letter-state.ts). */
  readonly state: string;
  readonly code: ErrorCode;
  /** The provider's class of it, where it has one. */
  readonly class: string | null;
  /** Of what could not be read, where it came whole: the same bytes have the same. */
  readonly bytesHash: string | null;
  readonly place: JsonObject | null;
  readonly tries: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

const columns = `id, stream, kind, name, state, code, class, bytes_hash as "bytesHash", place, tries,
  first_at as "firstAt", last_at as "lastAt"`;

export const deadLettersSql = {
  add: `insert into dead_letter (tenant, id, stream, kind, name, state, code, class, bytes_hash, place, tries, first_at, last_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::text::jsonb, 1, $11, $11)`,
  change: `update dead_letter set state = $3, code = $4, class = $5, bytes_hash = $6, tries = tries + $7, last_at = $8
    where tenant = $1 and id = $2`,
  named: `select ${columns} from dead_letter where tenant = $1 and stream = $2 and kind = $3 and name = $4 for update`,
  byId: `select ${columns} from dead_letter where tenant = $1 and id = $2 for update`,
  removeById: `delete from dead_letter where tenant = $1 and id = $2 returning ${columns}`,
  remove: 'delete from dead_letter where tenant = $1 and stream = $2 and kind = $3 and name = any($4)',
  list: `select ${columns} from dead_letter where tenant = $1 and ($2::int is null or stream = $2)
    order by last_at desc, id limit $3`,
} as const;

export interface DeadLetterKey {
  readonly tenant: TenantId;
  readonly stream: StreamId;
  readonly kind: DeadLetterKind;
  readonly name: string;
}

export interface LetterFailure {
  readonly state: string;
  readonly code: ErrorCode;
  readonly class: string | null;
  readonly bytesHash: string | null;
}

/** Locked until commit; null: nothing is known of it. */
export async function lockLetter(tx: Tx, { tenant, stream, kind, name }: DeadLetterKey): Promise<DeadLetterRow | null> {
  return (await tx.query<DeadLetterRow>(deadLettersSql.named, [tenant, stream, kind, name]))[0] ?? null;
}

export async function lockLetterById(tx: Tx, tenant: TenantId, id: number): Promise<DeadLetterRow | null> {
  return (await tx.query<DeadLetterRow>(deadLettersSql.byId, [tenant, id]))[0] ?? null;
}

export async function addLetter(
  tx: Tx,
  {
    tenant,
    stream,
    kind,
    name,
    place,
    state,
    code,
    class: kindOfError,
    bytesHash,
  }: DeadLetterKey & LetterFailure & { readonly place: JsonObject | null },
): Promise<void> {
  const named = kind === 'record' ? [{ id: name }] : [];
  const known = await withoutSuppressedFields(tx, { tenant, stream }, named, (letter) => letter);
  if (known.length < named.length) return;
  const id = await nextNumber(tx, tenant, 'dead_letter');
  const text = place === null ? null : JSON.stringify(place);
  await tx.query(deadLettersSql.add, [
    tenant,
    id,
    stream,
    kind,
    name,
    state,
    code,
    kindOfError,
    bytesHash,
    text,
    tx.now,
  ]);
}

/** `tried`: whether this was one more try, or a mere change of state. */
export async function changeLetter(
  tx: Tx,
  tenant: TenantId,
  id: number,
  { state, code, class: kindOfError, bytesHash, tried }: LetterFailure & { readonly tried: boolean },
): Promise<void> {
  await tx.query(deadLettersSql.change, [tenant, id, state, code, kindOfError, bytesHash, tried ? 1 : 0, tx.now]);
}

/** They were read after all, or are gone. */
export async function removeLetters(
  tx: Tx,
  { tenant, stream, kind, names }: Omit<DeadLetterKey, 'name'> & { readonly names: readonly string[] },
): Promise<void> {
  if (names.length > 0) await tx.query(deadLettersSql.remove, [tenant, stream, kind, [...names]]);
}

/** Newest first. */
export async function listLetters(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly stream?: StreamId; readonly limit: number },
): Promise<DeadLetterRow[]> {
  return tx.query<DeadLetterRow>(deadLettersSql.list, [request.tenant, request.stream ?? null, request.limit]);
}

/** Null where there is none. */
export async function removeLetterById(tx: Tx, tenant: TenantId, id: number): Promise<DeadLetterRow | null> {
  return (await tx.query<DeadLetterRow>(deadLettersSql.removeById, [tenant, id]))[0] ?? null;
}
