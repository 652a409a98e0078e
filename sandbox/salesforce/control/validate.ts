import { ControlError } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { validationErrors } from '../setup/validation-errors.ts';
import { readValues } from './mutate.ts';

/**
 * What the org's rules would say to a record: `{object, id?, fields}`, where
 * `fields` stand over the record of that id, or alone. Changes nothing.
 */
export function validate(org: Org, input: Readonly<Record<string, unknown>>): unknown {
  const { object: name, id, fields = {} } = input;
  const object = typeof name === 'string' ? org.schema.object(name) : undefined;
  if (object === undefined || typeof fields !== 'object' || fields === null)
    throw new ControlError('validate wants {object, id?, fields: {field: value}}');
  const table = org.table(object.name);
  const row = typeof id === 'string' ? table.rowOf(id) : null;
  if (typeof id === 'string' && row === null) throw new ControlError(`no ${object.name} ${id}`);
  const given = readValues(org, object, {
    op: row === null ? 'create' : 'update',
    object: object.name,
    fields: fields as Readonly<Record<string, unknown>>,
  });
  const errors = validationErrors(org.schema, object, (storage) => {
    const value = given.get(storage);
    if (value !== undefined) return value;
    const def = object.fields.find((field) => field.storage === storage);
    if (def === undefined) return null;
    return row === null ? def.defaultValue : table.value(row, def);
  });
  return { errors };
}
