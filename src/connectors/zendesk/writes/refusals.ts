import { isJsonObject, type Json } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import { refusal } from '../../kit/write-outcomes.ts';
import { readPath } from '../../kit/value-path.ts';
import type { WriteRefusal, WriteRefusalCode } from '../../writes.ts';

/** Errors as the reference names them ("Requests", "Response format"; jobs name them in `results`). */
const KNOWN: ReadonlyMap<string, WriteRefusalCode> = new Map([
  ['RecordInvalid', 'value_invalid'],
  ['InvalidValue', 'value_invalid'],
  ['Unprocessable', 'value_invalid'],
  ['RecordNotFound', 'record_missing'],
  ['TicketNotFound', 'record_missing'],
  ['UserNotFound', 'record_missing'],
  ['OrganizationNotFound', 'record_missing'],
  ['PermissionDenied', 'not_permitted'],
  ['Forbidden', 'not_permitted'],
  ['UserUnauthorized', 'not_permitted'],
  ['UpdateConflict', 'record_locked'],
  ['DatabaseConflict', 'record_locked'],
  ['TooManyJobs', 'limited'],
  ['RateLimited', 'limited'],
  ['ServiceUnavailable', 'unavailable'],
]);

/** What a validation found wrong with one field (`details[field][].error`). */
const FIELD_ERRORS: ReadonlyMap<string, WriteRefusalCode> = new Map([
  ['BlankValue', 'value_missing'],
  ['DuplicateValue', 'duplicate'],
  ['ValueTooLong', 'value_too_long'],
  ['ValueTooShort', 'value_invalid'],
  ['InvalidFormat', 'value_invalid'],
  ['InvalidValue', 'value_not_allowed'],
]);

const BY_STATUS: ReadonlyMap<number, WriteRefusalCode> = new Map([
  [403, 'not_permitted'],
  [404, 'record_missing'],
  [409, 'record_locked'],
  [413, 'value_too_long'],
  [422, 'value_invalid'],
  [423, 'unavailable'],
]);

/** The refusal that an answer holds. */
export function refusalOf(status: number, body: Json): WriteRefusal {
  const native = textAt(body, 'error');
  const details = readPath(body, 'details');
  const byName = native === null ? undefined : KNOWN.get(native);
  const found = isJsonObject(details) ? fieldErrors(details) : [];
  const code = found[0]?.code ?? byName ?? BY_STATUS.get(status) ?? 'other';
  const fields = found.map(({ field }) => field).filter((field) => field !== 'base');
  return refusal(code, byName === undefined ? null : native, fields);
}

/** Of one record of a job: `error` is a name, `details` a sentence that is not passed on. */
export function refusalOfResult(error: string | null, details: string | null): WriteRefusal {
  // Jobs name the record's failing after its object: `TicketCreateFailed`, `UserCreateError`.
  const isFailed = error !== null && /^[A-Z][A-Za-z]+(Create|Update|Delete)(Error|Failed)$/.test(error);
  const code = isFailed ? 'value_invalid' : error === null ? undefined : KNOWN.get(error);
  if (code === undefined) return refusal('other');
  return refusal(code === 'value_invalid' ? (codeOfWords(details ?? '') ?? code) : code, error);
}

function fieldErrors(details: Readonly<Record<string, Json>>): { field: string; code: WriteRefusalCode }[] {
  return Object.entries(details).flatMap(([field, list]) => {
    const [first] = Array.isArray(list) ? (list as readonly Json[]) : [];
    if (first === undefined) return [];
    const known = FIELD_ERRORS.get(textAt(first, 'error') ?? '');
    const code =
      known === undefined || known === 'value_invalid' ? codeOfWords(textAt(first, 'description') ?? '') : null;
    return [{ field, code: code ?? known ?? 'value_invalid' }];
  });
}

/** Older validations name no error, and jobs none at all: their sentences are what tells. */
function codeOfWords(said: string): WriteRefusalCode | null {
  if (/already|taken|duplicate/i.test(said)) return 'duplicate';
  if (/blank|is required|minimum is (1|one) /i.test(said)) return 'value_missing';
  if (/too long/i.test(said)) return 'value_too_long';
  return /closed prevents/i.test(said) ? 'rule_refused' : null;
}
