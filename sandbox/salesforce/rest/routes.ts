import {
  json,
  type Handler,
  type Route,
  type SandboxRequest,
  type SandboxResponse,
  type TokenStore,
} from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { createCursors } from './cursors.ts';
import { apiError } from './errors.ts';
import type { Limits } from './limits.ts';
import { runQuery, runQueryMore } from './query.ts';
import { createApi, VERSIONS, type ApiCall } from './session.ts';
import { describe, describeGlobal, objectInfo, retrieve } from './sobjects.ts';

const ROOT = '/services/data';

/** The data API, read side. */
export function restRoutes(org: Org, tokens: TokenStore, limits: Limits): readonly Route[] {
  const api = createApi(tokens, limits);
  const cursors = createCursors();
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
    get('/limits', () => limitsAnswer(limits)),
    get('/sobjects', (call) => describeGlobal(org, call)),
    get('/sobjects/', (call) => describeGlobal(org, call)),
    get('/sobjects/:object', (call) => objectInfo(org, call)),
    get('/sobjects/:object/describe', (call) => describe(org, call)),
    get('/sobjects/:object/:id', (call) => retrieve(org, call)),
    get('/query', (call) => runQuery(org, cursors, call, false)),
    get('/query/', (call) => runQuery(org, cursors, call, false)),
    get('/queryAll', (call) => runQuery(org, cursors, call, true)),
    get('/queryAll/', (call) => runQuery(org, cursors, call, true)),
    get('/query/:locator', (call) => runQueryMore(cursors, call)),
    get('/queryAll/:locator', (call) => runQueryMore(cursors, call)),
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
    limits: `${base}/limits`,
    query: `${base}/query`,
    queryAll: `${base}/queryAll`,
    sobjects: `${base}/sobjects`,
  });
}

function limitsAnswer(limits: Limits): SandboxResponse {
  const max = limits.settings.dailyApiRequests;
  return json(200, { DailyApiRequests: { Max: max, Remaining: Math.max(0, max - limits.used()) } });
}

function notAllowed({ request }: { readonly request: SandboxRequest }): SandboxResponse {
  return apiError(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed. Allowed are GET,HEAD`);
}
