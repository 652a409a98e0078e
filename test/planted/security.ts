import type { PlantedDefect } from './types.ts';

const suite = 'test/security/suites.test.ts';

/** What security/planted cannot show, because it would lie about itself: that attacks which come through are counted. */
export const securityDefectsOfTheSuite: readonly PlantedDefect[] = [
  {
    name: 'an attack that came through is not counted',
    file: 'security/suite.ts',
    find: 'failed += 1;',
    replace: 'failed += 0;',
    suite,
  },
  {
    name: 'an error that hidden rows cause is no leak',
    file: 'security/hostile-sql/judge.ts',
    find: 'const same = bounded(whole) ||',
    replace: "const same = 'code' in whole || bounded(whole) ||",
    suite,
  },
  {
    name: 'a suite that tries nothing is fine',
    file: 'security/summary.ts',
    find: 'tried > 0 && failed === 0',
    replace: 'tried >= 0 && failed === 0',
    suite,
  },
  {
    name: 'a model is compared as if a hidden field were shown',
    file: 'security/differential/model-view.ts',
    find: 'if (!from.every((name) => fields.has(name))) return false;',
    replace: '',
    suite: 'test/security/model-view.test.ts',
  },
  {
    name: 'addresses of the carrier’s network are called',
    file: 'src/kernel/public-address.ts',
    find: "  ['100.64.0.0', 10],\n",
    replace: '',
    suite,
  },
  {
    name: 'a wrong operator’s key is looked up anew each time',
    file: 'src/app/identity/operators.ts',
    find: 'return found === null ? true : null;',
    replace: 'return null;',
    suite: 'test/security/wrong-keys.test.ts',
  },
];
