import type { Effect } from '../../kit/index.ts';
import { OdooError } from '../errors.ts';
import type { Checkpoint } from '../rows/table.ts';
import { isStored, type Raw } from '../schema/field.ts';
import { RULES, rulesForCreate, rulesForUnlink, rulesForWrite, type PendingRules } from './automations.ts';
import { converted } from './convert.ts';
import { checkAccess, modelOf, rawOf, seesField, type Env } from './env.ts';
import { withoutLines, type Lines } from './lines.ts';
import { unknownField } from './read.ts';
import { checkRules } from './rules.ts';
import { ACTIONS, checkAction } from './server-actions.ts';

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
  const split = list.map((given) => withoutLines(env, model, given));
  const rows = split.map(({ own }) => withDefaults(env, model, own));
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  const ids = rows.map((row) => env.org.table(model).create(row, by));
  const checkpoint = env.org.table(model).checkpoint(ids, 'absent');
  try {
    checkRules(env, model, ids, 'create');
    if (model === ACTIONS) for (const id of ids) checkAction(env, id);
  } catch (error) {
    // The transaction is rolled back.
    checkpoint.restore();
    throw error;
  }
  effects.push(...ids.map((id) => ({ op: 'create' as const, object: model, id: String(id) })));
  for (const [at, id] of ids.entries()) addLines(env, id, split[at]?.lines ?? [], effects);
  runRules(env, rulesForCreate(env, model, ids), checkpoint);
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
  const { own, lines } = withoutLines(env, model, given);
  const rows = ids.map((id) => values(env, model, own, id));
  const pending = rulesForWrite(env, model, ids, own);
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  const checkpoint = env.org.table(model).checkpoint(ids);
  try {
    for (const [at, id] of ids.entries()) env.org.table(model).update(id, rows[at] ?? new Map(), by);
    if (model === ACTIONS) for (const id of ids) checkAction(env, id);
  } catch (error) {
    checkpoint.restore();
    throw error;
  }
  effects.push(...ids.map((id) => ({ op: 'update' as const, object: model, id: String(id) })));
  for (const id of ids) addLines(env, id, lines, effects);
  runRules(env, pending, checkpoint);
}

/** Before 18 webhooks are called first and the transaction ends afterwards: until then nobody else sees the change. */
function runRules({ org }: Env, pending: PendingRules, checkpoint: Checkpoint): void {
  const called = pending.run();
  if (called > 0 && org.version < 18 && org.commitMs > 0) setTimeout(checkpoint.hide(), org.commitMs).unref();
}

function addLines(env: Env, parent: number, lines: readonly Lines[], effects: Effects): void {
  for (const { relation, relationField, made, linked } of lines) {
    const given = made.map((each) => ({ ...each, [relationField]: parent }));
    if (given.length > 0) create(env, relation, given, effects);
    if (linked.length > 0) write(env, relation, linked, { [relationField]: parent }, effects);
  }
}

export function unlink(env: Env, model: string, ids: readonly number[], effects: Effects): void {
  checkAccess(env, model, 'unlink');
  checkRules(
    env,
    model,
    ids.filter((id) => env.org.table(model).exists(id)),
    'unlink',
  );
  const there = ids.filter((one) => env.org.table(model).exists(one));
  const pending = rulesForUnlink(env, model, there);
  const checkpoint = env.org.table(model).checkpoint(there);
  for (const id of there) {
    // The actions of a rule go with it.
    const actions = model === RULES ? env.org.table(ACTIONS).children('base_automation_id', id) : [];
    if (actions.length > 0) unlink(env, ACTIONS, actions, effects);
    env.org.table(model).remove(id);
    effects.push({ op: 'delete', object: model, id: String(id) });
  }
  runRules(env, pending, checkpoint);
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
