/** Every tool there is, in the order of the list. A grant names tools by these; nothing else is accepted there. */
export const toolNames = [
  'search_catalog',
  'describe',
  'query_records',
  'query_sql',
  'get_record',
  'prepare_write',
  'commit_write',
  'run_operation',
  'get_status',
  'undo',
  'list_connections',
] as const;

export type ToolName = (typeof toolNames)[number];
