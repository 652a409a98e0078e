import { OdooError } from '../errors.ts';
import type { FieldDef, Raw } from '../schema/field.ts';
import { checkAccess, displayName, modelOf, rawOf, seesField, type Env } from './env.ts';
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
  return ids.map((id) => ({
    id,
    ...Object.fromEntries(
      fields.map((field) => [field.name, shown(env, field, rawOf(env.org, model, id, field.name), load)]),
    ),
  }));
}

function readable(env: Env, model: string, names: readonly string[] | null): readonly FieldDef[] {
  const all = env.org.registry.fields(model);
  if (names === null || names.length === 0) return all.filter((field) => seesField(env, field.groups));
  return names.map((name) => {
    const field = env.org.registry.field(model, name);
    if (field === undefined) throw new OdooError('value', unknownField(env, model, name));
    if (seesField(env, field.groups)) return field;
    throw new OdooError(
      'access',
      `You do not have enough rights to access the field "${name}" on ${modelOf(env, model).name} (${model}). ` +
        'Please contact your system administrator.\n\nOperation: read\n' +
        `User: ${env.user.uid}\nGroups: allowed for groups ${(field.groups ?? []).join(', ')}`,
    );
  });
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
