import type { FieldDef } from '../schema/field.ts';

/** Why a record was not saved, in the platform's words (SOAP API guide, "Core Data Types", "StatusCode"). */
export interface SaveError {
  readonly statusCode: string;
  readonly message: string;
  readonly fields: readonly string[];
}

export function saveError(statusCode: string, message: string, fields: readonly string[] = []): SaveError {
  return { statusCode, message, fields };
}

/** A value of a request in a message. */
export function shownText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function ofField(statusCode: string, field: FieldDef, message: string): SaveError {
  return saveError(statusCode, `${field.label}: ${message}`, [field.name]);
}

export const noSuchRecord = (): SaveError => saveError('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id');

export const deletedRecord = (): SaveError => saveError('ENTITY_IS_DELETED', 'entity is deleted');

export const noAccess = (): SaveError =>
  saveError('INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights on object id');

export function notWritable(names: readonly string[]): SaveError {
  const list = names.join(', ');
  const advice = 'Please check the security settings of this field and verify that it is read/write for your profile';
  return saveError(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${list}. ${advice} or permission set.`,
    names,
  );
}

/** What the platform says with a code, for refusals on demand that give nothing but the code. */
export function wordsOf(statusCode: string, id: string | null): string {
  switch (statusCode) {
    case 'UNABLE_TO_LOCK_ROW':
      return `unable to obtain exclusive access to this record or 1 records: ${id ?? 'unknown'}`;
    case 'ENTITY_IS_DELETED':
      return deletedRecord().message;
    case 'INSUFFICIENT_ACCESS_OR_READONLY':
      return noAccess().message;
    case 'ENTITY_IS_LOCKED':
      return 'the entity is locked for editing';
    case 'STORAGE_LIMIT_EXCEEDED':
      return 'storage limit exceeded';
    case 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY':
      return 'A trigger of this org caused an exception; contact your administrator';
    default:
      return 'the record could not be saved';
  }
}

/** A body that cannot be read: the whole call is refused, whatever else is in it. */
export class RequestError extends Error {
  readonly errorCode: string;
  constructor(errorCode: string, message: string) {
    super(message);
    this.errorCode = errorCode;
  }
}
