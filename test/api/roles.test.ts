import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routeRoles } from '../../src/api/route-roles.ts';
import { roleIncludes, roles, type Role } from '../../src/identity/index.ts';
import { startApi, type TestApi } from './fixture.ts';

describe('the roles of operators', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
  });
  afterAll(() => api.stop());

  const routes = (): readonly (readonly [string, string, string])[] =>
    api.routes
      .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'))
      .map(({ method, path }) => [`${method} ${path}`, method, path] as const);

  it('have a line for every address, and no line is for none', async () => {
    const there = new Set(routes().map(([name]) => name));
    expect([...there].filter((name) => routeRoles[name] === undefined)).toEqual([]);
    expect(Object.keys(routeRoles).filter((name) => !there.has(name))).toEqual([]);
    // The document is made apart from the routes: what it tells of has a line, too.
    const document = (await (await fetch(`${api.url}/v1/openapi.json`)).json()) as {
      readonly paths: { readonly [path: string]: object };
    };
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{[^}]+\}/g, '*')}`),
    );
    const known = new Set(Object.keys(routeRoles).map((name) => name.replaceAll(/:[^/]+/g, '*')));
    const open = new Set(['GET /healthz', 'GET /readyz']);
    const isTool = (name: string): boolean => name.startsWith('POST /v1/tools/');
    expect(told.filter((name) => !known.has(name) && !open.has(name) && !isTool(name))).toEqual([]);
  });

  it('decide at every address, before anything of the call is read', async () => {
    let tried = 0;
    for (const [name, method, path] of routes()) {
      const needed = routeRoles[name];
      if (needed === undefined || needed === 'agent' || needed === 'open') continue;
      for (const bearer of [...roles, 'reader', null]) {
        const response = await fetch(`${api.url}${path.replaceAll(/:[^/]+/g, 'x')}?tenant=acme&connection=crm`, {
          method,
          headers: bearer === null ? {} : { authorization: `Bearer ${bearer}` },
        });
        const { code } = (await response.json()) as { readonly code?: string };
        tried += 1;
        const role = roles.find((each) => each === bearer) ?? null;
        if (role === null) {
          // An agent asks for its own connections with the same address.
          if (!(bearer === 'reader' && name === 'GET /v1/connections'))
            expect([name, code]).toEqual([name, 'unauthenticated']);
          continue;
        }
        const refused = code === 'role_required';
        expect([name, role, refused]).toEqual([name, role, !roleIncludes(role, needed)]);
        if (refused) expect(response.status).toBe(403);
        else expect([name, response.status]).not.toEqual([name, 401]);
      }
    }
    expect(tried).toBeGreaterThan(350);
  });

  it('let the product’s backend make sign-in links, and do nothing else', () => {
    const may = Object.entries(routeRoles).filter(([, needed]) => needed === 'backend');
    expect(may.map(([name]) => name)).toEqual(['POST /v1/sign-in-links']);
  });

  it.each<[Role, Role, boolean]>([
    ['viewer', 'viewer', true],
    ['viewer', 'operator', false],
    ['viewer', 'approver', false],
    ['viewer', 'admin', false],
    ['operator', 'viewer', true],
    ['operator', 'operator', true],
    ['operator', 'approver', false],
    ['operator', 'admin', false],
    ['approver', 'viewer', true],
    ['approver', 'operator', false],
    ['approver', 'approver', true],
    ['approver', 'admin', false],
    ['backend', 'viewer', false],
    ['backend', 'operator', false],
    ['backend', 'approver', false],
    ['backend', 'backend', true],
    ['backend', 'admin', false],
    ['viewer', 'backend', false],
    ['operator', 'backend', false],
    ['approver', 'backend', false],
    ['admin', 'backend', true],
    ['admin', 'viewer', true],
    ['admin', 'operator', true],
    ['admin', 'approver', true],
    ['admin', 'admin', true],
  ])('%s may do what needs %s: %s', (role, needed, may) => {
    expect(roleIncludes(role, needed)).toBe(may);
  });
});
