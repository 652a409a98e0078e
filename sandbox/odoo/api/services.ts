import { OdooError } from '../errors.ts';
import type { Org } from '../org.ts';
import { bindPositional } from '../orm/bind.ts';
import { methodOf } from '../orm/methods.ts';
import type { Effects } from '../orm/write.ts';
import { serie, versionInfo } from '../version.ts';
import { run } from './run.ts';
import { authenticated, checkUid, envOf } from './session.ts';

export interface ServiceAnswer {
  readonly result: unknown;
  readonly user: string | null;
}

/**
 * The services behind `/jsonrpc` and `/xmlrpc/2` (odoo/service/common.py and
 * model.py): `common` tells the version and signs in, `object` runs methods.
 */
export function dispatch(
  org: Org,
  service: string,
  method: string,
  args: readonly unknown[],
  effects: Effects,
): ServiceAnswer {
  if (service === 'common') return { result: common(org, method, args), user: null };
  // Hosted servers hide the list of their databases.
  if (service === 'db') throw new OdooError('denied', 'Access Denied');
  if (service !== 'object') throw new OdooError('key', `'${service}'`);
  const [database, givenUid, secret, model, name, ...rest] = args;
  checkDatabase(org, database);
  const uid = checkUid(org, givenUid, secret);
  if (method !== 'execute_kw' && method !== 'execute') {
    throw new OdooError('type', `Method not available ${method}`);
  }
  const positional = method === 'execute_kw' ? list(rest[0] ?? []) : rest;
  const keywords = method === 'execute_kw' ? keyed(rest[1] ?? {}) : {};
  const { context, ...others } = keywords;
  const env = envOf(org, uid, context);
  if (typeof model !== 'string' || org.registry.get(model) === undefined) {
    throw new OdooError('user', `Object ${String(model)} doesn't exist`);
  }
  const called = methodOf(env, model, String(name));
  const { ids, args: bound } = bindPositional(called, `${model}.${String(name)}`, positional, others);
  const result = run(org, called, { env, model, ids, args: bound, effects, door: 'rpc' });
  return { result, user: org.logins().find((each) => each.uid === uid)?.login ?? null };
}

function common(org: Org, method: string, args: readonly unknown[]): unknown {
  switch (method) {
    case 'version':
      return serverVersion(org);
    case 'login':
    case 'authenticate': {
      const [database, login, secret] = args;
      checkDatabase(org, database);
      return authenticated(org, login, secret) ?? false;
    }
    default:
      throw new OdooError('attribute', `Method not found: ${method}`);
  }
}

export function serverVersion(org: Org): Readonly<Record<string, unknown>> {
  return {
    server_version: `${serie(org.version)}+e`,
    server_version_info: versionInfo(org.version),
    server_serie: serie(org.version),
    protocol_version: 1,
  };
}

function checkDatabase(org: Org, database: unknown): void {
  if (database === org.database) return;
  throw new OdooError(
    'database',
    `connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database "${String(database)}" does not exist\n`,
  );
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new OdooError('type', 'execute() argument after * must be an iterable');
}

function keyed(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new OdooError('type', 'execute() argument after ** must be a mapping');
}
