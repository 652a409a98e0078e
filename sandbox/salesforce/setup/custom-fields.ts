import type { Effect, SandboxUser } from '../../kit/index.ts';
import { salesforceId } from '../../world/index.ts';
import type { LiveRow } from '../rows/live-table.ts';
import { MADE } from '../rows/sparse.ts';
import { field, type FieldDef, type FieldType } from '../schema/field.ts';
import type { ObjectDef } from '../schema/object.ts';
import type { Schema } from '../schema/schema.ts';
import { fieldKey } from '../sharing/own-rights.ts';
import type { Sharing } from '../sharing/sharing.ts';
import { noteChange, setId } from '../sharing/state.ts';

type Given = Readonly<Record<string, unknown>>;

export type SetupAnswer =
  | { readonly kind: 'made'; readonly id: string; readonly effects: readonly Effect[] }
  | { readonly kind: 'refused'; readonly status: number; readonly errorCode: string; readonly message: string };

/** Custom fields as definitions, and who is shown them (Tooling API, "CustomField"; Object Reference, "FieldPermissions"). */
export interface CustomFields {
  /** Rows of CustomField, by the durable id of their object. */
  rows(): readonly LiveRow[];
  /** `POST tooling/sobjects/CustomField`, for who has "Customize Application". */
  create(user: SandboxUser, given: Given): SetupAnswer;
  /** `POST sobjects/FieldPermissions`, for who has "Manage Profiles and Permission Sets". */
  permit(user: SandboxUser, given: Given): SetupAnswer;
}

/** Metadata types that programs make most, with what describe calls them. */
const TYPES: Readonly<Record<string, FieldType>> = {
  Text: 'string',
  LongTextArea: 'textarea',
  Checkbox: 'boolean',
  Number: 'double',
  Date: 'date',
  DateTime: 'datetime',
  Picklist: 'picklist',
};

interface Parts {
  readonly schema: Schema;
  readonly sharing: Sharing;
  readonly entityOf: (object: string) => string;
  readonly nowMs: () => number;
}

interface Kept extends Parts {
  /** Metadata of fields that programs made, by `Object.storage`. */
  readonly definitions: Map<string, Given>;
  readonly idOf: (key: string) => string;
}

export function createCustomFields(parts: Parts): CustomFields {
  const known = new Map<string, number>();
  const idOf = (key: string): string => {
    const number = known.get(key) ?? known.size;
    known.set(key, number);
    return salesforceId('00N', number);
  };
  const kept: Kept = { ...parts, definitions: new Map(), idOf };
  const { rights } = parts.sharing;
  /** Setup is changed by administrators: of the profiles here System Administrator has these permissions. */
  const mayCustomize = (user: SandboxUser): boolean => rights.mayViewSetup(user) && rights.modifiesAllData(user);
  return {
    rows: () => parts.schema.objects().flatMap((object) => rowsOf(kept, object)),
    create: (user, given) => (mayCustomize(user) ? createField(kept, given) : NO_ACCESS),
    permit: (user, given) => (mayCustomize(user) ? permitField(kept, given) : NO_ACCESS),
  };
}

function rowsOf({ definitions, entityOf, idOf, nowMs }: Kept, object: ObjectDef): readonly LiveRow[] {
  return object.fields
    .filter(({ custom }) => custom)
    .map((def): LiveRow => {
      const key = fieldKey(object, def);
      return {
        id: idOf(key),
        createdMs: nowMs(),
        modifiedMs: nowMs(),
        deleted: false,
        values: {
          DeveloperName: def.name.replace(/__c$/, ''),
          NamespacePrefix: null,
          EntityDefinitionId: entityOf(object.name),
          TableEnumOrId: entityOf(object.name),
          FullName: `${object.name}.${def.name}`,
          ManageableState: 'unmanaged',
          Metadata: definitions.get(key) ?? { label: def.label, description: null },
        },
      };
    });
}

function createField({ schema, sharing, definitions, idOf, nowMs }: Kept, given: Given): SetupAnswer {
  const [, objectName = '', name = ''] = /^(\w+)\.(\w+)$/.exec(String(given['FullName'])) ?? [];
  const object = schema.object(objectName);
  const metadata = given['Metadata'];
  if (object === undefined || typeof metadata !== 'object' || metadata === null)
    return refused('FIELD_INTEGRITY_EXCEPTION', 'Entity Enumeration Or ID: bad value for restricted picklist field');
  if (!/^[A-Za-z](?:[A-Za-z0-9]|_(?!_))*[A-Za-z0-9]__c$/.test(name) || name.length > 43)
    return refused('INVALID_FIELD', 'The Field Name can only contain underscores and alphanumeric characters.');
  if (object.fields.some((one) => one.name.toLowerCase() === name.toLowerCase())) {
    const message = `There is already a field named ${name.replace(/__c$/, '')} on ${object.label}.`;
    return refused('DUPLICATE_DEVELOPER_NAME', message);
  }
  const def = definition(name, metadata as Given, nowMs());
  if (typeof def === 'string') return refused('FIELD_INTEGRITY_EXCEPTION', def);
  schema.change(object.name, { fields: [...object.fields, def] });
  const key = fieldKey(object, def);
  definitions.set(key, metadata as Given);
  hideFromAll(sharing, object, def);
  noteChange(sharing.state, nowMs());
  return { kind: 'made', id: idOf(key), effects: [{ op: 'schema', object: object.name, id: def.name }] };
}

function permitField({ schema, sharing, idOf, nowMs }: Kept, given: Given): SetupAnswer {
  const set = sharing.state.sets.find(({ index }) => setId(index) === given['ParentId']);
  const [objectName = '', name = ''] = String(given['Field']).split('.');
  const object = schema.object(objectName);
  const def = schema.field(objectName, name);
  if (set === undefined || object === undefined || def === undefined || given['SobjectType'] !== object.name)
    return refused('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');
  const key = fieldKey(object, def);
  if (set.fields.has(key) !== (set.fieldBase === 'all')) {
    const message = 'duplicate value found: <unknown> duplicates value on record with id: <unknown>';
    return refused('DUPLICATE_VALUE', message);
  }
  if (set.fieldBase === 'all') set.fields.delete(key);
  else set.fields.add(key);
  noteChange(sharing.state, nowMs());
  const id = idOf(`${setId(set.index)} ${key}`);
  return { kind: 'made', id, effects: [{ op: 'create', object: 'FieldPermissions', id, fields: given }] };
}

/** A field that a program makes is shown to nobody, not even to administrators, until field permissions say so. */
function hideFromAll(sharing: Sharing, object: ObjectDef, def: FieldDef): void {
  for (const set of sharing.state.sets) if (set.fieldBase === 'all') set.fields.add(fieldKey(object, def));
}

/** A text: what is wrong with it. Metadata API Developer Guide, "CustomField". */
function definition(name: string, metadata: Given, atMs: number): FieldDef | string {
  const { label, type, length, precision, scale, visibleLines, defaultValue, valueSet } = metadata;
  const known = typeof type === 'string' ? TYPES[type] : undefined;
  if (known === undefined) return `${String(type)} is not a valid value for the enum 'FieldType'`;
  if (typeof label !== 'string' || label === '' || label.length > 40)
    return 'Custom fields need a label of at most 40 characters';
  const extra: Record<string, unknown> = {};
  if (type === 'Text' || type === 'LongTextArea') {
    const most = type === 'Text' ? 255 : 131_072;
    if (typeof length !== 'number' || length < 1 || length > most)
      return `Can not specify 'length' for a CustomField of type ${type}`;
    if (type === 'LongTextArea' && (length < 256 || typeof visibleLines !== 'number'))
      return "Must specify 'visibleLines' for a CustomField of type LongTextArea";
    extra['length'] = length;
  }
  if (type === 'Number') {
    if (typeof precision !== 'number' || typeof scale !== 'number' || precision > 18)
      return "Must specify 'precision' and 'scale' for a CustomField of type Number";
    Object.assign(extra, { precision, scale });
  }
  if (type === 'Checkbox' && defaultValue !== 'false' && defaultValue !== 'true')
    return "Must specify 'defaultValue' for a CustomField of type Checkbox";
  if (type === 'Picklist') {
    const values = valuesIn(valueSet);
    if (values.length === 0)
      return 'Must specify either valueSetName or valueSetDefinition for a CustomField of type Picklist';
    Object.assign(extra, { picklist: values, restrictedPicklist: (valueSet as Given)['restricted'] === true });
  }
  const made = field(name, label, known, extra);
  // Empty, also where one of that name was removed before.
  return { ...made, storage: `${name}${MADE}${String(atMs)}` };
}

function valuesIn(valueSet: unknown): readonly string[] {
  const list: unknown = (Object((Object(valueSet) as Given)['valueSetDefinition']) as Given)['value'];
  if (!Array.isArray(list)) return [];
  return list.map((one: unknown) => String((Object(one) as Given)['valueName']));
}

const refused = (errorCode: string, message: string): SetupAnswer => ({
  kind: 'refused',
  status: 400,
  errorCode,
  message,
});

const NO_ACCESS: SetupAnswer = {
  kind: 'refused',
  status: 403,
  errorCode: 'INSUFFICIENT_ACCESS',
  message: 'You do not have the level of access necessary to perform the operation you requested.',
};
