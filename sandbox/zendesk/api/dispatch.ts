import {
  bearerToken,
  type Handler,
  type SandboxRequest,
  type SandboxResponse,
  type TokenStore,
} from '../../kit/index.ts';
import { viewerOf, type Viewer } from '../access/viewer.ts';
import type { Account } from '../account.ts';
import { createBudget, type BudgetState } from '../limits.ts';
import { wholeNumber, type ApiRoute, type Call } from './context.ts';
import { forbidden, invalidEndpoint, invalidToken, missingScope, notAuthenticated, tooManyRequests } from './errors.ts';
import { anonymous } from './identity.ts';
import { API_ROUTES } from './routes.ts';

type Headers = Readonly<Record<string, string>>;

/** Who is calling, may they, is there budget left, and then the endpoint. Expects the path's rest as `params.rest`. */
export function createApi(account: Account, tokens: TokenStore): Handler {
  const overall = createBudget(account.clock);
  const incremental = createBudget(account.clock);
  const deepPages = createBudget(account.clock);

  return async (request) => {
    const path = (request.params['rest'] ?? '').replace(/\.json$/, '');
    const token = bearerToken(request);
    if (token === null) return path === 'users/me' ? anonymous() : notAuthenticated();
    const check = tokens.check(token);
    const viewer = check.kind === 'valid' ? viewerOf(account, Number(check.grant.user.id)) : null;
    if (check.kind !== 'valid' || viewer === null) return invalidToken();
    const user = check.grant.user.username;
    const caller: Viewer = viewer;

    const budget = overall.take(account.limits.perMinute);
    const headers = overallHeaders(budget);
    const finish = (response: SandboxResponse, extra: Headers = {}): SandboxResponse => ({
      ...response,
      headers: { ...response.headers, ...headers, ...extra },
      user,
    });
    if (!budget.allowed) return finish(tooManyRequests('APIRateLimitExceeded', 'API', budget.resetS));

    const match = findRoute(request.method, path);
    if (match === null) return finish(invalidEndpoint());
    const refused = refusal(match.route, check.grant.scope, viewer.role);
    if (refused !== null) return finish(refused);

    const special = specialBudget(match.route, request, path);
    if (special !== null) {
      const { name, what } = special;
      const state =
        name === 'incremental-exports'
          ? incremental.take(account.limits.incrementalPerMinute)
          : deepPages.take(account.limits.deepPagesPerMinute);
      const extra = { [`zendesk-ratelimit-${name}`]: stateText(state) };
      if (!state.allowed) return finish(tooManyRequests('TooManyRequests', what, state.resetS), extra);
      return finish(await match.route.handle(callOf(match.params, check.grant)), extra);
    }
    return finish(await match.route.handle(callOf(match.params, check.grant)));

    function callOf(params: readonly string[], grant: Call['grant']): Call {
      return { account, request, tokens, grant, viewer: caller, params };
    }
  };
}

function findRoute(method: string, path: string): { route: ApiRoute; params: readonly string[] } | null {
  for (const route of API_ROUTES) {
    if (route.method !== method) continue;
    const match = route.pattern.exec(path);
    if (match !== null) return { route, params: match.slice(1) };
  }
  return null;
}

/** A token with a scope that does not exist is issued all the same, and then good for nothing. */
function refusal(route: ApiRoute, scope: string, role: Viewer['role']): SandboxResponse | null {
  const scopes = scope.split(/\s+/);
  const needed = route.method === 'GET' ? 'read' : 'write';
  const narrow = route.resource === undefined ? null : `${route.resource}:${needed}`;
  if (route.anyScope !== true && !scopes.includes(needed) && !(narrow !== null && scopes.includes(narrow)))
    return missingScope(needed);
  if (role === 'end-user' && route.forEndUsers !== true) return forbidden();
  return route.adminsOnly === true && role !== 'admin' ? forbidden() : null;
}

/** Endpoints with a budget of their own. Source: Zendesk, "Rate limits", endpoint rate limits. */
function specialBudget(
  route: ApiRoute,
  request: SandboxRequest,
  path: string,
): { readonly name: string; readonly what: string } | null {
  if (route.incremental === true) return { name: 'incremental-exports', what: 'incremental export API' };
  const page = wholeNumber(request.query, 'page', 1) ?? 1;
  if (path === 'tickets' && page > 500)
    return { name: 'tickets-index-deep-pagination', what: 'deep ticket pagination API' };
  return null;
}

function overallHeaders({ total, remaining, resetS }: BudgetState): Headers {
  return {
    'x-rate-limit': String(total),
    'x-rate-limit-remaining': String(remaining),
    'ratelimit-limit': String(total),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetS),
  };
}

function stateText({ total, remaining, resetS }: BudgetState): string {
  return `total=${total}; remaining=${remaining}; resets=${resetS}`;
}
