import type { PlantedDefect } from './types.ts';

const suite = 'test/write/undo-once.test.ts';
const stopped = 'test/write/undo-stopped.test.ts';

export const undoDefects: PlantedDefect[] = [
  {
    name: 'each undo of a deletion makes one more record',
    file: 'src/write/undo/compare.ts',
    find: 'if (chain.existedBefore && is === null && isBack)',
    replace: 'if (chain.existedBefore && is !== null && isBack)',
    suite,
  },
  {
    name: 'two undos of a deletion that were prepared at once both make a record',
    file: 'src/write/send-batch.ts',
    find: 'write.restores !== undefined && back.has(write.restores)',
    replace: "write.restores === '' && back.has(write.restores)",
    suite,
  },
  {
    name: 'taking a step back again deletes what came back before',
    file: 'src/write/take-back/plan-take-back.ts',
    find: 'joinRestored(chainsOf(own.filter(({ content }) => !isErased(content))))',
    replace: 'chainsOf(own.filter(({ content }) => !isErased(content)))',
    suite,
  },
  {
    name: 'an undo deletes what others have put into a record that we made',
    file: 'src/write/undo/compare.ts',
    find: 'const all = [...own, ...theirs];',
    replace: 'const all = theirs.length < 0 ? theirs : own;',
    suite,
  },
  {
    name: 'what the system fills in as a record is made counts as somebody’s',
    file: 'src/write/undo/compare.ts',
    find: 'if (holdsNothing(now) || equal(now, was)) return [];',
    replace: 'if (holdsNothing(now)) return [];',
    suite,
  },
  {
    name: 'an undo over a long time takes back the later part alone',
    file: 'src/write/undo/plan-undo.ts',
    find: 'if (rows.length > most || ids.length > limits.undoWritesMax) throw tooLarge(scope, most);',
    replace: 'if (ids.length > limits.undoWritesMax) throw tooLarge(scope, most);',
    suite,
  },
  {
    name: 'the undo of several plans counts as new writes',
    file: 'src/write/operations-of.ts',
    find: 'undoes !== null || intent.intent === undoIntent',
    replace: "undoes !== null || intent.intent === ''",
    suite,
  },
  {
    name: 'plans go while what takes several back is under way',
    file: 'src/store/prune-plans.ts',
    find: "u.content ? 'undoesAll' and coalesce(u.ended_at >= $2, true)",
    replace: "u.content ? 'undoesAll' and coalesce(u.ended_at >= $2, false)",
    suite,
  },
  {
    name: 'the policy knows fields of an undo by native names alone',
    file: 'src/write/undo/plan-undo.ts',
    find: '(await deps.writersOf?.(tenant)) ?? new Map()',
    replace: 'new Map()',
    suite,
  },
  {
    name: 'an undo over what others have entered is worth what we wrote',
    file: 'src/write/undo/amount-taken-back.ts',
    find: 'amount: moves ? null : amount',
    replace: 'amount: moves ? amount : amount',
    suite,
  },
  {
    name: 'a switch on an agent keeps people from taking back what it did',
    file: 'src/write/persons-undo.ts',
    find: 'isPersonsUndo(intent, write) ? { principal } : { agent, principal }',
    replace: '({ agent, principal })',
    suite: stopped,
  },
  {
    name: 'the last word before a send of a person’s undo is that its agent is stopped',
    file: 'src/write/may-send.ts',
    find: '...actBy(write, writeOf(write.content)),',
    replace: 'agent: write.agent,',
    suite: stopped,
  },
  {
    name: 'an agent that is stopped takes back what it did',
    file: 'src/write/persons-undo.ts',
    find: 'intent === undoIntent && undoFor === undefined',
    replace: "intent === undoIntent && undoFor !== 'person'",
    suite: stopped,
  },
  {
    name: 'people cannot take back what an agent did that is suspended or gone',
    file: 'src/app/write/write-targets.ts',
    find: 'writes.filter((write) => !isPersonsUndo(intent, write))',
    replace: 'writes',
    suite: 'test/write-plan/grant-left.test.ts',
  },
];
