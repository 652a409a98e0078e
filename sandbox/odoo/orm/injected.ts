import type { WriteOp } from '../../kit/index.ts';
import { OdooError, type OdooErrorKind } from '../errors.ts';
import type { Env } from './env.ts';

/** Names that `POST /__sandbox/fail` may give as `error`; anything else is a ValidationError that says so. */
const KINDS: Readonly<Record<string, readonly [kind: OdooErrorKind, message: string]>> = {
  AccessError: ['access', 'You are not allowed to modify this record.'],
  MissingError: ['missing', 'Record does not exist or has been deleted.'],
  UserError: ['user', 'This record cannot be changed now.'],
  ValidationError: ['validation', 'The operation cannot be completed: the record is not valid.'],
  SerializationFailure: ['serialization', 'could not serialize access due to concurrent update\n'],
};

/** Throws where somebody asked for the refusal of this record; the whole call is rolled back with it. */
export function checkInjected(env: Env, object: string, op: WriteOp, ids: readonly (number | null)[]): void {
  for (const id of ids) {
    const failure = env.org.failures.take({ object, op, id: id === null ? null : String(id) });
    if (failure === null) continue;
    const [kind, message] = KINDS[failure.error] ?? ['validation', failure.error];
    throw new OdooError(kind, failure.message ?? message);
  }
}
