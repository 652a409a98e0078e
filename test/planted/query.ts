import type { PlantedDefect } from './types.ts';

export const queryDefects: PlantedDefect[] = [
  {
    name: 'the row filter is dropped at a joined relation',
    file: 'src/query/compile/frame.ts',
    find: 'const source = sourceSql(frame, target);',
    replace: "const source = sourceSql({ context: frame.context, reach: 'policy' }, target);",
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
];
