import type { PlantedDefect } from './types.ts';

export const erasureDefects: PlantedDefect[] = [
  {
    name: 'an erased record comes back with the next page',
    file: 'src/store/erase-suppressed.ts',
    find: "if (fields.has('')) return [];",
    replace: '',
    suite: 'test/erasure/erase.test.ts',
  },
  {
    name: 'copies in other processes keep what was erased',
    file: 'src/app/erasure/clear-places.ts',
    find: 'if (dossier.own.length > 0) await restartCopies(tx, tenant);',
    replace: '',
    suite: 'test/erasure/erase.test.ts',
  },
  {
    name: 'a proof is made without looking again',
    file: 'src/app/erasure/run-erasure.ts',
    find: '&& row.rounds < limits.erasureRoundsMax;',
    replace: '&& row.rounds < 0;',
    suite: 'test/erasure/erase.test.ts',
  },
  {
    name: 'one table is forgotten when a tenant leaves',
    file: 'src/store/erase-tenant.ts',
    find: "  'record_history',\n",
    replace: '',
    suite: 'test/erasure/places.test.ts',
  },
  {
    name: 'files of a tenant that left stay',
    file: 'src/app/erasure/run-offboarding.ts',
    find: 'const here = await lens.discard([tenant]);',
    replace: 'const here = await Promise.resolve({ lens, files: 1, snapshots: 1 });',
    suite: 'test/erasure/offboard.test.ts',
  },
  {
    name: 'the name of an account stays with its limits when its tenant leaves',
    file: 'src/app/erasure/run-offboarding.ts',
    find: 'await forgetBudgets(tx, unused);',
    replace: 'await forgetBudgets(tx, []);',
    suite: 'test/erasure/offboard.test.ts',
  },
  {
    name: 'limits of an account go that another tenant draws on',
    file: 'src/app/erasure/account-budgets.ts',
    find: 'unused.delete(account);',
    replace: 'unused.add(account);',
    suite: 'test/erasure/offboard.test.ts',
  },
  {
    name: 'an erased user is linked again with all the others',
    file: 'src/app/access/link-use-cases.ts',
    find: 'pairs: pairs.filter((pair) => !isErased(pair)),',
    replace: 'pairs,',
    suite: 'test/erasure/erase.test.ts',
  },
];
