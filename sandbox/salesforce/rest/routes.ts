import {
  json,
  type Handler,
  type Route,
  type SandboxRequest,
  type SandboxResponse,
  type TokenStore,
} from '../../kit/index.ts';
import type { QueryJobs } from '../bulk/jobs.ts';
import type { IngestJobs } from '../bulk/ingest-jobs.ts';
import { ingestRoutes } from '../bulk/ingest-routes.ts';
import { bulkRoutes } from '../bulk/routes.ts';
import type { Org } from '../org.ts';
import type { Saver } from '../writes/saver.ts';
import { collectionRoutes } from './collections.ts';
import { recordRoutes } from './records.ts';
import { setupWriteRoutes } from './setup-writes.ts';
import { seenBy } from './seen.ts';
import { createCursors } from './cursors.ts';
import { apiError } from './errors.ts';
import type { Limits } from './limits.ts';
import { runQuery, runQueryMore } from './query.ts';
import { createApi, VERSIONS, type ApiCall } from './session.ts';
import { describe, describeGlobal, objectInfo, retrieve } from './sobjects.ts';
import { toolingRoutes } from './tooling.ts';
import { uiApiRoutes } from './ui-api.ts';

const ROOT = '/services/data';

export interface RestParts {
  readonly tokens: TokenStore;
  readonly limits: Limits;
  readonly jobs: QueryJobs;
  readonly ingest: IngestJobs;
  readonly saver: Saver;
}

/** The data API with bulk queries, the Tooling API and what the UI API says of objects. */
export function restRoutes(org: Org, parts: RestParts): readonly Route[] {
  const { tokens, limits, jobs, ingest, saver } = parts;
  const api = createApi(tokens, limits);
  const cursors = createCursors();
  /** The org as the caller may see it. */
  const seen = ({ user }: ApiCall): Org => seenBy(org, user);
  const get = (path: string, handle: (call: ApiCall) => SandboxResponse): Route => ({
    method: 'GET',
    path: `${ROOT}/:version${path}`,
    handle: api(handle),
  });
  return [
    { method: 'GET', path: ROOT, handle: versions },
    { method: 'GET', path: `${ROOT}/`, handle: versions },
    get('', resources),
    get('/', resources),
    get('/limits', () => limitsAnswer(limits, jobs)),
    get('/limits/', () => limitsAnswer(limits, jobs)),
    get('/limits/recordCount', (call) => recordCount(seen(call), call)),
    get('/sobjects', (call) => describeGlobal(seen(call), call)),
    get('/sobjects/', (call) => describeGlobal(seen(call), call)),
    get('/sobjects/:object', (call) => objectInfo(seen(call), call)),
    get('/sobjects/:object/describe', (call) => describe(seen(call), call)),
    get('/sobjects/:object/:id', (call) => retrieve(seen(call), call)),
    get('/query', (call) => runQuery(seen(call), cursors, call, false)),
    get('/query/', (call) => runQuery(seen(call), cursors, call, false)),
    get('/queryAll', (call) => runQuery(seen(call), cursors, call, true)),
    get('/queryAll/', (call) => runQuery(seen(call), cursors, call, true)),
    get('/query/:locator', (call) => runQueryMore(cursors, call)),
    get('/queryAll/:locator', (call) => runQueryMore(cursors, call)),
    ...setupWriteRoutes(org.customFields, api, org.sharing.rights),
    ...recordRoutes(seen, api, saver),
    ...collectionRoutes(seen, api, saver),
    ...bulkRoutes(seen, api, jobs, limits),
    ...ingestRoutes(seen, api, ingest),
    ...toolingRoutes(org.tooling, api, cursors, org.sharing.rights),
    ...uiApiRoutes(seen, api),
    ...(['POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method): Route => ({
      method,
      path: `${ROOT}/:version/*`,
      handle: api(notAllowed),
    })),
  ];
}

const versions: Handler = () =>
  json(
    200,
    VERSIONS.map(({ label, version }) => ({ label, url: `${ROOT}/v${version}`, version })),
  );

function resources({ base }: ApiCall): SandboxResponse {
  return json(200, {
    composite: `${base}/composite`,
    jobs: `${base}/jobs`,
    limits: `${base}/limits`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    sobjects: `${base}/sobjects`,
    tooling: `${base}/tooling`,
    'ui-api': `${base}/ui-api`,
  });
}

function limitsAnswer(limits: Limits, jobs: QueryJobs): SandboxResponse {
  const { dailyApiRequests, dailyBulkQueryJobs } = limits.settings;
  const limit = (max: number, used: number): unknown => ({ Max: max, Remaining: Math.max(0, max - used) });
  return json(200, {
    DailyApiRequests: limit(dailyApiRequests, limits.used()),
    DailyBulkV2QueryJobs: limit(dailyBulkQueryJobs, jobs.startedToday()),
  });
}

/** `GET /limits/recordCount?sObjects=A,B`: live records of objects that hold any, all of them unless some are named. */
function recordCount(org: Org, call: ApiCall): SandboxResponse {
  const named = call.request.query.get('sObjects')?.split(',') ?? org.schema.objects().map((object) => object.name);
  const objects = named.flatMap((name) => org.schema.object(name.trim()) ?? []).filter((object) => object.queryable);
  const counts = objects.map(({ name }) => ({ count: countShown(org, name), name }));
  return json(200, { sObjects: counts.filter(({ count }) => count > 0) });
}

/** Live records that the caller is shown. */
function countShown(org: Org, name: string): number {
  const table = org.table(name);
  const visible = org.visible?.(name) ?? null;
  if (visible === null) return table.liveCount();
  let count = 0;
  for (let row = 0; row < table.rowCount(); row += 1) if (!table.isDeleted(row) && visible(row)) count += 1;
  return count;
}

function notAllowed({ request }: { readonly request: SandboxRequest }): SandboxResponse {
  return apiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed. Allowed are GET,HEAD`);
}
