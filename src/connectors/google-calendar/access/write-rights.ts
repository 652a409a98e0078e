import { limits } from '../../../kernel/index.ts';
import { textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { MAY, MAY_NOT, nobodyTells } from '../../write-rights.ts';
import type { WriteRight, WriteRightsQuestion, WriteWish } from '../../write-rights.ts';
import { readRecords } from '../read-records.ts';
import { readCalendarAccess, rolesOf, type CalendarAccess } from './acl.ts';
import { isPrivate, mayWriteAs, type CalendarRole } from './roles.ts';

/**
 * What Google would let a user do with events: as its role in the calendar says
 * (reference of Acl, `role`: https://developers.google.com/workspace/calendar/api/v3/reference/acl).
 * One call for the calendars and one for the rules of each that the connected
 * user may write, and one for each event that changes. Raises `access_source_refused`.
 */
export async function mayWrite(
  context: SessionContext,
  { user, object, writes }: WriteRightsQuestion,
): Promise<readonly WriteRight[]> {
  if (object.name !== 'events') return writes.map(() => MAY_NOT);
  const access = await readCalendarAccess(context);
  const roles = rolesOf(access, user);
  const hidden = await privateEvents(context, { object, ids: writes.flatMap(({ recordId }) => recordId ?? []) });
  return writes.map((wish) => {
    const calendar = calendarOf(wish);
    const role = roles.get(calendar) ?? 'none';
    const needsPrivate = wish.recordId !== null && hidden.get(wish.recordId) !== false;
    if (mayWriteAs(role, needsPrivate)) return MAY;
    // Of the connected user's own role nothing is left open.
    if (user.toLowerCase() === access.self) return MAY_NOT;
    return toldElsewhere(access, calendar, needsPrivate) ?? MAY_NOT;
  });
}

function calendarOf({ recordId, values }: WriteWish): string {
  if (recordId !== null) return recordId.slice(0, Math.max(0, recordId.lastIndexOf('/')));
  const calendar = values['calendarId'];
  return typeof calendar === 'string' ? calendar : '';
}

/** By id; what is not there or not shown is not in it. */
async function privateEvents(
  context: SessionContext,
  { object, ids }: Pick<WriteRightsQuestion, 'object'> & { readonly ids: readonly string[] },
): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  for (let at = 0; at < ids.length; at += limits.visibleIdsMax) {
    const { records } = await readRecords(context, object, ids.slice(at, at + limits.visibleIdsMax));
    for (const { id, values, deleted } of records) if (!deleted) found.set(id, isPrivate(textAt(values, 'visibility')));
  }
  return found;
}

/** What a group is given, only the directory tells whom; and rules are told only to who may write the calendar. */
function toldElsewhere(
  { rules, ownRoles }: CalendarAccess,
  calendar: string,
  needsPrivate: boolean,
): WriteRight | null {
  const own: CalendarRole = ownRoles.get(calendar) ?? 'none';
  if (!mayWriteAs(own, true)) return nobodyTells('Google tells only who may write a calendar who else may.');
  const byGroup = rules.some(
    ({ calendar: of, scope, role }) => of === calendar && scope === 'group' && mayWriteAs(role, needsPrivate),
  );
  return byGroup ? nobodyTells('A group may, and Google Calendar does not tell who is in it.') : null;
}
