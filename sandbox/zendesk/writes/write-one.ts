import type { Effect } from '../../kit/index.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Account, ObjectName } from '../account.ts';
import type { Body } from '../store/collection.ts';
import type { Given } from './given.ts';
import { keep } from './keep.ts';
import { mayDeleteTickets, mayDeleteUser, mayUpdateTickets } from './may.ts';
import { draftOrganization } from './organization.ts';
import { injected, NOT_ALLOWED, NOT_FOUND, recordInvalid, type Refusal } from './refusal.ts';
import { draftTicket } from './ticket.ts';
import { runTriggers } from './triggers.ts';
import { draftUser } from './user.ts';

export interface Writer {
  readonly account: Account;
  readonly viewer: Viewer;
  readonly marker: string | null;
}

export interface Written {
  readonly kind: 'written';
  readonly before: Body | null;
  readonly body: Body;
  readonly effects: readonly Effect[];
}

/** Creates or, with an id, changes one record; single calls and jobs come through here alike. */
export function writeOne(writer: Writer, object: ObjectName, id: number | null, given: Given): Written | Refusal {
  const { account, viewer } = writer;
  const before = id === null ? null : standing(writer, object, id);
  if (before === 'missing') return NOT_FOUND;
  const op = before === null ? 'create' : 'update';
  const failure = account.failures.take({ object, op, id: id === null ? null : String(id) });
  if (failure !== null) return injected(failure);
  if (object === 'tickets') {
    const allowed = before === null || mayUpdateTickets(account, viewer);
    return allowed ? writeTicket(writer, before, given) : NOT_ALLOWED;
  }
  const drafted =
    object === 'users' ? draftUser(account, viewer, before, given) : draftOrganization(account, viewer, before, given);
  if (drafted.kind === 'refused') return drafted;
  const marker = writer.marker ?? ownMarker(given);
  const { body, effect } = keep(account, { object, op, before, after: drafted.body, by: viewer.id, marker });
  const mails = object === 'users' && op === 'create' ? verification(body, given) : [];
  return { kind: 'written', before, body, effects: [effect, ...mails] };
}

function writeTicket(writer: Writer, before: Body | null, given: Given): Written | Refusal {
  const { account, viewer } = writer;
  const drafted = draftTicket(account, viewer, before, given);
  if (drafted.kind === 'refused') return drafted;
  const by = viewer.id;
  const effects: Effect[] = [];
  if (drafted.newcomer !== null) {
    const user = keep(account, {
      object: 'users',
      op: 'create',
      before: null,
      after: drafted.newcomer,
      by,
      marker: null,
    });
    effects.push({ ...user.effect, cause: 'requester of a new ticket' });
  }
  const op = before === null ? 'create' : 'update';
  const marker = writer.marker ?? ownMarker(given);
  const { body, effect } = keep(account, { object: 'tickets', op, before, after: drafted.body, by, marker });
  const { comment } = drafted;
  if (comment !== null) account.conversations.add(body.id, comment, account.clock.now());
  const said = comment === null ? {} : { comment: { body: comment.body, public: comment.isPublic } };
  effects.push({ ...effect, fields: { ...effect.fields, ...said } });
  effects.push(...runTriggers(account, { before, after: body, comment, by }));
  return { kind: 'written', before, body, effects };
}

export function deleteOne(writer: Writer, object: ObjectName, id: number): Written | Refusal {
  const { account, viewer } = writer;
  if (!mayDelete(writer, object, id)) return NOT_ALLOWED;
  const before = standing(writer, object, id);
  if (before === 'missing') return NOT_FOUND;
  const failure = account.failures.take({ object, op: 'delete', id: String(id) });
  if (failure !== null) return injected(failure);
  if (object === 'users' && before.id === viewer.id)
    return recordInvalid({ base: [{ description: 'You cannot delete yourself', error: 'InvalidValue' }] });
  const { marker } = writer;
  const { body, effect } = keep(account, { object, op: 'delete', before, after: before, by: viewer.id, marker });
  return { kind: 'written', before, body, effects: [effect] };
}

function mayDelete({ account, viewer }: Writer, object: ObjectName, id: number): boolean {
  if (object === 'tickets') return mayDeleteTickets(account, viewer);
  return object === 'users' ? mayDeleteUser(account, viewer, id) : viewer.role === 'admin';
}

/** What the caller may not see does not exist for it. */
function standing({ account, viewer }: Writer, object: ObjectName, id: number): Body | 'missing' {
  const entry = account.records[object].get(id);
  if (entry === null || entry.deleted || viewer.filter(object)?.(entry) === false) return 'missing';
  return entry.body;
}

/** New users get a mail to prove their address, unless that is skipped or vouched for. */
function verification(body: Body, given: Given): readonly Effect[] {
  if (given['skip_verify_email'] === true || given['verified'] === true || typeof body['email'] !== 'string') return [];
  return [{ op: 'send', object: 'email', id: body['email'], cause: 'verification of a new user' }];
}

function ownMarker(given: Given): string | null {
  return typeof given['external_id'] === 'string' ? given['external_id'] : null;
}
