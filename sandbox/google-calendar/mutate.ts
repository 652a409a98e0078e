import { ControlError, type Effect, type Mutation } from '../kit/index.ts';
import type { Account } from './account.ts';
import { parseFields } from './event-fields.ts';
import { ACCESS_ROLES } from './access/roles.ts';
import type { CalendarRecord } from './directory.ts';
import { plainEvent, type CalendarEvent } from './event.ts';
import { cancelExceptions, keepEvent } from './event-changes.ts';
import { tellListChange } from './push/tell.ts';
import { eventId, idSeed } from './ids.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Mutated {
  readonly id: string;
  readonly record: unknown;
  readonly effects: readonly Effect[];
}

const HOUR_MS = 3_600_000;

/**
 * A change as somebody in the company makes it. `events`: fields in the API's
 * shapes, and `calendarId` on create for the organizer's calendar (default:
 * user 0's); ids of instances make exceptions of a series. `calendars`: only
 * update, of `summary` and `sharing` (`none`, `freeBusyReader`, `reader`, ...).
 */
export function mutate(account: Account, mutation: Mutation): Mutated {
  if (mutation.object === 'events') return mutateEvent(account, mutation);
  if (mutation.object === 'calendars') return mutateCalendar(account, mutation);
  throw new ControlError(`object must be events or calendars, not ${mutation.object}`);
}

function mutateEvent(account: Account, mutation: Mutation): Mutated {
  const { op, fields = {} } = mutation;
  const nowMs = account.clock.now().getTime();
  if (op === 'create') return stored(account, op, created(account, fields, nowMs));
  const before = account.events.get(mutation.id ?? '');
  if (before === null) throw new ControlError(`there is no event ${mutation.id}`);
  if ((before.status === 'cancelled') !== (op === 'undelete'))
    throw new ControlError(`event ${mutation.id} is ${before.status === 'cancelled' ? '' : 'not '}deleted`);
  const after: CalendarEvent = {
    ...before,
    updatedMs: Math.max(nowMs, before.updatedMs + 1),
    sequence: before.sequence + 1,
  };
  if (op === 'undelete') return stored(account, op, { ...after, status: 'confirmed' });
  if (op === 'update') return stored(account, op, { ...after, ...parseFields(account, before, fields) });
  cancelExceptions(account, before);
  return stored(account, op, { ...after, status: 'cancelled' });
}

function created(account: Account, fields: Fields, nowMs: number): CalendarEvent {
  const { calendarId = account.people.at(0).email, ...rest } = fields;
  const calendar = account.directory.find(String(calendarId));
  if (calendar === null) throw new ControlError(`there is no calendar ${String(calendarId)}`);
  const zone = calendar.timeZone;
  const displayName = calendar.user === null ? calendar.summary : account.people.at(calendar.user).name;
  const organizer = { email: calendar.id, displayName };
  const empty = plainEvent({
    id: eventId(idSeed(account.world), { kind: 'created', index: account.events.created() }),
    organizer,
    start: { kind: 'time', ms: nowMs + HOUR_MS, zone },
    end: { kind: 'time', ms: nowMs + 2 * HOUR_MS, zone },
    createdMs: nowMs,
    updatedMs: nowMs,
  });
  return { ...empty, ...parseFields(account, empty, rest) };
}

function stored(account: Account, op: 'create' | 'update' | 'delete' | 'undelete', event: CalendarEvent): Mutated {
  const effect = { op, object: 'events', id: event.id };
  keepEvent(account, effect, event);
  return { id: event.id, record: event, effects: [effect] };
}

function mutateCalendar(account: Account, { op, id = '', fields = {} }: Mutation): Mutated {
  const calendar = account.directory.find(id);
  if (op !== 'update' || calendar === null) throw new ControlError(`calendars can be updated only; none is ${id}`);
  const { summary = calendar.summary, sharing = calendar.sharing, ...unknown } = fields;
  if (Object.keys(unknown).length > 0)
    throw new ControlError(`calendars have no writable field ${Object.keys(unknown).join(', ')}`);
  const role = ACCESS_ROLES.find((each) => each === sharing);
  if (role === undefined) throw new ControlError(`sharing must be one of ${ACCESS_ROLES.join(', ')}`);
  const seq = account.events.tick();
  const changed: CalendarRecord = {
    ...calendar,
    summary: String(summary),
    sharing: role,
    changed: seq,
    sharedAt: role === calendar.sharing ? calendar.sharedAt : seq,
  };
  account.directory.put(changed);
  const effect = { op: 'update', object: 'calendars', id } as const;
  tellListChange(account, effect, changed);
  return { id, record: changed, effects: [effect] };
}
