import type { VisibleObject } from '../../access/index.ts';
import type { Deprecation } from '../../manifest/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { Drafting } from './draft.ts';

/**
 * What is deprecated still takes values, also after its sunset, which is the day
 * from which on it may be removed. The caller is told what takes its place, as
 * far as it is shown that.
 */
export function warnDeprecated(
  { asker, visible, notes }: Pick<Drafting, 'asker' | 'visible' | 'notes'>,
  field: CatalogueField,
): void {
  const model = asker.manifest.models.get(visible.name);
  if (field.deprecated !== null) {
    const declared = visible.kind === 'model' ? (model?.fields.get(field.name)?.deprecated ?? null) : null;
    const name = `${visible.name}.${field.name}`;
    notes.warnings.add(textOf(name, { replacedBy: field.deprecated.replacedBy, sunset: declared?.sunset ?? null }));
  }
  if (visible.kind === 'model' && model?.deprecated) {
    const { replacedBy, sunset } = model.deprecated;
    const shown = replacedBy !== null && asker.caller.objects.has(replacedBy) ? replacedBy : null;
    notes.warnings.add(textOf(visible.name, { replacedBy: shown, sunset }));
  }
}

/** A field that the provider itself keeps for old programs alone; which one takes its place it does not tell. */
export function warnDeprecatedNative(
  { notes }: Pick<Drafting, 'notes'>,
  visible: Pick<VisibleObject, 'name'>,
  about: { readonly name: string; readonly slug: string; readonly native: NativeField },
): void {
  if (about.native.deprecated !== true) return;
  notes.warnings.add(`${visible.name}.${about.name}: ${about.slug} keeps the field behind it for old programs alone.`);
}

const textOf = (name: string, { replacedBy, sunset }: Deprecation): string =>
  `${name} is deprecated${sunset === null ? '' : ` (from ${sunset} on it may be gone)`}${replacedBy === null ? '' : `: use ${replacedBy}`}.`;
