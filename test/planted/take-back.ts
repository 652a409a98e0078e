import type { PlantedDefect } from './types.ts';

const suite = 'test/write/take-back.test.ts';

export const takeBackDefects: PlantedDefect[] = [
  {
    name: 'earlier steps are taken back while a later one waits for a person',
    file: 'src/write/take-back/follow-take-back.ts',
    find: "if (state === 'waiting') await compareNow(tx, tenant, each, 'came');\n    return 'open';",
    replace: "if (state === 'waiting') await compareNow(tx, tenant, each, 'came');\n    continue;",
    suite,
  },
  {
    name: 'taking back overwrites what somebody else has changed since',
    file: 'src/write/take-back/plan-take-back.ts',
    find: "undoWrite({ reached, conflicts: 'leave' }, verdict, place)",
    replace: "undoWrite({ reached, conflicts: 'overwrite' }, verdict, place)",
    suite,
  },
  {
    name: 'what stands there still is not said where the rest was taken back',
    file: 'src/write/take-back/follow-take-back.ts',
    find: 'const remains = [...each.remains, ...failed];',
    replace: 'const remains = [...failed];',
    suite,
  },
  {
    name: 'an approval does not tell a plan that is taken back from one that is not',
    file: 'src/write/plan/plan-write.ts',
    find: "onFailure === 'stop' ? sent : [onFailure, sent]",
    replace: "onFailure === 'stop' ? sent : sent",
    suite,
  },
];
