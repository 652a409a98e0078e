import type { PlantedDefect } from './types.ts';

export const writePlanDefects: PlantedDefect[] = [
  {
    name: 'a grant to update lets an agent delete',
    file: 'src/write/plan/write-rights.ts',
    find: 'if (grant?.operations.includes(verb) === true) {',
    replace: 'if (grant !== null) {',
    suite: 'test/write-plan/plan.test.ts',
  },
  {
    name: 'the condition of a grant to write is not held against the record',
    file: 'src/query/locate.ts',
    find: 'if (object === undefined || only === null || only === undefined) return caller;',
    replace: 'if (object !== undefined || only === null || only === undefined) return caller;',
    suite: 'test/write-plan/plan.test.ts',
  },
  {
    name: 'an amount of which nobody knows the currency counts for nothing',
    file: 'src/write/plan/impact.ts',
    find: 'if (known.length < moved.length) return unknown(',
    replace: 'if (known.length < 0) return unknown(',
    suite: 'test/write-plan/plan.test.ts',
  },
  {
    name: 'a rule on a model field is gone around by the native one',
    file: 'src/write/plan/policy-question.ts',
    find: 'fields.add(`${model}.${name}`);',
    replace: '',
    suite: 'test/write-plan/plan.test.ts',
  },
  {
    name: 'one agent sees and commits the plans of another',
    file: 'src/app/write/write-tools.ts',
    find: 'if (plan.agent === caller.agent && ',
    replace: 'if (',
    suite: 'test/write-plan/doors.test.ts',
  },
];
