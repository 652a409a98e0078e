import { isJsonObject, type Json } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import { refusal } from '../../kit/write-outcomes.ts';
import type { WriteRefusal, WriteRefusalCode } from '../../writes.ts';

/** Sources: REST API Developer Guide, "Status Codes and Error Responses"; SOAP API Developer Guide, "StatusCode". */
const CODES: Readonly<Record<string, WriteRefusalCode>> = {
  REQUIRED_FIELD_MISSING: 'value_missing',
  STRING_TOO_LONG: 'value_too_long',
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: 'value_not_allowed',
  INACTIVE_OWNER_OR_USER: 'value_not_allowed',
  INVALID_EMAIL_ADDRESS: 'value_invalid',
  INVALID_TYPE_ON_FIELD_IN_RECORD: 'value_invalid',
  NUMBER_OUTSIDE_VALID_RANGE: 'value_invalid',
  JSON_PARSER_ERROR: 'value_invalid',
  FIELD_INTEGRITY_EXCEPTION: 'value_invalid',
  INVALID_CROSS_REFERENCE_KEY: 'reference_missing',
  MALFORMED_ID: 'reference_missing',
  CIRCULAR_DEPENDENCY: 'value_not_allowed',
  DUPLICATE_VALUE: 'duplicate',
  DUPLICATE_EXTERNAL_ID: 'duplicate',
  DUPLICATES_DETECTED: 'duplicate',
  FIELD_CUSTOM_VALIDATION_EXCEPTION: 'rule_refused',
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: 'rule_refused',
  CANNOT_EXECUTE_FLOW_TRIGGER: 'rule_refused',
  FIELD_FILTER_VALIDATION_EXCEPTION: 'rule_refused',
  DELETE_FAILED: 'rule_refused',
  DEPENDENCY_EXISTS: 'rule_refused',
  INVALID_FIELD_FOR_INSERT_UPDATE: 'field_not_writable',
  INVALID_FIELD: 'field_not_writable',
  INSUFFICIENT_ACCESS_OR_READONLY: 'not_permitted',
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: 'not_permitted',
  INSUFFICIENT_ACCESS: 'not_permitted',
  CANNOT_UPDATE_CONVERTED_LEAD: 'not_permitted',
  INVALID_TYPE: 'not_permitted',
  ENTITY_IS_DELETED: 'record_missing',
  NOT_FOUND: 'record_missing',
  // An approval holds the record until somebody decides: waiting a moment does not help.
  ENTITY_IS_LOCKED: 'rule_refused',
  UNABLE_TO_LOCK_ROW: 'record_locked',
  REQUEST_LIMIT_EXCEEDED: 'limited',
  LIMIT_EXCEEDED: 'limited',
  STORAGE_LIMIT_EXCEEDED: 'rule_refused',
  SERVER_UNAVAILABLE: 'unavailable',
};

/** The first of a record's errors; `code` as documented, else it is not repeated. */
export function refusalOf(code: string | null, fields: readonly string[]): WriteRefusal {
  const known = code !== null && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  return refusal(known ?? 'other', code !== null && isCode(code) ? code : null, fields);
}

/** Of one record in a collection (`errors`), or of a whole call: a list of `{statusCode | errorCode, message, fields}`. */
export function refusalIn(errors: Json | undefined): WriteRefusal {
  const [first] = Array.isArray(errors) ? (errors as readonly Json[]) : [];
  if (!isJsonObject(first)) return refusal('other');
  const fields = first['fields'];
  const names = Array.isArray(fields) ? fields.filter(isName) : [];
  return refusalOf(textAt(first, 'statusCode') ?? textAt(first, 'errorCode'), names);
}

/** `sf__Error` of a bulk job: `CODE:message:fields --`. */
export function refusalOfBulk(text: string): WriteRefusal {
  const [, code = null] = /^([A-Z][A-Z_]+):/.exec(text) ?? [];
  const [, listed = ''] = /:([\w, ]*) --\s*$/.exec(text) ?? [];
  return refusalOf(
    code,
    listed
      .split(',')
      .map((name) => name.trim())
      .filter(isName),
  );
}

const isName = (value: Json): value is string => typeof value === 'string' && /^\w{1,80}$/.test(value);
const isCode = (text: string): boolean => /^[A-Z][A-Z_]{2,60}$/.test(text);
