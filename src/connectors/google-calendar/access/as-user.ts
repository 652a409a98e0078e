import type { NativeObject } from '../../../schema/index.ts';
import { idAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import type { IdPage, NativeRecord } from '../../contract.ts';
import type { AsUserPermissions, Standing } from '../../permissions.ts';
import { eventRecord } from '../event-record.ts';
import { identify } from '../identity.ts';
import { readListPage, type ListPlace } from '../list-page.ts';
import { allCalendars } from '../read-calendars.ts';
import { isReadable } from '../read-events.ts';
import { readRecords } from '../read-records.ts';
import { audienceOf, roleNamed, standingOf } from './roles.ts';

/** The user's own list of calendars says its role in each; rules of calendars are not asked for. */
export const asUser = (context: SessionContext): AsUserPermissions => ({
  readStanding: (objects) => ownStanding(context, objects),
  listIds: async (object, afterId) =>
    object.name === 'calendars' ? calendarIds(context, afterId) : eventIds(context, object, afterId),
  visible: async (object, ids) => {
    const standing = await ownStanding(context, [object]);
    const { records } = await readRecords(context, object, ids);
    const own = new Set(standing.grantees);
    return new Set(shownIn(own, object, records));
  },
});

async function ownStanding(context: SessionContext, objects: readonly NativeObject[]): Promise<Standing> {
  const { userName } = await identify(context);
  const roles = (await allCalendars(context)).map(
    (entry) => [textAt(entry, 'id') ?? '', roleNamed(textAt(entry, 'accessRole'))] as const,
  );
  return standingOf(userName, new Map(roles), objects, false);
}

/** All at once: one person's list. */
async function calendarIds(context: SessionContext, afterId: string | null): Promise<IdPage> {
  const ids = (await allCalendars(context)).map((entry) => idAt(entry, 'id', 'list of calendars')).toSorted();
  return { ids: ids.filter((id) => afterId === null || id > afterId), more: false };
}

/** Google lists events in no order that could be gone on from: a page is what a calendar shows, one after another. */
async function eventIds(context: SessionContext, object: NativeObject, afterId: string | null): Promise<IdPage> {
  const own = new Set((await ownStanding(context, [object])).grantees);
  const after = afterId === null ? null : afterId.slice(0, afterId.lastIndexOf('/'));
  const listed = (await allCalendars(context))
    .filter(isReadable)
    .map((entry) => idAt(entry, 'id', 'list of calendars'));
  const calendars = listed.toSorted().filter((id) => after === null || id > after);
  for (const [at, calendar] of calendars.entries()) {
    const ids = shownIn(own, object, await eventsIn(context, object, calendar)).toSorted();
    if (ids.length > 0) return { ids, more: at < calendars.length - 1 };
  }
  return { ids: [], more: false };
}

function shownIn(own: ReadonlySet<string>, object: NativeObject, records: readonly NativeRecord[]): string[] {
  return records
    .filter((record) => audienceOf(object, record)?.grantees.some((grantee) => own.has(grantee)) === true)
    .map(({ id }) => id);
}

/** The most that Google puts into one answer (reference of Events.list). */
const PAGE_MAX = 2_500;

async function eventsIn(
  context: SessionContext,
  object: NativeObject,
  calendar: string,
): Promise<readonly NativeRecord[]> {
  const path = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/events`;
  const records: NativeRecord[] = [];
  let place: ListPlace = { page: null, sync: null };
  for (let more = true; more;) {
    const page = await readListPage(context, { object: object.name, path, sizeMax: PAGE_MAX, query: {} }, place);
    records.push(...page.items.map((entry) => eventRecord({ id: calendar, ownDomain: null }, entry, object.fields)));
    place = page.next;
    ({ more } = page);
  }
  return records;
}
