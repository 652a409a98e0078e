import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf, type SandboxUser, type TestSandbox } from '../support/sandbox.ts';
import {
  clientWith,
  connect,
  idsOf,
  listAll,
  rows,
  startHelpDesk,
  unlimited,
  type Json,
  type ZendeskClient,
} from './client.ts';

type Shown = Record<
  string,
  { readonly readable: boolean; readonly ids: readonly string[]; readonly fields: readonly string[] }
>;

interface State {
  readonly users: readonly {
    readonly id: string;
    readonly email: string;
    readonly role: string;
    readonly customRole: string | null;
    readonly restriction: string | null;
    readonly suspended: boolean;
    readonly groups: readonly number[];
  }[];
  readonly groups: readonly { readonly id: number; readonly name: string; readonly isPublic: boolean }[];
}

let sandbox: TestSandbox;
let people: readonly SandboxUser[];
let tokens: Record<string, string>;
beforeAll(async () => {
  sandbox = await startHelpDesk({ scale: 2_500 });
  await unlimited(sandbox);
  await sharing({ generate: { users: 200, seed: 7 } });
  people = (await sandbox.control<{ users: readonly SandboxUser[] }>('GET', 'health')).users;
  ({ tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', { users: 'all' }));
});
afterAll(() => sandbox.stop());

function sharing(change: Json): Promise<State> {
  return sandbox.control('POST', 'sharing', change);
}

async function visibleTo(user: SandboxUser): Promise<Shown> {
  return (await sandbox.control<{ objects: Shown }>('POST', 'visible', { user: user.username })).objects;
}

function as(user: SandboxUser): ZendeskClient {
  return clientWith(sandbox, tokens[user.username] ?? '');
}

async function listed(user: SandboxUser, object: string): Promise<readonly string[] | number> {
  const first = `/api/v2/${object}?page[size]=100`;
  const { status } = await as(user).get(first);
  return status === 200 ? idsOf(await listAll(as(user), object, first)).map(String) : status;
}

/** Somebody generated whose state is as wanted. */
async function generated(wanted: (user: State['users'][number]) => boolean): Promise<SandboxUser> {
  const { users } = await sharing({});
  const found = users.find((user) => user.email.startsWith('agent') && !user.suspended && wanted(user));
  const user = people.find(({ id }) => id === found?.id);
  if (user === undefined) throw new Error('nobody of that kind was generated');
  return user;
}

describe('200 people of a help desk', () => {
  it('find in every list what the written rules show them, and nothing else', async () => {
    expect(people).toHaveLength(200);
    const { users } = await sharing({});
    const kinds = new Map<string, number>();
    const sizes = new Set<number>();
    for (const [at, user] of people.entries()) {
      const { role, customRole, restriction } = users[at] as State['users'][number];
      const kind = [role, customRole, restriction].join();
      // Two of each kind.
      if (!user.active || (kinds.get(kind) ?? 0) >= 2) continue;
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const truth = await visibleTo(user);
      const [tickets, requests] = [await listed(user, 'tickets'), await listed(user, 'requests')];
      expect([kind, tickets]).toEqual([kind, truth['tickets']?.readable === true ? truth['tickets'].ids : 403]);
      expect([kind, requests]).toEqual([kind, truth['requests']?.ids]);
      sizes.add(truth['tickets']?.ids.length ?? 0);
      if (kinds.get(kind) === 2) continue;
      const seenUsers = await listed(user, 'users');
      if (role === 'end-user' || customRole === 'Contractor') expect([kind, seenUsers]).toEqual([kind, 403]);
      else expect([kind, seenUsers]).toEqual([kind, truth['users']?.ids]);
      const seenOrganizations = await listed(user, 'organizations');
      if (role === 'end-user' || customRole === 'Partner manager')
        expect([kind, seenOrganizations]).toEqual([kind, 403]);
      else expect([kind, seenOrganizations]).toEqual([kind, truth['organizations']?.ids]);
    }
    expect(kinds.size).toBeGreaterThan(9);
    expect(sizes.size).toBeGreaterThan(8);
  });

  it('count, search, show and export no more than they are shown', async () => {
    const user = await generated(({ customRole }) => customRole === 'Staff');
    const shown = (await visibleTo(user))['tickets'] as Shown[string];
    const all = (await visibleTo(adminOf(sandbox)))['tickets']?.ids ?? [];
    const hidden = all.find((id) => !shown.ids.includes(id)) ?? '';
    const client = as(user);
    const count = await client.get('/api/v2/tickets/count');
    expect((count.body['count'] as Json)['value']).toBe(shown.ids.length);
    const offset = await client.get('/api/v2/tickets?page=1&per_page=5');
    expect(offset.body['count']).toBe(shown.ids.length);
    const found = await client.get('/api/v2/search/count?query=type:ticket');
    expect(found.body['count']).toBe(shown.ids.length);
    expect((await client.get(`/api/v2/tickets/${hidden}`)).status).toBe(404);
    const many = await client.get(`/api/v2/tickets/show_many?ids=${hidden},${String(shown.ids[0])}`);
    expect(idsOf(rows(many, 'tickets')).map(String)).toEqual([shown.ids[0]]);
    const admin = await connect(sandbox);
    const ticket = (await admin.get(`/api/v2/tickets/${hidden}`)).body['ticket'] as Json;
    const organization = String(ticket['organization_id']);
    const inOrganization = await listAll(
      client,
      'tickets',
      `/api/v2/organizations/${organization}/tickets?page[size]=100`,
    );
    expect(
      idsOf(inOrganization)
        .map(String)
        .filter((id) => !shown.ids.includes(id)),
    ).toEqual([]);
    const sought = await client.get(`/api/v2/search?query=type:ticket organization:${organization}&per_page=100`);
    expect(idsOf(rows(sought, 'results')).map(String)).not.toContain(hidden);
    expect((await client.get('/api/v2/incremental/tickets/cursor?start_time=0')).status).toBe(403);
  });

  it('of an organization see no end users of others; whoever may see no lists still sees one at a time', async () => {
    const partner = await generated(({ customRole }) => customRole === 'Partner manager');
    const shown = new Set((await visibleTo(partner))['users']?.ids);
    const all = (await visibleTo(adminOf(sandbox)))['users']?.ids ?? [];
    const hidden = all.find((id) => !shown.has(id)) ?? '';
    expect((await as(partner).get(`/api/v2/users/${hidden}`)).status).toBe(404);
    expect((await as(partner).get('/api/v2/organizations/count')).status).toBe(403);
    const contractor = await generated(({ customRole }) => customRole === 'Contractor');
    expect((await as(contractor).get(`/api/v2/users/${hidden}`)).status).toBe(200);
    const sought = await as(contractor).get('/api/v2/search/count?query=type:user');
    expect([sought.status, sought.body['count']]).toEqual([200, 0]);
  });

  it('tell programs their roles, groups and organizations', async () => {
    const admin = await connect(sandbox);
    const { users, groups } = await sharing({});
    const memberships = await listAll(admin, 'group_memberships', '/api/v2/group_memberships?page[size]=100');
    for (const user of users.filter(({ role }) => role !== 'end-user')) {
      const own = memberships.filter((one) => String(one['user_id']) === user.id);
      expect(own.map((one) => one['group_id'])).toEqual([...user.groups]);
    }
    const shown = rows(await admin.get('/api/v2/groups'), 'groups');
    expect(shown.filter((group) => group['is_public'] === false).map((group) => group['name'])).toEqual(
      groups.filter(({ isPublic }) => !isPublic).map(({ name }) => name),
    );
    const roles = rows(await admin.get('/api/v2/custom_roles'), 'custom_roles');
    expect(roles.map((role) => (role['configuration'] as Json)['ticket_access'])).toContain('within-organization');
    const partner = await generated(({ customRole }) => customRole === 'Partner manager');
    const mine = await admin.get(`/api/v2/users/${partner.id}/organization_memberships`);
    const everybody = await listAll(
      admin,
      'organization_memberships',
      '/api/v2/organization_memberships?page[size]=100',
    );
    expect(rows(mine, 'organization_memberships')).toEqual(
      everybody.filter((one) => String(one['user_id']) === partner.id),
    );
    expect(new Set(idsOf(everybody)).size).toBe(everybody.length);
  });
});

describe('changes at run time', () => {
  it('of memberships, roles, groups and tickets are in force with the next call', async () => {
    const user = await generated(({ customRole, restriction }) => customRole === null && restriction === 'groups');
    const sees = async (): Promise<readonly string[]> => {
      const truth = (await visibleTo(user))['tickets']?.ids ?? [];
      expect(await listed(user, 'tickets')).toEqual(truth);
      return truth;
    };
    const { groups } = await sharing({ user: user.username, groups: ['Legal'] });
    const legal = await sees();
    await sharing({ user: user.username, groups: ['Legal', 'Onboarding'] });
    expect((await sees()).length).toBeGreaterThan(legal.length);
    await sharing({ user: user.username, restriction: null });
    const open = await sees();
    await sharing({ user: user.username, groups: ['Onboarding'] });
    const walled = await sees();
    expect(walled.length).toBeLessThan(open.length);
    const ticket = open.find((id) => !walled.includes(id)) ?? '';
    await sandbox.mutate({ op: 'update', object: 'tickets', id: ticket, fields: { follower_ids: [Number(user.id)] } });
    expect(await sees()).toContain(ticket);
    await sharing({ role: { name: 'Assigned', ticketAccess: 'assigned-only' } });
    await sharing({ user: user.username, customRole: 'Assigned' });
    expect(await sees()).not.toContain(ticket);
    await sandbox.mutate({ op: 'update', object: 'tickets', id: ticket, fields: { assignee_id: Number(user.id) } });
    expect(await sees()).toContain(ticket);
    await sharing({ role: { name: 'Assigned', ticketAccess: 'all' } });
    expect(await sees()).toEqual((await visibleTo(adminOf(sandbox)))['tickets']?.ids);
    expect(groups.filter(({ isPublic }) => !isPublic)).toHaveLength(2);
    await sharing({ user: user.username, suspended: true });
    expect((await as(user).get('/api/v2/users/me')).status).toBe(401);
  });

  it('let end users sign in and see their own requests, and those that their organization shares', async () => {
    const guest = people.find(({ username }) => !/^(agent|user|admin)/.test(username)) as SandboxUser;
    const client = await connect(sandbox, { user: guest });
    const me = (await client.get('/api/v2/users/me')).body['user'] as Json;
    expect([String(me['id']), me['role']]).toEqual([guest.id, 'end-user']);
    expect((await client.get('/api/v2/tickets')).status).toBe(403);
    const organization = String(me['organization_id']);
    const fields = {
      subject: 'Of a colleague',
      requester_id: Number(adminOf(sandbox).id),
      organization_id: Number(organization),
    };
    const colleagues = await sandbox.mutate({ op: 'create', object: 'tickets', fields });
    await sandbox.mutate({
      op: 'update',
      object: 'organizations',
      id: organization,
      fields: { shared_tickets: false },
    });
    const own = (await visibleTo(guest))['requests']?.ids ?? [];
    expect(await listed(guest, 'requests')).toEqual(own);
    await sandbox.mutate({ op: 'update', object: 'organizations', id: organization, fields: { shared_tickets: true } });
    const shared = (await visibleTo(guest))['requests']?.ids ?? [];
    expect(own).not.toContain(colleagues.id);
    expect(shared).toContain(colleagues.id);
    expect(await listed(guest, 'requests')).toEqual(shared);
    const admin = adminOf(sandbox);
    const foreign = ((await visibleTo(admin))['tickets']?.ids ?? []).find((id) => !shared.includes(id)) ?? '';
    expect((await client.get(`/api/v2/requests/${foreign}`)).status).toBe(404);
  });
});
