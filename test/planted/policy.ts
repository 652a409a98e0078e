import type { PlantedDefect } from './types.ts';

export const policyDefects: PlantedDefect[] = [
  {
    name: 'what a plan was made by counts when the project allows less since',
    file: 'src/policy/policy-rules.ts',
    find: 'modes: Object.fromEntries(declared.modes),',
    replace: 'modes: Object.fromEntries([]),',
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'ten small changes go through one by one',
    file: 'src/policy/rule-applies.ts',
    find: 'return amount === 0 ? 0 : Math.abs(amount) + spent.amount;',
    replace: 'return Math.abs(amount);',
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'two changes at the same moment do not see each other',
    file: 'src/store/policy-spent.ts',
    find: 'on conflict (tenant) do update set accepted = s.accepted + 1`',
    replace: 'on conflict (tenant) do nothing`',
    suite: 'test/policy/spent.test.ts',
  },
  {
    name: 'a rule that allows one part of a plan lets all of it through',
    file: 'src/policy/decide.ts',
    find: 'const words = applied.filter(({ parts }) => parts.includes(part)).map',
    replace: 'const words = applied.map',
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'a gated write needs nobody where no rule speaks',
    file: 'src/policy/permission.ts',
    find: "return policy === 'allow' ? 'allow' : 'approve';",
    replace: "return 'allow';",
    suite: 'test/policy/permission.test.ts',
  },
  {
    name: 'of several second reviews before the write only one is asked for',
    file: 'src/policy/needs.ts',
    find: '...together(reviews)',
    replace: '...together(reviews.slice(0, 1))',
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'a rule on a field is gone around by its native name',
    file: 'src/policy/rule-applies.ts',
    find: "...(fed?.get(field.slice('native:'.length)) ?? [])",
    replace: '',
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'reasons name fields that a rule is about',
    file: 'src/policy/reason-text.ts',
    find: "['it touches a field that this rule is about']",
    replace: "[`it touches ${when.fields.join(', ')}`]",
    suite: 'test/policy/decide.test.ts',
  },
  {
    name: 'a condition that the asker is not shown asks nobody',
    file: 'src/policy/decide.ts',
    find: '    ...unseenReasons(question),\n',
    replace: '    ...unseenReasons(question).slice(1),\n',
    suite: 'test/policy/decide.test.ts',
  },
];
