import { auth, calendar, type calendar_v3 } from '@googleapis/calendar';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { attemptsOf, settled, startReceiver, type Receiver } from '../sandbox-kit/receiver.ts';
import { adminOf, type TestSandbox } from '../support/sandbox.ts';
import { connect, eventsPath, sellerOf, startCalendars } from './client.ts';

/** Google's own client opens and stops the channels. */
let sandbox: TestSandbox;
let receiver: Receiver;
let google: calendar_v3.Calendar;
let seller: string;
let next = 0;

beforeAll(async () => {
  [sandbox, receiver] = await Promise.all([startCalendars(), startReceiver()]);
  google = googleWith((await connect(sandbox)).accessToken);
  seller = sellerOf(sandbox).username;
});
afterAll(() => Promise.all([sandbox.stop(), receiver.stop()]));
beforeEach(() => {
  receiver.answer((response) => response.end());
  receiver.forget();
});

function googleWith(token: string): calendar_v3.Calendar {
  const oauth = new auth.OAuth2();
  oauth.setCredentials({ access_token: token });
  return calendar({ version: 'v3', auth: oauth, rootUrl: `${sandbox.url}/`, retry: false });
}

function channel(more: calendar_v3.Schema$Channel = {}): calendar_v3.Schema$Channel {
  next += 1;
  return { id: `channel-${String(next)}`, type: 'web_hook', address: `${receiver.url}/push`, ...more };
}

const refusal = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown as { status: number; response: { data: { error: { errors: { reason: string }[] } } } },
  );
  return [error?.status, error?.response.data.error.errors[0]?.reason];
};

async function opened(calendarId: string, more: calendar_v3.Schema$Channel = {}) {
  const before = receiver.received.length;
  const { data } = await google.events.watch({ calendarId, requestBody: channel(more) });
  await receiver.came(before + 1);
  return data;
}

const create = (calendarId: string) =>
  sandbox.mutate({ op: 'create', object: 'events', fields: { calendarId, summary: 'new' } });

describe('a channel', () => {
  it('says hello with message 1, then tells of changes in growing numbers, without a body', async () => {
    const data = await opened(seller, { token: 'tenant=1' });
    expect(data).toMatchObject({ kind: 'api#channel', token: 'tenant=1', id: `channel-${String(next)}` });
    expect(data.resourceUri).toBe(`${sandbox.url}/calendar/v3/${eventsPath(seller)}?alt=json`);
    const [sync] = receiver.received;
    expect(sync).toMatchObject({ method: 'POST', path: '/push', body: '' });
    expect(sync?.headers).toMatchObject({
      'x-goog-channel-id': data.id,
      'x-goog-channel-token': 'tenant=1',
      'x-goog-channel-expiration': new Date(Number(data.expiration)).toUTCString(),
      'x-goog-resource-id': data.resourceId,
      'x-goog-resource-uri': data.resourceUri,
      'x-goog-resource-state': 'sync',
      'x-goog-message-number': '1',
    });
    const { id } = await create(seller);
    await receiver.came(2);
    await sandbox.mutate({ op: 'delete', object: 'events', id });
    await receiver.came(3);
    const told = receiver.received.slice(1).map(({ headers }) => headers);
    expect(told.map((headers) => headers['x-goog-resource-state'])).toEqual(['exists', 'exists']);
    const [second, third] = told.map((headers) => Number(headers['x-goog-message-number']));
    expect(second).toBeGreaterThan(1);
    expect(third).toBeGreaterThan(second ?? 0);
    await google.channels.stop({ requestBody: data });
  });

  it('tells of calendars that an event lies on, and of no others', async () => {
    const other = sellerOf(sandbox, 1).username;
    const channels = [await opened(seller), await opened(other), await opened(adminOf(sandbox).username)];
    const attendees = [{ email: other }];
    const { id } = await sandbox.mutate({
      op: 'create',
      object: 'events',
      fields: { calendarId: seller, summary: 'both', attendees },
    });
    await receiver.came(5);
    await sandbox.mutate({ op: 'update', object: 'events', id, fields: { attendees: [] } });
    await receiver.came(7);
    await settled(sandbox);
    const told = receiver.received.slice(3).map(({ headers }) => headers['x-goog-channel-id']);
    const [first, second] = channels.map(({ id: channelId }) => channelId);
    const times = (one: string | null | undefined) => told.filter((each) => each === one).length;
    expect([told.length, times(first), times(second)]).toEqual([4, 2, 2]);
    for (const each of channels) await google.channels.stop({ requestBody: each });
  });

  it('lives a week at most, shorter if asked, and is silent afterwards', async () => {
    const now = Date.parse((await sandbox.control<{ now: string }>('GET', 'health')).now);
    const week = await opened(seller, { expiration: String(now + 90 * 86_400_000) });
    expect(Number(week.expiration) - now).toBeGreaterThan(604_700_000);
    expect(Number(week.expiration) - now).toBeLessThanOrEqual(604_800_000 + 60_000);
    await google.channels.stop({ requestBody: week });
    const hour = await opened(seller, { params: { ttl: '3600' } });
    expect(Number(hour.expiration) - now).toBeLessThan(3_660_000);
    await sandbox.control('POST', 'clock', { advanceMs: 3_700_000 });
    google = googleWith((await connect(sandbox)).accessToken);
    const before = await attemptsOf(sandbox);
    await create(seller);
    await settled(sandbox);
    expect(await attemptsOf(sandbox)).toHaveLength(before.length);
    expect(await refusal(google.channels.stop({ requestBody: hour }))).toEqual([404, 'notFound']);
    // The id of a channel that is over can be used again.
    expect((await opened(seller, { id: hour.id ?? '' })).id).toBe(hour.id);
    await google.channels.stop({ requestBody: { id: hour.id ?? '', resourceId: hour.resourceId ?? '' } });
  });

  it('stops for its owner by id and resource, and then tells nothing more', async () => {
    const data = await opened(seller);
    const stranger = googleWith((await connect(sandbox, { user: sellerOf(sandbox) })).accessToken);
    expect(await refusal(stranger.channels.stop({ requestBody: data }))).toEqual([404, 'notFound']);
    const wrong = { id: data.id ?? '', resourceId: 'other' };
    expect(await refusal(google.channels.stop({ requestBody: wrong }))).toEqual([404, 'notFound']);
    expect((await google.channels.stop({ requestBody: data })).status).toBe(204);
    await create(seller);
    await settled(sandbox);
    expect(receiver.received).toHaveLength(1);
  });

  it('of the calendar list tells of names and sharing', async () => {
    const { data } = await google.calendarList.watch({ requestBody: channel() });
    await receiver.came(1);
    await sandbox.mutate({ op: 'update', object: 'calendars', id: seller, fields: { summary: 'Renamed' } });
    const [, told] = await receiver.came(2);
    expect(told?.headers).toMatchObject({ 'x-goog-resource-state': 'exists', 'x-goog-resource-id': data.resourceId });
    expect(data.resourceUri).toContain('/users/me/calendarList');
    await google.channels.stop({ requestBody: data });
  });
});

describe('a watch call', () => {
  it('is refused as Google refuses it', async () => {
    const watch = (calendarId: string, requestBody: calendar_v3.Schema$Channel) =>
      refusal(google.events.watch({ calendarId, requestBody }));
    const data = await opened(seller);
    expect(await watch(seller, channel({ id: data.id ?? '' }))).toEqual([400, 'channelIdNotUnique']);
    await google.channels.stop({ requestBody: data });
    expect(await watch(seller, channel({ address: 'http://hooks.example.com/push' }))).toEqual([
      400,
      'push.webhookUrlNotHttps',
    ]);
    expect(await watch(seller, { type: 'web_hook', address: receiver.url })).toEqual([400, 'required']);
    expect(await watch(seller, channel({ id: 'x'.repeat(65) }))).toEqual([400, 'invalid']);
    expect(await watch(seller, channel({ type: 'email' }))).toEqual([400, 'invalid']);
    expect(await watch('nobody@elsewhere.example', channel())).toEqual([404, 'notFound']);
    const { data: list } = await google.calendarList.list();
    const holidays = list.items?.find(({ id }) => id?.includes('#holiday'));
    expect(await watch(holidays?.id ?? '', channel())).toEqual([400, 'pushNotSupportedForRequestedResource']);
  });

  it('wants https here, too, when the sandbox is told so', async () => {
    await sandbox.control('POST', 'limits', { httpsOnly: true });
    const watched = refusal(google.events.watch({ calendarId: seller, requestBody: channel() }));
    expect(await watched).toEqual([400, 'push.webhookUrlNotHttps']);
    await sandbox.control('POST', 'limits', { httpsOnly: false });
  });

  it('takes an address elsewhere over https and calls nobody', async () => {
    const { data } = await google.events.watch({
      calendarId: seller,
      requestBody: channel({ address: 'https://hooks.example.com/push' }),
    });
    await settled(sandbox);
    const tried = (await attemptsOf(sandbox)).filter(({ delivery }) => delivery.source === data.id);
    expect(tried.map(({ delivery }) => delivery.outcome)).toEqual([{ kind: 'failed', reason: 'not_loopback' }]);
    await google.channels.stop({ requestBody: data });
  });
});

describe('a receiver that fails', () => {
  it.each([
    [503, 6],
    [500, 6],
    [400, 1],
    [429, 1],
  ])('with %i is called %i times', async (status, calls) => {
    await sandbox.control('POST', 'webhooks/settings', { speed: 10_000 });
    receiver.answer((response) => response.writeHead(status).end());
    const data = await opened(seller);
    await settled(sandbox);
    await sandbox.control('POST', 'webhooks/settings', { speed: 1 });
    expect(receiver.received).toHaveLength(calls);
    expect(new Set(receiver.received.map(({ headers }) => headers['x-goog-message-number']))).toEqual(new Set(['1']));
    await google.channels.stop({ requestBody: data });
  });
});
