import { ControlError, type Effect, type SchemaChange } from '../../kit/index.ts';
import type { Org } from '../org.ts';
import { field, reference, type FieldDef, type FieldExtra, type FieldType } from '../schema/field.ts';

const TYPES: readonly FieldType[] = [
  'string',
  'textarea',
  'picklist',
  'multipicklist',
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'reference',
];
const CHANGEABLE = [
  'label',
  'type',
  'length',
  'precision',
  'scale',
  'nillable',
  'unique',
  'externalId',
  'restrictedPicklist',
] as const;

/**
 * What an admin does in Setup. Fields are given in describe's words: `{name,
 * label?, type, length?, precision?, scale?, nillable?, picklistValues?,
 * referenceTo?, inlineHelpText?}`; `change` also takes `newName`. Values stay
 * with a field that is renamed.
 */
export function changeSchema(org: Org, change: SchemaChange): { effects: readonly Effect[] } {
  const object = org.schema.object(change.object);
  if (object === undefined) throw new ControlError(`no object ${change.object}`);
  let fields = object.fields;
  const find = (name: unknown): FieldDef => {
    const known = typeof name === 'string' ? org.schema.field(object.name, name) : undefined;
    if (known === undefined) throw new ControlError(`no field ${String(name)} on ${object.name}`);
    return known;
  };
  const ids: string[] = [];
  if (change.add !== undefined) {
    const added = newField(change.add);
    if (fields.some((known) => known.name.toLowerCase() === added.name.toLowerCase()))
      throw new ControlError(`${added.name} exists`);
    // A removed field that comes back starts empty, as on the platform.
    fields = [...fields, { ...added, storage: `${added.name}#${org.clock.now().getTime()}` }];
    ids.push(added.name);
  }
  if (change.remove !== undefined) {
    const gone = find(change.remove);
    if (!gone.custom) throw new ControlError(`${gone.name} is a standard field and cannot be removed`);
    fields = fields.filter((known) => known !== gone);
    ids.push(gone.name);
  }
  if (change.change !== undefined) {
    const before = find(change.change['name']);
    const after = changedField(before, change.change);
    fields = fields.map((known) => (known === before ? after : known));
    ids.push(after.name);
  }
  org.schema.change(object.name, { fields });
  return { effects: ids.map((id) => ({ op: 'schema' as const, object: object.name, id })) };
}

function newField(input: Readonly<Record<string, unknown>>): FieldDef {
  const { name, label, type, referenceTo } = input;
  if (typeof name !== 'string' || !/^[A-Za-z]\w*__c$/.test(name))
    throw new ControlError('a new field needs a name ending in __c');
  if (!isType(type)) throw new ControlError(`type must be one of ${TYPES.join(', ')}`);
  const shown = typeof label === 'string' ? label : name.replace(/__c$/, '').replaceAll('_', ' ');
  if (type !== 'reference') return field(name, shown, type, extraOf(input));
  const targets = Array.isArray(referenceTo) ? referenceTo : [referenceTo];
  if (!targets.every((target) => typeof target === 'string')) throw new ControlError('a reference needs referenceTo');
  return reference(name, shown, targets, null, extraOf(input));
}

function changedField(before: FieldDef, input: Readonly<Record<string, unknown>>): FieldDef {
  if (input['type'] !== undefined && !isType(input['type']))
    throw new ControlError(`type must be one of ${TYPES.join(', ')}`);
  const newName = input['newName'];
  return { ...before, ...extraOf(input), ...(typeof newName === 'string' ? { name: newName } : {}) };
}

function extraOf(input: Readonly<Record<string, unknown>>): FieldExtra {
  const extra: Record<string, unknown> = {};
  for (const name of CHANGEABLE) if (input[name] !== undefined) extra[name] = input[name];
  if (typeof input['inlineHelpText'] === 'string') extra['help'] = input['inlineHelpText'];
  const values = input['picklistValues'];
  if (Array.isArray(values)) {
    extra['picklist'] = values.map((value: unknown) =>
      typeof value === 'object' && value !== null && 'value' in value ? String(value.value) : String(value),
    );
  }
  return extra;
}

function isType(type: unknown): type is FieldType {
  return TYPES.some((known) => known === type);
}
