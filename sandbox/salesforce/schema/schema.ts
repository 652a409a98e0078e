import { customFields, vertrag } from './customised.ts';
import { factFields } from './facts.ts';
import { field, readOnly, reference, type FieldDef } from './field.ts';
import {
  eventFields,
  nameText,
  owner,
  withoutDeletion,
  withSystemFields,
  type ObjectDef,
  type ObjectSort,
} from './object.ts';
import { recordTypeField, recordTypeObject, recordTypes } from './record-types.ts';
import {
  account,
  campaign,
  caseObject,
  contact,
  event,
  lead,
  opportunity,
  organization,
  task,
  user,
} from './standard.ts';
import { markerField } from './marker-field.ts';
import { longText } from './wide.ts';

/** The org's objects and fields as they are now; names are looked up without regard to case. */
export interface Schema {
  objects(): readonly ObjectDef[];
  object(name: string): ObjectDef | undefined;
  byPrefix(keyPrefix: string): ObjectDef | undefined;
  field(object: string, name: string): FieldDef | undefined;
  /** Replaces parts of an object, as an admin's change does. */
  change(object: string, parts: Partial<Pick<ObjectDef, 'fields' | 'recordTypes'>>): void;
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const STANDARD = [account, contact, opportunity, event, task, lead, caseObject, campaign, user, organization];

export function createSchema(all: readonly ObjectDef[]): Schema {
  const objects = new Map(all.map((object) => [object.name.toLowerCase(), object]));
  const prefixes = new Map([...objects.values()].map((object) => [object.keyPrefix, object.name.toLowerCase()]));
  let fieldMaps = new Map<string, ReadonlyMap<string, FieldDef>>();
  const fieldsOf = (object: ObjectDef): ReadonlyMap<string, FieldDef> => {
    const known = fieldMaps.get(object.name);
    if (known !== undefined) return known;
    const fresh = new Map(object.fields.map((def) => [def.name.toLowerCase(), def]));
    fieldMaps.set(object.name, fresh);
    return fresh;
  };
  return {
    objects: () => [...objects.values()],
    object: (name) => objects.get(name.toLowerCase()),
    byPrefix: (keyPrefix) => objects.get(prefixes.get(keyPrefix) ?? ''),
    field: (name, fieldName) => {
      const object = objects.get(name.toLowerCase());
      return object === undefined ? undefined : fieldsOf(object).get(fieldName.toLowerCase());
    },
    change: (name, parts) => {
      const object = objects.get(name.toLowerCase());
      if (object === undefined) throw new Error(`no object ${name}`);
      objects.set(name.toLowerCase(), { ...object, ...parts });
      fieldMaps = new Map();
    },
  };
}

/** What somebody may not see. */
export interface Hidden {
  object(object: ObjectDef): boolean;
  field(object: ObjectDef, field: FieldDef): boolean;
}

/** A schema as it is for somebody from whom parts are hidden: to them these parts do not exist. */
export function schemaWithout(schema: Schema, hidden: Hidden): Schema {
  const known = new Map<ObjectDef, ObjectDef | null>();
  const shown = (object: ObjectDef | undefined): ObjectDef | undefined => {
    if (object === undefined) return undefined;
    const before = known.get(object);
    if (before !== undefined) return before ?? undefined;
    const fields = hidden.object(object) ? null : object.fields.filter((def) => !hidden.field(object, def));
    const after = fields === null || fields.length === object.fields.length ? object : { ...object, fields };
    known.set(object, fields === null ? null : after);
    return fields === null ? undefined : after;
  };
  return {
    objects: () => schema.objects().flatMap((object) => shown(object) ?? []),
    object: (name) => shown(schema.object(name)),
    byPrefix: (keyPrefix) => shown(schema.byPrefix(keyPrefix)),
    field: (name, fieldName) => {
      const object = schema.object(name);
      const def = schema.field(name, fieldName);
      if (object === undefined || def === undefined || shown(object) === undefined) return undefined;
      return hidden.field(object, def) ? undefined : def;
    },
    change: schema.change,
  };
}

/** What the org's users work with: standard objects, the customer's own and those of packages. */
export function orgObjects(longTexts = false, hasMarker = true): readonly ObjectDef[] {
  const marker = (name: string): readonly FieldDef[] => (hasMarker ? markerField(name) : []);
  const facts = factFields();
  const activity = facts.get('Activity') ?? [];
  const standard = STANDARD.map((object): ObjectDef => {
    const shared = object.name === 'Event' || object.name === 'Task' ? activity : [];
    const texts = longTexts && object.name === 'Opportunity' ? [longText('Angebotstext__c', 'Angebotstext')] : [];
    const own = [...(customFields[object.name] ?? []), ...texts, ...marker(object.name)];
    const types = recordTypes.filter((type) => type.object === object.name);
    const typed = types.length === 0 ? {} : { recordTypes: types };
    const typeField = types.length === 0 ? [] : [recordTypeField];
    const fields = [...object.fields, ...typeField, ...own, ...(facts.get(object.name) ?? []), ...shared];
    return { ...object, ...typed, fields };
  });
  const taken = new Set([...STANDARD.map((object) => object.name), 'Activity']);
  const packaged = [...facts].filter(([name]) => !taken.has(name));
  return [
    ...standard,
    recordTypeObject,
    { ...vertrag, fields: [...vertrag.fields, ...marker(vertrag.name)] },
    ...packaged.map(([name, fields], at) => packagedObject(name, fields, at)),
  ];
}

/** An object that a package brought; standard fields come from its kind. */
function packagedObject(name: string, fields: readonly FieldDef[], at: number): ObjectDef {
  const label = name
    .replace(/__(c|mdt|e)$/, '')
    .replace(/^[a-z]+\d*__/, '')
    .replaceAll('_', ' ');
  const sort = sortOf(name);
  // 'a0X' belongs to the customer's own object.
  const number = DIGITS.charAt(Math.floor(at / 62)) + DIGITS.charAt(at % 62);
  const letter = sort === 'metadata' ? 'm' : sort === 'event' ? 'e' : 'a';
  const keyPrefix = `${letter}${number === '0X' ? '2X' : number}`;
  const common = { name, label, plural: `${label}s`, keyPrefix, sort };
  switch (sort) {
    case 'metadata':
      return { ...common, queryable: true, writable: false, fields: withoutDeletion([...metadataFields, ...fields]) };
    case 'event':
      return { ...common, queryable: false, writable: false, fields: eventFields(fields) };
    case 'setting':
      return {
        ...common,
        queryable: true,
        writable: true,
        fields: withSystemFields([nameText('Name', 38), setupOwner, ...fields]),
      };
    case 'custom':
    case 'standard': {
      const detail = fields.some((def) => def.cascadeDelete);
      return {
        ...common,
        queryable: true,
        writable: true,
        fields: withSystemFields([...(detail ? [] : [owner]), nameText(`${label} Name`, 80, false), ...fields]),
      };
    }
  }
}

function sortOf(name: string): ObjectSort {
  if (name.endsWith('__mdt')) return 'metadata';
  if (name.endsWith('__e')) return 'event';
  return name.endsWith('_Settings__c') ? 'setting' : 'custom';
}

const setupOwner = reference('SetupOwnerId', 'Location', ['Organization', 'User'], null, { nillable: false });
const metadataFields: readonly FieldDef[] = [
  field('DeveloperName', 'Custom Metadata Record Name', 'string', { length: 40, nameField: true, nillable: false }),
  field('MasterLabel', 'Label', 'string', { length: 40, nillable: false }),
  field('Language', 'Master Language', 'picklist', { ...readOnly, picklist: ['en_US', 'de'] }),
  field('NamespacePrefix', 'Namespace Prefix', 'string', { length: 15, createable: false, updateable: false }),
  field('Label', 'Label', 'string', { length: 40, createable: false, updateable: false }),
  field('QualifiedApiName', 'Qualified API Name', 'string', { length: 70, createable: false, updateable: false }),
];
