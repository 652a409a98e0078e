import * as z from 'zod';
import { limits } from '../../kernel/index.ts';
import { defineTool, minAsOf, readOnly } from './define-tool.ts';
import { tableOutput } from './output-schema.ts';

export const querySql = defineTool({
  name: 'query_sql',
  title: 'Query with SQL',
  description:
    'One read-only SELECT (DuckDB dialect) over the objects that describe knows, as tables (plus _ref, _at): select stage, sum(amount) from deal group by all. For joins and windows that query_records cannot say; prefer query_records otherwise.',
  args: z.strictObject({
    sql: z.string().min(1).max(limits.sqlTextBytesMax),
    limit: z.int().min(1).max(limits.sqlRowsMax).exactOptional(),
    min_as_of: minAsOf(),
    require_fresh_access: z.boolean().exactOptional(),
  }),
  outputSchema: tableOutput,
  annotations: readOnly,
  run: ({ services, caller, scope }, args) => services.query.querySql(caller, scope, args),
});
