import type { PlantedDefect } from './types.ts';

export const budgetDefects: readonly PlantedDefect[] = [
  {
    name: 'calls of the slices that only touch the window are not counted',
    file: 'src/budget/window.ts',
    find: 'const first = sliceAt(rule, now) - SLICES - 1;',
    replace: 'const first = sliceAt(rule, now) - SLICES + 1;',
    suite: 'test/budget/window.test.ts',
  },
  {
    name: 'background work takes the reserve',
    file: 'src/budget/window.ts',
    find: "const usable = purpose === 'interactive' ? calls : backgroundOf(rule, calls);",
    replace: 'const usable = calls;',
    suite: 'test/budget/window.test.ts',
  },
  {
    name: 'a refusal stays in the process that heard it',
    file: 'src/budget/hear.ts',
    find: 'return { ...state, refusals, blockedUntil: Math.max(until, state.blockedUntil ?? 0) };',
    replace: 'return { ...state, refusals, blockedUntil: Math.min(now, until) };',
    suite: 'test/budget/gate.test.ts',
  },
  {
    name: 'every process tries the provider that does not answer',
    file: 'src/budget/breaker.ts',
    find: "if (circuit.state !== 'half_open' || circuit.trialBy !== of.process || trying) throw refused();",
    replace: "if (circuit.state !== 'half_open') throw refused();",
    suite: 'test/budget/gate.test.ts',
  },
  {
    name: 'a server of a customer blocks the account whose name it gives itself',
    file: 'src/budget/connection-budget.ts',
    find: 'return `${provider}:${new URL(apiUrl).host}:${accountId}`;',
    replace: 'return `${provider}:${accountId}`;',
    suite: 'test/budget/gate.test.ts',
  },
  {
    name: 'background work keeps its place while it waits for its budget',
    file: 'src/budget/gate.ts',
    find: "purpose === 'background' ? limits.backgroundWaitMs : Infinity",
    replace: 'Infinity',
    suite: 'test/budget/gate.test.ts',
  },
  {
    name: 'what an agent waits for is read with background calls',
    file: 'src/app/worker-role.ts',
    find: "awaited ? 'interactive' : 'background'",
    replace: "awaited ? 'background' : 'background'",
    suite: 'test/budget/awaited.test.ts',
  },
  {
    name: 'a reading that went well hides a broken line of events',
    file: 'src/app/connections/run-health.ts',
    find: 'const broken = error === null && isReadable ?',
    replace: 'const broken = error !== null && isReadable ?',
    suite: 'test/app/line-health.test.ts',
  },
];
