import { OdooError } from '../errors.ts';
import { FIELD_TYPES, type FieldDef, type FieldType } from '../schema/field.ts';
import { checkAccess, type Env } from './env.ts';
import type { Effects } from './write.ts';

export const FIELDS = 'ir.model.fields';

type Given = Readonly<Record<string, unknown>>;

/**
 * `create` of `ir.model.fields` (odoo/addons/base/models/ir_model.py): fields
 * with `state: manual` become fields of their model at once. All or none.
 */
export function createFields(env: Env, list: readonly Given[], effects: Effects): readonly number[] {
  checkAccess(env, FIELDS, 'create');
  const { registry } = env.org;
  const made = list.map((given) => {
    const model = registry.modelNames()[Number(given['model_id']) - 1];
    if (model === undefined) throw mandatory('Model', 'model_id');
    const field = readField(env, given);
    if (registry.field(model, field.name) !== undefined)
      throw new OdooError('validation', 'The operation cannot be completed: Field names must be unique per model.');
    return { model, field };
  });
  return made.map(({ model, field }, at) => {
    registry.putField(model, field);
    const id = registry.fieldRows().findIndex((row) => row.model === model && row.name === field.name) + 1;
    effects.push({ op: 'schema', object: model, id: field.name, fields: list[at] ?? {} });
    return id;
  });
}

function readField({ org }: Env, given: Given): FieldDef {
  const { name, ttype, field_description: label, state, selection_ids: choices, relation } = given;
  if (typeof name !== 'string' || name === '') throw mandatory('Field Name', 'name');
  if (state !== undefined && state !== 'manual')
    throw new OdooError('user', 'Only custom fields may be made: their type is Custom Field.');
  if (!/^x_[a-z0-9_]*$/.test(name) || name.length > 63)
    throw new OdooError('validation', "Custom fields must have a name that starts with 'x_'!");
  const type = FIELD_TYPES.find((one): one is FieldType => one === ttype);
  if (type === undefined) throw new OdooError('value', `Wrong value for ${FIELDS}.ttype: '${String(ttype)}'`);
  if (typeof relation === 'string' && org.registry.get(relation) === undefined)
    throw new OdooError('user', `Unknown model name '${relation}' in Related Model`);
  return {
    manual: true,
    name,
    type,
    string: typeof label === 'string' && label !== '' ? label : name,
    ...(typeof relation === 'string' ? { relation } : {}),
    ...(type === 'selection' ? { selection: choicesIn(choices) } : {}),
  };
}

/** Commands that make records of `ir.model.fields.selection`: `[0, 0, {value, name}]`. */
function choicesIn(commands: unknown): readonly (readonly [string, string])[] {
  const list: readonly unknown[] = Array.isArray(commands) ? commands : [];
  return list.map((command) => {
    const values = Array.isArray(command) && command[0] === 0 ? (Object(command[2]) as Given) : {};
    const { value, name } = values;
    if (typeof value !== 'string' || typeof name !== 'string') throw mandatory('Value', 'value');
    return [value, name];
  });
}

const mandatory = (label: string, name: string): OdooError =>
  new OdooError(
    'validation',
    `The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n\nModel: Fields (${FIELDS})\nField: ${label} (${name})\n`,
  );
