import { describe, expect, it } from 'vitest';
import { closedCircuit, moveCircuit, type Circuit } from '../../src/budget/circuit.ts';
import { circuitTable, type CircuitEvent, type CircuitState } from '../../src/budget/index.ts';
import { limits } from '../../src/kernel/index.ts';

const now = 1_790_000_000_000;
const due = { spread: 0, now, process: 'one' } as const;
const circuits: Record<CircuitState, Circuit> = {
  closed: closedCircuit,
  open: { state: 'open', failedTrials: 2, retryAt: now, trialBy: null, trialUntil: null },
  half_open: { state: 'half_open', failedTrials: 2, retryAt: now, trialBy: 'one', trialUntil: now },
};

describe('the circuit of a connection', () => {
  const cells: readonly [CircuitState, CircuitEvent, CircuitState | null][] = [
    ['closed', 'too_many_failures', 'open'],
    ['closed', 'pause_over', null],
    ['closed', 'trial_answered', null],
    ['closed', 'trial_failed', null],
    ['closed', 'trial_unsent', null],
    ['closed', 'trial_lost', null],
    ['open', 'too_many_failures', null],
    ['open', 'pause_over', 'half_open'],
    ['open', 'trial_answered', null],
    ['open', 'trial_failed', null],
    ['open', 'trial_unsent', null],
    ['open', 'trial_lost', null],
    ['half_open', 'too_many_failures', null],
    ['half_open', 'pause_over', null],
    ['half_open', 'trial_answered', 'closed'],
    ['half_open', 'trial_failed', 'open'],
    ['half_open', 'trial_unsent', 'open'],
    ['half_open', 'trial_lost', 'half_open'],
  ];

  it.each(cells)('%s: %s leads to %s', (state, event, to) => {
    expect(circuitTable[state][event]).toBe(to);
    expect(moveCircuit(circuits[state], { ...due, event })?.state ?? null).toBe(to);
  });

  it('has no cell that is not shown here', () => {
    const all = Object.values(circuitTable).flatMap((row) => Object.keys(row));
    expect(cells).toHaveLength(all.length);
  });

  it('waits for the end of the pause, and for the end of a trial', () => {
    expect(moveCircuit({ ...circuits.open, retryAt: now + 1 }, { ...due, event: 'pause_over' })).toBe(null);
    expect(moveCircuit({ ...circuits.half_open, trialUntil: now + 1 }, { ...due, event: 'trial_lost' })).toBe(null);
  });

  it('goes by the trial of the process that has it, and by no other', () => {
    for (const event of ['trial_answered', 'trial_failed', 'trial_unsent'] as const) {
      expect(moveCircuit(circuits.half_open, { ...due, event, process: 'another' })).toBe(null);
    }
  });

  it('waits twice as long after each trial that fails, up to a ceiling', () => {
    let circuit = moveCircuit(closedCircuit, { ...due, event: 'too_many_failures' }) ?? closedCircuit;
    const pauses: number[] = [];
    for (let trial = 0; trial < 9; trial += 1) {
      pauses.push(circuit.retryAt - now);
      circuit = moveCircuit({ ...circuit, retryAt: now }, { ...due, event: 'pause_over' }) ?? circuit;
      circuit = moveCircuit(circuit, { ...due, event: 'trial_failed' }) ?? circuit;
    }
    expect(pauses.slice(0, 3)).toEqual([1, 2, 4].map((times) => times * limits.circuitPauseMs));
    expect(pauses.at(-1)).toBe(limits.circuitPauseMaxMs);
  });
});
