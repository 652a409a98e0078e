import { isJsonObject, type Json, type JsonObject } from '../../kernel/index.ts';
import type { EnumValue, NativeField } from '../../schema/index.ts';
import { textAt } from '../kit/answer-values.ts';
import { declaredType, type Declaration } from '../kit/declaration.ts';

/** One entry of a describe answer in our vocabulary; null for fields that cannot or need not be read. */
export function nativeField(declaration: Declaration, entry: JsonObject): NativeField | null {
  const name = textAt(entry, 'name');
  const nativeType = textAt(entry, 'type');
  // The name goes into SOQL: only what Salesforce itself allows as an API name passes.
  if (name === null || nativeType === null || !/^[A-Za-z]\w*$/.test(name)) return null;
  const type = declaredType(declaration, nativeType);
  if (type === 'exclude') return null;
  const values = type === 'enum' || type === 'multi_enum' ? picklistValues(entry['picklistValues']) : [];
  const references = textList(entry['referenceTo']);
  const help = textAt(entry, 'inlineHelpText');
  const length = entry['length'];
  // Who fills it in if nobody enters it: the user's own default, or the system.
  const required = entry['nillable'] === false && entry['createable'] === true && entry['defaultedOnCreate'] !== true;
  const controller = entry['dependentPicklist'] === true ? textAt(entry, 'controllerName') : null;
  return {
    name,
    label: textAt(entry, 'label') ?? name,
    type,
    nativeType,
    nullable: entry['nillable'] !== false,
    custom: entry['custom'] === true,
    writable: entry['updateable'] === true || entry['createable'] === true,
    ...(values.length === 0 ? {} : { values }),
    ...(references.length === 0 ? {} : { references }),
    ...(type === 'decimal' && typeof entry['scale'] === 'number' ? { scale: entry['scale'] } : {}),
    ...(typeof length === 'number' && length > 0 ? { lengthMax: length } : {}),
    ...(entry['calculated'] === true ? { computed: true } : {}),
    ...(entry['unique'] === true ? { unique: true } : {}),
    // REST API Developer Guide, "sObject Describe": reserved for programs that still know it.
    ...(entry['deprecatedAndHidden'] === true ? { deprecated: true } : {}),
    ...(required ? { required } : {}),
    ...(controller === null ? {} : { controlledBy: controller }),
    ...(help === null || help === '' ? {} : { help }),
  };
}

function picklistValues(entries: Json | undefined): EnumValue[] {
  if (!Array.isArray(entries)) return [];
  return (entries as readonly Json[]).flatMap((entry) => {
    const value = isJsonObject(entry) ? textAt(entry, 'value') : null;
    if (value === null || !isJsonObject(entry)) return [];
    return [{ value, label: textAt(entry, 'label') ?? value, active: entry['active'] !== false }];
  });
}

const textList = (value: Json | undefined): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
