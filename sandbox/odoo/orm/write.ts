import type { Effect, WriteOp } from '../../kit/index.ts';
import { OdooError } from '../errors.ts';
import type { Checkpoint } from '../rows/table.ts';
import { isStored, type Raw } from '../schema/field.ts';
import { RULES, rulesForCreate, rulesForUnlink, rulesForWrite, type Act, type PendingRules } from './automations.ts';
import { checkRecords, checkRemoval } from './checks.ts';
import { converted } from './convert.ts';
import { checkAccess, modelOf, rawOf, seesField, superuser, type Env } from './env.ts';
import { checkInjected } from './injected.ts';
import { withoutLines, type Lines } from './lines.ts';
import { createFields, FIELDS } from './new-fields.ts';
import { dependantsOf } from './pointing.ts';
import { fieldDenied, unknownField } from './read.ts';
import { checkRules } from './rules.ts';
import { ACTIONS, checkAction } from './server-actions.ts';

/** What a call changed goes here, for the ledger. */
export type Effects = Effect[];

type Given = Readonly<Record<string, unknown>>;

/** All or none: whoever calls opens a transaction, which takes back what was written before something was refused. */
export function create(env: Env, model: string, list: readonly Given[], effects: Effects): readonly number[] {
  if (model === FIELDS) return createFields(env, list, effects);
  checkAccess(env, model, 'create');
  checkInjected(
    env,
    model,
    'create',
    list.map(() => null),
  );
  const split = list.map((given) => withoutLines(env, model, given));
  const rows = split.map(({ own }) => withDefaults(env, model, own));
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  const ids = rows.map((row) => env.org.table(model).create(row, by));
  const checkpoint = env.org.table(model).checkpoint(ids, 'absent');
  checkRules(env, model, ids, 'create');
  checkRecords(env, model, ids);
  if (model === ACTIONS) for (const id of ids) checkAction(env, id);
  effects.push(...ids.map((id, at) => effectOf(env, 'create', model, id, list[at] ?? {})));
  for (const [at, id] of ids.entries()) writeLines(env, id, split[at]?.lines ?? [], effects);
  runRules(env, rulesForCreate(env, model, ids, acting(env, model, effects)), checkpoint);
  return ids;
}

export function write(env: Env, model: string, ids: readonly number[], given: Given, effects: Effects): void {
  checkAccess(env, model, 'write');
  checkPresent(env, model, ids);
  checkRules(env, model, ids, 'write');
  checkInjected(env, model, 'update', ids);
  const { own, lines } = withoutLines(env, model, given);
  const rows = ids.map((id) => values(env, model, own, id));
  const pending = rulesForWrite(env, model, ids, own, acting(env, model, effects));
  const by = { us: env.org.nowUs(), uid: env.user.uid };
  const checkpoint = env.org.table(model).checkpoint(ids);
  for (const [at, id] of ids.entries()) env.org.table(model).update(id, rows[at] ?? new Map(), by);
  checkRecords(env, model, ids);
  if (model === ACTIONS) for (const id of ids) checkAction(env, id);
  effects.push(...ids.map((id) => effectOf(env, 'update', model, id, given)));
  for (const id of ids) writeLines(env, id, lines, effects);
  runRules(env, pending, checkpoint);
}

/** What actions write, they write as the superuser, and each once per record in a chain of rules. */
function acting(env: Env, model: string, effects: Effects): Act {
  return (id, action) => {
    const key = `${action.id} ${model} ${id}`;
    if (env.done?.has(key) === true) return;
    const done = new Set([...(env.done ?? []), key]);
    write({ ...superuser(env), cause: action.cause, done }, model, [id], action.values, effects);
  };
}

/** Before 18 webhooks are called first and the transaction ends afterwards: until then nobody else sees the change. */
function runRules({ org }: Env, pending: PendingRules, checkpoint: Checkpoint): void {
  const called = pending.run();
  if (called > 0 && org.version < 18 && org.commitMs > 0) setTimeout(checkpoint.hide(), org.commitMs).unref();
}

function writeLines(env: Env, parent: number, lines: readonly Lines[], effects: Effects): void {
  for (const { relation, relationField, made, changed, removed, linked } of lines) {
    const given = made.map((each) => ({ ...each, [relationField]: parent }));
    if (given.length > 0) create(env, relation, given, effects);
    for (const [id, each] of changed) write(env, relation, [id], each, effects);
    if (removed.length > 0) unlink(env, relation, removed, effects);
    if (linked.length > 0) write(env, relation, linked, { [relationField]: parent }, effects);
  }
}

export function unlink(env: Env, model: string, ids: readonly number[], effects: Effects): void {
  checkAccess(env, model, 'unlink');
  const there = ids.filter((one) => env.org.table(model).exists(one));
  checkRules(env, model, there, 'unlink');
  checkInjected(env, model, 'delete', there);
  // The control API takes single records away, whatever points at them.
  if (!env.sudo) checkRemoval(env, model, there);
  const dependants = env.sudo ? [] : dependantsOf(env, model, there);
  const pending = rulesForUnlink(env, model, there);
  const checkpoint = env.org.table(model).checkpoint(there);
  for (const id of there) {
    // The actions of a rule go with it.
    const actions = model === RULES ? env.org.table(ACTIONS).children('base_automation_id', id) : [];
    if (actions.length > 0) unlink(env, ACTIONS, actions, effects);
    env.org.table(model).remove(id);
    effects.push(effectOf(env, 'delete', model, id, null));
  }
  for (const each of dependants) {
    for (const id of each.ids) env.org.table(each.model).remove(id);
    const cause = `ondelete of ${model}`;
    effects.push(...each.ids.map((id) => ({ op: 'delete' as const, object: each.model, id: String(id), cause })));
  }
  runRules(env, pending, checkpoint);
}

/** Fields in whose values programs keep their own keys. */
const MARKERS = ['x_gantry_key', 'x_external_id', 'x_studio_external_id'];

function effectOf(env: Env, op: WriteOp, model: string, id: number, given: Given | null): Effect {
  const marker = MARKERS.map((name) => given?.[name]).find((value) => typeof value === 'string');
  const { cause } = env;
  return {
    op,
    object: model,
    id: String(id),
    ...(given === null ? {} : { fields: given }),
    ...(typeof marker === 'string' ? { marker } : {}),
    ...(cause === undefined ? {} : { cause }),
  };
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
    if (!seesField(env, field.groups)) throw fieldDenied(env, model, field, 'write');
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
