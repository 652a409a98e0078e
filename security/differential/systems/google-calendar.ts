import { tokenOf, type Change, type System, type ToldOf } from '../system.ts';
import { writeInGoogleCalendar } from '../writing/vendor-write.ts';

interface State {
  readonly calendars: readonly { readonly id: string; readonly rules: readonly Rule[] }[];
}

interface Rule {
  /** Scope and whom it is for: `user:ida@acme.example`. */
  readonly id: string;
  readonly role: string;
}

/** From the least to the most. */
const ranks = ['none', 'freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'];

/** The highest role that these rules give. */
const rankIn = (rules: readonly Rule[], isMeant: (scope: string) => boolean): number =>
  Math.max(0, ...rules.flatMap(({ id, role }) => (isMeant(id) ? [ranks.indexOf(role)] : [])));

/** Calendars whose rules the connected user may read, where those that name groups give the person nothing more. */
function toldOf({ person, connected, state }: ToldOf): (id: string) => boolean {
  const { calendars } = state as unknown as State;
  const byName = ({ username }: { readonly username: string }) => {
    const names = new Set([`user:${username}`, `domain:${username.split('@')[1] ?? ''}`, 'default']);
    return (scope: string): boolean => names.has(scope);
  };
  const told = calendars.filter(({ rules }) => {
    const mine = rankIn(rules, byName(person));
    const groups = rankIn(rules, (scope) => scope.startsWith('group:'));
    return rankIn(rules, byName(connected)) >= ranks.indexOf('writer') && mine > 0 && mine >= groups;
  });
  const ids = new Set(told.map(({ id }) => id));
  return (id) => ids.has(id.split('/')[0] ?? '');
}

const roles = ['none', 'freeBusyReader', 'reader', 'writer'];

/** What a rule of another's calendar says of the person; often of the connected user's, as of others' nothing is heard. */
const rule: Change = ({ sandbox, draw, people, everybody }) => {
  const person = draw.pick(people);
  const others = everybody.filter(({ username }) => username !== person.username);
  const calendar = (draw.chance(60) ? (others[0] ?? person) : draw.pick(others)).username;
  const scope = { type: 'user', value: person.username };
  return sandbox.control('POST', 'sharing', { rule: { calendar, scope, role: draw.pick(roles) } });
};

/**
 * Rules of calendars. The connected user hears the rules of its own calendars
 * only, and members of groups of none: what others share is missing for
 * people who are linked by an operator, and nothing may be too much.
 */
export const googleCalendar: System = {
  provider: 'google_calendar',
  customer: 'acme',
  integration: 'calendar',
  objects: ['calendars', 'events'],
  idField: 'id',
  signsIn: false,
  linkedByName: true,
  users: 200,
  heldBackMs: 0,
  // What Google grants at most; for one user, so that calls of that one are all that there is.
  callLimits: { user_minute: { calls: 6_000, reserve: 0 } },
  sandboxLimits: { perMinute: 1_000_000, perMinutePerUser: 1_000_000 },
  isWhole: false,
  toldOf,
  isCompared: () => false,
  marked: {},
  joins: [],
  idsByApi: async (sandbox, user, object) => {
    const token = await tokenOf(sandbox, user);
    const { calendars } = await sandbox.control<State & object>('POST', 'sharing', {});
    const ids = new Set<string>();
    for (const { id } of calendars) {
      const path = `${sandbox.url}/calendar/v3/calendars/${encodeURIComponent(id)}`;
      const headers = { authorization: `Bearer ${token ?? ''}` };
      if (object === 'calendars') {
        if ((await fetch(path, { headers })).ok) ids.add(id);
        continue;
      }
      let page: string | null = '';
      while (page !== null) {
        const response: Response = await fetch(`${path}/events?maxResults=2500${page}`, { headers });
        if (!response.ok) break;
        const body = (await response.json()) as {
          items: { id: string; summary?: string; visibility?: string; start?: unknown }[];
          nextPageToken?: string;
        };
        // Busy time of a private event has no summary, and is not the event.
        for (const item of body.items)
          if (item.visibility !== 'private' || item.summary !== undefined) ids.add(`${id}/${item.id}`);
        page = body.nextPageToken === undefined ? null : `&pageToken=${encodeURIComponent(body.nextPageToken)}`;
      }
    }
    return ids;
  },
  writing: {
    fields: { events: ['summary', 'location', 'description'] },
    newRecord: (_object, draw, { username }) => ({
      calendarId: username,
      summary: `New ${String(draw.below(1_000_000))}`,
      start: { dateTime: '2026-12-01T10:00:00Z' },
      end: { dateTime: '2026-12-01T11:00:00Z' },
    }),
    writeAs: writeInGoogleCalendar,
  },
  changes: {},
  ownChanges: { rule },
};
