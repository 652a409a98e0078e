import type { Json } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import type { Drafting } from '../plan/draft.ts';
import { isHiddenNative } from '../plan/field-place.ts';
import { report } from '../plan/problems.ts';
import type { ResolvedRecord } from '../plan/resolved-record.ts';
import type { Wanted } from '../plan/wanted-fields.ts';
import { fieldToBe, wishFor, type NewField } from './new-field.ts';

export interface StandIn {
  readonly field: NativeField;
  readonly value: Json;
  /** The field is not there yet: it is made first. */
  readonly makes?: NewField;
}

/**
 * Where a value goes that has no field in this customer's system, by
 * `unmapped: create_field`: into the field that was made for it once, else into
 * one that is made. Null: nowhere, which is reported.
 */
export function wantedField(
  { notes, asker, inSteps }: Drafting,
  { target, item }: ResolvedRecord,
  { name, field, value, place }: Wanted,
  why: string,
): StandIn | null {
  const { stream, writes } = target;
  const { connectionSlug: slug, object } = stream;
  const refuse = (message: string, fix: string): null => {
    report(notes, { item, path: `values.${name}` }, { code: 'write_field_unmapped', message, fix });
    return null;
  };
  // A mapped field that does not take this very value is no reason for another one.
  if (place.kind !== 'unmapped') return refuse(`${name}: ${why}.`, 'Leave it out, or have the mapping take it.');
  const wish = wishFor(field);
  const answer = wish === null ? null : writes.fields?.fieldFor(object, wish);
  if (wish === null || answer === null || answer === undefined)
    return refuse(`${name}: ${why}, and no field can be made for it in ${slug}.`, 'Have it mapped.');
  if (answer.kind === 'no_way') return refuse(`${name}: ${why}. ${answer.why}`, 'Have it mapped.');
  if (answer.kind === 'there') {
    // What is hidden from the user is not told of.
    if (isHiddenNative(asker, stream.stream, answer.field.name))
      return refuse(`${name}: ${why}.`, 'Leave it out, or have it mapped.');
    notes.warnings.add(
      `${name} is kept in ${answer.field.label} (${answer.field.name}) in ${slug}, which was made for it: nothing reads it from there until it is mapped.`,
    );
    return { field: answer.field, value };
  }
  if (value === null) {
    notes.warnings.add(`${name} is left out in ${slug}: there is no field for it yet, and nothing to keep in one.`);
    return null;
  }
  // A field is the whole customer's: nobody makes one in the name of one user.
  if (asker.caller.principal !== null)
    return refuse(
      `${name}: ${why}, and a field is not made in a user’s name.`,
      'Leave it out, or have the field made by an agent that acts for nobody, or by an administrator.',
    );
  if (inSteps)
    return refuse(
      `${name}: ${why}, and a plan in steps makes no fields.`,
      'Write a record with it by a plan of its own first: the field is there from then on.',
    );
  const makes: NewField = { target, wish, how: answer };
  notes.warnings.add(
    `${name} gets a new field in ${slug}, which only the connected user is sure to see; nothing reads it from there until it is mapped.`,
  );
  return { field: fieldToBe(makes), value, makes };
}
