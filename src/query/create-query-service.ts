import { describe } from './catalog/describe.ts';
import { searchCatalog } from './catalog/search-catalog.ts';
import { getRecord } from './get-record.ts';
import { queryRecords, type QueryDeps } from './query-records.ts';
import { querySql } from './query-sql.ts';
import type { QueryService } from './types.ts';

/** The read use cases over one lens. Holds no state of its own. */
export function createQueryService(deps: QueryDeps): QueryService {
  return {
    searchCatalog: async (caller, scope, request) => searchCatalog(caller, scope, request),
    describe: async (caller, scope, request) => describe(caller, scope, request, deps.clock.now()),
    queryRecords: (caller, scope, request) => queryRecords(deps, caller, scope, request),
    querySql: (caller, scope, request) => querySql(deps, caller, scope, request),
    getRecord: (caller, scope, request) => getRecord(deps, caller, scope, request),
  };
}
