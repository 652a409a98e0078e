import { GantryError, limits } from '../kernel/index.ts';
import type { CallOutcome } from '../connectors/index.ts';
import type { BackgroundWork } from './background-work.ts';
import type { Circuit } from './circuit.ts';
import { loadCircuit, reportToCircuit, type CircuitOf, type SeenCircuit } from './circuit-row.ts';
import type { CircuitEvent, CircuitState } from './circuit-state.ts';
import type { BudgetDeps } from './deps.ts';

export interface BreakerOf extends CircuitOf {
  /** The connection's name, for errors. */
  readonly slug: string;
}

/** Keeps calls from a provider that does not answer, for all processes together. */
export interface Breaker {
  /** Raises `upstream_unavailable` with `retryAt` while the circuit is open. */
  enter(): Promise<Pass>;
  /** Raises the same where the circuit opened since `enter`. */
  recheck(pass: Pass): void;
  settle(pass: Pass, outcome: CallOutcome['kind'], tookMs: number): void;
  /** Another process changed the circuit; `forMs`: until the next trial. */
  hear(state: CircuitState, forMs: number): void;
}

export interface Pass {
  /** This call decides whether the provider is called again. */
  readonly trial: boolean;
}

/**
 * While all is well this costs nothing: the database is asked once at the
 * start, and again only when calls fail or a pause is over.
 */
export function createBreaker(deps: BudgetDeps, of: BreakerOf, work: BackgroundWork): Breaker {
  let failures = 0;
  let state: CircuitState = 'closed';
  /** Monotonic: no call before, and no question to the database either. */
  let closedUntilMs = 0;
  let known: Promise<unknown> | null = null;
  /** The trial is a call of this process, and under way. */
  let trying = false;

  const believe = (next: CircuitState, forMs: number): void => {
    failures = 0;
    state = next;
    closedUntilMs = deps.clock.monotonicMs() + forMs;
  };
  const learn = ({ circuit, forMs }: SeenCircuit): Circuit => {
    believe(circuit.state, forMs);
    return circuit;
  };
  const report = async (event: CircuitEvent): Promise<Circuit> => learn(await reportToCircuit(deps, of, event));

  const refused = (): GantryError => {
    const waitMs = Math.max(0, closedUntilMs - deps.clock.monotonicMs());
    return new GantryError('upstream_unavailable', {
      message: `The system behind connection ${of.slug} does not answer; it is not called until it has been tried again.`,
      where: of.slug,
      retryAt: new Date(deps.clock.now().getTime() + waitMs),
      data: { class: 'circuit_open' },
    });
  };

  return {
    enter: async () => {
      known ??= loadCircuit(deps, of).then(learn);
      await known.catch((error: unknown) => {
        known = null;
        throw error;
      });
      if (state === 'closed') return { trial: false };
      if (deps.clock.monotonicMs() < closedUntilMs) throw refused();
      const circuit = await report(state === 'open' ? 'pause_over' : 'trial_lost');
      if (circuit.state === 'closed') return { trial: false };
      if (circuit.state !== 'half_open' || circuit.trialBy !== of.process || trying) throw refused();
      trying = true;
      return { trial: true };
    },
    recheck: (pass) => {
      if (!pass.trial && state !== 'closed') throw refused();
    },
    settle: (pass, outcome, tookMs) => {
      if (pass.trial) {
        work.run(async () => {
          await report(trialEvent(outcome)).finally(() => (trying = false));
        });
        return;
      }
      if (outcome === 'unsent') return;
      failures = outcome === 'failed' ? failures + 1 + Math.floor(tookMs / limits.circuitHangMs) : 0;
      if (failures < limits.circuitFailures || state !== 'closed') return;
      // At once for this process; the others hear of it with the commit.
      believe('open', limits.circuitPauseMs);
      work.run(async () => {
        await report('too_many_failures');
      });
    },
    hear: believe,
  };
}

function trialEvent(outcome: CallOutcome['kind']): CircuitEvent {
  if (outcome === 'unsent') return 'trial_unsent';
  return outcome === 'failed' ? 'trial_failed' : 'trial_answered';
}
