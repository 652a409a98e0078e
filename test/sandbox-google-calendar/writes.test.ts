import { auth, calendar, type calendar_v3 } from '@googleapis/calendar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type TestSandbox } from '../support/sandbox.ts';
import { sellerOf, startCalendars } from './client.ts';

/** Google's own client writes: what it cannot do, and what the guests get to see. */
let sandbox: TestSandbox;
let organizer: calendar_v3.Calendar;
let guest: calendar_v3.Calendar;
const SCOPE = 'https://www.googleapis.com/auth/calendar';
const OUTSIDE = 'kunde@example.org';

beforeAll(async () => {
  sandbox = await startCalendars();
  organizer = await clientOf(sellerOf(sandbox).username);
  guest = await clientOf(sellerOf(sandbox, 1).username);
});
afterAll(() => sandbox.stop());

async function clientOf(username: string): Promise<calendar_v3.Calendar> {
  const { tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: [username],
    scope: SCOPE,
  });
  const oauth = new auth.OAuth2();
  oauth.setCredentials({ access_token: tokens[username] ?? '' });
  return calendar({ version: 'v3', auth: oauth, rootUrl: `${sandbox.url}/`, retry: false });
}

interface Effect {
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly marker?: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

async function effectsSince(seq: number): Promise<readonly Effect[]> {
  const { entries } = await sandbox.control<{ entries: { effects: Effect[] }[] }>(
    'GET',
    `ledger?since=${seq}&limit=9999`,
  );
  return entries.flatMap(({ effects }) => effects);
}

async function lastSeq(): Promise<number> {
  const { entries } = await sandbox.control<{ entries: { seq: number }[] }>('GET', 'ledger?limit=9999');
  return entries.at(-1)?.seq ?? 0;
}

const refusal = async (call: Promise<unknown>): Promise<readonly unknown[]> => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown as { status: number; response: { data: { error: { errors?: { reason: string }[] } } } },
  );
  return [error?.status, error?.response.data.error.errors?.[0]?.reason];
};

const times = (hour: number) => ({
  start: { dateTime: `2026-08-10T${String(hour).padStart(2, '0')}:00:00`, timeZone: 'Europe/Berlin' },
  end: { dateTime: `2026-08-10T${String(hour + 1).padStart(2, '0')}:00:00`, timeZone: 'Europe/Berlin' },
});
const mine = { calendarId: 'primary' };
const people = (): { readonly self: string; readonly other: string } => ({
  self: sellerOf(sandbox).username,
  other: sellerOf(sandbox, 1).username,
});

describe('@googleapis/calendar', () => {
  it('makes an event of a chosen id once, and says to whom mails went', async () => {
    const seq = await lastSeq();
    const { self, other } = people();
    const requestBody: calendar_v3.Schema$Event = {
      id: 'gantr0001abc',
      summary: 'Quartalsgespräch',
      ...times(10),
      attendees: [{ email: self }, { email: other }, { email: OUTSIDE }],
      extendedProperties: { private: { gantry_key: 'w-1' } },
      colorId: '7',
    };
    const { data } = await organizer.events.insert({ ...mine, requestBody, sendUpdates: 'all' });
    expect(data).toMatchObject({
      id: 'gantr0001abc',
      creator: { email: self, self: true },
      organizer: { email: self },
      start: { dateTime: '2026-08-10T10:00:00+02:00' },
      extendedProperties: { private: { gantry_key: 'w-1' } },
      colorId: '7',
      sequence: 0,
    });
    expect(await refusal(organizer.events.insert({ ...mine, requestBody, sendUpdates: 'all' }))).toEqual([
      409,
      'duplicate',
    ]);
    const effects = await effectsSince(seq);
    expect(effects.map(({ op, object, id, marker }) => [op, object, id, marker])).toEqual([
      ['create', 'events', 'gantr0001abc', 'gantr0001abc'],
      ['send', 'mails', other, undefined],
      ['send', 'mails', OUTSIDE, undefined],
    ]);
    expect(effects[0]?.fields).toMatchObject({ summary: 'Quartalsgespräch' });
    const found = await organizer.events.list({ ...mine, privateExtendedProperty: ['gantry_key=w-1'] });
    expect(found.data.items?.map(({ id }) => id)).toEqual(['gantr0001abc']);
    expect((await guest.events.get({ ...mine, eventId: 'gantr0001abc' })).data.summary).toBe('Quartalsgespräch');
  });

  it('changes an event only if it is the one that was read', async () => {
    const eventId = 'gantr0002';
    const made = await organizer.events.insert({
      ...mine,
      requestBody: { id: eventId, summary: 'a', location: 'Raum 1', ...times(11) },
    });
    const patch = (requestBody: calendar_v3.Schema$Event, etag?: string | null) =>
      organizer.events.patch({ ...mine, eventId, requestBody }, { headers: { 'if-match': etag ?? '*' } });
    const second = await patch({ summary: 'b', extendedProperties: { private: { one: '1' } } }, made.data.etag);
    expect(second.data).toMatchObject({ summary: 'b', location: 'Raum 1' });
    expect(second.data.etag).not.toBe(made.data.etag);
    expect(await refusal(patch({ summary: 'c' }, made.data.etag))).toEqual([412, 'conditionNotMet']);
    const third = await patch({ location: null, ...times(15), extendedProperties: { private: { two: '2' } } });
    expect(third.data).toMatchObject({
      summary: 'b',
      sequence: 1,
      extendedProperties: { private: { one: '1', two: '2' } },
    });
    expect(third.data.location).toBeUndefined();
    const whole = await organizer.events.update({ ...mine, eventId, requestBody: { ...times(16) } });
    expect([whole.data.summary, whole.data.extendedProperties]).toEqual([undefined, undefined]);
    expect((await effectsSince(0)).filter(({ object }) => object === 'mails').length).toBe(2);
  });

  it('deletes an event once; with its times it comes back', async () => {
    const eventId = 'gantr0003';
    const external = { attendees: [{ email: people().other }, { email: OUTSIDE }] };
    await organizer.events.insert({ ...mine, requestBody: { id: eventId, ...times(9), ...external } });
    const seq = await lastSeq();
    await organizer.events.delete({ ...mine, eventId, sendUpdates: 'externalOnly' });
    expect(await refusal(organizer.events.delete({ ...mine, eventId }))).toEqual([410, 'deleted']);
    expect(await refusal(organizer.events.patch({ ...mine, eventId, requestBody: { summary: 'x' } }))).toEqual([
      410,
      'deleted',
    ]);
    expect(await refusal(organizer.events.insert({ ...mine, requestBody: { id: eventId, ...times(9) } }))).toEqual([
      409,
      'duplicate',
    ]);
    expect((await organizer.events.get({ ...mine, eventId })).data.status).toBe('cancelled');
    await organizer.events.patch({ ...mine, eventId, requestBody: { status: 'confirmed' } });
    expect((await effectsSince(seq)).map(({ op, id }) => [op, id])).toEqual([
      ['delete', eventId],
      ['send', OUTSIDE],
      ['undelete', eventId],
    ]);
  });

  it('lets guests answer and leave, and nothing else', async () => {
    const eventId = 'gantr0004';
    const { other } = people();
    const attendees = [{ email: other }, { email: OUTSIDE }];
    await organizer.events.insert({ ...mine, requestBody: { id: eventId, summary: 'Runde', ...times(13), attendees } });
    const asGuest = (requestBody: calendar_v3.Schema$Event) => guest.events.patch({ ...mine, eventId, requestBody });
    expect(await refusal(asGuest({ summary: 'meine' }))).toEqual([403, 'forbiddenForNonOrganizer']);
    await asGuest({ attendees: [{ email: other, responseStatus: 'accepted' }] });
    const answers = async () =>
      (await organizer.events.get({ ...mine, eventId })).data.attendees?.map((one) => one.responseStatus);
    expect(await answers()).toEqual(['accepted', 'needsAction']);
    await guest.events.delete({ ...mine, eventId });
    expect(await answers()).toEqual(['declined', 'needsAction']);
    expect((await organizer.events.get({ ...mine, eventId })).data.status).toBe('confirmed');
    expect(await refusal(guest.events.delete({ ...mine, eventId }))).toEqual([410, 'deleted']);
    const left = await guest.events.list({ ...mine, timeMin: '2026-08-10T00:00:00Z', timeMax: '2026-08-11T00:00:00Z' });
    expect(left.data.items?.map(({ id }) => id)).not.toContain(eventId);
  });

  it('changes and cancels single instances of a series', async () => {
    const recurrence = ['RRULE:FREQ=DAILY;COUNT=3'];
    const { data } = await organizer.events.insert({
      ...mine,
      requestBody: { id: 'gantr0005', ...times(8), recurrence },
    });
    const instances = async () =>
      (await organizer.events.instances({ ...mine, eventId: String(data.id) })).data.items ?? [];
    const [first, second] = await instances();
    await organizer.events.patch({ ...mine, eventId: String(first?.id), requestBody: { summary: 'anders' } });
    await organizer.events.delete({ ...mine, eventId: String(second?.id) });
    expect((await instances()).map(({ summary }) => summary)).toEqual(['anders', undefined]);
    await organizer.events.delete({ ...mine, eventId: 'gantr0005' });
    expect(await instances()).toEqual([]);
  });

  it.each<readonly [calendar_v3.Schema$Event, number, string]>([
    [{ id: 'NOT-AN-ID', ...times(10) }, 400, 'invalid'],
    [{ summary: 'no times' }, 400, 'required'],
    [{ start: { dateTime: '2026-08-10T10:00:00' }, end: { dateTime: '2026-08-10T11:00:00' } }, 400, 'required'],
    [{ start: times(12).start, end: times(10).start }, 400, 'timeRangeEmpty'],
    [{ start: { date: '2026-08-10' }, end: times(10).end }, 400, 'invalid'],
  ])('is refused for %j: %i %s', async (requestBody, status, reason) => {
    const seq = await lastSeq();
    expect(await refusal(organizer.events.insert({ ...mine, requestBody }))).toEqual([status, reason]);
    expect(await effectsSince(seq)).toEqual([]);
  });

  it('is refused by sharing, scopes, quotas and failures on demand', async () => {
    const calendarId = adminOf(sandbox).username;
    expect(await refusal(organizer.events.insert({ calendarId, requestBody: times(10) }))).toEqual([
      403,
      'requiredAccessLevel',
    ]);
    await sandbox.control('POST', 'fail', { object: 'events', op: 'create', times: 1, error: 'backendError' });
    expect(await refusal(organizer.events.insert({ ...mine, requestBody: times(10) }))).toEqual([503, 'backendError']);
    await sandbox.control('POST', 'faults', { match: { method: 'POST' }, action: { status: 500, applied: true } });
    const lost = { ...mine, requestBody: { id: 'gantr0009', ...times(10) } };
    expect(await refusal(organizer.events.insert(lost))).toEqual([500, 'backendError']);
    expect(await refusal(organizer.events.insert(lost))).toEqual([409, 'duplicate']);
    await sandbox.control('POST', 'limits', { perMinutePerUser: 1 });
    expect(await refusal(organizer.events.insert({ ...mine, requestBody: times(10) }))).toEqual([
      403,
      'userRateLimitExceeded',
    ]);
    await sandbox.control('POST', 'limits', { perMinutePerUser: 600 });
    const { tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
      users: [people().self],
    });
    const oauth = new auth.OAuth2();
    oauth.setCredentials({ access_token: tokens[people().self] ?? '' });
    const reader = calendar({ version: 'v3', auth: oauth, rootUrl: `${sandbox.url}/`, retry: false });
    expect(await refusal(reader.events.insert({ ...mine, requestBody: times(10) }))).toEqual([
      403,
      'insufficientPermissions',
    ]);
  });
});
