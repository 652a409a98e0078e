import type { PlantedDefect } from './types.ts';

export const intentDefects: PlantedDefect[] = [
  {
    name: 'what people mean is told to who may not run it',
    file: 'src/app/write/describe-intents.ts',
    find: 'if (!mayRun(caller, name, intent)) return [];',
    replace: 'if (!caller.objects.has(name)) return [];',
    suite: 'test/app/describe-intents.test.ts',
  },
  {
    name: 'an intent names a record that the caller is not shown',
    file: 'src/write/intents/intent-values.ts',
    find: 'if (findRecord(wish) === undefined) mistakes.set(',
    replace: 'if (findRecord(wish) === null) mistakes.set(',
    suite: 'test/intents/end-to-end.test.ts',
  },
  {
    name: 'what an app asks for beside the input is not looked at',
    file: 'src/write/plan/intended.ts',
    find: "if (record === undefined || (need.of === 'new' && record.recordId !== null)) continue;",
    replace: 'if (record !== undefined) continue;',
    suite: 'test/intents/end-to-end.test.ts',
  },
  {
    name: 'what an earlier step made does not get into the later one',
    file: 'src/write/steps/fill-results.ts',
    find: 'return result === null || id === undefined ? value : filledText(result, id);',
    replace: 'return result === null || id !== undefined ? value : filledText(result, step.toString());',
    suite: 'test/intents/end-to-end.test.ts',
  },
  {
    name: 'a rule about an operation does not see it among the steps of a plan',
    file: 'src/policy/rule-applies.ts',
    find: 'const { intent = question.intent, safety = question.safety } = part;',
    replace: 'const { intent, safety } = question;',
    suite: 'test/intents/steps.test.ts',
  },
];
