import { newFieldTypes, type FieldAnswer, type FieldWish, type NewFieldType } from '../../connectors/index.ts';
import type { Json, JsonObject } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { OpenTarget } from '../plan/targets.ts';

/** A field that is made before the values of a plan are written. */
export interface NewField {
  readonly target: OpenTarget;
  readonly wish: FieldWish;
  readonly how: Extract<FieldAnswer, { kind: 'new' }>;
}

/**
 * Stands for a field's name in the values of a write until the field is made:
 * only then its name is known everywhere. No provider has such a name.
 */
export const placeOf = ({ name }: Pick<FieldWish, 'name'>): string => `new:${name}`;

export const isPlace = (field: string): boolean => field.startsWith('new:');

/** What the wish would be, to check values by before it is there. */
export const fieldToBe = ({ wish, how }: Pick<NewField, 'wish' | 'how'>): NativeField => ({
  name: placeOf(wish),
  label: wish.label,
  type: how.type,
  nativeType: how.text,
  nullable: true,
  custom: true,
  writable: true,
  ...(how.lengthMax === null ? {} : { lengthMax: how.lengthMax }),
  ...(wish.type === 'enum' ? { values: wish.values.map((value) => ({ value, label: value, active: true })) } : {}),
});

/** A model's field as a wish; null: no field can be made for such values. */
export function wishFor({ name, title, type, values }: CatalogueField): FieldWish | null {
  const wanted = type === 'decimal' ? 'number' : type;
  if (!isNewFieldType(wanted) || (wanted === 'enum' && (values === null || values.length === 0))) return null;
  return { name, label: title, type: wanted, values: wanted === 'enum' ? (values ?? []) : [] };
}

const isNewFieldType = (type: string): type is NewFieldType => newFieldTypes.some((each) => each === type);

/** As a planned write keeps it. */
export const wishValues = ({ name, label, type, values }: FieldWish): JsonObject => ({
  name,
  label,
  type,
  values: [...values],
});

/** As it was kept: whoever reads it wrote it. */
export const wishIn = (values: { readonly [field: string]: Json }): FieldWish => values as unknown as FieldWish;
