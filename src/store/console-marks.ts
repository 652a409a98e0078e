import type { TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** What a screen shows, each as a text that differs once something of it does. Says nothing by itself. */
export interface ConsoleMarks {
  readonly approvals: string;
  readonly audit: string;
  readonly connections: string;
}

// Of approvals those that wait: one that is decided leaves them. With each the last number that was given: what came
// and went between two looks was seen by whoever looked in between.
const approvals = `(select concat_ws('/', (select max(id) from approval where tenant = $1),
        md5(string_agg(concat_ws(':', id, state, due_at), ',' order by id)))
        from approval where tenant = $1 and decided_at is null)`;
const stopped = `(select concat_ws('/', (select max(id) from switch where tenant = $1),
          md5(string_agg(concat_ws(':', id, lift_asked_by), ',' order by id)))
          from switch where tenant = $1 and lifted_at is null)`;
const stoppedForAll = `(select concat_ws('/', (select max(id) from global_switch),
          md5(string_agg(concat_ws(':', id, lift_asked_by), ',' order by id)))
          from global_switch where lifted_at is null)`;

export const consoleMarksSql = {
  waiting: `select ${approvals} as approvals`,
  stopped: `select ${stoppedForAll} as stopped`,
  read: `select
      ${approvals} as approvals,
      (select coalesce(max(seq), 0)::text from audit_head where tenant = $1) as audit,
      concat_ws('/',
        (select md5(string_agg(concat_ws(':', id, state, updated_at, md5(last_error::text)), ',' order by id))
          from connection where tenant = $1),
        (select md5(string_agg(concat_ws(':', id, enabled, phase, backfill_records, last_run_at, paused::text,
            md5(last_error::text), lease_by is null), ',' order by id))
          from stream where tenant = $1),
        ${stopped},
        ${stoppedForAll}) as connections`,
} as const;

/** `tx` is the tenant's. */
export async function readConsoleMarks(tx: Tx, tenant: TenantId): Promise<ConsoleMarks> {
  const [marks] = await tx.query<ConsoleMarks>(consoleMarksSql.read, [tenant]);
  return marks ?? { approvals: '', audit: '', connections: '' };
}

/** Only of what waits for people's decisions: for screens over all tenants. `tx` is the tenant's. */
export async function readWaitingMark(tx: Tx, tenant: TenantId): Promise<string> {
  const [mark] = await tx.query<Pick<ConsoleMarks, 'approvals'>>(consoleMarksSql.waiting, [tenant]);
  return mark?.approvals ?? '';
}

/** Of what is stopped for everybody. */
export async function readStoppedMark(tx: Tx): Promise<string> {
  const [mark] = await tx.query<{ readonly stopped: string }>(consoleMarksSql.stopped);
  return mark?.stopped ?? '';
}
