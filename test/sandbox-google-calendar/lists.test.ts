import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type TestSandbox } from '../support/sandbox.ts';
import {
  ANCHOR,
  connect,
  eventsPath,
  items,
  readAll,
  reasonOf,
  sellerOf,
  startCalendars,
  type CalendarClient,
  type Json,
} from './client.ts';

const DAY_MS = 86_400_000;
const anchorMs = Date.parse(ANCHOR);
const iso = (ms: number) => new Date(ms).toISOString();

let sandbox: TestSandbox;
let client: CalendarClient;
let seller: string;
beforeAll(async () => {
  sandbox = await startCalendars({ scale: 20_000 });
  client = await connect(sandbox);
  seller = sellerOf(sandbox).username;
});
afterAll(() => sandbox.stop());

const startOf = (event: Json) => {
  const { dateTime, date } = event['start'] as { dateTime?: string; date?: string };
  return Date.parse(dateTime ?? `${String(date)}T00:00:00Z`);
};

describe('Events: list', () => {
  it('gives every event once, whatever the page size', async () => {
    const whole = await readAll(client, eventsPath(seller), { maxResults: '2500' });
    const small = await readAll(client, eventsPath(seller), { maxResults: '7' });
    expect(whole.pages).toBe(1);
    expect(small.items).toEqual(whole.items);
    expect(new Set(whole.items.map((item) => item['id'])).size).toBe(whole.items.length);
    expect(whole.items.length).toBeGreaterThan(40);
  });

  it('keeps to a window by start and end, both exclusive', async () => {
    const [timeMin, timeMax] = [iso(anchorMs - 200 * DAY_MS), iso(anchorMs - 20 * DAY_MS)];
    const { items: found } = await readAll(client, eventsPath(seller), { singleEvents: 'true', timeMin, timeMax });
    const { items: all } = await readAll(client, eventsPath(seller), { singleEvents: 'true' });
    const inside = all.filter((event) => {
      const end = event['end'] as { dateTime?: string; date?: string };
      const endMs = Date.parse(end.dateTime ?? `${String(end.date)}T00:00:00Z`);
      return startOf(event) < Date.parse(timeMax) && endMs > Date.parse(timeMin);
    });
    expect(found.map(({ id }) => id)).toEqual(inside.map(({ id }) => id));
    expect(found.length).toBeGreaterThan(5);
    expect(found.length).toBeLessThan(all.length);
  });

  it('sorts by start where series are expanded, and by change', async () => {
    const query = { singleEvents: 'true', orderBy: 'startTime', maxResults: '11' };
    const { items: byStart, syncToken } = await readAll(client, eventsPath(seller), query);
    expect(byStart.map(startOf)).toEqual(byStart.map(startOf).toSorted((a, b) => a - b));
    expect(byStart.length).toBeGreaterThan(100);
    expect(syncToken).toBeNull();
    const { items: byChange } = await readAll(client, eventsPath(seller), { orderBy: 'updated', maxResults: '11' });
    const changes = byChange.flatMap((event) => (event['updated'] === undefined ? [] : [String(event['updated'])]));
    expect(changes).toEqual(changes.toSorted());
    const refused = await client.get(eventsPath(seller), { orderBy: 'startTime' });
    expect([refused.status, reasonOf(refused)]).toEqual([400, 'badRequest']);
  });

  it('brings what changed since a moment with deleted events, which a plain list leaves out', async () => {
    const updatedMin = iso(anchorMs - 20 * DAY_MS);
    const found = await readAll(client, eventsPath(seller), { updatedMin });
    const timed = found.items.filter((event) => event['updated'] !== undefined);
    expect(timed.every((event) => Date.parse(String(event['updated'])) >= Date.parse(updatedMin))).toBe(true);
    const old = await client.get(eventsPath(seller), { updatedMin: iso(anchorMs - 40 * DAY_MS) });
    expect([old.status, reasonOf(old)]).toEqual([410, 'updatedMinTooLongAgo']);

    const { id } = await sandbox.mutate({
      op: 'create',
      object: 'events',
      fields: { calendarId: seller, summary: 'soon gone', attendees: [{ email: adminOf(sandbox).username }] },
    });
    await sandbox.mutate({ op: 'delete', object: 'events', id });
    const idsWith = async (calendar: string, query: Record<string, string>) =>
      new Map((await readAll(client, eventsPath(calendar), query)).items.map((item) => [item['id'], item]));
    expect((await idsWith(seller, {})).has(id)).toBe(false);
    expect((await idsWith(seller, { updatedMin })).get(id)).toMatchObject({ status: 'cancelled' });
    // The organizer's calendar keeps the details, so that the event can be restored; guests' do not.
    expect((await idsWith(seller, { showDeleted: 'true' })).get(id)).toMatchObject({ summary: 'soon gone' });
    expect((await idsWith('primary', { showDeleted: 'true' })).get(id)).not.toHaveProperty('summary');
  });

  it('finds by text, by properties and by the id that calendars share', async () => {
    const { items: all } = await readAll(client, eventsPath(seller), { maxResults: '2500' });
    const linked = all.find((event) => event['extendedProperties'] !== undefined) ?? {};
    const { shared } = linked['extendedProperties'] as { shared: { crm_event_id: string } };
    const find = async (query: Record<string, string>) =>
      (await readAll(client, eventsPath(seller), query)).items.map((item) => item['id']);
    expect(await find({ sharedExtendedProperty: `crm_event_id=${shared.crm_event_id}` })).toEqual([linked['id']]);
    expect(await find({ privateExtendedProperty: `crm_event_id=${shared.crm_event_id}` })).toEqual([]);
    expect(await find({ iCalUID: String(linked['iCalUID']) })).toEqual([linked['id']]);
    const word = String(linked['summary']).toUpperCase();
    expect(await find({ q: word })).toContain(linked['id']);
    expect(await find({ eventTypes: 'focusTime' })).toEqual([]);
  });

  it('shows at most so many guests, of whom one is the calendar itself', async () => {
    const { items: found } = await readAll(client, eventsPath(seller), { maxAttendees: '1' });
    const cut = found.filter((event) => event['attendeesOmitted'] === true);
    expect(cut.length).toBeGreaterThan(5);
    for (const event of cut) expect(event['attendees']).toMatchObject([{ email: seller, self: true }]);
  });

  it('writes times in the zone that is asked for', async () => {
    const [event] = items(await client.get(eventsPath(seller), { singleEvents: 'true', q: 'qbr', timeZone: 'UTC' }));
    const [berlin] = items(await client.get(eventsPath(seller), { singleEvents: 'true', q: 'qbr' }));
    const text = (each: Json = {}) => (each['start'] as { dateTime: string }).dateTime;
    expect(text(event)).toMatch(/Z$/);
    expect(text(berlin)).toMatch(/\+0[12]:00$/);
    expect(Date.parse(text(event))).toBe(Date.parse(text(berlin)));
  });

  it('refuses what the documents exclude', async () => {
    const faults: readonly (readonly [Record<string, string>, string])[] = [
      [{ timeMin: '2026-08-01T00:00:00' }, 'badRequest'],
      [{ timeMin: '2026-08-02T00:00:00Z', timeMax: '2026-08-01T00:00:00Z' }, 'timeRangeEmpty'],
      [{ maxResults: 'many' }, 'invalidParameter'],
      [{ maxResults: '0' }, 'invalidParameter'],
      [{ orderBy: 'name' }, 'invalidParameter'],
      [{ singleEvents: 'yes' }, 'invalidParameter'],
      [{ pageToken: 'x' }, 'invalid'],
      [{ timeZone: 'Mars/Olympus' }, 'invalid'],
    ];
    for (const [query, reason] of faults) {
      const answer = await client.get(eventsPath(seller), query);
      expect([query, answer.status, reasonOf(answer)]).toEqual([query, 400, reason]);
    }
  });
});

describe('who sees what', () => {
  it('shows private appointments to their owner only', async () => {
    const user = sellerOf(sandbox);
    const hidden = (await readAll(client, eventsPath(seller))).items.filter((each) => each['visibility'] === 'private');
    expect(hidden.length).toBeGreaterThan(0);
    for (const event of hidden) {
      expect(event).not.toHaveProperty('summary');
      expect(event).toHaveProperty('start');
    }
    const own = await connect(sandbox, { user });
    const open = (await readAll(own, eventsPath('primary'))).items.filter((each) => each['visibility'] === 'private');
    expect(open.map(({ id }) => id)).toEqual(hidden.map(({ id }) => id));
    expect(open.every((event) => typeof event['summary'] === 'string')).toBe(true);
  });

  it('lists calendars by role, and gives no events of those that show busy times only', async () => {
    const { items: all } = await readAll(client, 'users/me/calendarList');
    const roles = new Set(all.map((entry) => entry['accessRole']));
    expect(roles).toEqual(new Set(['owner', 'reader', 'freeBusyReader']));
    expect(all.filter((entry) => entry['primary'] === true)).toMatchObject([{ id: adminOf(sandbox).username }]);
    const busy = all.find((entry) => entry['accessRole'] === 'freeBusyReader');
    const refused = await client.get(eventsPath(String(busy?.['id'])));
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'requiredAccessLevel']);
    const { items: readable } = await readAll(client, 'users/me/calendarList', { minAccessRole: 'reader' });
    expect(readable).toEqual(all.filter((entry) => entry['accessRole'] !== 'freeBusyReader'));
    const { items: withHidden } = await readAll(client, 'users/me/calendarList', { showHidden: 'true' });
    expect(withHidden.length).toBe(all.length + 1);
  });

  it('gives people without a team to lead a shorter list', async () => {
    const user = sellerOf(sandbox);
    const own = await connect(sandbox, { user });
    const list = await readAll(own, 'users/me/calendarList');
    expect(list.items.length).toBeLessThan((await readAll(client, 'users/me/calendarList')).items.length);
    expect((await own.get(`calendars/${encodeURIComponent('primary')}`)).body['id']).toBe(user.username);
  });
});

describe('limits', () => {
  it('answer 403 with the reason, per user and per project', async () => {
    const second = await connect(sandbox, { user: sellerOf(sandbox) });
    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    await sandbox.control('POST', 'limits', { perMinutePerUser: 2 });
    const call = async (who: CalendarClient) => {
      const answer = await who.get('users/me/calendarList');
      return answer.status === 200 ? 'ok' : reasonOf(answer);
    };
    expect([await call(client), await call(client), await call(client)]).toEqual(['ok', 'ok', 'userRateLimitExceeded']);
    expect(await call(second)).toBe('ok');
    await sandbox.control('POST', 'limits', { perMinute: 1 });
    expect(await call(second)).toBe('rateLimitExceeded');
    await sandbox.control('POST', 'limits', { perMinute: 10_000, perMinutePerUser: 600 });
    await sandbox.control('POST', 'clock', { advanceMs: 61_000 });
    for (const reason of ['quotaExceeded', 'dailyLimitExceeded', 'accessNotConfigured', 'forbidden']) {
      await sandbox.control('POST', 'limits', { refuseWith: reason });
      expect(await call(client)).toBe(reason);
    }
    await sandbox.control('POST', 'limits', { refuseWith: null });
    expect(await call(client)).toBe('ok');
  });

  it('and faults use Google’s own bodies', async () => {
    const reasons: readonly (readonly [number, string])[] = [
      [401, 'authError'],
      [403, 'userRateLimitExceeded'],
      [404, 'notFound'],
      [410, 'fullSyncRequired'],
      [429, 'rateLimitExceeded'],
      [500, 'backendError'],
    ];
    for (const [status, reason] of reasons) {
      await sandbox.control('POST', 'faults', { match: { path: '/calendar/' }, action: { status } });
      const answer = await client.get(eventsPath('primary'));
      expect([answer.status, reasonOf(answer)]).toEqual([status, reason]);
    }
    const unknown = await client.get('calendars/nobody%40example.org/events');
    expect([unknown.status, reasonOf(unknown)]).toEqual([404, 'notFound']);
    expect((await client.get(`${eventsPath('primary')}/nothing`)).status).toBe(404);
  });
});
