import { suggest, type Json } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import { coerce, type Coerced } from '../../schema/index.ts';
import type { Mistake } from './problems.ts';

/** Whether a value can be one of the field as it was asked for, whatever the system behind it takes; null: it can. */
export function checkAsked(field: CatalogueField, value: Json): Mistake | null {
  const { name, type, values } = field;
  const coerced = coercedTo(field, value);
  if (!coerced.ok) {
    const message = `${name}: ${coerced.reason}.`;
    return { code: 'write_value_invalid', message, fix: `Write a value of type ${type}.` };
  }
  const lost = textLost(value);
  if (lost !== null) {
    return { code: 'write_value_invalid', message: `${name}: ${lost}.`, fix: 'Write the text without it.' };
  }
  if (values === null || value === null) return null;
  const given = Array.isArray(value) ? (value as readonly Json[]) : [value];
  const odd = given.find((each) => typeof each !== 'string' || !values.includes(each));
  if (odd === undefined) return null;
  const near = typeof odd === 'string' ? suggest(odd, values) : [];
  return {
    code: 'write_value_not_allowed',
    message: `${JSON.stringify(odd).slice(0, 100)} is no value of ${name}.`,
    fix: `${near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `}Use one of: ${values.slice(0, 30).join(', ')}.`,
  };
}

/** The value in the one spelling of the field's type, as it is sent: what is worth something, or decided on, is that. */
export function spelledAs(field: CatalogueField, value: Json): Json {
  const coerced = coercedTo(field, value);
  return coerced.ok ? coerced.value : value;
}

const coercedTo = ({ name, type }: CatalogueField, value: Json): Coerced =>
  coerce({ ...native, name, label: name, type, nativeType: type }, value);

const native = { nullable: true, custom: false, writable: true } as const;

/** Why a text within a value would come back as another one, which nobody asked for; null: none would. */
export function textLost(value: Json): string | null {
  const left: Json[] = [value];
  for (let part = left.pop(); part !== undefined; part = left.pop()) {
    if (typeof part === 'string') {
      if (part.includes('\0')) return 'it holds the character U+0000, which no record can hold';
      if (!part.isWellFormed()) return 'it holds half of a surrogate pair, which is no text';
    } else if (Array.isArray(part)) for (const each of part as readonly Json[]) left.push(each);
    else if (part !== null && typeof part === 'object') for (const pair of Object.entries(part)) left.push(...pair);
  }
  return null;
}
