import { ControlError, type Effect, type SchemaChange } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { asText } from '../orm/text.ts';
import { FIELD_TYPES, type FieldDef, type FieldType } from '../schema/field.ts';
import { accessRows } from '../content/rights.ts';
import { ROOT_UID } from '../content/ids.ts';
import { ACCESS, model } from '../schema/model.ts';
import { ACCESS_MODEL } from '../security/rights.ts';

/**
 * Changes models as somebody with Studio would. `add` and `change` take a field
 * as `ir.model.fields` writes it: `{name, ttype, field_description, required,
 * relation, selection: [[value, label], ...]}`. An unknown model whose name
 * begins with `x_` is made, with `x_name`, when a field is added to it.
 */
export function changeSchema(org: Org, change: SchemaChange): { readonly effects: readonly Effect[] } {
  const { object } = change;
  const effects: Effect[] = [];
  const note = (name: string): void => {
    effects.push({ op: 'schema', object, id: name });
  };
  if (change.add !== undefined) {
    if (org.registry.get(object) === undefined) {
      addModel(org, object);
      note(object);
    }
    const field = readField(org, change.add, null);
    if (org.registry.field(object, field.name) !== undefined)
      throw new ControlError(`${object} has ${field.name} already`);
    org.registry.putField(object, field);
    note(field.name);
  }
  if (org.registry.get(object) === undefined) throw new ControlError(`no model ${object}`);
  if (change.change !== undefined) {
    const before = org.registry.field(object, String(change.change['name']));
    if (before === undefined) throw new ControlError(`${object} has no field ${String(change.change['name'])}`);
    org.registry.putField(object, readField(org, change.change, before));
    note(before.name);
  }
  if (change.remove !== undefined) {
    if (org.registry.field(object, change.remove)?.manual !== true) {
      throw new ControlError(`${object} has no custom field ${change.remove}`);
    }
    org.registry.removeField(object, change.remove);
    note(change.remove);
  }
  return { effects };
}

function addModel(org: Org, name: string): void {
  if (!/^x_\w+$/.test(name)) throw new ControlError(`no model ${name}; new ones begin with x_`);
  const def = model({
    model: name,
    name,
    state: 'manual',
    module: 'studio_customization',
    recName: 'x_name',
    access: ACCESS.internal,
    fields: [{ name: 'x_name', type: 'char', string: 'Name', manual: true }],
  });
  org.registry.add(def);
  for (const row of accessRows(org.registry, def)) {
    org.table(ACCESS_MODEL).create(new Map(Object.entries(row)), { us: org.nowUs(), uid: ROOT_UID });
  }
}

function readField(org: Org, given: Readonly<Record<string, unknown>>, before: FieldDef | null): FieldDef {
  const name = before?.name ?? given['name'];
  if (typeof name !== 'string' || (before === null && !/^x_\w+$/.test(name))) {
    throw new ControlError('a custom field wants a name that begins with x_');
  }
  const type = given['ttype'] ?? given['type'] ?? before?.type;
  if (!isType(type)) throw new ControlError(`ttype must be one of ${FIELD_TYPES.join(', ')}`);
  const relation = given['relation'] ?? before?.relation;
  if (typeof relation === 'string' && org.registry.get(relation) === undefined)
    throw new ControlError(`no model ${relation}`);
  const label = given['field_description'] ?? given['string'] ?? before?.string ?? name;
  return {
    ...(before ?? { manual: true }),
    name,
    type,
    string: asText(label),
    ...(typeof given['required'] === 'boolean' ? { required: given['required'] } : {}),
    ...(typeof given['help'] === 'string' ? { help: given['help'] } : {}),
    ...(typeof given['currency_field'] === 'string' ? { currencyField: given['currency_field'] } : {}),
    ...(typeof relation === 'string' ? { relation } : {}),
    ...(Array.isArray(given['selection']) ? { selection: given['selection'].map(choice) } : {}),
  };
}

function choice(given: unknown): readonly [string, string] {
  const [value, label] = Array.isArray(given) ? (given as readonly unknown[]) : [given, given];
  return [String(value), String(label ?? value)];
}

function isType(type: unknown): type is FieldType {
  return FIELD_TYPES.some((known) => known === type);
}
