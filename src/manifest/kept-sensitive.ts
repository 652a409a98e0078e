import type { DocumentPath, Reporter } from './document.ts';
import { shownBy } from './manifest-for.ts';
import type { FieldMapping, Integration, Model, NativeFieldOf } from './types.ts';

/** A native field that the project shows in sensitive fields of models. */
export interface KeptSensitive {
  readonly native: NativeFieldOf;
  /** `account.phone`, for people. */
  readonly shownAs: string;
}

/** All of them of an integration, those that a look-up takes from another object included. */
export function keptSensitive(
  { objects }: Pick<Integration, 'objects'>,
  models: ReadonlyMap<string, Model>,
): KeptSensitive[] {
  return [...objects.values()].flatMap(({ from, model, fields }) => {
    const own = model === null ? undefined : models.get(model);
    return [...fields.values()].flatMap((mapping) => {
      if (own?.fields.get(mapping.field)?.sensitive !== true) return [];
      return shownBy(from, mapping).map((native) => ({ native, shownAs: `${own.name}.${mapping.field}` }));
    });
  });
}

/**
 * What the project keeps sensitive must not come back under another name.
 * A field may be meant by its label, too; whether that is the same one shows
 * when the customer's schema is known (compileCatalogue).
 */
export function checkShown(
  { object, mapping, model }: { readonly object: string; readonly mapping: FieldMapping; readonly model: Model | null },
  kept: readonly KeptSensitive[],
  path: DocumentPath,
  report: Reporter,
): void {
  if (model?.fields.get(mapping.field)?.sensitive !== false) return;
  const shown = new Set(shownBy(object, mapping).map(textOf));
  const found = kept.find(({ native }) => shown.has(textOf(native)));
  if (found === undefined) return;
  report({
    code: 'manifest_overlay_invalid',
    path,
    at: 'key',
    message: `\`${mapping.field}\` would show what \`${found.shownAs}\` keeps sensitive in the project.`,
    fix: 'Map another native field, or a field of the model that is sensitive.',
  });
}

const textOf = ({ object, field }: NativeFieldOf): string =>
  field.kind === 'name' ? `${object} name ${field.name}` : `${object} label ${field.label}`;
