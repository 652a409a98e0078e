import type { VisibleObject } from '../../access/index.ts';
import type { Json, StreamId } from '../../kernel/index.ts';
import type { FieldInverse, NativeValue } from '../../mapping/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { Asker } from './ports.ts';
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
  if (field === undefined || !isShown(visible, target.stream.stream, name)) return null;
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

/** Whether the caller is shown what stands in a field of the stream's records. */
export const isShown = (visible: VisibleObject, stream: StreamId, name: string): boolean =>
  visible.fields.has(name) && visible.restricted?.masked.get(stream)?.has(name) !== true;

/** Whether the source hides a field of its own from the user; nobody's name, nor what stands there, may tell of it. */
export function isHiddenNative({ caller }: Pick<Asker, 'caller'>, stream: StreamId, native: string): boolean {
  const rights = caller.principal?.streams.get(stream);
  if (rights === undefined) return caller.principal !== null;
  return rights.kind !== 'known' || (rights.fields !== 'all' && !rights.fields.has(native));
}

/** Which native fields of a target the caller is not shown; of a model, what its user is not shown. */
export function hiddenNatives(
  asker: Pick<Asker, 'caller'>,
  visible: VisibleObject,
): (target: WriteTarget, native: string) => boolean {
  const named = new Set([...visible.fields.values()].map(({ name, nativeName }) => nativeName ?? name));
  return ({ writer, stream }, native) =>
    isHiddenNative(asker, stream.stream, native) || (writer === null && !named.has(native));
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
