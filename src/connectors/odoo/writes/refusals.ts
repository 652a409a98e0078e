import { refusal } from '../../kit/write-outcomes.ts';
import type { WriteRefusal, WriteRefusalCode } from '../../writes.ts';

/**
 * Exceptions that end a call, with its transaction taken back (odoo/exceptions.py,
 * odoo/service/model.py, and psycopg2's of the database).
 */
const ROLLED_BACK: ReadonlyMap<string, WriteRefusalCode> = new Map([
  ['AccessError', 'not_permitted'],
  ['Forbidden', 'not_permitted'],
  ['MissingError', 'record_missing'],
  ['NotFound', 'record_missing'],
  ['UserError', 'rule_refused'],
  ['RedirectWarning', 'rule_refused'],
  ['ValidationError', 'rule_refused'],
  ['LockError', 'record_locked'],
  ['ConcurrencyError', 'record_locked'],
  ['SerializationFailure', 'record_locked'],
  ['DeadlockDetected', 'record_locked'],
  ['LockNotAvailable', 'record_locked'],
  ['TransactionRollbackError', 'record_locked'],
  ['NotNullViolation', 'value_missing'],
  ['UniqueViolation', 'duplicate'],
  ['ForeignKeyViolation', 'reference_missing'],
  ['CheckViolation', 'value_not_allowed'],
  ['StringDataRightTruncation', 'value_too_long'],
  ['NumericValueOutOfRange', 'value_invalid'],
  ['InvalidDatetimeFormat', 'value_invalid'],
  ['ValueError', 'value_invalid'],
  ['TypeError', 'value_invalid'],
  ['KeyError', 'value_invalid'],
  ['UnprocessableEntity', 'value_invalid'],
  ['BadRequest', 'value_invalid'],
]);

/** What a fault says of a write; null: not that it was taken back. */
export function refusalOfFault(name: string, message: string): WriteRefusal | null {
  const code = ROLLED_BACK.get(name);
  if (code === undefined) return null;
  return refusal(BY_WORDS.has(name) ? (codeOfWords(message) ?? code) : code, name, fieldsIn(message));
}

/** Exceptions that stand for many things. */
const BY_WORDS: ReadonlySet<string> = new Set(['ValidationError', 'UserError', 'ValueError', 'KeyError']);

/** The database's own complaints come as validation errors, in words of Odoo's that have not changed for long (odoo/tools/convert.py, models.py). */
function codeOfWords(message: string): WriteRefusalCode | null {
  if (/invalid field/i.test(message)) return 'field_not_writable';
  if (/missing required value|mandatory field is not set|required field/i.test(message)) return 'value_missing';
  if (/already exists|must be unique|duplicate key/i.test(message)) return 'duplicate';
  if (/wrong value for/i.test(message)) return 'value_not_allowed';
  if (/another model (is using|requires)|still referenced/i.test(message)) return 'rule_refused';
  return null;
}

/** Names of fields as these complaints give them: `(field_name)`, `'field_name'`. */
function fieldsIn(message: string): string[] {
  const named = /(?:field[^\n]{0,80}?[('])([a-z_][a-z0-9_]{1,60})[)']/i.exec(message)?.[1];
  return named === undefined ? [] : [named];
}
