import { json, type SandboxResponse } from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import { idOrNull, wrapped, type Given } from '../writes/given.ts';
import { refusalAnswer, type Refusal } from '../writes/refusal.ts';
import { deleteOne, writeOne, type Writer, type Written } from '../writes/write-one.ts';
import { auditOf } from './audit.ts';
import type { Call, Endpoint } from './context.ts';
import { badRequest } from './errors.ts';
import { present } from './present.ts';

export const SINGULAR = { tickets: 'ticket', organizations: 'organization', users: 'user' } as const;

export function writerOf({ account, request, viewer }: Call): Writer {
  const key = request.headers['idempotency-key'];
  return { account, viewer, marker: typeof key === 'string' ? key : null };
}

/** `POST /api/v2/{object}`: 201 with the record and where it stands. */
export function createRecord(object: ObjectName): Endpoint {
  return (call) => {
    const given = wrapped(call.request.body, SINGULAR[object]);
    if (given === null) return noRecord(object);
    return written(call, object, 201, writeOne(writerOf(call), object, null, given));
  };
}

export function updateRecord(object: ObjectName): Endpoint {
  return (call) => {
    const given = wrapped(call.request.body, SINGULAR[object]);
    if (given === null) return noRecord(object);
    return written(call, object, 200, writeOne(writerOf(call), object, Number(call.params[0]), given));
  };
}

/** 204, but a user is answered as it stands now: soft deleted. */
export function deleteRecord(object: ObjectName): Endpoint {
  return (call) => {
    const outcome = deleteOne(writerOf(call), object, Number(call.params[0]));
    if (outcome.kind === 'refused') return refusalAnswer(outcome);
    const { effects } = outcome;
    if (object === 'users') return { ...shown(call, object, 200, outcome), effects };
    return { status: 204, body: '', effects };
  };
}

/**
 * Changes the record that the `id`, the external id or, for users, the e-mail
 * address names, and creates one where there is none. Source: Zendesk, "Create
 * Or Update User" and "Create Or Update Organization".
 */
export function createOrUpdate(object: 'users' | 'organizations'): Endpoint {
  return (call) => {
    const given = wrapped(call.request.body, SINGULAR[object]);
    if (given === null) return noRecord(object);
    const id = idOfKnown(call, object, given);
    return written(call, object, id === null ? 201 : 200, writeOne(writerOf(call), object, id, given));
  };
}

/** The id of the record that stands there already; null: none. */
export function idOfKnown({ account }: Call, object: 'users' | 'organizations', given: Given): number | null {
  const { unique, records } = account;
  const id = idOrNull(given['id']);
  if (object === 'organizations' && id !== null && records.organizations.get(id) !== null) return id;
  const external = typeof given['external_id'] === 'string' ? given['external_id'] : '';
  const byExternal = (object === 'users' ? unique.userExternalId : unique.organizationExternalId).ids(external)[0];
  if (external !== '' && byExternal !== undefined) return byExternal;
  const email = typeof given['email'] === 'string' ? given['email'].trim() : '';
  return object === 'users' && email !== '' ? (unique.userEmail.ids(email)[0] ?? null) : null;
}

export function written(call: Call, object: ObjectName, status: number, outcome: Written | Refusal): SandboxResponse {
  if (outcome.kind === 'refused') return refusalAnswer(outcome);
  const answer = shown(call, object, status, outcome);
  const location = { location: `${call.request.origin}/api/v2/${object}/${outcome.body.id}.json` };
  return { ...answer, headers: { ...answer.headers, ...location }, effects: outcome.effects };
}

function shown(call: Call, object: ObjectName, status: number, outcome: Written): SandboxResponse {
  const { account, request, viewer } = call;
  const { body } = outcome;
  const entry = account.records[object].get(body.id);
  if (entry === null) throw new Error(`${object} ${body.id} was written and is gone`);
  const record = present(account, request.origin, object, entry);
  const audit = object === 'tickets' ? { audit: auditOf(outcome, viewer.id) } : {};
  return json(status, { [SINGULAR[object]]: record, ...audit });
}

export function noRecord(object: ObjectName): SandboxResponse {
  const key = SINGULAR[object];
  return badRequest('InvalidValue', `Parameter ${key} is required`);
}
