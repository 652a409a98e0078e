import { OdooError } from '../errors.ts';
import { groupKey, GROUP_ROWS } from '../security/groups.ts';
import type { Operation } from '../schema/model.ts';
import type { OdooVersion } from '../version.ts';
import { activeField, checkAccess, displayName, hasAccess, type Env } from './env.ts';
import { fieldsGet } from './fields-get.ts';
import { groups, legacyGroups } from './read-group.ts';
import { read } from './read.ts';
import { checkRules } from './rules.ts';
import { search } from './search.ts';
import { checkPresent, create, unlink, write, type Effects } from './write.ts';

export interface Call {
  readonly env: Env;
  readonly model: string;
  readonly ids: readonly number[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly effects: Effects;
  /** JSON-2 gives the ids of records where RPC gives one id. */
  readonly door: 'json2' | 'rpc';
}

export interface Method {
  /** Parameters in their order, after the ids. */
  readonly params: readonly string[];
  readonly required: number;
  /** Called on the model, without ids (`@api.model`). */
  readonly onModel: boolean;
  /** Only on this model. */
  readonly only?: string;
  readonly from?: OdooVersion;
  readonly until?: OdooVersion;
  run(call: Call): unknown;
}

const onModel = (params: string, required: number, run: Method['run'], more: Partial<Method> = {}): Method => ({
  params: params.split(' ').filter((name) => name !== ''),
  required,
  onModel: true,
  run,
  ...more,
});
const onRecords = (params: string, required: number, run: Method['run'], more: Partial<Method> = {}): Method => ({
  ...onModel(params, required, run, more),
  onModel: false,
});

/** Public methods by name, each release's form of them. Names and parameters are those of odoo/orm/models.py. */
const METHODS: Readonly<Record<string, readonly Method[]>> = {
  search: [onModel('domain offset limit order', 1, (call) => found(call))],
  search_count: [
    onModel('domain limit', 1, (call) => found(call).length, { from: 17 }),
    onModel('args', 1, ({ args, ...call }) => found({ ...call, args: { domain: args['args'] } }).length, { until: 14 }),
  ],
  search_read: [
    onModel('domain fields offset limit order load', 0, (call) => {
      const { env, model, args } = call;
      return read(env, model, found(call), names(args['fields']), args['load'] ?? '_classic_read');
    }),
  ],
  read: [
    onRecords('fields load', 0, ({ env, model, ids, args }) =>
      read(env, model, ids, names(args['fields']), 'load' in args ? args['load'] : '_classic_read'),
    ),
  ],
  fields_get: [
    onModel('allfields attributes', 0, ({ env, model, args }) =>
      fieldsGet(env, model, names(args['allfields']), names(args['attributes'])),
    ),
  ],
  name_search: [
    onModel('name domain operator limit', 0, (call) => nameSearch(call, call.args['domain']), { from: 19 }),
    onModel('name args operator limit', 0, (call) => nameSearch(call, call.args['args']), { until: 17 }),
  ],
  name_get: [
    onRecords(
      '',
      0,
      ({ env, model, ids }) => {
        checkAccess(env, model, 'read');
        checkPresent(env, model, ids);
        return ids.map((id) => [id, displayName(env.org, model, id)]);
      },
      { until: 17 },
    ),
  ],
  check_access_rights: [
    onModel(
      'operation raise_exception',
      1,
      ({ env, model, args }) => {
        if (args['raise_exception'] !== false) checkAccess(env, model, args['operation'] as Operation);
        return hasAccess(env, model, args['operation'] as Operation);
      },
      { until: 17 },
    ),
  ],
  check_access_rule: [onRecords('operation', 1, (call) => checkRecords(call), { until: 17 })],
  check_access: [onRecords('operation', 1, (call) => checkRecords(call), { from: 19 })],
  has_access: [onRecords('operation', 1, (call) => passes(() => checkRecords(call)), { from: 19 })],
  has_group: [
    onModel('group_ext_id', 1, ({ env, args }) => hasGroup(env, args['group_ext_id']), {
      only: 'res.users',
      until: 17,
    }),
    onRecords('group_ext_id', 1, ({ env, args }) => hasGroup(env, args['group_ext_id']), {
      only: 'res.users',
      from: 19,
    }),
  ],
  read_group: [
    onModel('domain fields groupby offset limit orderby lazy', 3, ({ env, model, args }) => {
      const groupby = typeof args['groupby'] === 'string' ? [args['groupby']] : (names(args['groupby']) ?? []);
      const fields = names(args['fields']) ?? [];
      return sliced(
        args,
        legacyGroups(env, model, { domain: args['domain'], fields, groupby, lazy: args['lazy'] !== false }),
      );
    }),
  ],
  formatted_read_group: [
    onModel(
      'domain groupby aggregates having offset limit order',
      1,
      ({ env, model, args }) => {
        const [groupby, aggregates] = [names(args['groupby']) ?? [], names(args['aggregates']) ?? []];
        const rows = groups(env, model, { domain: args['domain'], groupby, aggregates });
        return sliced(args, rows).map(({ keys, values, domain }) => ({ ...keys, ...values, __extra_domain: domain }));
      },
      { from: 19 },
    ),
  ],
  context_get: [
    onModel('', 0, ({ env }) => ({ lang: 'en_US', tz: 'Europe/Rome', uid: env.user.uid }), { only: 'res.users' }),
  ],
  create: [
    onModel('vals_list', 1, ({ env, model, args, effects, door }) => {
      const given = args['vals_list'];
      const ids = create(env, model, records(given), effects);
      return Array.isArray(given) || door === 'json2' ? ids : ids[0];
    }),
  ],
  write: [
    onRecords('vals', 1, ({ env, model, ids, args, effects }) => {
      write(env, model, ids, records(args['vals'])[0] ?? {}, effects);
      return true;
    }),
  ],
  unlink: [
    onRecords('', 0, ({ env, model, ids, effects }) => {
      unlink(env, model, ids, effects);
      return true;
    }),
  ],
  action_archive: [onRecords('', 0, (call) => setActive(call, false))],
  action_unarchive: [onRecords('', 0, (call) => setActive(call, true))],
};

/** Throws as `odoo.service.model.get_public_method` does on what is private or does not exist. */
export function methodOf(env: Env, model: string, name: string): Method {
  if (name.startsWith('_') || name === 'init') {
    throw new OdooError('access', `Private methods (such as '${model}.${name}') cannot be called remotely.`);
  }
  const { version } = env.org;
  const method = METHODS[name]?.find(
    (each) =>
      version >= (each.from ?? 0) &&
      version <= (each.until ?? version) &&
      (each.only === undefined || each.only === model),
  );
  if (method !== undefined) return method;
  const message =
    version >= 19 ? `The method '${model}.${name}' does not exist` : `'${model}' object has no attribute '${name}'`;
  throw new OdooError('attribute', message);
}

function found({ env, model, args }: Pick<Call, 'env' | 'model' | 'args'>): readonly number[] {
  const { offset, limit, order } = args;
  return search(env, model, args['domain'], {
    ...(typeof offset === 'number' ? { offset } : {}),
    ...(typeof limit === 'number' ? { limit } : {}),
    ...(typeof order === 'string' && order !== '' ? { order } : {}),
  });
}

function nameSearch({ env, model, args }: Call, domain: unknown): readonly (readonly [number, string])[] {
  const limit = typeof args['limit'] === 'number' ? args['limit'] : 100;
  const recName = env.org.registry.get(model)?.recName ?? 'id';
  const name = args['name'] ?? '';
  const named = name === '' ? [] : [[recName, args['operator'] ?? 'ilike', name]];
  const ids = search(env, model, [...named, ...(Array.isArray(domain) ? (domain as unknown[]) : [])], { limit });
  return ids.map((id) => [id, displayName(env.org, model, id)]);
}

/** Throws unless the user may do it with the model and with each of these records. */
function checkRecords({ env, model, ids, args }: Call): void {
  const operation = args['operation'] as Operation;
  checkAccess(env, model, operation);
  checkRules(env, model, ids, operation);
}

function passes(check: () => void): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof OdooError && error.kind === 'access') return false;
    throw error;
  }
}

function hasGroup(env: Env, name: unknown): boolean {
  const known = GROUP_ROWS.findIndex(({ xmlId }) => xmlId === name);
  return known >= 0 && env.user.groups.has(groupKey(known + 1));
}

function sliced<T>(args: Call['args'], rows: readonly T[]): readonly T[] {
  const offset = typeof args['offset'] === 'number' ? args['offset'] : 0;
  const limit = typeof args['limit'] === 'number' ? args['limit'] : Number.POSITIVE_INFINITY;
  return rows.slice(offset, offset + limit);
}

function setActive({ env, model, ids, effects }: Call, active: boolean): boolean {
  const flag = activeField(env.org, model);
  if (flag !== null) write(env, model, ids, { [flag]: active }, effects);
  return true;
}

function names(value: unknown): readonly string[] | null {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : null;
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((one) => {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) return one as Record<string, unknown>;
    throw new OdooError('type', `values must be a dictionary, not ${JSON.stringify(one)}`);
  });
}
