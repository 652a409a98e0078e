import type { PlantedDefect } from './types.ts';

const suite = 'test/operations/compile.test.ts';

export const operationDefects: PlantedDefect[] = [
  {
    name: 'a run that does not end is waited for',
    file: 'src/operations/code-runner.ts',
    find: "timer = setTimeout(() => resolve({ kind: 'timeout' }), ms);",
    replace: "timer = setTimeout(() => resolve({ kind: 'timeout' }), ms * 1000);",
    suite,
  },
  {
    name: 'the memory of a run has no limit',
    file: 'src/operations/code-runner.ts',
    find: 'maxOldGenerationSizeMb: limits.operationMemoryMb',
    replace: 'maxOldGenerationSizeMb: limits.operationMemoryMb * 8',
    suite,
  },
  {
    name: 'memory that is not counted is left to operations',
    file: 'src/operations/code-thread.ts',
    find: "for (const name of ['ArrayBuffer', ",
    replace: 'for (const name of [',
    suite,
  },
  {
    name: 'what was applied is compiled anew by whoever reads it',
    file: 'src/operations/compile-operations.ts',
    find: 'if (files.has(compiledFile(file))) continue;',
    replace: 'if (files.size === 0) continue;',
    suite,
  },
  {
    name: 'an operation writes what it does not declare',
    file: 'src/write/plan/plan-code.ts',
    find: 'if (code.writes.get(object)?.includes(verb) === true) continue;',
    replace: "if (code.writes.size > 0 || verb === 'create' || object === '') continue;",
    suite: 'test/operations/end-to-end.test.ts',
  },
];
