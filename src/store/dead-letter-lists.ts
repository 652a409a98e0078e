import type { StreamId, TenantId } from '../kernel/index.ts';
import type { DeadLetterRow } from './dead-letters.ts';
import type { Tx } from './db.ts';

/** What was set aside of one stream: tried no more by itself. */
export interface DeadLetterCount {
  readonly stream: StreamId;
  readonly count: number;
  readonly oldestAt: Date;
}

const columns = `id, stream, kind, name, state, code, class, bytes_hash as "bytesHash", place, tries,
  first_at as "firstAt", last_at as "lastAt"`;

export const deadLetterListsSql = {
  count: `select stream, count(*)::int as count, min(first_at) as "oldestAt" from dead_letter
    where tenant = $1 and state = $2 group by stream order by stream`,
  ofStreams: `select ${columns} from dead_letter where tenant = $1 and ($2::int[] is null or stream = any($2))
    order by last_at desc, id limit $3`,
  one: `select ${columns} from dead_letter where tenant = $1 and id = $2`,
} as const;

/** Streams without any are left out. `state` is src/sync's. */
export function countDeadLetters(tx: Tx, tenant: TenantId, state: string): Promise<DeadLetterCount[]> {
  return tx.query<DeadLetterCount>(deadLetterListsSql.count, [tenant, state]);
}

/** Newest first; `streams` null: of all. */
export function deadLettersOf(
  tx: Tx,
  request: { readonly tenant: TenantId; readonly streams: readonly StreamId[] | null; readonly limit: number },
): Promise<DeadLetterRow[]> {
  return tx.query<DeadLetterRow>(deadLetterListsSql.ofStreams, [request.tenant, request.streams, request.limit]);
}

/** Without a lock; null: there is none. */
export async function readDeadLetter(tx: Tx, tenant: TenantId, id: number): Promise<DeadLetterRow | null> {
  return (await tx.query<DeadLetterRow>(deadLetterListsSql.one, [tenant, id]))[0] ?? null;
}
