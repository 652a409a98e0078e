import type { SandboxResponse } from '../../kit/index.ts';
import { apiError } from '../rest/errors.ts';
import type { PreparedQuery } from '../soql/execute.ts';

/** Virtual objects that only the query resource serves. */
const NOT_IN_BULK: ReadonlySet<string> = new Set(['FlowDefinitionView']);

/**
 * What a query job may not ask for although the query resource answers it
 * (Bulk API 2.0 guide, "Create a Query Job"). ORDER BY and LIMIT are advised
 * against and work. Null when the query may run.
 */
export function refuseQuery(prepared: PreparedQuery): SandboxResponse | null {
  const { query, object } = prepared;
  if (NOT_IN_BULK.has(object.name)) {
    return apiError(400, 'INVALIDENTITY', `Entity '${object.name}' is not supported by the Bulk API.`);
  }
  if (prepared.aggregates) {
    return apiError(400, 'API_ERROR', 'Aggregate functions and GROUP BY not supported in Bulk V2 Query');
  }
  if (query.offset > 0) return apiError(400, 'API_ERROR', 'OFFSET not supported in Bulk V2 Query');
  if (prepared.columns.some(({ field }) => field.def.type === 'address' || field.def.type === 'location')) {
    return apiError(400, 'API_ERROR', 'Selecting compound data not supported in Bulk Query');
  }
  return null;
}

/** Children of a record inside its row: the parser does not know them, and CSV could not hold them. */
export function refuseChildQuery(soql: string): SandboxResponse | null {
  return /^\s*select\b[^']*?\(\s*select\b/i.test(soql.split(/\bfrom\b/i)[0] ?? '')
    ? apiError(400, 'API_ERROR', 'Aggregate Relationships not supported in Bulk V2 Query with CSV content type')
    : null;
}
