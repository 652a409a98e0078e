import { GantryError, limits, type Clock, type TenantId } from '../kernel/index.ts';
import { openSwitches, type Db, type SwitchRow } from '../store/index.ts';
import { stopAmong, type SwitchedAct } from './stopped-by.ts';

/** Asked before anything goes to a provider. Raises `calls_stopped` where a switch of mode `stop_all_upstream` stops it. */
export type CallGuard = (tenant: TenantId, act: SwitchedAct) => Promise<void>;

interface Known {
  /** Monotonic, when the database was asked: what it said is at least as new. */
  readonly askedMs: number;
  readonly rows: Promise<readonly SwitchRow[]>;
}

/**
 * What the database said is believed for less than a second, so that a call
 * costs no question of its own; a database that does not answer stops calls.
 */
export function createCallGuard({ db, clock }: { readonly db: Db; readonly clock: Clock }): CallGuard {
  const known = new Map<TenantId, Known>();
  const ask = (tenant: TenantId): Known => {
    const asked: Known = {
      askedMs: clock.monotonicMs(),
      rows: db.tenantRead(tenant, (tx) => openSwitches(tx, tenant)),
    };
    known.set(tenant, asked);
    asked.rows.catch(() => known.delete(tenant));
    return asked;
  };
  const current = async (tenant: TenantId): Promise<readonly SwitchRow[]> => {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const last = known.get(tenant);
      const isFresh = last !== undefined && clock.monotonicMs() - last.askedMs < limits.switchesKnownMs;
      const asked = isFresh ? last : ask(tenant);
      const rows = await asked.rows;
      // An answer that took long is as old as its question.
      if (clock.monotonicMs() - asked.askedMs < limits.switchesKnownMs) return rows;
    }
    throw new GantryError('store_timeout', { message: 'The database did not say in time that this may be asked.' });
  };
  return async (tenant, act) => {
    const stop = stopAmong(await current(tenant), 'call', act);
    if (stop === null) return;
    throw new GantryError('calls_stopped', {
      message: `${stop.by} has stopped all calls${stop.global ? ' of everybody' : ''}: ${stop.reason}`,
      data: { switch: stop.id, since: stop.since.toISOString() },
    });
  };
}

const TRIES = 5;
