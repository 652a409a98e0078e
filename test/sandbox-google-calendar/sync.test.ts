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

let sandbox: TestSandbox;
let client: CalendarClient;
beforeAll(async () => {
  sandbox = await startCalendars({ scale: 20_000 });
  client = await connect(sandbox);
});
afterAll(() => sandbox.stop());

const primary = () => adminOf(sandbox).username;
const create = async (fields: Json) => (await sandbox.mutate({ op: 'create', object: 'events', fields })).id;
const ids = (list: readonly Json[]) => list.map((item) => String(item['id']));
const meeting = (summary: string, more: Json = {}) => ({
  summary,
  start: { dateTime: '2026-08-10T09:00:00+02:00', timeZone: 'Europe/Berlin' },
  end: { dateTime: '2026-08-10T10:00:00+02:00', timeZone: 'Europe/Berlin' },
  ...more,
});

describe('sync tokens', () => {
  it('come with the last page only, and bring nothing while nothing changes', async () => {
    const first = await client.get(eventsPath('primary'), { maxResults: '5' });
    expect(first.body).toHaveProperty('nextPageToken');
    expect(first.body).not.toHaveProperty('nextSyncToken');
    const whole = await readAll(client, eventsPath('primary'), { maxResults: '5' });
    expect(whole.pages).toBeGreaterThan(2);
    const later = await readAll(client, eventsPath('primary'), { syncToken: whole.syncToken ?? '' });
    expect(later.items).toEqual([]);
    expect(later.syncToken).not.toBeNull();
  });

  it('bring exactly what was created, changed and deleted since', async () => {
    const kept = await create(meeting('kept'));
    const gone = await create(meeting('gone'));
    const { syncToken } = await readAll(client, eventsPath('primary'));
    const added = await create(meeting('added'));
    await sandbox.mutate({ op: 'update', object: 'events', id: kept, fields: { summary: 'renamed' } });
    await sandbox.mutate({ op: 'delete', object: 'events', id: gone });
    const news = await readAll(client, eventsPath('primary'), { syncToken: syncToken ?? '' });
    expect(new Map(news.items.map((item) => [item['id'], item['summary'] ?? item['status']]))).toEqual(
      new Map([
        [added, 'added'],
        [kept, 'renamed'],
        [gone, 'cancelled'],
      ]),
    );
    const cancelled = news.items.find((item) => item['id'] === gone) ?? {};
    expect(Object.keys(cancelled).toSorted()).toEqual(['etag', 'id', 'kind', 'status']);
    expect((await readAll(client, eventsPath('primary'), { syncToken: news.syncToken ?? '' })).items).toEqual([]);
  });

  it('cover what changes while the pages are being read', async () => {
    const first = await client.get(eventsPath('primary'), { maxResults: '3' });
    const early = String(items(first)[0]?.['id']);
    await sandbox.mutate({ op: 'update', object: 'events', id: early, fields: { summary: 'changed meanwhile' } });
    const pageToken = String(first.body['nextPageToken']);
    const rest = await client.get(eventsPath('primary'), { maxResults: '2500', pageToken });
    expect(ids(items(rest))).not.toContain(early);
    const maxResults = '2500';
    const other = await client.get(eventsPath('primary'), { maxResults, pageToken, singleEvents: 'true' });
    expect([other.status, reasonOf(other)]).toEqual([400, 'invalid']);
    const news = await client.get(eventsPath('primary'), { syncToken: String(rest.body['nextSyncToken']) });
    expect(ids(items(news))).toContain(early);
  });

  it('page through many changes', async () => {
    const { syncToken } = await readAll(client, eventsPath('primary'));
    const made: string[] = [];
    for (let at = 0; at < 7; at += 1) made.push(await create(meeting(`number ${at}`)));
    const news = await readAll(client, eventsPath('primary'), { syncToken: syncToken ?? '', maxResults: '3' });
    expect(news.pages).toBe(3);
    expect(ids(news.items).toSorted()).toEqual(made.toSorted());
  });

  it('show a guest who was taken off the list a deleted event', async () => {
    const colleague = sellerOf(sandbox).username;
    const guests = [{ email: primary() }, { email: colleague }];
    const id = await create(meeting('with a colleague', { attendees: guests }));
    const path = eventsPath(colleague);
    const { items: before, syncToken } = await readAll(client, path);
    expect(ids(before)).toContain(id);
    await sandbox.mutate({ op: 'update', object: 'events', id, fields: { attendees: guests.slice(0, 1) } });
    const news = await readAll(client, path, { syncToken: syncToken ?? '' });
    expect(news.items).toMatchObject([{ id, status: 'cancelled' }]);
    expect(ids((await readAll(client, path)).items)).not.toContain(id);
    expect((await client.get(`${eventsPath('primary')}/${id}`)).body['status']).toBe('confirmed');
  });

  it('are refused beside filters, and given only without them', async () => {
    const { syncToken } = await readAll(client, eventsPath('primary'));
    const filters = {
      timeMin: ANCHOR,
      timeMax: ANCHOR,
      updatedMin: ANCHOR,
      q: 'a',
      orderBy: 'updated',
      iCalUID: 'x',
      privateExtendedProperty: 'a=b',
      sharedExtendedProperty: 'a=b',
      showDeleted: 'false',
    };
    for (const [name, value] of Object.entries(filters)) {
      const answer = await client.get(eventsPath('primary'), { syncToken: syncToken ?? '', [name]: value });
      expect([name, answer.status, reasonOf(answer)]).toEqual([name, 400, 'syncTokenWithRequestRestrictions']);
    }
    for (const query of [{ q: 'a' }, { orderBy: 'updated' }, { updatedMin: ANCHOR }])
      expect((await client.get(eventsPath('primary'), query)).body).not.toHaveProperty('nextSyncToken');
    const window = await client.get(eventsPath('primary'), { timeMin: ANCHOR });
    expect(window.body).toHaveProperty('nextSyncToken');
  });

  it('are refused where they do not belong or were never given', async () => {
    const { syncToken } = await readAll(client, eventsPath('primary'));
    for (const [path, token] of [
      [eventsPath(sellerOf(sandbox).username), syncToken ?? ''],
      [eventsPath('primary'), 'CPDAlvWDx70CEPDAlvWDx70CGAU='],
    ] as const) {
      const answer = await client.get(path, { syncToken: token });
      expect([answer.status, reasonOf(answer)]).toEqual([400, 'invalid']);
    }
  });

  it('end when they are told to and when they are old, with the call for a full reading', async () => {
    const { syncToken } = await readAll(client, eventsPath('primary'));
    await sandbox.control('POST', 'limits', { expireSyncTokens: true });
    const ended = await client.get(eventsPath('primary'), { syncToken: syncToken ?? '' });
    expect(ended).toEqual({
      status: 410,
      body: {
        error: {
          errors: [
            {
              domain: 'calendar',
              reason: 'fullSyncRequired',
              message: 'Sync token is no longer valid, a full sync is required.',
              locationType: 'parameter',
              location: 'syncToken',
            },
          ],
          code: 410,
          message: 'Sync token is no longer valid, a full sync is required.',
        },
      },
    });
    const { syncToken: fresh } = await readAll(client, eventsPath('primary'));
    await sandbox.control('POST', 'clock', { advanceMs: 29 * DAY_MS });
    client = await connect(sandbox);
    expect((await client.get(eventsPath('primary'), { syncToken: fresh ?? '' })).status).toBe(200);
    await sandbox.control('POST', 'clock', { advanceMs: 2 * DAY_MS });
    client = await connect(sandbox);
    const old = await client.get(eventsPath('primary'), { syncToken: fresh ?? '' });
    expect([old.status, reasonOf(old)]).toEqual([410, 'fullSyncRequired']);
  });
});

describe('series', () => {
  const weekly = meeting('weekly', { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=5'] });

  it('bring a changed instance as a record of its own', async () => {
    const { syncToken } = await readAll(client, eventsPath('primary'));
    const id = await create(weekly);
    const second = `${id}_20260817T070000Z`;
    const third = `${id}_20260824T070000Z`;
    const { syncToken: afterwards, items: made } = await readAll(client, eventsPath('primary'), {
      syncToken: syncToken ?? '',
    });
    expect(ids(made)).toEqual([id]);
    await sandbox.mutate({ op: 'update', object: 'events', id: second, fields: { summary: 'weekly, elsewhere' } });
    await sandbox.mutate({ op: 'delete', object: 'events', id: third });
    const news = await readAll(client, eventsPath('primary'), { syncToken: afterwards ?? '' });
    expect(news.items).toMatchObject([
      { id: second, summary: 'weekly, elsewhere', recurringEventId: id },
      {
        id: third,
        status: 'cancelled',
        recurringEventId: id,
        originalStartTime: { dateTime: '2026-08-24T09:00:00+02:00' },
      },
    ]);
    const single = await readAll(client, eventsPath('primary'), { singleEvents: 'true' });
    expect(ids(single.items).filter((each) => each.startsWith(id))).toEqual([
      `${id}_20260810T070000Z`,
      second,
      `${id}_20260831T070000Z`,
      `${id}_20260907T070000Z`,
    ]);
    const instances = await client.get(`${eventsPath('primary')}/${id}/instances`);
    expect(items(instances)).toHaveLength(4);
  });

  it('leave out days that a month lacks, and keep the hour through the change of clocks', async () => {
    const id = await create(
      meeting('month end', {
        start: { dateTime: '2026-08-31T09:00:00+02:00', timeZone: 'Europe/Berlin' },
        end: { dateTime: '2026-08-31T10:00:00+02:00', timeZone: 'Europe/Berlin' },
        recurrence: ['RRULE:FREQ=MONTHLY;COUNT=4'],
      }),
    );
    const starts = items(await client.get(`${eventsPath('primary')}/${id}/instances`)).map(
      (event) => (event['start'] as { dateTime: string }).dateTime,
    );
    expect(starts).toEqual([
      '2026-08-31T09:00:00+02:00',
      '2026-10-31T09:00:00+01:00',
      '2026-12-31T09:00:00+01:00',
      '2027-01-31T09:00:00+01:00',
    ]);
  });

  it('end with all their instances', async () => {
    const id = await create(weekly);
    await sandbox.mutate({
      op: 'update',
      object: 'events',
      id: `${id}_20260817T070000Z`,
      fields: { summary: 'moved' },
    });
    const { syncToken } = await readAll(client, eventsPath('primary'), { singleEvents: 'true' });
    await sandbox.mutate({ op: 'delete', object: 'events', id });
    const query = { singleEvents: 'true', syncToken: syncToken ?? '' };
    const news = await readAll(client, eventsPath('primary'), query);
    expect(news.items).toHaveLength(5);
    expect(news.items.every((item) => item['status'] === 'cancelled')).toBe(true);
  });
});

describe('the list of calendars', () => {
  it('has sync tokens of its own: a calendar that is no longer shared is deleted there and not found elsewhere', async () => {
    const colleague = sellerOf(sandbox, 1).username;
    const { items: before, syncToken } = await readAll(client, 'users/me/calendarList', { maxResults: '10' });
    expect(ids(before)).toContain(colleague);
    await sandbox.mutate({ op: 'update', object: 'calendars', id: colleague, fields: { sharing: 'none' } });
    const news = await readAll(client, 'users/me/calendarList', { syncToken: syncToken ?? '' });
    expect(news.items).toMatchObject([{ id: colleague, deleted: true }]);
    expect((await client.get(eventsPath(colleague))).status).toBe(404);
    expect(ids((await readAll(client, 'users/me/calendarList')).items)).not.toContain(colleague);
    await sandbox.control('POST', 'limits', { expireSyncTokens: true });
    const ended = await client.get('users/me/calendarList', { syncToken: news.syncToken ?? '' });
    expect([ended.status, reasonOf(ended)]).toEqual([410, 'fullSyncRequired']);
  });
});
