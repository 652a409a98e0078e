import type { Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import { roleIncludes, type Role } from '../identity/index.ts';
import { bearerOf, fromOf, GantryError, type RequestFrom } from '../kernel/index.ts';
import type { Operator } from './ports.ts';
import { routeRoles } from './route-roles.ts';

/**
 * Refuses an operator whose role does not reach, before anything else is read.
 * Whoever is no operator passes on: the address itself refuses them, or knows
 * them as an agent. Raises `role_required`.
 */
export async function enforceRole(
  context: Context,
  findOperator: (bearer: string, from: RequestFrom) => Promise<Operator | null>,
): Promise<void> {
  const route = routeOf(context);
  // Nothing answers there.
  if (route === undefined) return;
  const needed = routeRoles[route];
  if (needed === undefined) throw new Error(`${route} has no line in route-roles.ts`);
  if (needed === 'agent' || needed === 'open') return;
  const bearer = bearerOf(context.req.raw);
  const operator = bearer === null ? null : await findOperator(bearer, fromOf(context.req.raw));
  if (operator === null || roleIncludes(roleOf(operator), needed)) return;
  throw new GantryError('role_required', {
    message: `${operator.name} is ${operator.role ?? 'admin'}; this needs ${needed}.`,
    where: route,
    data: { role: needed },
  });
}

/** The one key of the installation, where operators have no names of their own, may do everything. */
const roleOf = ({ role }: Operator): Role => role ?? 'admin';

/** `GET /v1/audit`; undefined: nothing answers there. */
function routeOf(context: Context): string | undefined {
  const route = matchedRoutes(context).find(({ method }) => method !== 'ALL');
  return route === undefined ? undefined : `${route.method} ${route.path}`;
}

/** Whether what answers there is for operators. */
export function isForOperators(context: Context): boolean {
  const needed = routeRoles[routeOf(context) ?? ''];
  return needed !== undefined && needed !== 'agent' && needed !== 'open';
}
