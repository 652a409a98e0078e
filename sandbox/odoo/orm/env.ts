import { OdooError } from '../errors.ts';
import type { Org } from '../org.ts';
import type { Raw } from '../schema/field.ts';
import type { ModelDef, Operation } from '../schema/model.ts';
import { GROUP_ROWS } from '../security/groups.ts';
import type { Login } from '../security/logins.ts';

/** A call's surroundings: the database, who asks, and the context that came along. */
export interface Env {
  readonly org: Org;
  readonly user: Login;
  /** The superuser, whom no right binds. */
  readonly sudo: boolean;
  readonly context: Readonly<Record<string, unknown>>;
  /** The automation that acts, where it is not the caller. */
  readonly cause?: string;
  /** Actions that ran in this chain already, with their records. */
  readonly done?: ReadonlySet<string>;
}

/** Sees every record and field. */
export function superuser(env: Env): Env {
  return { ...env, sudo: true };
}

export function modelOf(env: Env, model: string): ModelDef {
  const def = env.org.registry.get(model);
  if (def === undefined) throw new OdooError('key', `'${model}'`);
  return def;
}

/** The value that the database holds or a computed field gives, whoever asks. */
export function rawOf(org: Org, model: string, id: number, name: string): Raw {
  const field = org.registry.field(model, name);
  if (field === undefined) return null;
  if (name === 'display_name') return displayName(org, model, id);
  if (field.related !== undefined) return followed(org, model, id, field.related.split('.'));
  const stored = org.table(model).stored(id, name);
  if (stored !== undefined) return stored;
  if (field.compute !== undefined) {
    return field.compute(
      (other) => rawOf(org, model, id, other),
      (otherModel, otherId, other) => rawOf(org, otherModel, otherId, other),
    );
  }
  if (field.type === 'one2many') return inverse(org, field.relation ?? '', field.relationField ?? '', id);
  return field.type === 'many2many' ? [] : null;
}

function followed(org: Org, model: string, id: number, path: readonly string[]): Raw {
  const [first = '', ...rest] = path;
  const value = rawOf(org, model, id, first);
  if (rest.length === 0) return value;
  const relation = org.registry.field(model, first)?.relation;
  return typeof value === 'number' && relation !== undefined ? followed(org, relation, value, rest) : null;
}

/** Live and not archived records whose many2one points here. */
function inverse(org: Org, relation: string, relationField: string, id: number): readonly number[] {
  const table = org.table(relation);
  const found = table.children(relationField, id);
  const flag = activeField(org, relation);
  return flag === null ? found : found.filter((other) => rawOf(org, relation, other, flag) !== false);
}

/** The field that archives a record, if the model has one. */
export function activeField(org: Org, model: string): string | null {
  return ['active', 'x_active'].find((name) => org.registry.field(model, name) !== undefined) ?? null;
}

/** What many2one fields show of a record. */
export function displayName(org: Org, model: string, id: number): string {
  if (model === 'res.partner') {
    const parent = rawOf(org, model, id, 'parent_id');
    const name = String(rawOf(org, model, id, 'name') ?? '');
    const ofCompany = typeof parent === 'number' && rawOf(org, model, id, 'is_company') !== true;
    return ofCompany ? `${String(rawOf(org, model, parent, 'name') ?? '')}, ${name}` : name;
  }
  const { recName } = org.registry.get(model) ?? { recName: null };
  const named = recName === null ? null : rawOf(org, model, id, recName);
  return named === null || named === '' ? `${model},${id}` : String(named);
}

export function hasAccess(env: Env, model: string, operation: Operation): boolean {
  modelOf(env, model);
  if (env.sudo) return true;
  const { everybody, groups } = env.org.rights.allowed(model, operation);
  return everybody || groups.some((group) => env.user.groups.has(group));
}

const VERBS = { read: 'access', write: 'modify', create: 'create', unlink: 'delete' } as const;

/** Throws an AccessError that names the groups which may (odoo/addons/base/models/ir_model.py). */
export function checkAccess(env: Env, model: string, operation: Operation): void {
  if (hasAccess(env, model, operation)) return;
  const def = modelOf(env, model);
  const { groups } = env.org.rights.allowed(model, operation);
  const allowed =
    groups.length === 0
      ? 'No group currently allows this operation.'
      : `This operation is allowed for the following groups:\n${groups.map((group) => `\t- ${groupName(env, group)}`).join('\n')}`;
  throw new OdooError(
    'access',
    `You are not allowed to ${VERBS[operation]} '${def.name}' (${model}) records.\n\n${allowed}\n\n` +
      'Contact your administrator to request access if necessary.',
  );
}

/** As people read it: category and name. */
function groupName({ org }: Env, key: string): string {
  const known = GROUP_ROWS.find(({ xmlId }) => xmlId === key)?.name.replace(' / ', '/');
  return known ?? String(rawOf(org, 'res.groups', Number(key.split(',')[1]), 'name') ?? key);
}

/** Whether a user may know of a field at all. */
export function seesField(env: Env, groups: readonly string[] | undefined): boolean {
  return env.sudo || groups === undefined || groups.some((group) => env.user.groups.has(group));
}
