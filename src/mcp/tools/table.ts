import { describe } from './describe.ts';
import { getRecord } from './get-record.ts';
import { listConnections } from './list-connections.ts';
import { toolNames, type ToolName } from './names.ts';
import { queryRecords } from './query-records.ts';
import { querySql } from './query-sql.ts';
import { searchCatalog } from './search-catalog.ts';
import type { Tool, ToolDescription } from './tool.ts';

const byName: Readonly<Record<ToolName, Tool>> = {
  search_catalog: searchCatalog,
  describe,
  query_records: queryRecords,
  query_sql: querySql,
  get_record: getRecord,
  list_connections: listConnections,
};

/** All tools, in the fixed order in which every list shows them. */
export const toolTable: readonly Tool[] = toolNames.map((name) => byName[name]);

/** What clients are told, without the code. */
export const toolDescriptions: readonly ToolDescription[] = toolTable.map(
  ({ run: _run, ...description }) => description,
);
