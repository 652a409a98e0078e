import type { FieldType, NativeField } from '../../schema/index.ts';
import type { FieldWish, NewFieldType } from '../new-fields.ts';

/** Types in which a field that is there already takes what a wish is about. */
const FITTING: Readonly<Record<NewFieldType, readonly FieldType[]>> = {
  string: ['string', 'text'],
  text: ['text'],
  boolean: ['boolean'],
  integer: ['integer', 'number', 'decimal'],
  number: ['number', 'decimal'],
  date: ['date'],
  datetime: ['datetime'],
  enum: ['enum', 'string'],
};

/** Pure: whether a field takes all that the wish is about. */
export function takesWish({ type, values, lengthMax }: NativeField, wish: FieldWish): boolean {
  if (!FITTING[wish.type].includes(type)) return false;
  if (wish.type === 'text' && lengthMax !== undefined && lengthMax < TEXT_LEAST) return false;
  if (wish.type !== 'enum' || values === undefined) return true;
  const open = new Set(values.filter(({ active }) => active).map(({ value }) => value));
  return wish.values.every((value) => open.has(value));
}

/** A field for long texts takes at least as much. */
const TEXT_LEAST = 1_000;

/** In what the provider keeps for administrators: by this a field is known to be of one write of ours. */
export const markText = (key: string): string => `Made by Gantry (${key}).`;
