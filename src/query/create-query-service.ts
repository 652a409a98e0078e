import type { Caller } from '../access/index.ts';
import { describe } from './catalog/describe.ts';
import { searchCatalog } from './catalog/search-catalog.ts';
import { getRecord } from './get-record.ts';
import { locateRecords } from './locate.ts';
import type { QueryDeps } from './deps.ts';
import { createLeftOutWarner } from './left-out.ts';
import { queryRecords } from './query-records.ts';
import { querySql } from './query-sql.ts';
import { readValue } from './read-value.ts';
import { askingOnce } from './rights/asked-once.ts';
import { withFreshRights, type UseCase } from './rights/with-fresh-rights.ts';
import { withShownFields } from './rights/with-shown-fields.ts';
import type { DescribeRequest, QueryScope, QueryService } from './types.ts';

/** The read use cases over one lens. Holds no state of its own but counts of what models leave out. */
export function createQueryService(given: QueryDeps): QueryService {
  const deps = { ...given, warnOfLeftOut: createLeftOutWarner(given.lens) };
  const asked = <Request, Result>(work: UseCase<Request, Result>) => {
    const run = withFreshRights<Request, Result>((parts, ...rest) => work(askingOnce(parts), ...rest));
    return (caller: Caller, scope: QueryScope, request: Request) => run(deps, caller, scope, request);
  };
  return {
    searchCatalog: async (caller, scope, request) => searchCatalog(caller, scope, request),
    describe: asked(async (_, caller, scope, request: DescribeRequest) =>
      describe(caller, scope, request, deps.clock.now()),
    ),
    queryRecords: asked(withShownFields(queryRecords)),
    querySql: asked(withShownFields(querySql)),
    getRecord: asked(withShownFields(getRecord)),
    readValue: asked(readValue),
    locate: asked(locateRecords),
  };
}
