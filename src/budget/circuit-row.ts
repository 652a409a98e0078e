import { limits, type ConnectionId, type TenantId } from '../kernel/index.ts';
import { keepCircuit, lockCircuit, readCircuit, tellBudgets, type CircuitRow } from '../store/index.ts';
import { closedCircuit, moveCircuit, type Circuit } from './circuit.ts';
import type { CircuitEvent, CircuitState } from './circuit-state.ts';
import type { BudgetDeps } from './deps.ts';

export interface CircuitOf {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  /** Names this process. */
  readonly process: string;
}

/** A circuit, and for how long nobody but the trying process has anything to ask. */
export interface SeenCircuit {
  readonly circuit: Circuit;
  readonly forMs: number;
}

export async function loadCircuit({ db }: BudgetDeps, { tenant, connection }: CircuitOf): Promise<SeenCircuit> {
  return db.tenantRead(tenant, async (tx) =>
    seen(circuitOf(await readCircuit(tx, tenant, connection)), tx.now.getTime()),
  );
}

/** Brings an event to the circuit that all processes share, and tells them what came of it. */
export async function reportToCircuit(deps: BudgetDeps, of: CircuitOf, event: CircuitEvent): Promise<SeenCircuit> {
  const { tenant, connection, process } = of;
  const spread = deps.random.fraction();
  const moved = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const before = circuitOf(await lockCircuit(tx, tenant, connection));
      const now = tx.now.getTime();
      const after = moveCircuit(before, { event, now, process, spread });
      if (after === null || !(await keepCircuit(tx, tenant, connection, rowOf(after))))
        return { from: before.state, ...seen(before, now) };
      const { circuit, forMs } = seen(after, now);
      await tellBudgets(tx, { tenant, connection, state: circuit.state, forMs });
      return { from: before.state, circuit, forMs };
    },
    'budget.move_circuit',
  );
  const { from, circuit, forMs } = moved;
  if (from !== circuit.state) {
    const retryAt = new Date(circuit.retryAt);
    deps.onEvent({ kind: 'circuit_changed', tenant, connection, from, to: circuit.state, retryAt });
  }
  return { circuit, forMs };
}

function seen(circuit: Circuit, now: number): SeenCircuit {
  return { circuit, forMs: pauseOf(circuit, now) };
}

function pauseOf({ state, retryAt, trialUntil }: Circuit, now: number): number {
  if (state === 'closed') return 0;
  if (state === 'open') return Math.max(0, retryAt - now);
  return Math.max(0, Math.min(limits.circuitPauseMs, (trialUntil ?? now) - now));
}

function circuitOf(row: CircuitRow | null): Circuit {
  if (row === null) return closedCircuit;
  const { state, failedTrials, retryAt, trialBy, trialUntil } = row;
  return {
    state: state as CircuitState,
    failedTrials,
    retryAt: retryAt.getTime(),
    trialBy,
    trialUntil: trialUntil?.getTime() ?? null,
  };
}

const rowOf = ({ state, failedTrials, retryAt, trialBy, trialUntil }: Circuit): CircuitRow => ({
  state,
  failedTrials,
  retryAt: new Date(retryAt),
  trialBy,
  trialUntil: trialUntil === null ? null : new Date(trialUntil),
});
