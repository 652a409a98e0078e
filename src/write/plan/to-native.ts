import type { Json } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { stepResult, type StepResult } from '../steps/step-result.ts';
import { checkAsked } from './check-asked.ts';
import type { Drafting } from './draft.ts';
import type { FindFound } from './lookups.ts';
import type { Mistake } from './problems.ts';
import type { ResolvedRecord } from './resolved-record.ts';
import { leadsTo, lookupOf, type Wanted } from './wanted-fields.ts';

export type NativeAnswer =
  | { readonly kind: 'write'; readonly field: NativeField; readonly value: Json }
  /** There is nothing to be sent for it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly mistake: Mistake }
  /** No native field takes the value: `unmapped` says what becomes of it. */
  | { readonly kind: 'unmapped'; readonly why: string };

/** A value of the request as its system takes it. */
export function toNative(drafting: Drafting, record: ResolvedRecord, wanted: Wanted, find: FindFound): NativeAnswer {
  const { name, field, value, place } = wanted;
  const result = drafting.inSteps ? stepResult(value) : null;
  if (result !== null) return resultIn(wanted, result);
  const mistake = checkAsked(field, value);
  if (mistake !== null) return { kind: 'wrong', mistake };
  if (place.kind === 'unmapped') return { kind: 'unmapped', why: place.why };
  const finders = value === null ? [] : leadsTo(drafting, record, wanted);
  const unknown = (): NativeAnswer => ({
    kind: 'wrong',
    mistake: {
      code: 'write_reference_unknown',
      message: `${name}: there is no ${field.reference?.to ?? 'record'} ${JSON.stringify(value).slice(0, 100)} for you.`,
      fix: 'Find it with query_records, and give the value of its key field.',
    },
  });
  const isLookup = place.kind === 'mapped' && place.inverse.kind === 'lookup';
  if (!isLookup && finders.length > 0 && finders.every((finder) => find(finder, value).kind === 'none'))
    return unknown();
  if (place.kind === 'native') return { kind: 'write', field: place.field, value };
  const { inverse } = place;
  switch (inverse.kind) {
    case 'none':
      return {
        kind: 'wrong',
        mistake: {
          code: 'write_field_read_only',
          message: `${name} cannot be written: ${inverse.why}.`,
          fix: 'Leave it out.',
        },
      };
    case 'constant': {
      const answer = inverse.write(value);
      return answer.kind === 'ok' ? { kind: 'nothing' } : { kind: 'unmapped', why: answer.why };
    }
    case 'value': {
      const answer = inverse.write(value);
      return answer.kind === 'ok'
        ? { kind: 'write', field: inverse.field, value: answer.value }
        : { kind: 'unmapped', why: answer.why };
    }
    case 'lookup': {
      const lookup = lookupOf(drafting, record, wanted);
      const found =
        lookup === null || lookup.finder === null || lookup.value === null ? null : find(lookup.finder, lookup.value);
      if (value !== null && (found === null || found.kind === 'none')) return unknown();
      if (found?.kind === 'several') {
        const message = `${name}: several records answer to ${JSON.stringify(value).slice(0, 100)}.`;
        return {
          kind: 'wrong',
          mistake: { code: 'write_record_ambiguous', message, fix: 'Use a value that only one record has.' },
        };
      }
      const answer = inverse.write(value, found?.kind === 'one' ? found.taken : null);
      return answer.kind === 'ok'
        ? { kind: 'write', field: inverse.field, value: answer.value }
        : { kind: 'unmapped', why: answer.why };
    }
  }
}

/** An id goes where ids and texts go; a text with one in it only where texts do. */
function resultIn({ name, field, value, place }: Wanted, { text }: StepResult): NativeAnswer {
  if (place.kind === 'unmapped') return { kind: 'unmapped', why: place.why };
  const native = place.kind === 'native' ? place.field : place.inverse.kind === 'value' ? place.inverse.field : null;
  const takes = text === null ? ['reference', 'string', 'text'] : ['string', 'text'];
  if (native !== null && takes.includes(native.type) && (place.kind === 'native' || takes.includes(field.type))) {
    return { kind: 'write', field: native, value };
  }
  const message = `${name} does not take the result of another step.`;
  return { kind: 'wrong', mistake: { code: 'write_value_invalid', message, fix: 'Give a value that is known.' } };
}
