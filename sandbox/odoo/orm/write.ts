import type { Effect } from '../../kit/index.ts';
import { OdooError } from '../errors.ts';
import { isStored, type Raw } from '../schema/field.ts';
import { converted } from './convert.ts';
import { checkAccess, modelOf, rawOf, seesField, type Env } from './env.ts';
import { unknownField } from './read.ts';
import { checkRules } from './rules.ts';

/** What a call changed goes here, for the ledger. */
export type Effects = Effect[];

/** All or none: values are checked before anything is kept. */
export function create(
  env: Env,
  model: string,
  list: readonly Readonly<Record<string, unknown>>[],
  effects: Effects,
): readonly number[] {
  checkAccess(env, model, 'create');
  const rows = list.map((given) => withDefaults(env, model, given));
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  const ids = rows.map((row) => env.org.table(model).create(row, by));
  try {
    checkRules(env, model, ids, 'create');
  } catch (error) {
    // The transaction is rolled back.
    for (const id of ids) env.org.table(model).remove(id);
    throw error;
  }
  effects.push(...ids.map((id) => ({ op: 'create' as const, object: model, id: String(id) })));
  return ids;
}

export function write(
  env: Env,
  model: string,
  ids: readonly number[],
  given: Readonly<Record<string, unknown>>,
  effects: Effects,
): void {
  checkAccess(env, model, 'write');
  checkPresent(env, model, ids);
  checkRules(env, model, ids, 'write');
  const rows = ids.map((id) => values(env, model, given, id));
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  for (const [at, id] of ids.entries()) env.org.table(model).update(id, rows[at] ?? new Map(), by);
  effects.push(...ids.map((id) => ({ op: 'update' as const, object: model, id: String(id) })));
}

export function unlink(env: Env, model: string, ids: readonly number[], effects: Effects): void {
  checkAccess(env, model, 'unlink');
  checkRules(
    env,
    model,
    ids.filter((id) => env.org.table(model).exists(id)),
    'unlink',
  );
  for (const id of ids.filter((one) => env.org.table(model).exists(one))) {
    env.org.table(model).remove(id);
    effects.push({ op: 'delete', object: model, id: String(id) });
  }
}

export function checkPresent(env: Env, model: string, ids: readonly number[]): void {
  const gone = ids.find((id) => !env.org.table(model).exists(id));
  if (gone === undefined) return;
  throw new OdooError(
    'missing',
    `Record does not exist or has been deleted.\n(Record: ${model}(${gone},), User: ${env.user.uid})`,
  );
}

function values(
  env: Env,
  model: string,
  given: Readonly<Record<string, unknown>>,
  id: number | null,
): ReadonlyMap<string, Raw> {
  const row = new Map<string, Raw>();
  for (const [name, value] of Object.entries(given)) {
    const field = env.org.registry.field(model, name);
    if (field === undefined) throw new OdooError('value', unknownField(env, model, name));
    if (!seesField(env, field.groups))
      throw new OdooError('access', `You do not have enough rights to write "${name}"`);
    // The log columns and computed values are the database's own; Odoo passes over them, too.
    if (['id', 'create_uid', 'create_date', 'write_uid', 'write_date'].includes(name) || !isStored(field)) continue;
    const before = id === null ? null : rawOf(env.org, model, id, name);
    const raw = converted(env, model, field, value, before);
    if (raw === null && field.required === true) throw mandatory(env, model, name);
    row.set(name, raw);
  }
  return row;
}

function withDefaults(env: Env, model: string, given: Readonly<Record<string, unknown>>): ReadonlyMap<string, Raw> {
  const row = new Map(values(env, model, given, null));
  for (const field of env.org.registry.fields(model)) {
    if (row.has(field.name)) continue;
    if (field.default !== undefined) row.set(field.name, field.default);
    else if (field.required === true) throw mandatory(env, model, field.name);
  }
  return row;
}

function mandatory(env: Env, model: string, name: string): OdooError {
  const label = env.org.registry.field(model, name)?.string ?? name;
  return new OdooError(
    'validation',
    'The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model ' +
      'requires the record being deleted. If possible, archive it instead.\n\n' +
      `Model: ${modelOf(env, model).name} (${model})\nField: ${label} (${name})\n`,
  );
}
