import { tokenOf, type Changing, type System } from '../system.ts';

interface State {
  readonly calendars: readonly { readonly id: string }[];
}

const roles = ['none', 'freeBusyReader', 'reader', 'writer'];

async function change({ sandbox, draw, people }: Changing): Promise<unknown> {
  const calendar = draw.pick(people).username;
  const scope = { type: 'user', value: draw.pick(people.filter(({ username }) => username !== calendar)).username };
  return sandbox.control('POST', 'sharing', { rule: { calendar, scope, role: draw.pick(roles) } });
}

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
  isWhole: false,
  isCompared: () => false,
  marked: {},
  joins: [],
  idsByApi: async (sandbox, user, object) => {
    // A calendar that is refused for haste would look like one that is not shown.
    await sandbox.control('POST', 'limits', { perMinute: 1_000_000, perMinutePerUser: 1_000_000 });
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
  change: async (around) => JSON.stringify(await change(around)).slice(0, 160),
};
