import type { JsonObject, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';
import { erasedName } from './erase-writes.ts';
import type { WriteKey } from './write-queue.ts';

/** A write that came to nothing, or of which nobody can tell, with whose plan it is of. */
export interface DeadWriteRow extends WriteKey {
  readonly step: number;
  readonly state: string;
  readonly code: string | null;
  readonly attempts: number;
  /** Null: it has not ended. */
  readonly endedAt: Date | null;
  readonly acceptedAt: Date;
  readonly agent: string;
  readonly principal: string | null;
  /** src/write's own. */
  readonly content: JsonObject;
}

export const deadWritesSql = {
  // By way of the plans: writes have no index by state, which every step of every write would pay for.
  list: `select w.plan, w.item, w.step, w.state, w.code, w.attempts, w.ended_at as "endedAt",
      p.accepted_at as "acceptedAt", p.agent, p.principal, c.content
    from write_plan p
      join write w on w.tenant = $1 and w.plan = p.id and w.state = any($2::text[])
      join write_content c on c.tenant = $1 and c.plan = w.plan and c.item = w.item
    where p.tenant = $1 and p.accepted_at >= $3 and (w.state = any($6::text[])
      or p.state = any($5::text[]) and c.content ->> 'erased' is null and p.principal is distinct from '${erasedName}')
    order by w.ended_at desc nulls first, p.accepted_at desc, w.plan, w.item limit $4`,
} as const;

/**
 * Writes in one of these states, of plans that were accepted since and are in
 * one of `plans`, or whatever their plan is: `always`. What was erased is
 * left out but for those: nothing is left to be sent. Those that have not
 * ended come first, then the latest.
 */
export function deadWrites(
  tx: Tx,
  tenant: TenantId,
  request: {
    readonly states: readonly string[];
    readonly plans: readonly string[];
    readonly always: readonly string[];
    readonly since: Date;
    readonly limit: number;
  },
): Promise<DeadWriteRow[]> {
  const { states, plans, always, since, limit } = request;
  return tx.query<DeadWriteRow>(deadWritesSql.list, [tenant, [...states], since, limit, [...plans], [...always]]);
}
