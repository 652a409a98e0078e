import { json, type SandboxResponse } from '../../kit/index.ts';
import type { ObjectName } from '../account.ts';
import { idOrNull, isGiven, wrapped, wrappedList, type Given } from '../writes/given.ts';
import type { TaskResult } from '../writes/jobs.ts';
import { inOneLine, type Refusal } from '../writes/refusal.ts';
import { deleteOne, writeOne, type Written } from '../writes/write-one.ts';
import type { Call, Endpoint } from './context.ts';
import { badRequest, forbidden } from './errors.ts';
import { jobJson } from './job-statuses.ts';
import { idOfKnown, noRecord, SINGULAR, writerOf } from './writes.ts';

/** Source: Zendesk, "Create Many Tickets" and its siblings: at most 100 records in one job. */
const MANY_MAX = 100;

const NAMES = { tickets: 'Ticket', organizations: 'Organization', users: 'User' } as const;
type Verb = 'Create' | 'Update' | 'Delete';
type Task = (index: number) => TaskResult;

/** `POST /{object}/create_many` with a list of records. */
export function createMany(object: ObjectName): Endpoint {
  return (call) => {
    const list = wrappedList(call.request.body, object);
    if (list === null) return noRecord(object);
    const writer = writerOf(call);
    return queued(
      call,
      object,
      'Create',
      list.map((given) => (index) => {
        return resultOf(object, 'Create', index, null, writeOne(writer, object, null, isGiven(given) ? given : {}));
      }),
    );
  };
}

/** `POST /users/create_or_update_many`: each by external id or e-mail address, as it stands when its turn comes. */
export const createOrUpdateMany: Endpoint = (call) => {
  const list = wrappedList(call.request.body, 'users');
  if (list === null) return noRecord('users');
  const writer = writerOf(call);
  return queued(
    call,
    'users',
    'Update',
    list.map((each) => (index) => {
      const given = isGiven(each) ? each : {};
      const id = idOfKnown(call, 'users', given);
      return resultOf('users', id === null ? 'Create' : 'Update', index, id, writeOne(writer, 'users', id, given));
    }),
  );
};

/**
 * `PUT /{object}/update_many`: with `ids` (or `external_ids`) in the address one
 * change for all of them, without them a list of records with their ids.
 */
export function updateMany(object: ObjectName): Endpoint {
  return (call) => {
    const named = namedRecords(call, object);
    const writer = writerOf(call);
    const task =
      (id: number, given: Given): Task =>
      (index) =>
        resultOf(object, 'Update', index, id, writeOne(writer, object, id, given));
    if (named !== null) {
      const given = wrapped(call.request.body, SINGULAR[object]);
      return given === null
        ? noRecord(object)
        : queued(
            call,
            object,
            'Update',
            named.map((id) => task(id, given)),
          );
    }
    const list = wrappedList(call.request.body, object);
    if (list === null) return noRecord(object);
    const tasks = list.map((each) => {
      const given = isGiven(each) ? each : {};
      const byExternal = object === 'tickets' || 'id' in given ? null : idOfKnown(call, object, given);
      return task(idOrNull(given['id']) ?? byExternal ?? 0, given);
    });
    return queued(call, object, 'Update', tasks);
  };
}

export function destroyMany(object: ObjectName): Endpoint {
  return (call) => {
    const ids = namedRecords(call, object);
    if (ids === null) return badRequest('InvalidValue', 'Parameter ids is required');
    if (call.viewer.role !== 'admin') return forbidden();
    const writer = writerOf(call);
    const tasks = ids.map(
      (id): Task =>
        (index) =>
          resultOf(object, 'Delete', index, id, deleteOne(writer, object, id)),
    );
    return queued(call, object, 'Delete', tasks);
  };
}

/** Ids of the address; 0 stands for an external id that no record has. */
function namedRecords({ account, request }: Call, object: ObjectName): readonly number[] | null {
  const split = (name: string) =>
    request.query
      .get(name)
      ?.split(',')
      .filter((each) => each.trim() !== '');
  const ids = split('ids');
  if (ids !== undefined) return ids.map((each) => Number(each.trim()));
  const { userExternalId, organizationExternalId } = account.unique;
  const index = object === 'users' ? userExternalId : organizationExternalId;
  return object === 'tickets' ? null : (split('external_ids')?.map((each) => index.ids(each.trim())[0] ?? 0) ?? null);
}

function queued(call: Call, object: ObjectName, verb: Verb, tasks: readonly Task[]): SandboxResponse {
  if (tasks.length > MANY_MAX)
    return badRequest('TooManyValues', `A job takes at most ${MANY_MAX} ${object}, not ${tasks.length}`);
  const { account, grant, request } = call;
  const job = account.jobs.queue({
    type: `Bulk ${verb} ${NAMES[object]}`,
    user: grant.user,
    tasks: tasks.map((task, index) => () => task(index)),
  });
  if (job === null)
    return json(429, { error: 'TooManyJobs', description: 'Too many jobs are queued or running. Try again later.' });
  return json(200, { job_status: jobJson(request.origin, job) });
}

/**
 * Results differ by what the job was for. Source: Zendesk, "Job Statuses",
 * results; what failures look like is known from reports of integrators.
 */
function resultOf(
  object: ObjectName,
  verb: Verb,
  index: number,
  id: number | null,
  outcome: Written | Refusal,
): TaskResult {
  const action = verb.toLowerCase();
  if (outcome.kind === 'refused') {
    const suffix = object === 'tickets' ? 'Failed' : 'Error';
    const error = outcome.error === 'RecordInvalid' ? `${NAMES[object]}${verb}${suffix}` : outcome.error;
    const named = object === 'users' ? { id: index } : id === null ? {} : { id };
    const status = object === 'tickets' && verb === 'Create' ? {} : { action, success: false, status: 'Failed' };
    return { result: { ...named, index, ...status, error, details: inOneLine(outcome) }, effects: [] };
  }
  const { body, effects } = outcome;
  const done = { status: `${verb}d`, success: true };
  if (object === 'tickets') {
    const said = verb === 'Create' ? {} : { action, ...done };
    return { result: { id: body.id, index, ...said }, effects };
  }
  const known = object === 'users' ? { email: body['email'] } : {};
  return { result: { id: body.id, index, action, ...done, external_id: body['external_id'], ...known }, effects };
}
