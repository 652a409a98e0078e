import { OdooError } from '../errors.ts';
import type { FieldDef, Raw } from '../schema/field.ts';
import type { Env } from './env.ts';
import { pythonRepr } from './python-repr.ts';
import { asText } from './text.ts';
import { readTime } from './time.ts';

/** A value as programs write it, checked and brought into the database's form. Empty values become null. */
export function converted(env: Env, model: string, field: FieldDef, value: unknown, before: Raw): Raw {
  if (field.type === 'boolean') return Boolean(value);
  if (field.type === 'one2many' || field.type === 'many2many') return commands(field, value, before);
  if (value === false || value === null || value === undefined || value === '') return null;
  const wrong = (): never => {
    throw new OdooError('value', `Wrong value for ${model}.${field.name}: ${pythonRepr(value)}`);
  };
  switch (field.type) {
    case 'integer':
    case 'float':
    case 'monetary':
    case 'many2one_reference': {
      const number = Number(value);
      if (Number.isNaN(number) || typeof value === 'object') throw noNumber(field, value);
      return field.type === 'integer' || field.type === 'many2one_reference' ? Math.trunc(number) : number;
    }
    case 'selection':
      return field.selection?.some(([known]) => known === value) === true ? asText(value) : wrong();
    case 'many2one': {
      const id = typeof value === 'number' ? value : wrong();
      if (env.org.table(field.relation ?? '').exists(id)) return id;
      throw new OdooError('validation', missingTarget(model, field));
    }
    case 'datetime':
      return readTime(field, value).us;
    case 'date':
      return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : wrong();
    case 'char':
      return asText(value).trim().slice(0, field.size);
    default:
      return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** What Python's `int` and `float` say. */
function noNumber({ type }: FieldDef, value: unknown): OdooError {
  if (typeof value !== 'string')
    return new OdooError('type', `must be a string or a real number, not ${pythonRepr(value)}`);
  return type === 'integer' || type === 'many2one_reference'
    ? new OdooError('value', `invalid literal for int() with base 10: ${pythonRepr(value)}`)
    : new OdooError('value', `could not convert string to float: ${pythonRepr(value)}`);
}

function missingTarget(model: string, field: FieldDef): string {
  return (
    'The operation cannot be completed: another model requires the record being deleted. If possible, archive it ' +
    `instead.\n\nModel: ${model}\nConstraint: ${model.replaceAll('.', '_')}_${field.name}_fkey\n`
  );
}

/** The commands of x2many fields that only link records: 3 unlink, 4 link, 5 clear, 6 set; a plain list of ids is 6. */
function commands(field: FieldDef, value: unknown, before: Raw): Raw {
  const given: readonly unknown[] = Array.isArray(value) ? value : [];
  if (given.every((one) => typeof one === 'number')) return given;
  let ids: readonly number[] = Array.isArray(before) ? before : [];
  for (const command of given) {
    const [code, id, list] = Array.isArray(command) ? (command as readonly unknown[]) : [];
    if (code === 6 && Array.isArray(list)) ids = list.filter((one) => typeof one === 'number');
    else if (code === 5) ids = [];
    else if (code === 4 && typeof id === 'number') ids = [...ids.filter((one) => one !== id), id];
    else if (code === 3 && typeof id === 'number') ids = ids.filter((one) => one !== id);
    else throw new OdooError('notImplemented', `the sandbox knows commands 3 to 6 on ${field.name} only`);
  }
  return ids;
}
