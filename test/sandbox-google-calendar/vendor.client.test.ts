import { auth, calendar, type calendar_v3 } from '@googleapis/calendar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, browse, type TestSandbox } from '../support/sandbox.ts';
import { READ_SCOPE, sellerOf, startCalendars } from './client.ts';

/** Google's own client drives the sandbox: sign-in, renewal, paging, sync tokens and errors. */
let sandbox: TestSandbox;
let oauth: InstanceType<typeof auth.OAuth2>;
let google: calendar_v3.Calendar;

beforeAll(async () => {
  sandbox = await startCalendars({ scale: 20_000 });
  oauth = new auth.OAuth2({
    clientId: sandbox.app.clientId,
    clientSecret: sandbox.app.clientSecret,
    redirectUri: sandbox.redirectUri,
    // Renews on 401, too, and not only when the stated time is over.
    forceRefreshOnFailure: true,
    endpoints: {
      oauth2AuthBaseUrl: `${sandbox.url}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${sandbox.url}/token`,
      oauth2RevokeUrl: `${sandbox.url}/revoke`,
    },
  });
  const address = oauth.generateAuthUrl({ access_type: 'offline', prompt: 'consent', scope: [READ_SCOPE] });
  const back = await browse(address, sandbox.redirectUri, adminOf(sandbox));
  const { tokens } = await oauth.getToken(back.searchParams.get('code') ?? '');
  oauth.setCredentials(tokens);
  google = calendar({ version: 'v3', auth: oauth, rootUrl: `${sandbox.url}/`, retry: false });
});
afterAll(() => sandbox.stop());

async function readWhole(params: calendar_v3.Params$Resource$Events$List) {
  const found: calendar_v3.Schema$Event[] = [];
  let pageToken: string | undefined;
  for (;;) {
    const { data } = await google.events.list({ ...params, ...(pageToken === undefined ? {} : { pageToken }) });
    found.push(...(data.items ?? []));
    pageToken = data.nextPageToken ?? undefined;
    if (pageToken === undefined) return { found, syncToken: data.nextSyncToken ?? '' };
  }
}

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown as { status: number; message: string; response: { data: { error: Errors } } },
  );
  return { status: error?.status, message: error?.message, reason: error?.response.data.error.errors?.[0]?.reason };
};
interface Errors {
  readonly errors?: readonly { readonly reason: string }[];
}

describe('@googleapis/calendar', () => {
  it('reads calendars whose ids need escaping, and all of their events', async () => {
    const { data } = await google.calendarList.list({ minAccessRole: 'reader' });
    const ids = (data.items ?? []).map(({ id }) => id ?? '');
    const holidays = ids.find((id) => id.includes('#'));
    expect(ids).toContain(adminOf(sandbox).username);
    const { found } = await readWhole({ calendarId: holidays ?? '', maxResults: 4 });
    expect(found.length).toBe(15);
    expect(found.every(({ start }) => /^\d{4}-\d{2}-\d{2}$/.test(start?.date ?? ''))).toBe(true);
    expect((await google.calendars.get({ calendarId: 'primary' })).data.timeZone).toBe('Europe/Berlin');
  });

  it('follows sync tokens', async () => {
    const calendarId = sellerOf(sandbox).username;
    const { found, syncToken } = await readWhole({ calendarId, maxResults: 50, showDeleted: true });
    const id = found.find((event) => event.recurrence === undefined && event.status === 'confirmed')?.id ?? '';
    await sandbox.mutate({ op: 'delete', object: 'events', id });
    const news = await readWhole({ calendarId, syncToken });
    expect(news.found.map((event) => [event.id, event.status])).toEqual([[id, 'cancelled']]);
    await sandbox.control('POST', 'limits', { expireSyncTokens: true });
    expect(await failure(google.events.list({ calendarId, syncToken: news.syncToken }))).toEqual({
      status: 410,
      message: 'Sync token is no longer valid, a full sync is required.',
      reason: 'fullSyncRequired',
    });
  });

  it('gets single events and instances', async () => {
    const calendarId = sellerOf(sandbox).username;
    const { found } = await readWhole({ calendarId });
    const series = found.find(({ recurrence }) => recurrence !== undefined);
    const { data } = await google.events.instances({ calendarId, eventId: series?.id ?? '', maxResults: 10 });
    expect(data.items?.length).toBe(10);
    expect(data.items?.every(({ recurringEventId }) => recurringEventId === series?.id)).toBe(true);
    const one = data.items?.[0];
    expect((await google.events.get({ calendarId, eventId: one?.id ?? '' })).data.start).toEqual(one?.start);
  });

  it('sends repeated parameters', async () => {
    const calendarId = sellerOf(sandbox).username;
    const linked = (await readWhole({ calendarId })).found.find((event) => event.extendedProperties?.shared);
    const crmId = linked?.extendedProperties?.shared?.['crm_event_id'] ?? '';
    const both = [`crm_event_id=${crmId}`, 'nothing=here'];
    expect((await readWhole({ calendarId, sharedExtendedProperty: both })).found).toEqual([]);
    const [one] = (await readWhole({ calendarId, sharedExtendedProperty: both.slice(0, 1) })).found;
    expect(one?.id).toBe(linked?.id);
  });

  it('renews an ended access token by itself', async () => {
    const before = oauth.credentials.access_token;
    await sandbox.control('POST', 'revoke', { accessOnly: true });
    expect((await google.calendarList.list({})).status).toBe(200);
    expect(oauth.credentials.access_token).not.toBe(before);
  });

  it('understands the refusals', async () => {
    await sandbox.control('POST', 'limits', { refuseWith: 'quotaExceeded' });
    expect(await failure(google.calendarList.list({}))).toEqual({
      status: 403,
      message: 'Calendar usage limits exceeded.',
      reason: 'quotaExceeded',
    });
    await sandbox.control('POST', 'limits', { refuseWith: null });
    expect(await failure(google.events.list({ calendarId: 'nobody@elsewhere.example' }))).toMatchObject({
      status: 404,
      reason: 'notFound',
    });
    await oauth.revokeCredentials();
    oauth.setCredentials({ refresh_token: 'gone' });
    expect((await failure(google.calendarList.list({}).catch(flat))).status).toBe(400);
  });
});

/** A failed renewal has OAuth's body, not the API's. */
function flat(thrown: unknown): never {
  const { status, message } = thrown as { status: number; message: string };
  throw Object.assign(new Error(message), { status, response: { data: { error: {} } } });
}
