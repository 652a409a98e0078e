import type { FieldDef } from './field.ts';

/** The field that a dependent picklist depends on, among those of its object; null for any other field. */
export function controllerOf(def: FieldDef, fields: readonly FieldDef[]): FieldDef | null {
  const { dependency } = def;
  return dependency === null ? null : (fields.find((field) => field.storage === dependency.controller) ?? null);
}

/** Places, in the controlling picklist, of the values with which a value may be chosen. */
export function validFor(def: FieldDef, controller: FieldDef, value: string): readonly number[] {
  const wanted = new Set(def.dependency?.validFor[value] ?? []);
  return controller.picklist.flatMap((one, at) => (wanted.has(one) ? [at] : []));
}

/**
 * Those places as describe writes them (Object Reference, "PicklistEntry"):
 * bits from the left, the highest bit of the first byte for the first value,
 * in base64.
 */
export function validForBitmap(places: readonly number[]): string {
  // Whole groups of three bytes, so that the text needs no filling.
  const bytes = Buffer.alloc(3 * Math.max(1, Math.ceil((Math.max(-1, ...places) + 1) / 24)));
  for (const place of places) bytes[place >> 3] = (bytes[place >> 3] ?? 0) | (0x80 >> (place & 7));
  return bytes.toString('base64');
}
