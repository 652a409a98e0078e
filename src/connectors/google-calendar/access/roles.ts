import type { NativeObject } from '../../../schema/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { NativeRecord } from '../../contract.ts';
import type { Audience, Grantee, ObjectStanding, Standing } from '../../permissions.ts';

/** Access roles of a calendar, each with what the ones before it have (reference of Acl and CalendarList). */
const ROLES = ['none', 'freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'] as const;
export type CalendarRole = (typeof ROLES)[number];

/** A role that nobody knows gives nothing. */
export const roleNamed = (name: string | null): CalendarRole => ROLES.find((role) => role === name) ?? 'none';

export const higherRole = (one: CalendarRole, other: CalendarRole): CalendarRole =>
  ROLES.indexOf(one) >= ROLES.indexOf(other) ? one : other;

/**
 * `calendar:<id>:listed` are all who may know of the calendar, `:reader` who may
 * read its events, `:writer` who may read those marked private, too. Who has a
 * role has those below it.
 */
const grantee = (calendar: string, level: 'listed' | 'reader' | 'writer'): Grantee => `calendar:${calendar}:${level}`;

function granteesOf(calendar: string, role: CalendarRole): Grantee[] {
  const isAtLeast = (least: CalendarRole): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least);
  return [
    ...(isAtLeast('freeBusyReader') ? [grantee(calendar, 'listed')] : []),
    ...(isAtLeast('reader') ? [grantee(calendar, 'reader')] : []),
    ...(isAtLeast('writer') ? [grantee(calendar, 'writer')] : []),
  ];
}

const PRIVATE = new Set<string | null>(['private', 'confidential']);

export const isPrivate = (visibility: string | null): boolean => PRIVATE.has(visibility);

/** Whether the role may change events, and those marked private, too (reference of Acl, `role`). */
export const mayWriteAs = (role: CalendarRole, isOfPrivate: boolean): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(isOfPrivate ? 'writer' : 'writerWithoutPrivateAccess');

/** Readers are shown of a private event that there is one, not what it is: to them it is hidden as a whole. */
export function audienceOf(object: NativeObject, record: NativeRecord): Audience | null {
  if (record.deleted) return null;
  if (object.name === 'calendars') return { grantees: [grantee(record.id, 'listed')] };
  const calendar = textAt(record.values, 'calendarId');
  if (object.name !== 'events' || calendar === null) return null;
  const isOfWriters = isPrivate(textAt(record.values, 'visibility'));
  return { grantees: [grantee(calendar, isOfWriters ? 'writer' : 'reader')] };
}

/** What the connected user's own list says of a calendar is nobody else's. */
const OF_OWN_LIST = new Set(['accessRole', 'hidden', 'primary', 'selected', 'summaryOverride']);

export function standingOf(
  user: string,
  roles: ReadonlyMap<string, CalendarRole>,
  objects: readonly NativeObject[],
  isConnectedUser: boolean,
): Standing {
  const shown = ({ name, fields }: NativeObject): ObjectStanding => ({
    seesAll: false,
    fields: new Set(
      fields
        .map((field) => field.name)
        .filter((field) => isConnectedUser || name !== 'calendars' || !OF_OWN_LIST.has(field)),
    ),
  });
  return {
    user,
    active: true,
    grantees: [...roles].flatMap(([calendar, role]) => granteesOf(calendar, role)),
    objects: new Map(objects.map((object) => [object.name, shown(object)])),
  };
}
