import { OdooError } from '../errors.ts';
import { isX2many, type FieldDef, type Raw } from '../schema/field.ts';
import { checkAccess, displayName, modelOf, rawOf, seesField, type Env } from './env.ts';
import { ruleTest, type Test } from './match.ts';
import { checkRules } from './rules.ts';
import { writeTime } from './time.ts';

export type Values = Readonly<Record<string, unknown>>;

/**
 * The records' values as the API writes them: false for what is empty, ids for
 * x2many, `[id, name]` for many2one unless `load` says otherwise. Throws on
 * fields, records and models that are missing or hidden.
 */
export function read(
  env: Env,
  model: string,
  ids: readonly number[],
  names: readonly string[] | null,
  load: unknown = '_classic_read',
): readonly Values[] {
  checkAccess(env, model, 'read');
  const fields = readable(env, model, names);
  const table = env.org.table(model);
  const gone = ids.find((id) => !table.exists(id));
  if (gone !== undefined) {
    throw new OdooError(
      'missing',
      `Record does not exist or has been deleted.\n(Record: ${model}(${gone},), User: ${env.user.uid})`,
    );
  }
  checkRules(env, model, ids, 'read');
  const readers = fields.map((field) => [field, elementsShown(env, model, field)] as const);
  return ids.map((id) => ({
    id,
    ...Object.fromEntries(
      readers.map(([field, shows]) => {
        const raw = rawOf(env.org, model, id, field.name);
        return [field.name, shown(env, field, Array.isArray(raw) ? raw.filter(shows) : raw, load)];
      }),
    ),
  }));
}

/**
 * Which ids of an x2many are shown: one2many searches the other model as the
 * user and fails where that is not allowed, many2many applies its rules only.
 * A many2one shows id and name whatever the other record's rules say
 * (odoo/fields.py, `read` and `convert_to_read`).
 */
function elementsShown(env: Env, model: string, field: FieldDef): Test {
  const { relation } = field;
  if (!isX2many(field) || relation === undefined) return () => true;
  if (field.type === 'one2many') checkLines(env, `${model}.${field.name}`, relation);
  const visible = ruleTest(env, relation);
  const table = env.org.table(relation);
  return (id) => table.exists(id) && visible(id);
}

function checkLines(env: Env, name: string, relation: string): void {
  try {
    checkAccess(env, relation, 'read');
  } catch (error) {
    if (!(error instanceof OdooError) || env.org.version < 19) throw error;
    throw new OdooError('access', `Failed to read field ${name}\n${error.message}`);
  }
}

function readable(env: Env, model: string, names: readonly string[] | null): readonly FieldDef[] {
  const all = env.org.registry.fields(model);
  if (names === null || names.length === 0) return all.filter((field) => seesField(env, field.groups));
  return names.map((name) => readableField(env, model, name));
}

/** Throws on fields that do not exist, and on those that the user may not know of. */
export function readableField(env: Env, model: string, name: string): FieldDef {
  const field = env.org.registry.field(model, name);
  if (field === undefined) throw new OdooError('value', unknownField(env, model, name));
  if (seesField(env, field.groups)) return field;
  throw fieldDenied(env, model, field, 'read');
}

/** Of a field that only some groups have (odoo/orm/models.py, `_check_field_access`). */
export function fieldDenied(
  env: Env,
  model: string,
  { name, groups }: FieldDef,
  operation: 'read' | 'write',
): OdooError {
  return new OdooError(
    'access',
    `You do not have enough rights to access the field "${name}" on ${modelOf(env, model).name} (${model}). ` +
      `Please contact your system administrator.\n\nOperation: ${operation}\n` +
      `User: ${env.user.uid}\nGroups: allowed for groups ${(groups ?? []).join(', ')}`,
  );
}

export function unknownField(env: Env, model: string, name: string): string {
  return env.org.version >= 19
    ? `Invalid field '${name}' on '${model}'`
    : `Invalid field '${name}' on model '${model}'`;
}

function shown(env: Env, field: FieldDef, raw: Raw, load: unknown): unknown {
  switch (field.type) {
    case 'boolean':
      return raw === true;
    case 'integer':
    case 'float':
    case 'monetary':
    case 'many2one_reference':
      return raw ?? 0;
    case 'datetime':
      return typeof raw === 'number' ? writeTime(raw) : false;
    case 'one2many':
    case 'many2many':
      return raw ?? [];
    case 'many2one': {
      const relation = field.relation ?? '';
      // What was unlinked since is empty, as the database's foreign key sets it.
      if (typeof raw !== 'number' || !env.org.table(relation).exists(raw)) return false;
      return load === '_classic_read' ? [raw, displayName(env.org, relation, raw)] : raw;
    }
    case 'binary':
      return typeof raw === 'string' && env.context['bin_size'] === true
        ? `${Math.ceil(raw.length * 0.75)}.00 bytes`
        : (raw ?? false);
    default:
      return raw ?? false;
  }
}
