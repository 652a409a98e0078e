import type { PlantedDefect } from './types.ts';

export const queryDefects: PlantedDefect[] = [
  {
    name: 'the row filter is dropped at a joined relation',
    file: 'src/query/compile/frame.ts',
    find: 'const source = sourceSql(frame, target, joined.columns);',
    replace: "const source = sourceSql({ context: frame.context, reach: 'policy' }, target, joined.columns);",
    suite: 'test/query/agreement.test.ts',
  },
  {
    name: 'ne forgets records without a value',
    file: 'src/query/compile/test-sql.ts',
    find: 'return `${sql} is distinct from ${value}`;',
    replace: 'return `${sql} <> ${value}`;',
    suite: 'test/query/agreement.test.ts',
  },
  {
    name: 'a measure counts records that the caller may not see',
    file: 'src/query/compile/operand-sql.ts',
    find: 'as v ${fromSql(inner)} where',
    replace: "as v ${fromSql({ ...inner, reach: 'policy' })} where",
    suite: 'test/query/agreement.test.ts',
  },
  {
    name: 'a cast of a column that can fail is accepted in agents’ SQL',
    file: 'src/query/sql/check-cast.ts',
    find: "id === 'VARCHAR' ||",
    replace: "id !== 'JSON' ||",
    suite: 'test/query/sql.test.ts',
  },
  {
    name: 'a request is hashed before its nesting is looked at',
    file: 'src/query/query-records.ts',
    find: '  checkNesting(request);\n',
    replace: '',
    suite: 'test/query/bounds.test.ts',
  },
  {
    name: 'an output of the name lets agents read the engine’s row numbers',
    file: 'src/query/sql/scope.ts',
    find: "new Set(['rowid'])",
    replace: 'new Set()',
    suite: 'test/query/sql.test.ts',
  },
  {
    name: 'replacements within replacements are accepted in agents’ SQL',
    file: 'src/query/sql/growth.ts',
    find: 'if (growth <= limits.sqlTextGrowthMax) return growth;',
    replace: 'if (growth <= 1_000_000) return growth;',
    suite: 'test/query/sql.test.ts',
  },
  {
    name: 'describe shows values of providers as long as they are',
    file: 'src/query/catalog/describe.ts',
    find: 'field.values?.filter(isShowable)',
    replace: 'field.values?.filter(() => true)',
    suite: 'test/query/bounds.test.ts',
  },
];

export const grantDefects: PlantedDefect[] = [
  {
    name: 'a sensitive field comes along with all fields',
    file: 'src/access/grant-for.ts',
    find: 'named === null ? !field.sensitive : named.has(field.name),',
    replace: 'named === null ? true : named.has(field.name),',
    suite: 'test/query/access.test.ts',
  },
  {
    name: 'a look-up that a question reads is left out',
    file: 'src/query/compile/frame.ts',
    find: '  source.columns.add(field.column);\n',
    replace: '',
    suite: 'test/e2e/answers.test.ts',
  },
];
