import { describe } from './catalog/describe.ts';
import { searchCatalog } from './catalog/search-catalog.ts';
import { getRecord } from './get-record.ts';
import type { QueryDeps } from './deps.ts';
import { createLeftOutWarner } from './left-out.ts';
import { queryRecords } from './query-records.ts';
import { querySql } from './query-sql.ts';
import { readValue } from './read-value.ts';
import type { QueryService } from './types.ts';

/** The read use cases over one lens. Holds no state of its own but counts of what models leave out. */
export function createQueryService(given: QueryDeps): QueryService {
  const deps = { ...given, warnOfLeftOut: createLeftOutWarner(given.lens) };
  return {
    searchCatalog: async (caller, scope, request) => searchCatalog(caller, scope, request),
    describe: async (caller, scope, request) => describe(caller, scope, request, deps.clock.now()),
    queryRecords: (caller, scope, request) => queryRecords(deps, caller, scope, request),
    querySql: (caller, scope, request) => querySql(deps, caller, scope, request),
    getRecord: (caller, scope, request) => getRecord(deps, caller, scope, request),
    readValue: (caller, scope, request) => readValue(deps, caller, scope, request),
  };
}
