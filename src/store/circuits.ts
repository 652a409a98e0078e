import type { ConnectionId, TenantId } from '../kernel/index.ts';
import type { Tx } from './db.ts';

/** Whether a connection's provider answers. `state` is src/budget's, opaque here. */
export interface CircuitRow {
  readonly state: string;
  /** Trials that failed since it last answered. */
  readonly failedTrials: number;
  readonly retryAt: Date;
  /** The process that tries it, and until when it counts as alive. */
  readonly trialBy: string | null;
  readonly trialUntil: Date | null;
}

const columns = `state, failed_trials as "failedTrials", retry_at as "retryAt", trial_by as "trialBy", trial_until as "trialUntil"`;

export const circuitsSql = {
  lock: `select ${columns} from circuit where tenant = $1 and connection = $2 for update`,
  read: `select ${columns} from circuit where tenant = $1 and connection = $2`,
  all: `select connection, ${columns} from circuit where tenant = $1 order by connection`,
  keep: `insert into circuit (tenant, connection, state, failed_trials, retry_at, trial_by, trial_until)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant, connection) do update set state = excluded.state,
      failed_trials = excluded.failed_trials, retry_at = excluded.retry_at, trial_by = excluded.trial_by,
      trial_until = excluded.trial_until`,
  seize: `select id from connection where tenant = $1 and id = $2 for key share`,
} as const;

/** Null: nothing was ever wrong. */
export async function readCircuit(tx: Tx, tenant: TenantId, connection: ConnectionId): Promise<CircuitRow | null> {
  return (await tx.query<CircuitRow>(circuitsSql.read, [tenant, connection]))[0] ?? null;
}

/** The same, locked until commit. */
export async function lockCircuit(tx: Tx, tenant: TenantId, connection: ConnectionId): Promise<CircuitRow | null> {
  return (await tx.query<CircuitRow>(circuitsSql.lock, [tenant, connection]))[0] ?? null;
}

/** False where the connection is gone. */
export async function keepCircuit(
  tx: Tx,
  tenant: TenantId,
  connection: ConnectionId,
  row: CircuitRow,
): Promise<boolean> {
  if ((await tx.query(circuitsSql.seize, [tenant, connection])).length === 0) return false;
  const { state, failedTrials, retryAt, trialBy, trialUntil } = row;
  await tx.query(circuitsSql.keep, [tenant, connection, state, failedTrials, retryAt, trialBy, trialUntil]);
  return true;
}

export async function listCircuits(
  tx: Tx,
  tenant: TenantId,
): Promise<readonly (CircuitRow & { readonly connection: ConnectionId })[]> {
  return tx.query<CircuitRow & { readonly connection: ConnectionId }>(circuitsSql.all, [tenant]);
}
