import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type ProviderAccess,
  type RegisteredWebhook,
  type WebhookSource,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import { adminOf, signIn, signInWithValues, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { startReceiver, type Receiver } from './receiver.ts';

const connectors = connectorRegistry({ clock: systemClock, random: systemRandom });
const SECRET = 'a secret of ours with 43 characters, as it is';

type Full = Required<Pick<WebhookSource, 'register' | 'remove'>> & WebhookSource;

function sourceOf(provider: string): Full {
  const source = requireConnector(connectors, provider).events?.webhooks;
  if (source?.register === undefined || source.remove === undefined) throw new Error(`${provider} cannot be asked`);
  return { ...source, register: source.register, remove: source.remove };
}

/** Registering at a system that follows the vendor's documents by itself: what arrives is verified and read. */
describe('registering with Zendesk', () => {
  const zendesk = sourceOf('zendesk');
  const connector = requireConnector(connectors, 'zendesk');
  let sandbox: TestSandbox;
  let access: ProviderAccess;
  let receiver: Receiver;
  let registered: RegisteredWebhook;

  beforeAll(async () => {
    [sandbox, receiver] = await Promise.all([startSandbox('zendesk', { scale: 2_000 }), startReceiver()]);
    ({ access } = await signIn(sandbox, connector, adminOf(sandbox), zendesk.scopes));
  });
  afterAll(async () => {
    await sandbox.stop();
    await receiver.stop();
  });
  const register = (objects: readonly string[], before: JsonObject | null = null, by = access) =>
    zendesk.register(by, { url: receiver.url, secret: SECRET, objects, before });
  const webhooks = async (): Promise<readonly JsonObject[]> => {
    const { accessToken } = await access.token();
    const headers = { authorization: `Bearer ${accessToken}` };
    const response = await fetch(`${access.apiUrl}/api/v2/webhooks`, { headers });
    return ((await response.json()) as { webhooks: JsonObject[] }).webhooks;
  };
  const ticket = async (): Promise<string> => {
    const { accessToken } = await access.token();
    const response = await fetch(`${access.apiUrl}/api/v2/tickets.json?per_page=1`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    return String(((await response.json()) as { tickets: { id: number }[] }).tickets[0]?.id);
  };

  it('makes one webhook, and Zendesk’s secret verifies what it sends', async () => {
    registered = await register(['tickets', 'organizations', 'users']);
    expect(registered).toMatchObject({ objects: ['tickets', 'users', 'organizations'], expiresAt: null });
    const id = await ticket();
    await sandbox.mutate({ op: 'update', object: 'tickets', id, fields: { subject: 'gemeldet' } });
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBeGreaterThan(0);
    const events = receiver.told(zendesk, registered.secret ?? '');
    expect(events).toContainEqual(expect.objectContaining({ object: 'tickets', recordId: id, what: 'changed' }));
    expect(() => receiver.told(zendesk, SECRET)).toThrow('wrong');
  });

  it('is harmless when it is repeated, also where the answer was lost', async () => {
    const again = await register(['tickets', 'organizations', 'users'], registered.reference);
    const lost = await register(['tickets', 'organizations', 'users'], null);
    expect([again, lost]).toEqual([registered, registered]);
    expect(await webhooks()).toHaveLength(1);
  });

  it('takes other objects over, and puts right what an administrator changed', async () => {
    const fewer = await register(['organizations'], registered.reference);
    expect(fewer.objects).toEqual(['organizations']);
    expect((await webhooks())[0]?.['subscriptions']).toContain('zen:event-type:organization.created');
    expect((await webhooks())[0]?.['subscriptions']).not.toContain('zen:event-type:ticket.created');
    await register(['tickets'], registered.reference);
    const before = receiver.deliveries.length;
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: await ticket() });
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBeGreaterThan(before);
    expect(receiver.told(zendesk, registered.secret ?? '').at(-1)).toMatchObject({ what: 'deleted' });
  });

  it('says what is missing where the user, or the consent, may not', async () => {
    const readOnly = await signIn(sandbox, connector);
    const refused = {
      code: 'webhook_registration_refused',
      details: { fix: expect.stringContaining('webhooks:write') },
    };
    // Reading what is there it may; changing it not.
    await expect(register(['users'], null, readOnly.access)).rejects.toMatchObject(refused);
  });

  it('says so where it tells nothing of the objects', async () => {
    await expect(register(['ticket_metrics'])).rejects.toMatchObject({ code: 'webhook_registration_refused' });
  });

  it('is found by the address and removed where the answer was lost', async () => {
    await zendesk.remove(access, { url: `${receiver.url}/another` });
    expect(await webhooks()).toHaveLength(1);
    await zendesk.remove(access, { url: receiver.url });
    expect(await webhooks()).toEqual([]);
    await zendesk.remove(access, { url: receiver.url });
    registered = await register(['tickets']);
  });

  it('is made anew where somebody deleted it, and removed without a fuss', async () => {
    await zendesk.remove(access, registered.reference);
    expect(await webhooks()).toEqual([]);
    await zendesk.remove(access, registered.reference);
    const anew = await register(['tickets'], registered.reference);
    expect(anew.reference).not.toEqual(registered.reference);
    expect(await webhooks()).toHaveLength(1);
  });
});

describe.each([19, 17] as const)('registering with Odoo %s', (version) => {
  const odoo = sourceOf('odoo');
  const connector = requireConnector(connectors, 'odoo');
  let sandbox: TestSandbox;
  let receiver: Receiver;
  const as = async (user: { username: string; apiKey?: string | null }): Promise<ProviderAccess> =>
    (
      await signInWithValues(
        connector,
        'api_key',
        {
          url: sandbox.url,
          database: sandbox.health.details['database'] ?? '',
          login: user.username,
          api_key: user.apiKey ?? '',
        },
        { clientId: '', clientSecret: '', loginUrl: sandbox.url },
      )
    ).access;
  let access: ProviderAccess;

  beforeAll(async () => {
    [sandbox, receiver] = await Promise.all([
      startSandbox('odoo', { scale: 2_000, company: 'globex', odooVersion: version }),
      startReceiver(),
    ]);
    access = await as(adminOf(sandbox));
  });
  afterAll(async () => {
    await sandbox.stop();
    await receiver.stop();
  });
  const register = (objects: readonly string[], secret = SECRET, by = access) =>
    odoo.register(by, { url: receiver.url, secret, objects, before: null });

  it('makes rules that tell of what is saved and deleted, and proves them by the secret of the address', async () => {
    const registered = await register(['res.partner', 'no.such.model']);
    expect(registered).toMatchObject({ objects: ['res.partner'], expiresAt: null });
    expect(JSON.stringify(registered.reference)).not.toContain(encodeURIComponent(SECRET));
    const { id } = await sandbox.mutate({ op: 'create', object: 'res.partner', fields: { name: 'Neu & Co' } });
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBeGreaterThan(0);
    await sandbox.mutate({ op: 'delete', object: 'res.partner', id });
    const events = () => receiver.told(odoo, SECRET).filter(({ recordId }) => recordId === id);
    await expect.poll(() => events().map(({ what }) => what), { timeout: 120_000 }).toContain('deleted');
    expect(events()[0]).toMatchObject({ object: 'res.partner', what: 'changed' });
    expect(events().some(({ readAfterMs }) => readAfterMs !== undefined)).toBe(version === 17);
  });

  it('is harmless when it is repeated; another secret takes the place of the former', async () => {
    await register(['res.partner']);
    const before = receiver.deliveries.length;
    await register(['res.partner'], 'another secret');
    await sandbox.mutate({ op: 'create', object: 'res.partner', fields: { name: 'Noch eins' } });
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBeGreaterThan(before);
    await sandbox.control('POST', 'webhooks/settle');
    const sent = receiver.deliveries.slice(before);
    expect(sent).toHaveLength(1);
    expect(() => sent.forEach((delivery) => odoo.verify(delivery, 'another secret'))).not.toThrow();
  });

  it('is taken back, and nothing is told any more', async () => {
    const { reference } = await register(['res.partner']);
    await odoo.remove(access, reference);
    await odoo.remove(access, reference);
    // The answer was lost: only the address is known.
    await register(['res.partner']);
    await odoo.remove(access, { url: receiver.url });
    const before = receiver.deliveries.length;
    await sandbox.mutate({ op: 'create', object: 'res.partner', fields: { name: 'Still' } });
    await sandbox.control('POST', 'webhooks/settle');
    expect(receiver.deliveries).toHaveLength(before);
  });

  it('says what is missing where the user may not', async () => {
    const other = sandbox.health.users.find(({ username }) => username !== adminOf(sandbox).username);
    if (other === undefined) throw new Error('there is only one user');
    await expect(register(['res.partner'], SECRET, await as(other))).rejects.toMatchObject({
      code: 'webhook_registration_refused',
      details: { fix: expect.stringContaining('Administration: Settings') },
    });
  });
});

describe('registering with Google Calendar', () => {
  const google = sourceOf('google_calendar');
  const connector = requireConnector(connectors, 'google_calendar');
  let sandbox: TestSandbox;
  let access: ProviderAccess;
  let receiver: Receiver;
  let registered: RegisteredWebhook;

  beforeAll(async () => {
    [sandbox, receiver] = await Promise.all([startSandbox('google_calendar', { scale: 2_000 }), startReceiver()]);
    ({ access } = await signIn(sandbox, connector));
  });
  afterAll(async () => {
    await sandbox.stop();
    await receiver.stop();
  });
  const register = (objects: readonly string[], before: JsonObject | null = null, secret = SECRET) =>
    google.register(access, { url: receiver.url, secret, objects, before });
  const channels = ({ reference }: RegisteredWebhook): readonly { readonly id: string; readonly path: string }[] =>
    reference['channels'] as unknown as { id: string; path: string }[];
  const firstEvent = async (): Promise<string> => {
    const session = connector.open(access);
    const object = await session.describeObject('events');
    const page = await session.readPage({ object, cursor: null });
    const { id = '' } = page.records.find(({ deleted }) => !deleted) ?? {};
    // Calendar and event, as records are named.
    return id.slice(id.lastIndexOf('/') + 1);
  };

  it('opens a channel per calendar and one for the list, and hears of changes', async () => {
    registered = await register(['events', 'calendars']);
    expect(registered.objects).toEqual(['calendars', 'events']);
    expect(channels(registered).length).toBeGreaterThan(1);
    const days = ((registered.expiresAt?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6);
    // Each channel begins with a message that tells of nothing.
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBe(channels(registered).length);
    expect(receiver.told(google, SECRET)).toEqual([]);
    await sandbox.mutate({ op: 'update', object: 'events', id: await firstEvent(), fields: { summary: 'verschoben' } });
    await expect.poll(() => receiver.told(google, SECRET).length, { timeout: 120_000 }).toBeGreaterThan(0);
    expect(receiver.told(google, SECRET)[0]).toMatchObject({ object: 'events', recordId: null, what: 'changed' });
  });

  it('keeps what is open, and opens what is missing', async () => {
    const again = await register(['events', 'calendars'], registered.reference);
    expect(again).toEqual(registered);
    const fewer = await register(['calendars'], registered.reference);
    expect(channels(fewer).map(({ path }) => path)).toEqual(['/calendar/v3/users/me/calendarList']);
    const more = await register(['calendars', 'events'], fewer.reference);
    expect(channels(more)).toHaveLength(channels(registered).length);
    expect(channels(more)).toContainEqual(channels(fewer)[0]);
    registered = more;
  });

  it('renews what ends soon, by other channels, and ends the former', async () => {
    const soon = JSON.parse(JSON.stringify(registered.reference)) as { channels: { expires: number }[] };
    for (const channel of soon.channels) channel.expires = Date.now() + 3_600_000;
    const renewed = await register(['events', 'calendars'], soon);
    const before = new Set(channels(registered).map(({ id }) => id));
    expect(channels(renewed).every(({ id }) => !before.has(id))).toBe(true);
    const heard = receiver.deliveries.length;
    await sandbox.mutate({
      op: 'update',
      object: 'events',
      id: await firstEvent(),
      fields: { summary: 'noch einmal' },
    });
    await expect.poll(() => receiver.deliveries.length, { timeout: 120_000 }).toBeGreaterThan(heard);
    await sandbox.control('POST', 'webhooks/settle');
    const news = receiver.deliveries.slice(heard).map(({ headers }) => headers['x-goog-channel-id'] ?? '');
    expect(news.some((id) => before.has(id))).toBe(false);
    registered = renewed;
  });

  it('opens other channels for another token', async () => {
    const other = await register(['calendars'], registered.reference, 'another token');
    expect(channels(registered)).not.toContainEqual(channels(other)[0]);
    registered = other;
  });

  it('is taken back, and nothing is told any more', async () => {
    await google.remove(access, registered.reference);
    await google.remove(access, registered.reference);
    await google.remove(access, { url: receiver.url });
    const heard = receiver.deliveries.length;
    await sandbox.mutate({ op: 'update', object: 'events', id: await firstEvent(), fields: { summary: 'still' } });
    await sandbox.control('POST', 'webhooks/settle');
    expect(receiver.deliveries).toHaveLength(heard);
  });
});
