import { json, type Route, type SandboxResponse } from '../../kit/index.ts';
import type { SoqlOrg } from '../org.ts';
import { describeObject, describeSummary } from '../schema/describe.ts';
import { schemaWithout } from '../schema/schema.ts';
import type { Rights } from '../sharing/rights.ts';
import { prepareSoql, type PreparedQuery } from '../soql/execute.ts';
import type { Cursors } from './cursors.ts';
import { apiError, notFound } from './errors.ts';
import { runPrepared, runQueryMore } from './query.ts';
import type { Api, ApiCall } from './session.ts';

const PATH = '/services/data/:version/tooling';
/** Fields that cost the platform a look into a definition, so that it gives them for one record at a time. */
const ONE_AT_A_TIME: ReadonlySet<string> = new Set(['Metadata', 'FullName']);

/**
 * Tooling API, read side. Without the permission "View Setup and
 * Configuration" its objects do not exist for the caller.
 */
export function toolingRoutes(
  tooling: SoqlOrg,
  api: Api,
  cursors: Cursors,
  permissions: Pick<Rights, 'mayViewSetup'>,
): readonly Route[] {
  const nothing = {
    ...tooling,
    schema: schemaWithout(tooling.schema, { object: () => true, field: () => true }),
  };
  const get = (path: string, answer: (org: SoqlOrg, call: ApiCall) => SandboxResponse): Route => ({
    method: 'GET',
    path: `${PATH}${path}`,
    handle: api((call) =>
      answer(permissions.mayViewSetup(call.user) ? tooling : nothing, { ...call, base: `${call.base}/tooling` }),
    ),
  });
  return [
    get('/query', (org, call) => query(org, cursors, call)),
    get('/query/', (org, call) => query(org, cursors, call)),
    get('/query/:locator', (_org, call) => runQueryMore(cursors, call)),
    get('/sobjects', (org, call) => list(org, call)),
    get('/sobjects/', (org, call) => list(org, call)),
    get('/sobjects/:object/describe', (org, call) => describe(org, call)),
  ];
}

function query(org: SoqlOrg, cursors: Cursors, call: ApiCall): SandboxResponse {
  return runPrepared(call, cursors, (text) => refuseMany(prepareSoql(org, text)), false);
}

/** `Metadata` and `FullName` are for queries that find one record. */
function refuseMany(prepared: PreparedQuery): PreparedQuery | SandboxResponse {
  if (!prepared.columns.some(({ field }) => field.steps.length === 0 && ONE_AT_A_TIME.has(field.def.name)))
    return prepared;
  const result = prepared.run(false);
  const size = result.kind === 'rows' ? result.rows.length : 0;
  if (size <= 1) return prepared;
  return apiError(
    400,
    'MALFORMED_QUERY',
    `When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: ${size}`,
  );
}

function list(org: SoqlOrg, { base }: ApiCall): SandboxResponse {
  const sobjects = org.schema.objects().map((object) => describeSummary(object, base));
  return json(200, { encoding: 'UTF-8', maxBatchSize: 200, sobjects });
}

function describe(org: SoqlOrg, call: ApiCall): SandboxResponse {
  const object = org.schema.object(call.request.params['object'] ?? '');
  return object === undefined ? notFound() : json(200, describeObject(object, org.schema, call.base, true));
}
