import type { Json, JsonObject } from '../../kernel/index.ts';
import type { WriteGuard } from '../../manifest/index.ts';
import { wantedField, type StandIn } from '../new-fields/wanted-field.ts';
import { missingRequired } from './check-native.ts';
import type { Drafting } from './draft.ts';
import { isHiddenNative } from './field-place.ts';
import { placeText, report } from './problems.ts';
import type { ResolvedRecord } from './resolved-record.ts';
import type { Wanted } from './wanted-fields.ts';

/** What the integration says of values that no native field takes; null: nothing of it is written. */
export function unmappedField(drafting: Drafting, record: ResolvedRecord, wanted: Wanted, why: string): StandIn | null {
  const { notes, isWhole, asker } = drafting;
  const { target, item } = record;
  const { name, value } = wanted;
  const rule = target.write.unmapped.get(name) ?? { kind: 'error' };
  if (rule.kind === 'create_field') return wantedField(drafting, record, wanted, why);
  if (rule.kind === 'skip' && !isWhole) {
    notes.warnings.add(`${name} is left out in ${target.stream.connectionSlug}: ${why}.`);
    return null;
  }
  const stand =
    rule.kind === 'store_in' ? target.stream.object.fields.find((each) => each.name === rule.field) : undefined;
  const field = stand !== undefined && isHiddenNative(asker, target.stream.stream, stand.name) ? undefined : stand;
  if (field !== undefined) {
    notes.warnings.add(`${name} is kept in ${field.label} (${field.name}) in ${target.stream.connectionSlug}: ${why}.`);
    return { field, value: typeof value === 'string' || value === null ? value : JSON.stringify(value) };
  }
  const fix =
    rule.kind === 'store_in' && stand === undefined
      ? `${rule.field}, where it should be kept, is not there.`
      : record.target.writer?.fields.has(name) === true
        ? 'Give another value, leave it out, or have the mapping take it.'
        : 'Leave it out, or have it mapped.';
  report(notes, { item, path: `values.${name}` }, { code: 'write_field_unmapped', message: `${name}: ${why}.`, fix });
  return null;
}

/** Whether a guard lets the value take the place of what stands there; what is kept is told. */
export function mayOverwrite(
  { notes, isWhole }: Drafting,
  { target, item, recordId }: ResolvedRecord,
  { name, native, there }: { readonly name: string; readonly native: string; readonly there: Json },
): boolean {
  const guard = target.write.guards.get(name) ?? guardOf(target, native);
  if (recordId === null || guard === 'always' || (guard === 'if_empty' && (there === null || there === '')))
    return true;
  const message = `${name} of ${placeText({ item, path: '' })} stays as it is: a guard keeps it (${guard}).`;
  if (isWhole)
    report(
      notes,
      { item, path: `values.${name}` },
      { code: 'write_field_guarded', message, fix: 'Change it in the system itself.' },
    );
  else notes.warnings.add(message);
  return false;
}

/** Of a native field by its own name, or by that of a model field that it holds. */
function guardOf({ write, writer }: ResolvedRecord['target'], native: string): WriteGuard {
  const own = write.guards.get(native);
  if (own !== undefined) return own;
  for (const [name, guard] of write.guards) {
    const inverse = writer?.fields.get(name);
    if ((inverse?.kind === 'value' || inverse?.kind === 'lookup') && inverse.field.name === native) return guard;
  }
  return 'always';
}

/** What a new record would be refused without. */
export function reportMissing(
  { notes, asker, visible }: Drafting,
  { target, item }: ResolvedRecord,
  values: JsonObject,
): void {
  for (const field of missingRequired(target.stream.object, values)) {
    const model = [...(target.writer?.fields ?? [])].find(
      ([, inverse]) => (inverse.kind === 'value' || inverse.kind === 'lookup') && inverse.field.name === field.name,
    );
    const name = model?.[0] ?? field.name;
    const isNamed = model === undefined || visible.fields.has(name);
    if (!isNamed || isHiddenNative(asker, target.stream.stream, field.name)) {
      if (notes.places.has(placeText({ item, path: 'values' }))) continue;
      const message = `A new ${target.stream.object.label} needs something that you are not shown.`;
      const fix = `Have the product team give it under \`defaults\`, or somebody else make it.`;
      report(notes, { item, path: 'values' }, { code: 'write_value_missing', message, fix });
      continue;
    }
    // What was given and is wrong is told already.
    if (notes.places.has(placeText({ item, path: `values.${name}` }))) continue;
    report(
      notes,
      { item, path: `values.${name}` },
      {
        code: 'write_value_missing',
        message: `A new ${target.stream.object.label} needs ${name === field.name ? field.label : name}.`,
        fix:
          model === undefined && target.model !== null
            ? `Have the product team give it under \`defaults\` of ${target.stream.object.name}, or map it.`
            : 'Give it a value.',
      },
    );
  }
}
