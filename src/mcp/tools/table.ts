import { commitWrite } from './commit-write.ts';
import { describe } from './describe.ts';
import { getRecord } from './get-record.ts';
import { getStatus } from './get-status.ts';
import { listConnections } from './list-connections.ts';
import { toolNames, type ToolName } from './names.ts';
import { prepareWrite } from './prepare-write.ts';
import { queryRecords } from './query-records.ts';
import { querySql } from './query-sql.ts';
import { runOperation } from './run-operation.ts';
import { searchCatalog } from './search-catalog.ts';
import type { Tool, ToolDescription } from './tool.ts';
import { undo } from './undo.ts';

const byName: Readonly<Record<ToolName, Tool>> = {
  search_catalog: searchCatalog,
  describe,
  query_records: queryRecords,
  query_sql: querySql,
  get_record: getRecord,
  prepare_write: prepareWrite,
  commit_write: commitWrite,
  run_operation: runOperation,
  get_status: getStatus,
  undo,
  list_connections: listConnections,
};

/** All tools, in the fixed order in which every list shows them. */
export const toolTable: readonly Tool[] = toolNames.map((name) => byName[name]);

/** What clients are told, without the code. */
export function descriptionOf(tool: Tool): ToolDescription {
  const known = described.get(tool);
  if (known !== undefined) return known;
  const { run: _run, ...description } = tool;
  described.set(tool, description);
  return description;
}

// One object per tool for as long as there is the tool: doors keep what they make of it.
const described = new WeakMap<Tool, ToolDescription>();

export const toolDescriptions: readonly ToolDescription[] = toolTable.map(descriptionOf);
