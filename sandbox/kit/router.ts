import type { Handler, SandboxRequest, SandboxResponse } from './http.ts';

/** `path` has `:name` segments; a last segment `*` takes the rest as `params.rest`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly handle: Handler;
}

interface Compiled {
  readonly route: Route;
  readonly segments: readonly string[];
}

/** Routes are tried in order; `fallback` answers what no route matches. */
export function createRouter(routes: readonly Route[], fallback: Handler): Handler {
  const compiled: readonly Compiled[] = routes.map((route) => ({ route, segments: route.path.split('/') }));
  return (request: SandboxRequest): SandboxResponse | Promise<SandboxResponse> => {
    const segments = request.path.split('/');
    for (const { route, segments: pattern } of compiled) {
      if (route.method !== request.method && !(request.method === 'HEAD' && route.method === 'GET')) continue;
      const params = matchSegments(pattern, segments);
      if (params !== null) return route.handle({ ...request, params });
    }
    return fallback(request);
  };
}

function matchSegments(pattern: readonly string[], actual: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [at, wanted] of pattern.entries()) {
    if (wanted === '*') {
      params['rest'] = actual.slice(at).join('/');
      return params;
    }
    const given = actual[at];
    if (given === undefined) return null;
    if (wanted.startsWith(':')) {
      if (given === '') return null;
      params[wanted.slice(1)] = given;
    } else if (wanted !== given) return null;
  }
  return actual.length === pattern.length ? params : null;
}
