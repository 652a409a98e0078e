import { canonicalJson, type Json, type JsonObject } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { stepResult } from '../steps/step-result.ts';
import type { NewField } from '../new-fields/new-field.ts';
import type { StandIn } from '../new-fields/wanted-field.ts';
import type { FieldChange } from '../types.ts';
import { spelledAs } from './check-asked.ts';
import { checkNative, recordTypeOf } from './check-native.ts';
import { warnDeprecatedNative } from './deprecations.ts';
import type { Draft, Drafting } from './draft.ts';
import { isHiddenNative, isShown } from './field-place.ts';
import type { FindFound } from './lookups.ts';
import { placeText, report } from './problems.ts';
import type { ResolvedRecord } from './resolved-record.ts';
import { mayOverwrite, reportMissing, unmappedField } from './stand-ins.ts';
import { toNative } from './to-native.ts';
import { wantedOf, type Wanted } from './wanted-fields.ts';

/** The values of one record, checked; null where nothing of it is left to be sent, or something is wrong. */
export function draftOf(drafting: Drafting, record: ResolvedRecord, find: FindFound): Draft | null {
  const { notes, visible, asker } = drafting;
  const { target, item } = record;
  const { object } = target.stream;
  const stored = record.recordId === null ? null : drafting.stored(record);
  const reader = asker.scope.documents.get(visible.name)?.get(target.stream.stream);
  const whole = stored === null || reader === undefined ? new Map<string, Json>() : reader(stored).values;
  const shown = (name: string): boolean => isShown(visible, target.stream.stream, name);
  const before = new Map([...whole].filter(([name]) => shown(name)));
  const fields = asker.scope.objects.get(visible.name)?.fields;
  const hidden = new Set(
    [...whole.keys()].flatMap((name) => (shown(name) ? [] : [name, fields?.get(name)?.nativeName ?? name])),
  );
  if (record.operation === 'delete') return { ...record, values: {}, stored, before, hidden, changes: [], makes: [] };
  const writes: (StandIn & { readonly wanted: Wanted })[] = [];
  for (const wanted of wantedOf(drafting, record)) {
    const at = { item, path: `values.${wanted.name}` };
    const answer = toNative(drafting, record, wanted, find);
    if (answer.kind === 'wrong') report(notes, at, answer.mistake);
    if (answer.kind === 'write') writes.push({ wanted, field: answer.field, value: answer.value });
    if (answer.kind === 'unmapped') {
      const stand = unmappedField(drafting, record, wanted, answer.why);
      if (stand !== null) writes.push({ wanted, ...stand });
    }
  }
  const filled = record.recordId === null ? withDefaults(record, writes) : {};
  const after: JsonObject = {
    ...stored,
    ...filled,
    ...Object.fromEntries(writes.map(({ field, value }) => [field.name, value])),
  };
  // Whatever the source's own rule is, a kind of record that the user is not shown is not told of by what it allows.
  const seen = Object.entries(after).filter(([name]) => !isHiddenNative(asker, target.stream.stream, name));
  const recordType = recordTypeOf(object, Object.fromEntries(seen));
  const values: { [field: string]: Json } = { ...filled };
  const changes: FieldChange[] = [];
  const made: NewField[] = [];
  const taken = new Map<string, { readonly name: string; readonly value: string }>();
  for (const { wanted, field, value, makes } of writes) {
    const { name } = wanted;
    const at = { item, path: `values.${name}` };
    warnDeprecatedNative(drafting, visible, { name, slug: target.stream.connectionSlug, native: field });
    const isResult = drafting.inSteps && stepResult(value) !== null;
    const checked = checkNative(field, value, { object, recordType, name, isResult });
    if (checked.kind === 'wrong') {
      report(notes, at, checked.mistake);
      continue;
    }
    const there = stored?.[field.name] ?? null;
    if (stored !== null && canonicalJson(there) === canonicalJson(checked.value)) continue;
    if (!mayOverwrite(drafting, record, { name, native: field.name, there })) continue;
    const first = taken.get(field.name) ?? { name, value: canonicalJson(checked.value) };
    taken.set(field.name, first);
    if (first.value !== canonicalJson(checked.value)) {
      report(notes, at, {
        code: 'write_field_twice',
        message: `${visible.name}.${name} is kept in the same field of ${target.stream.connectionSlug} as ${first.name}, which has another value here.`,
        fix: 'Leave one of the two out.',
      });
      continue;
    }
    values[field.name] = checked.value;
    if (makes !== undefined) made.push(makes);
    // Spelled as its type is, as it is sent: conditions look at that, and amounts are counted by it.
    const isNative = wanted.place.kind === 'native' || isResult;
    const to = isNative ? checked.value : spelledAs(wanted.field, wanted.value);
    changes.push({ field: name, label: wanted.field.title, before: before.get(name) ?? null, after: to });
  }
  if (record.recordId === null) reportMissing(drafting, record, values);
  if (notes.broken.has(item)) return null;
  if (Object.keys(values).length === 0) {
    notes.warnings.add(
      `${placeText({ item, path: '' })} is left out: every value stands there already, or is kept by a guard.`,
    );
    return null;
  }
  return { ...record, values, stored, before, hidden, changes, makes: made };
}

function withDefaults(
  { target }: ResolvedRecord,
  writes: readonly { readonly field: NativeField; readonly value: Json }[],
): JsonObject {
  const said = new Set(writes.map(({ field }) => field.name));
  return Object.fromEntries([...target.object.defaults].filter(([name]) => !said.has(name)));
}
