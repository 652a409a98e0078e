import type { ObjectName } from '../account.ts';
import type { ApiRoute } from './context.ts';
import { listJobs, showJob, showManyJobs } from './job-statuses.ts';
import { createTicket, deleteTicket, listComments, listTriggers, updateTicket, writeTags } from './tickets.ts';
import { createMany, createOrUpdateMany, destroyMany, updateMany } from './write-many.ts';
import { createOrUpdate, createRecord, deleteRecord, updateRecord } from './writes.ts';

/** What changes records, and what shows how that went. Ids are numbers, so that no name is taken for one. */
export const WRITE_ROUTES: readonly ApiRoute[] = [
  route('POST', 'tickets', createTicket, 'tickets'),
  route('PUT', 'tickets/(\\d+)', updateTicket, 'tickets'),
  route('DELETE', 'tickets/(\\d+)', deleteTicket, 'tickets'),
  route('POST', 'tickets/(\\d+)/tags', writeTags('tags'), 'tickets'),
  route('PUT', 'tickets/(\\d+)/tags', writeTags('additional_tags'), 'tickets'),
  route('DELETE', 'tickets/(\\d+)/tags', writeTags('remove_tags'), 'tickets'),
  route('GET', 'tickets/(\\d+)/comments', listComments, 'tickets'),
  route('GET', 'triggers', listTriggers),
  ...ofPeople('users'),
  ...ofPeople('organizations'),
  route('POST', 'users/create_or_update_many', createOrUpdateMany, 'users'),
  ...many('tickets'),
  ...many('users'),
  ...many('organizations'),
  route('GET', 'job_statuses', listJobs),
  route('GET', 'job_statuses/show_many', showManyJobs),
  route('GET', 'job_statuses/([\\w-]+)', showJob),
];

function ofPeople(object: 'users' | 'organizations'): readonly ApiRoute[] {
  return [
    route('POST', object, createRecord(object), object),
    route('POST', `${object}/create_or_update`, createOrUpdate(object), object),
    route('PUT', `${object}/(\\d+)`, updateRecord(object), object),
    route('DELETE', `${object}/(\\d+)`, deleteRecord(object), object),
  ];
}

function many(object: ObjectName): readonly ApiRoute[] {
  return [
    route('POST', `${object}/create_many`, createMany(object), object),
    route('PUT', `${object}/update_many`, updateMany(object), object),
    route('DELETE', `${object}/destroy_many`, destroyMany(object), object),
  ];
}

function route(method: ApiRoute['method'], path: string, handle: ApiRoute['handle'], resource?: string): ApiRoute {
  return { method, pattern: new RegExp(`^${path}$`), handle, ...(resource === undefined ? {} : { resource }) };
}
