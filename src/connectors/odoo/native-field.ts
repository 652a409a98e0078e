import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { EnumValue, NativeField } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import { declaredType, type Declaration } from '../kit/declaration.ts';

/** What a many2one shows to people stands beside its id, under this name. */
export const displayNameOf = (field: string): string => `${field}_name`;

/** No currency has more; without a stated precision an amount keeps all of them. */
const MONETARY_DIGITS = 4;

/**
 * The fields of a model, as `fields_get` tells them to this user, in our
 * vocabulary. Left out are fields that are not stored: Odoo computes them when
 * they are asked for, and they change without the record being written. A
 * many2one becomes two fields: the id, and the name that it had when the
 * record was read; renaming the other record does not move this one, so the
 * second is marked as computed.
 */
export function nativeFields(declaration: Declaration, fields: JsonObject): NativeField[] {
  const names = new Set(Object.keys(fields));
  return Object.entries(fields).flatMap(([name, facts]) => {
    const field = isJsonObject(facts) ? nativeField(declaration, name, facts) : null;
    if (field === null) return [];
    const shownAs = displayNameOf(name);
    return field.nativeType === 'many2one' && !names.has(shownAs) ? [field, displayName(field, shownAs)] : [field];
  });
}

function displayName(field: NativeField, name: string): NativeField {
  return {
    name,
    label: `${field.label} (name)`,
    type: 'string',
    nativeType: 'display_name',
    nullable: true,
    custom: field.custom,
    writable: false,
    computed: true,
    help: `What ${field.label} was called when this record was read.`,
  };
}

function nativeField(declaration: Declaration, name: string, facts: JsonObject): NativeField | null {
  const nativeType = textAt(facts, 'type');
  // A field is an attribute of a Python class: anything else is no name of one.
  if (nativeType === null || facts['store'] === false || !/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) return null;
  const label = textAt(facts, 'string') ?? name;
  const common = { name, label, nativeType, custom: name.startsWith('x_') };
  if (name === 'id') return { ...common, type: 'id', nullable: false, writable: false, unique: true };
  const declared = declaredType(declaration, nativeType);
  if (declared === 'exclude') return null;
  const digits = digitsIn(facts['digits']);
  const type = nativeType === 'float' && digits !== null ? 'decimal' : declared;
  const values = type === 'enum' ? selectionIn(facts['selection']) : [];
  const relation = textAt(facts, 'relation');
  const help = textAt(facts, 'help');
  const size = facts['size'];
  return {
    ...common,
    type,
    nullable: facts['required'] !== true,
    writable: facts['readonly'] !== true,
    ...(values.length === 0 ? {} : { values }),
    ...(relation === null ? {} : { references: [relation] }),
    ...(type === 'decimal' ? { scale: digits ?? MONETARY_DIGITS } : {}),
    ...(typeof size === 'number' && size > 0 ? { lengthMax: size } : {}),
    ...(isChangedFromElsewhere(nativeType) ? { computed: true } : {}),
    ...(help === null || help === '' ? {} : { help }),
  };
}

/** A many2many can be changed from its other side, which does not write this record. */
const isChangedFromElsewhere = (nativeType: string): boolean => nativeType === 'many2many';

/** `[16, 2]`: digits in all, and after the point. */
function digitsIn(value: Json | undefined): number | null {
  const scale: Json | undefined = Array.isArray(value) ? (value as readonly Json[])[1] : undefined;
  return typeof scale === 'number' && scale >= 0 && scale <= 9 ? scale : null;
}

function selectionIn(value: Json | undefined): EnumValue[] {
  if (!Array.isArray(value)) return [];
  return (value as readonly Json[]).flatMap((pair) => {
    const [key, label]: readonly Json[] = Array.isArray(pair) ? pair : [];
    if (typeof key !== 'string') return [];
    return [{ value: key, label: typeof label === 'string' ? label : key, active: true }];
  });
}
