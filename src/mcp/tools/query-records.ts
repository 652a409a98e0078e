import * as z from 'zod';
import type { JsonObject } from '../../kernel/index.ts';
import type { Answer } from '../../query/index.ts';
import { anyJson, defineTool, jsonObject, readOnly } from './define-tool.ts';
import { tableOutput } from './output-schema.ts';

export const queryRecords = defineTool({
  name: 'query_records',
  title: 'Query records',
  description:
    'Lists or aggregates records of one object, with related ones by dotted path, across systems. query_sql is for other joins, get_record for one known record. Example: {"object":"deal","filter":{"and":[{"field":"stage","op":"eq","value":"open"},{"field":{"count":"account.tickets"},"op":"gt","value":3}]},"fields":["name","amount","account.name"],"sort":[{"field":"amount","dir":"desc"}]}. Aggregates: {"object":"deal","measures":[{"sum":"amount","as":"total"}],"group_by":["owner.name"]}.',
  args: z.strictObject({
    object: z.string().min(1).max(200),
    filter: jsonObject()
      .describe(
        'ops: eq ne in lt lte gt gte contains starts_with is_null; and/or/not; relative time as value: {"ago":"90d"}',
      )
      .exactOptional(),
    fields: z.array(anyJson()).min(1).max(60).exactOptional(),
    text: z.string().min(1).max(200).describe('words that all occur in the record').exactOptional(),
    sort: z
      .array(z.strictObject({ field: anyJson(), dir: z.enum(['asc', 'desc']).exactOptional() }))
      .max(8)
      .exactOptional(),
    measures: z
      .array(jsonObject())
      .min(1)
      .max(20)
      .describe('count sum avg min max; "in":"EUR" converts')
      .exactOptional(),
    group_by: z.array(anyJson()).max(8).describe('field, or {"month":"close_date"}').exactOptional(),
    having: jsonObject().exactOptional(),
    limit: z.int().min(1).max(200).exactOptional(),
    cursor: z.string().max(20_000).describe('next_cursor of the last answer').exactOptional(),
    changed_since: anyJson().describe('as_of of the last answer, or {"ago":"2d"}').exactOptional(),
    min_as_of: z.string().max(40).describe('wait for data this new').exactOptional(),
    require_fresh_access: z.boolean().exactOptional(),
    format: z.enum(['table', 'objects']).exactOptional(),
  }),
  outputSchema: tableOutput,
  annotations: readOnly,
  run: async ({ services, caller, scope }, args) => {
    const answer = await services.query.queryRecords(caller, scope, args);
    return args.format === 'objects' ? asObjects(answer) : answer;
  },
});

/** One object per row; `columns` stays, so that the order of fields is known and one output schema serves both forms. */
function asObjects(answer: Answer): object {
  const rows = answer.rows.map((row): JsonObject =>
    Object.fromEntries(answer.columns.map((column, at) => [column, row[at] ?? null])),
  );
  return { ...answer, rows };
}
