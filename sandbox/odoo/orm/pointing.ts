import { OdooError } from '../errors.ts';
import { modelOf, type Env } from './env.ts';

/** Records that go along with those that point at them. */
export interface Dependants {
  readonly model: string;
  readonly ids: readonly number[];
}

/**
 * What a deletion does to records whose many2one points here: some go along,
 * some forbid it, all others are emptied (odoo/orm/fields_relational.py,
 * `ondelete`). Throws as the database's foreign key does.
 */
export function dependantsOf(env: Env, model: string, ids: readonly number[]): readonly Dependants[] {
  const { registry } = env.org;
  const found: Dependants[] = [];
  for (const other of registry.modelNames()) {
    if (registry.get(other)?.kind !== 'table' || other.startsWith('ir.')) continue;
    for (const field of registry.fields(other)) {
      if (field.type !== 'many2one' || field.relation !== model || field.related !== undefined) continue;
      const rule = field.ondelete ?? (field.required === true ? 'restrict' : null);
      if (rule === null) continue;
      const pointing = [...new Set(ids.flatMap((id) => env.org.table(other).children(field.name, id)))];
      if (pointing.length === 0) continue;
      if (rule === 'restrict') throw stillNeeded(env, other, field.name);
      found.push({ model: other, ids: pointing });
    }
  }
  return found;
}

function stillNeeded(env: Env, model: string, field: string): OdooError {
  return new OdooError(
    'validation',
    'The operation cannot be completed: another model requires the record being deleted. If possible, archive it ' +
      `instead.\n\nModel: ${modelOf(env, model).name} (${model})\n` +
      `Constraint: ${model.replaceAll('.', '_')}_${field}_fkey\n`,
  );
}
