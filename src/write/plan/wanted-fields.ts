import type { Json } from '../../kernel/index.ts';
import type { CatalogueField } from '../../mapping/index.ts';
import { stepResult } from '../steps/step-result.ts';
import { warnDeprecated } from './deprecations.ts';
import type { Drafting } from './draft.ts';
import { placeOf, type FieldPlace } from './field-place.ts';
import { finderOf, nativeFinders, type Finder, type Wish } from './lookups.ts';
import { newNotes, report } from './problems.ts';
import { unknownField, type ResolvedRecord } from './resolved-record.ts';

/** A field of a record, found in its system. */
export interface Wanted {
  readonly name: string;
  readonly field: CatalogueField;
  readonly value: Json;
  readonly place: FieldPlace;
}

/** The fields of a record that the caller may write; the others are reported. */
export function wantedOf({ visible, rights, notes, asker }: Drafting, record: ResolvedRecord): Wanted[] {
  const given = { ...record.record.values };
  // A record that an upsert makes has the value that it was looked for by.
  if (record.recordId === null)
    for (const [name, value] of Object.entries(record.record.match ?? {})) given[name] ??= value;
  return Object.entries(given).flatMap(([name, value]) => {
    const at = { item: record.item, path: `values.${name}` };
    const field = visible.fields.get(name);
    const place = field === undefined ? null : placeOf(visible, record.target, name);
    if (field === undefined || place === null) {
      report(notes, at, unknownField(visible, name));
      return [];
    }
    if (rights.fields !== null && !rights.fields.has(name)) {
      report(notes, at, {
        code: 'write_field_not_granted',
        message: `The grant of ${asker.agent.name} does not let it write ${visible.name}.${name}.`,
        fix: `It may write: ${[...rights.fields].slice(0, 30).join(', ')}.`,
      });
      return [];
    }
    warnDeprecated({ asker, visible, notes }, field);
    return [{ name, field, value, place }];
  });
}

/** Look-ups that the values of these records need before they can be written, all together. */
export function wishesOf(drafting: Drafting, records: readonly ResolvedRecord[]): Wish[] {
  return records.flatMap((record) => {
    // What is wrong is reported when the values are made, once.
    return wantedOf({ ...drafting, notes: newNotes() }, record).flatMap(({ field, value, place }): Wish[] => {
      if (value === null || (drafting.inSteps && stepResult(value) !== null)) return [];
      const lookup = lookupOf(drafting, record, { field, value, place });
      if (lookup !== null)
        return lookup.finder === null || lookup.value === null ? [] : [{ finder: lookup.finder, value: lookup.value }];
      return leadsTo(drafting, record, { field, value, place }).map((finder) => ({ finder, value }));
    });
  });
}

/** Where a record has to be to which the value leads; none: it leads nowhere, or nobody here can tell. */
export function leadsTo(
  { asker }: Drafting,
  { target }: ResolvedRecord,
  { field, place }: Pick<Wanted, 'field' | 'value' | 'place'>,
): readonly Finder[] {
  const { reference } = field;
  if (reference !== null) return [{ object: reference.to, by: reference.on, take: null }];
  const native =
    place.kind === 'native'
      ? place.field
      : place.kind === 'mapped' && place.inverse.kind === 'value'
        ? place.inverse.field
        : null;
  return native === null ? [] : nativeFinders(asker, target.stream, native);
}

/** What has to be found first, by which value; null: nothing has. */
export function lookupOf(
  { asker, visible }: Drafting,
  { target }: ResolvedRecord,
  { field, value, place }: Pick<Wanted, 'field' | 'value' | 'place'>,
): { readonly finder: Finder | null; readonly value: Json } | null {
  if (place.kind !== 'mapped' || place.inverse.kind !== 'lookup' || value === null) return null;
  const wanted = place.inverse.wanted(value);
  const reference = asker.manifest.models.get(visible.name)?.fields.get(field.name)?.reference ?? null;
  const finder = finderOf(asker, place.inverse, { stream: target.stream, reference });
  return { finder, value: wanted.kind === 'ok' ? wanted.value : null };
}
