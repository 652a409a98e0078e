import type { VisibleObject } from '../../access/index.ts';
import type { Json } from '../../kernel/index.ts';
import type { FieldInverse, NativeValue } from '../../mapping/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { WriteTarget } from './targets.ts';

/** What a field of the request is in the system that is written to. */
export type FieldPlace =
  | { readonly kind: 'native'; readonly field: NativeField }
  | { readonly kind: 'mapped'; readonly inverse: FieldInverse }
  /** No native field of this customer has to do with it. */
  | { readonly kind: 'unmapped'; readonly why: string };

/** Null: there is no such field for the caller, or it is hidden in this system's records. */
export function placeOf(visible: VisibleObject, target: WriteTarget, name: string): FieldPlace | null {
  const field = visible.fields.get(name);
  if (field === undefined) return null;
  if (visible.restricted?.masked.get(target.stream.stream)?.has(name) === true) return null;
  if (target.writer === null) {
    const native = target.stream.object.fields.find((each) => each.name === (field.nativeName ?? field.name));
    return native === undefined ? null : { kind: 'native', field: native };
  }
  const inverse = target.writer.fields.get(name);
  const slug = target.stream.connectionSlug;
  return inverse === undefined
    ? { kind: 'unmapped', why: `nothing in ${slug} is mapped to ${name}` }
    : { kind: 'mapped', inverse };
}

/** A field that is the same there, as a value to match by; null: it is none. */
export function nativeFieldOf(
  visible: VisibleObject,
  target: WriteTarget,
  name: string,
): { readonly field: NativeField; readonly write: (value: Json) => NativeValue } | null {
  const place = placeOf(visible, target, name);
  if (place?.kind === 'native') return { field: place.field, write: (value) => ({ kind: 'ok', value }) };
  if (place?.kind !== 'mapped' || place.inverse.kind !== 'value') return null;
  return { field: place.inverse.field, write: place.inverse.write };
}
