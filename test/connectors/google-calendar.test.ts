import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type ConnectorSession,
  type Cursor,
  type NativeRecord,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { connectorContract } from './contract-suite.ts';

const error = (status: number, reason: string, more: Readonly<Record<string, string>> = {}): object => ({
  status,
  body: {
    error: { code: status, message: reason, errors: [{ domain: 'calendar', reason, message: reason, ...more }] },
  },
});

const FORGOTTEN = error(410, 'fullSyncRequired') as { status: number; body: unknown };

connectorContract({
  provider: 'google_calendar',
  scale: 2_000,
  prepare: async () => {},
  objects: ['calendars', 'events'],
  main: {
    object: 'events',
    create: { summary: 'Neu' },
    update: { summary: 'Geändert' },
    field: 'summary',
    value: 'Geändert',
  },
  readPath: '/calendar/v3/calendars/',
  cursorGone: FORGOTTEN,
  tokenLifeMs: 3_700_000,
  // A meeting is in the calendar of each of its people, and changed instances go with their series.
  controlId: (id) => id.replace(/^.*\//, '').replace(/_.*$/, ''),
  uncounted: true,
  unordered: true,
  restarts: true,
  unlinked: ['events'],
});

describe('google calendar: calendars, copies and series', () => {
  const connector = requireConnector(
    connectorRegistry({ clock: { ...systemClock, sleep: async () => {} }, random: systemRandom }),
    'google_calendar',
  );
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  let events: NativeObject;

  beforeAll(async () => {
    sandbox = await startSandbox('google_calendar', { scale: 2_000 });
    session = connector.open((await signIn(sandbox, connector)).access);
    events = await session.describeObject('events');
  });
  afterAll(() => sandbox.stop());
  beforeEach(() => sandbox.control('DELETE', 'faults'));

  const read = async (
    from: Cursor | null = null,
    object: NativeObject = events,
  ): Promise<{ live: NativeRecord[]; gone: NativeRecord[]; cursor: Cursor; restarts: number; pages: number }> => {
    const all: NativeRecord[] = [];
    let cursor = from;
    let restarts = 0;
    for (let pages = 1; ; pages += 1) {
      const page = await session.readPage({ object, cursor });
      all.push(...page.records);
      cursor = page.cursor;
      if (page.restarted === true) restarts += 1;
      if (page.more) continue;
      const [live, gone] = [all.filter(({ deleted }) => !deleted), all.filter(({ deleted }) => deleted)];
      return { live, gone, cursor, restarts, pages };
    }
  };

  it('names the Workspace, not the user, as the account', async () => {
    const { accountId, userName } = await session.identify();
    expect(userName).toBe(`${userName.split('@')[0] ?? ''}@${accountId}`);
  });

  it('keeps events of different calendars apart, and tells which copy is the organizer’s', async () => {
    const { live } = await read();
    const byMeeting = new Map<string, NativeRecord[]>();
    for (const record of live) {
      const id = String(record.values['id']);
      byMeeting.set(id, [...(byMeeting.get(id) ?? []), record]);
    }
    const shared = [...byMeeting.values()].filter((copies) => copies.length > 1);
    expect(shared.length).toBeGreaterThan(5);
    for (const copies of shared) {
      expect(new Set(copies.map(({ values }) => values['calendarId'])).size).toBe(copies.length);
      expect(copies.filter(({ values }) => values['organizer_self'] === true).length).toBeLessThanOrEqual(1);
    }
  });

  it('tells all-day events from those with times', async () => {
    const { live } = await read();
    const allDay = live.filter(({ values }) => values['allDay'] === true);
    const timed = live.filter(({ values }) => values['allDay'] === false);
    expect(allDay.length).toBeGreaterThan(0);
    expect(timed.length).toBeGreaterThan(0);
    for (const { values } of allDay) {
      expect(values).toMatchObject({ start_day: values['start_date'] });
      expect(values['start_dateTime']).toBeUndefined();
    }
    for (const { values } of timed) expect(String(values['start_dateTime'])).toContain(String(values['start_day']));
  });

  it('derives the guest from outside, whoever organized', async () => {
    const { accountId } = await session.identify();
    const { live } = await read();
    const external = live.filter(({ values }) => values['attendees_external_email'] !== undefined);
    expect(external.length).toBeGreaterThan(10);
    for (const { values } of external) {
      const email = String(values['attendees_external_email']);
      expect(email.endsWith(`@${accountId}`)).toBe(false);
      expect(email.endsWith(`@${String(values['attendees_external_domain'])}`)).toBe(true);
      expect([values['organizer_email'], ...(values['attendees_email'] as string[])]).toContain(email);
    }
    const internal = live.filter(({ values }) => values['attendees_external_email'] === undefined);
    expect(internal.length).toBeGreaterThan(0);
    for (const { values } of internal) {
      for (const email of (values['attendees_email'] as string[] | undefined) ?? []) expect(email).toContain(accountId);
    }
  });

  it('keeps the CRM’s mark on meetings that both know', async () => {
    const { live } = await read();
    const marked = live.filter(({ values }) => values['extendedProperties_shared'] !== undefined);
    expect(marked.length).toBeGreaterThan(0);
    expect(marked[0]?.values['extendedProperties_shared']).toMatchObject({ crm_event_id: expect.any(String) });
  });

  it('costs one page when nothing changed', async () => {
    const { cursor } = await read();
    const quiet = await read(cursor);
    expect(quiet).toMatchObject({ live: [], gone: [], pages: 1, restarts: 0 });
  });

  it('reads all calendars anew when one was forgotten, and says so once', async () => {
    const whole = await read();
    await sandbox.control('POST', 'faults', {
      match: { path: '/calendar/v3/calendars/' },
      after: 2,
      times: 1,
      action: FORGOTTEN,
    });
    const anew = await read(whole.cursor);
    expect(anew.restarts).toBe(1);
    expect(new Set(anew.live.map(({ id }) => id))).toEqual(new Set(whole.live.map(({ id }) => id)));
  });

  it('reads anew when a calendar is no longer shared: its events are gone', async () => {
    const whole = await read();
    const primary = (await session.identify()).userName;
    const other = whole.live
      .map(({ values }) => String(values['calendarId']))
      .find((id) => id !== primary && !id.startsWith('c_'));
    await sandbox.mutate({ op: 'update', object: 'calendars', id: other ?? '', fields: { sharing: 'none' } });
    const rest = await read(whole.cursor);
    expect(rest.restarts).toBe(1);
    const expected = whole.live.filter(({ values }) => values['calendarId'] !== other).map(({ id }) => id);
    expect(new Set(rest.live.map(({ id }) => id))).toEqual(new Set(expected));
    await sandbox.mutate({ op: 'update', object: 'calendars', id: other ?? '', fields: { sharing: 'reader' } });
    const back = await read(rest.cursor);
    expect(back.restarts).toBe(0);
    expect(new Set(back.live.map(({ values }) => values['calendarId']))).toEqual(new Set([other]));
  });

  it('passes over a calendar that is refused, and reads it once it is not', async () => {
    const fault = { match: { path: '/calendar/v3/calendars/' }, times: 1, action: error(403, 'forbidden') };
    await sandbox.control('POST', 'faults', fault);
    const partly = await read();
    const rest = await read(partly.cursor);
    expect(rest.restarts).toBe(0);
    const whole = await read();
    const ids = [...partly.live, ...rest.live].map(({ id }) => id);
    expect(rest.live.length).toBeGreaterThan(0);
    expect(new Set(ids)).toEqual(new Set(whole.live.map(({ id }) => id)));
  });

  it('reads the list of calendars anew when its place was forgotten', async () => {
    const calendars = await session.describeObject('calendars');
    const whole = await read(null, calendars);
    await sandbox.control('POST', 'faults', {
      match: { path: '/calendar/v3/users/me/calendarList' },
      times: 1,
      action: FORGOTTEN,
    });
    const anew = await read(whole.cursor, calendars);
    expect(anew).toMatchObject({ restarts: 1 });
    expect(anew.live).toEqual(whole.live);
  });

  it.each([
    ['upstream_rate_limited', 'rate_limited', error(403, 'rateLimitExceeded')],
    ['upstream_rate_limited', 'rate_limited', error(403, 'userRateLimitExceeded')],
    ['upstream_rate_limited', 'rate_limited', error(429, 'rateLimitExceeded')],
    ['upstream_rate_limited', 'quota_exhausted', error(403, 'quotaExceeded')],
    ['upstream_forbidden', 'forbidden', error(403, 'accessNotConfigured')],
    ['upstream_forbidden', 'forbidden', error(403, 'insufficientPermissions')],
    ['upstream_forbidden', 'forbidden', error(403, 'forbidden')],
    ['upstream_object_missing', 'not_found', error(404, 'notFound')],
    ['upstream_object_missing', 'not_found', error(410, 'deleted')],
    ['upstream_refused', 'bad_request', error(400, 'timeRangeEmpty')],
    ['cursor_expired', 'cursor_gone', error(400, 'invalid', { location: 'pageToken', locationType: 'parameter' })],
    ['connection_reauth_required', 'auth_invalidated', error(401, 'authError', { location: 'Authorization' })],
    ['upstream_unavailable', 'provider_5xx', error(500, 'backendError')],
    ['upstream_unavailable', 'locked', error(412, 'conditionNotMet')],
  ])('raises %s (%s), case %#', async (code, errorClass, action) => {
    const calendars = await session.describeObject('calendars');
    await sandbox.control('POST', 'faults', { match: { path: '/calendar/v3/users/me' }, times: 50, action });
    const raised: unknown = await session
      .readPage({ object: calendars, cursor: null })
      .catch((reason: unknown) => reason);
    expect(raised).toMatchObject({ code, details: { data: { class: errorClass, user_action: expect.any(String) } } });
  });
});
