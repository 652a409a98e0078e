import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** What a screen shows, each as a text that differs once something of it does. Says nothing by itself. */
export interface ConsoleMarks {
  readonly approvals: string;
  readonly audit: string;
  readonly connections: string;
}

export const consoleMarksSql = {
  // Of approvals those that wait: one that is decided leaves them.
  read: `select
      (select coalesce(md5(string_agg(concat_ws(':', id, state, due_at), ',' order by id)), '')
        from approval where tenant = $1 and decided_at is null) as approvals,
      (select coalesce(max(seq), 0)::text from audit_head where tenant = $1) as audit,
      concat_ws('/',
        (select md5(string_agg(concat_ws(':', id, state, updated_at, md5(last_error::text)), ',' order by id))
          from connection where tenant = $1),
        (select md5(string_agg(concat_ws(':', id, enabled, phase, backfill_records, last_run_at, paused::text,
            md5(last_error::text), lease_by is null), ',' order by id))
          from stream where tenant = $1),
        (select md5(string_agg(concat_ws(':', id, lift_asked_by), ',' order by id))
          from switch where tenant = $1 and lifted_at is null),
        (select md5(string_agg(concat_ws(':', id, lift_asked_by), ',' order by id))
          from global_switch where lifted_at is null)) as connections`,
} as const;

/** `tx` is the tenant's. */
export async function readConsoleMarks(tx: Tx, tenant: TenantId): Promise<ConsoleMarks> {
  const [marks] = await tx.query<ConsoleMarks>(consoleMarksSql.read, [tenant]);
  return marks ?? { approvals: '', audit: '', connections: '' };
}
