import type { PlantedDefect } from './types.ts';

/** Violations of the gates themselves: each gate must be able to fail. */
export const gateDefects: readonly PlantedDefect[] = [
  {
    name: 'a pure layer imports the store',
    file: 'src/schema/coerce.ts',
    find: "import type { Json } from '../kernel/index.ts';",
    replace: "import type { Json } from '../kernel/index.ts';\nexport { migrate } from '../store/index.ts';",
    suite: 'npm:types',
  },
  {
    name: 'a promise is left floating',
    file: 'src/cli/with-gantry.ts',
    find: '    await gantry.close();',
    replace: '    gantry.close();',
    suite: 'npm:lint',
  },
  {
    name: 'an error changes its advice, the page does not',
    file: 'src/kernel/errors/kernel.ts',
    find: "fix: 'Correct the argument that `where` names.',",
    replace: "fix: 'Try something else.',",
    suite: 'npm:docs:check',
  },
  {
    name: 'a process reads the clock for itself',
    file: 'src/sync/run-stream.ts',
    find: 'const startedMs = deps.clock.monotonicMs();',
    replace: 'const startedMs = performance.now();',
    suite: 'test/tidy/tidy.test.ts',
  },
];
