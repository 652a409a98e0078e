import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type SandboxUser, type TestSandbox } from '../support/sandbox.ts';
import {
  clientWith,
  connect,
  eventsPath,
  items,
  readAll,
  reasonOf,
  startCalendars,
  type Answer,
  type Json,
} from './client.ts';

interface Shown {
  readonly ids: readonly string[];
  readonly roles?: Readonly<Record<string, string>>;
}
type Seen = Readonly<Record<'calendars' | 'events' | 'busyEvents', Shown>>;

const ALL_SCOPES = 'https://www.googleapis.com/auth/calendar';

let sandbox: TestSandbox;
let people: readonly SandboxUser[];
let tokens: Record<string, string>;
beforeAll(async () => {
  sandbox = await startCalendars();
  await sandbox.control('POST', 'limits', { perMinute: 1_000_000, perMinutePerUser: 1_000_000 });
  await sharing({ generate: { users: 200, seed: 7 } });
  people = (await sandbox.control<{ users: readonly SandboxUser[] }>('GET', 'health')).users;
  ({ tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
    users: 'all',
    scope: ALL_SCOPES,
  }));
});
afterAll(() => sandbox.stop());

function sharing(change: Json): Promise<Json> {
  return sandbox.control('POST', 'sharing', change);
}

async function visibleTo(user: SandboxUser): Promise<Seen> {
  return (await sandbox.control<{ objects: Seen }>('POST', 'visible', { user: user.username })).objects;
}

const as = (user: SandboxUser) => clientWith(sandbox, tokens[user.username] ?? '');

async function send(user: SandboxUser, method: string, path: string, body?: Json): Promise<Answer> {
  const response = await fetch(`${sandbox.url}/calendar/v3/${path}`, {
    method,
    headers: { authorization: `Bearer ${tokens[user.username] ?? ''}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Json };
}

const share = (owner: SandboxUser, scope: Json, role: string): Promise<Answer> =>
  send(owner, 'POST', `calendars/${encodeURIComponent(owner.username)}/acl`, { scope, role });

/** Somebody active whom nobody in the company sees without a rule; the world's own come first and are left out. */
async function recluse(at: number): Promise<SandboxUser> {
  const state = await sharing({});
  const calendars = state['calendars'] as readonly { id: string; rules: readonly { id: string; role: string }[] }[];
  const closed = calendars
    .filter(({ rules }) => rules.filter(({ role }) => role !== 'none').length === 1)
    .map(({ id }) => id);
  const found = people.filter(({ username, active }) => active && closed.includes(username))[at];
  if (found === undefined) throw new Error('everybody shares something');
  return found;
}

async function mayOpen(user: SandboxUser, whose: SandboxUser): Promise<boolean> {
  const of = { user: user.username, object: 'calendars' };
  const { objects } = await sandbox.control<{ objects: Pick<Seen, 'calendars'> }>('POST', 'visible', of);
  return objects.calendars.ids.includes(whose.username);
}

async function stranger(to: SandboxUser): Promise<SandboxUser> {
  for (const user of people.slice(30)) {
    if (user.active && !(await mayOpen(user, to))) return user;
  }
  throw new Error('everybody sees that calendar');
}

describe('200 people of a company', () => {
  it('read of each calendar what the rules give them, and nothing else', async () => {
    expect(people).toHaveLength(200);
    const seenRoles = new Set<string>();
    for (const user of people.filter(({ active }, at) => active && at % 25 === 3)) {
      const truth = await visibleTo(user);
      const roles = truth.calendars.roles ?? {};
      const [detailed, busy] = [new Set<string>(), new Set<string>()];
      for (const [at, calendar] of people.map(({ username }) => username).entries()) {
        const role = roles[calendar] ?? 'none';
        if (at % 8 !== 0 && role !== 'writer' && role !== 'owner' && role !== 'writerWithoutPrivateAccess') continue;
        seenRoles.add(role);
        const answer = await as(user).get(eventsPath(calendar), { maxResults: '2500' });
        const expected = role === 'none' ? 404 : role === 'freeBusyReader' ? 403 : 200;
        expect([calendar, role, answer.status]).toEqual([calendar, role, expected]);
        if (expected !== 200) continue;
        expect(answer.body['accessRole']).toBe(role);
        for (const event of items(answer).filter(({ status }) => status !== 'cancelled')) {
          const id = `${calendar}/${String(event['id'])}`;
          (event['organizer'] === undefined ? busy : detailed).add(id);
          if (event['organizer'] === undefined) expect(event['summary']).toBeUndefined();
        }
        const of = (ids: readonly string[]) => ids.filter((id) => id.startsWith(`${calendar}/`));
        expect(of([...detailed]).toSorted()).toEqual(of(truth.events.ids));
        expect(of([...busy]).toSorted()).toEqual(of(truth.busyEvents.ids));
      }
    }
    expect(seenRoles.size).toBe(6);
  });

  it('have their role beside each calendar of their list, which has none that they may not see', async () => {
    for (const user of people.filter(({ active }, at) => active && at % 40 === 5)) {
      const roles = (await visibleTo(user)).calendars.roles ?? {};
      const { items: list } = await readAll(as(user), 'users/me/calendarList', { showHidden: 'true' });
      expect(list.length).toBeGreaterThan(1);
      for (const entry of list)
        expect([entry['id'], entry['accessRole']]).toEqual([entry['id'], roles[String(entry['id'])]]);
    }
  });
});

describe('rules', () => {
  it('are shown to writers and changed by owners; groups hide their members', async () => {
    const owner = await recluse(0);
    const other = await stranger(owner);
    const path = `calendars/${encodeURIComponent(owner.username)}/acl`;
    expect((await as(other).get(path)).status).toBe(404);
    expect((await share(owner, { type: 'user', value: other.username }, 'reader')).status).toBe(200);
    const refused = await as(other).get(path);
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'requiredAccessLevel']);
    await send(owner, 'PATCH', `${path}/user:${other.username}`, { role: 'writer' });
    const shown = items(await as(other).get(path));
    expect(shown.map(({ id, role }) => [id, role])).toEqual(
      expect.arrayContaining([
        [`user:${other.username}`, 'writer'],
        [`user:${owner.username}`, 'owner'],
      ]),
    );
    expect((await send(other, 'POST', path, { scope: { type: 'default' }, role: 'reader' })).status).toBe(403);
    const own = await send(owner, 'DELETE', `${path}/user:${owner.username}`);
    expect([own.status, reasonOf(own)]).toEqual([403, 'cannotChangeOwnAcl']);

    const { syncToken } = await readAll(as(owner), path);
    const domain = sandbox.health.users[0]?.username.split('@')[1] ?? '';
    const group = `board@${domain}`;
    await sharing({ group: { address: group, members: [`inner@${domain}`] } });
    await sharing({ group: { address: `inner@${domain}`, members: [other.username] } });
    expect((await send(owner, 'DELETE', `${path}/user:${other.username}`)).status).toBe(204);
    expect((await as(other).get(eventsPath(owner.username))).status).toBe(404);
    await share(owner, { type: 'group', value: group }, 'reader');
    expect((await as(other).get(eventsPath(owner.username))).status).toBe(200);
    const news = items(await as(owner).get(path, { syncToken: syncToken ?? '' }));
    expect(news.map(({ id, role }) => [id, role])).toEqual([
      [`group:${group}`, 'reader'],
      [`user:${other.username}`, 'none'],
    ]);
    expect(JSON.stringify(items(await as(owner).get(path)))).not.toContain(other.username);
    await sharing({ group: { address: `inner@${domain}`, members: [] } });
    expect((await as(other).get(eventsPath(owner.username))).status).toBe(404);
  });

  it('are not for tokens that may only read calendars', async () => {
    const admin = adminOf(sandbox);
    const client = await connect(sandbox, { user: admin });
    const answer = await client.get(`calendars/${encodeURIComponent(admin.username)}/acl`);
    expect([answer.status, reasonOf(answer)]).toEqual([403, 'insufficientPermissions']);
  });

  it('that change end sync tokens of events, and are news on lists of calendars', async () => {
    const owner = await recluse(1);
    const reader = await stranger(owner);
    await share(owner, { type: 'user', value: reader.username }, 'reader');
    const events = eventsPath(owner.username);
    const before = await readAll(as(reader), events);
    const list = await readAll(as(reader), 'users/me/calendarList', { showHidden: 'true' });
    expect(list.items.map(({ id }) => id)).toContain(owner.username);
    const token = { syncToken: before.syncToken ?? '' };
    expect((await as(reader).get(events, token)).status).toBe(200);
    await share(owner, { type: 'user', value: reader.username }, 'writer');
    const gone = await as(reader).get(events, token);
    expect([gone.status, reasonOf(gone)]).toEqual([410, 'fullSyncRequired']);
    const [entry] = items(await as(reader).get('users/me/calendarList', { syncToken: list.syncToken ?? '' }));
    expect([entry?.['id'], entry?.['accessRole']]).toEqual([owner.username, 'writer']);
    await share(owner, { type: 'user', value: reader.username }, 'none');
    expect((await as(reader).get(events, token)).status).toBe(404);
    const [lost] = items(await as(reader).get('users/me/calendarList', { syncToken: list.syncToken ?? '' }));
    expect([lost?.['id'], lost?.['deleted']]).toEqual([owner.username, true]);
  });

  it('for everybody, the domain and free/busy give just that; whoever leaves has nothing', async () => {
    const owner = await recluse(2);
    const other = await stranger(owner);
    const [from, to] = ['2026-07-01T00:00:00Z', '2026-10-15T00:00:00Z'];
    const secret = {
      summary: 'Secret',
      visibility: 'private',
      start: { dateTime: '2026-08-10T04:00:00Z' },
      end: { dateTime: '2026-08-10T05:00:00Z' },
    };
    await sandbox.mutate({ op: 'create', object: 'events', fields: { ...secret, calendarId: owner.username } });
    const ask = async () => {
      const { body } = await send(other, 'POST', 'freeBusy', {
        timeMin: from,
        timeMax: to,
        items: [{ id: owner.username }],
      });
      return (body['calendars'] as Record<string, { busy: readonly Json[]; errors?: readonly Json[] }>)[owner.username];
    };
    expect(await ask()).toEqual({ errors: [{ domain: 'global', reason: 'notFound' }], busy: [] });
    await share(owner, { type: 'domain', value: owner.username.split('@')[1] ?? '' }, 'freeBusyReader');
    const busy = await ask();
    expect(busy?.errors).toBeUndefined();
    expect(busy?.busy).toContainEqual({ start: '2026-08-10T04:00:00.000Z', end: '2026-08-10T05:00:00.000Z' });
    const refused = await as(other).get(eventsPath(owner.username));
    expect([refused.status, reasonOf(refused)]).toEqual([403, 'requiredAccessLevel']);
    await sandbox.control('POST', 'limits', { busyEvents: true });
    const blocks = items(await as(other).get(eventsPath(owner.username)));
    expect(blocks.length).toBeGreaterThan(4);
    expect(new Set(blocks.map(({ visibility, summary }) => `${String(visibility)} ${String(summary)}`))).toEqual(
      new Set(['private undefined']),
    );
    await sandbox.control('POST', 'limits', { busyEvents: false });
    await share(owner, { type: 'default' }, 'reader');
    const shown = items(await as(other).get(eventsPath(owner.username)));
    expect(shown.some(({ visibility, summary }) => visibility === 'private' && summary === undefined)).toBe(true);
    expect(JSON.stringify(shown)).not.toContain('Secret');
    await share(owner, { type: 'user', value: other.username }, 'writerWithoutPrivateAccess');
    expect(JSON.stringify(items(await as(other).get(eventsPath(owner.username))))).not.toContain('Secret');
    const sought = { q: 'secret' };
    expect(items(await as(other).get(eventsPath(owner.username), sought))).toEqual([]);
    await share(owner, { type: 'user', value: other.username }, 'writer');
    expect(items(await as(other).get(eventsPath(owner.username), sought))).toHaveLength(1);
    expect(JSON.stringify(items(await as(other).get(eventsPath(owner.username))))).toContain('Secret');
    await sharing({ user: other.username, active: false });
    expect((await as(other).get(eventsPath(owner.username))).status).toBe(401);
    expect((await visibleTo(other)).calendars.ids).toEqual([]);
    await sharing({ user: other.username, active: true });
  });

  it('leave it to each person what stands on the list', async () => {
    const owner = await recluse(3);
    const other = await stranger(owner);
    await share(owner, { type: 'default' }, 'reader');
    const has = async (): Promise<boolean> => {
      const { items: list } = await readAll(as(other), 'users/me/calendarList', { showHidden: 'true' });
      return list.some(({ id }) => id === owner.username);
    };
    expect((await send(other, 'POST', 'users/me/calendarList', { id: owner.username })).status).toBe(200);
    expect(await has()).toBe(true);
    expect((await send(other, 'DELETE', `users/me/calendarList/${encodeURIComponent(owner.username)}`)).status).toBe(
      204,
    );
    expect(await has()).toBe(false);
    expect((await as(other).get(eventsPath(owner.username))).status).toBe(200);
  });
});
