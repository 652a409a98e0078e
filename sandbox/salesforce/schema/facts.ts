import facts from '../facts/custom-fields.json' with { type: 'json' };
import { field, reference, type FieldDef, type FieldExtra, type FieldType } from './field.ts';

/** A field definition of a public package, in the metadata API's words (facts/README.md). */
interface Fact {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly length?: number;
  readonly precision?: number;
  readonly scale?: number;
  readonly required?: boolean;
  readonly unique?: boolean;
  readonly externalId?: boolean;
  readonly referenceTo?: string;
  readonly relationshipName?: string;
  readonly inlineHelpText?: string;
  readonly defaultValue?: string;
  readonly formula?: string;
  readonly values?: readonly string[];
}

const TYPES: Readonly<Record<string, FieldType>> = {
  Text: 'string',
  TextArea: 'textarea',
  LongTextArea: 'textarea',
  Html: 'textarea',
  Number: 'double',
  Currency: 'currency',
  Percent: 'percent',
  Checkbox: 'boolean',
  Date: 'date',
  DateTime: 'datetime',
  Time: 'time',
  Email: 'email',
  Phone: 'phone',
  Url: 'url',
  Picklist: 'picklist',
  MultiselectPicklist: 'multipicklist',
  EncryptedText: 'encryptedstring',
  Location: 'location',
  Summary: 'double',
};

/** Object name -> fields, as the REST API would describe them. */
export function factFields(): ReadonlyMap<string, readonly FieldDef[]> {
  const byObject = facts as unknown as Readonly<Record<string, readonly Fact[]>>;
  return new Map(Object.entries(byObject).map(([name, list]) => [name, list.flatMap(convert)]));
}

function convert(fact: Fact): readonly FieldDef[] {
  const extra = commonExtra(fact);
  if (fact.referenceTo !== undefined) {
    const children = fact.relationshipName === undefined ? null : `${fact.relationshipName}__r`;
    const detail = fact.type === 'MasterDetail';
    const strict: FieldExtra = detail ? { cascadeDelete: true, nillable: false, updateable: false } : {};
    return [reference(fact.name, fact.label, fact.referenceTo, children, { ...extra, ...strict })];
  }
  const type = TYPES[fact.type];
  if (type === undefined) throw new Error(`custom-fields.json: ${fact.name} has the unknown type ${fact.type}`);
  if (type !== 'location') return [field(fact.name, fact.label, type, extra)];
  const base = fact.name.replace(/__c$/, '');
  const part = (name: string): FieldDef =>
    field(`${base}__${name}__s`, `${fact.label} (${name})`, 'double', {
      precision: 18,
      scale: fact.scale ?? 6,
      compound: fact.name,
    });
  return [part('Latitude'), part('Longitude'), field(fact.name, fact.label, 'location', extra)];
}

function commonExtra(fact: Fact): FieldExtra {
  const calculated = fact.formula !== undefined || fact.type === 'Summary';
  return {
    ...(fact.length === undefined ? {} : { length: fact.length }),
    ...(fact.precision === undefined ? {} : { precision: fact.precision }),
    ...(fact.scale === undefined ? {} : { scale: fact.scale }),
    ...(fact.values === undefined ? {} : { picklist: fact.values }),
    ...(fact.inlineHelpText === undefined ? {} : { help: fact.inlineHelpText }),
    ...(fact.type === 'Checkbox'
      ? { defaultValue: fact.defaultValue === 'true' }
      : { nillable: fact.required !== true }),
    ...(fact.type === 'Html' ? { htmlFormatted: true, extraTypeInfo: 'richtextarea' } : {}),
    ...(fact.type === 'LongTextArea' ? { extraTypeInfo: 'plaintextarea' } : {}),
    externalId: fact.externalId === true,
    unique: fact.unique === true,
    formula: fact.formula ?? null,
    calculated,
    ...(calculated ? { createable: false, updateable: false, nillable: fact.type !== 'Checkbox' } : {}),
  };
}
