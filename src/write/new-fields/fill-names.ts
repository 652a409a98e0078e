import type { Json } from '../../kernel/index.ts';
import type { PlannedWrite } from '../types.ts';
import { placeOf, wishIn } from './new-field.ts';

/** What the fields that were made are called there: by connection, object and place. */
export function namesOfMade(
  writes: readonly PlannedWrite[],
  nameOf: (item: number) => string | null | undefined,
): (write: PlannedWrite, place: string) => string {
  const names = new Map<string, string>();
  for (const write of writes) {
    const name = write.operation === 'create_field' ? nameOf(write.item) : null;
    if (name !== null && name !== undefined && name !== '')
      names.set(keyOf(write, placeOf(wishIn(write.values))), name);
  }
  return (write, place) => names.get(keyOf(write, place)) ?? place;
}

const keyOf = ({ connection, object }: PlannedWrite, place: string): string =>
  `${String(connection)} ${object} ${place}`;

/** The write with the names that its fields have by now. */
export function withNames(write: PlannedWrite, nameOf: (write: PlannedWrite, place: string) => string): PlannedWrite {
  if (write.made === undefined) return write;
  const made = new Set(write.made);
  const name = (field: string): string => (made.has(field) ? nameOf(write, field) : field);
  const named = (values: { readonly [field: string]: Json }): { readonly [field: string]: Json } =>
    Object.fromEntries(Object.entries(values).map(([field, value]) => [name(field), value]));
  return {
    ...write,
    values: named(write.values),
    before: write.before === null ? null : named(write.before),
    made: write.made.map(name),
  };
}
