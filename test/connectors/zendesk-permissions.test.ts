import { expect, it } from 'vitest';
import { createDraw } from '../../security/differential/draw.ts';
import { writeInZendesk, type VendorWrite } from '../../security/differential/writing/vendor-write.ts';
import { permissionsContract, visibleAt } from './permissions-suite.ts';
import { deriveAccess } from './derived-access.ts';
import { expectSameRights, rightOf } from './write-rights-suite.ts';

/** Writes of every kind: of tickets, of oneself and of others, of organizations as a whole and of their notes. */
function writesOn(ids: {
  readonly ticket: string;
  readonly person: string;
  readonly organization: string;
  readonly user: string;
  readonly name: string;
}): readonly VendorWrite[] {
  const { ticket, person, organization, user, name } = ids;
  const write = (
    operation: VendorWrite['operation'],
    object: string,
    recordId: string | null,
    values: VendorWrite['values'] = {},
  ): VendorWrite => ({ object, operation, recordId, values });
  return [
    write('update', 'tickets', ticket, { subject: 'x' }),
    write('create', 'tickets', null, { subject: 'x', description: 'x' }),
    write('delete', 'tickets', ticket),
    write('update', 'users', person, { notes: 'x' }),
    write('update', 'users', person, { role: 'admin' }),
    write('update', 'users', user, { notes: 'x' }),
    write('update', 'users', person, { organization_id: Number(organization) }),
    write('create', 'users', null, { name, organization_id: Number(organization) }),
    write('delete', 'users', person),
    write('update', 'organizations', organization, { notes: 'x' }),
    write('update', 'organizations', organization, { notes: 'x', details: 'x' }),
    write('create', 'organizations', null, { name }),
    write('delete', 'organizations', organization),
  ];
}

permissionsContract(
  {
    provider: 'zendesk',
    start: { scale: 2_000 },
    prepare: async (sandbox) => {
      const unhurried = { incrementalExclusionS: 0, incrementalPerMinute: 100_000, perMinute: 100_000 };
      await sandbox.control('POST', 'limits', unhurried);
    },
    objects: ['tickets', 'organizations', 'users'],
    stranger: '99999999',
    everyNth: 9,
    // Users and memberships of groups by the hundred, roles, and one more for each agent of an organization.
    standingCallsMax: 60,
    // Its own fields and those of the customer stand side by side here, within each other there.
    isCompared: (field) => !/^custom_|_fields_|^url$/.test(field),
  },
  (stage) => {
    const nameOf = async (id: string): Promise<string> => {
      const { users } = await stage().sandbox.control<{ users: { id: string; username: string }[] }>('GET', 'health');
      return users.find((user) => user.id === id)?.username ?? '';
    };

    it('says of every write what Zendesk answers to the user itself', async () => {
      const { sandbox, standings, derived } = stage();
      type People = { readonly users: readonly { readonly id: string; readonly role: string }[] };
      const draw = createDraw(3);
      const agents = (await sandbox.control<People>('POST', 'sharing', {})).users.filter(
        ({ id, role }) => role !== 'end-user' && standings.get(id)?.active === true,
      );
      const total = { may: 0, mayNot: 0 };
      for (const [at, { id: user }] of draw.some(agents, 30).entries()) {
        const there = await visibleAt(sandbox, user);
        const pick = (object: string): string => {
          const shown = there[object]?.ids ?? [];
          return draw.pick(draw.chance(60) && shown.length > 0 ? shown : (derived.records.get(object) ?? []));
        };
        const [ticket, person, organization] = [pick('tickets'), pick('users'), pick('organizations')];
        const writes = writesOn({ ticket, person, organization, user, name: `New ${String(at)}` });
        const writer = { id: user, username: await nameOf(user) };
        const counts = await expectSameRights(stage(), writeInZendesk, writer, draw.some(writes, 7));
        total.may += counts.may;
        total.mayNot += counts.mayNot;
      }
      expect(total.may).toBeGreaterThan(40);
      expect(total.mayNot).toBeGreaterThan(40);
    }, 300_000);

    it('says what a custom role leaves of a shown record, switch by switch', async () => {
      const { sandbox, standings } = stage();
      type People = { readonly users: readonly { readonly id: string; readonly role: string }[] };
      const { users } = await sandbox.control<People>('POST', 'sharing', {});
      const agent = users.find(({ id, role }) => role === 'agent' && standings.get(id)?.active === true);
      if (agent === undefined) throw new Error('nobody is an agent');
      const writer = { id: agent.id, username: await nameOf(agent.id) };
      const plain = { ticketEditing: true, ticketDeletion: false, profiles: 'readonly', organizations: 'none' };
      for (const [at, writes] of [
        plain,
        { ...plain, ticketEditing: false },
        { ...plain, ticketDeletion: true },
        ...['edit', 'edit-within-org', 'full'].map((profiles) => ({ ...plain, profiles })),
        ...['notes', 'edit'].map((organizations) => ({ ...plain, organizations })),
      ].entries()) {
        const name = `Role ${String(at)}`;
        await sandbox.control('POST', 'sharing', { role: { name, ticketAccess: 'all', writes } });
        await sandbox.control('POST', 'sharing', { user: writer.username, customRole: name, restriction: null });
        const there = await visibleAt(sandbox, agent.id);
        const [ticket = '', organization = ''] = [there['tickets']?.ids[0], there['organizations']?.ids[0]];
        const person = there['users']?.ids.find((id) => users.every((user) => user.id !== id)) ?? '';
        for (const id of [ticket, organization, person]) expect(id).not.toBe('');
        const wanted = writesOn({ ticket, person, organization, user: agent.id, name: `Made by role ${String(at)}` });
        const { may, mayNot } = await expectSameRights(stage(), writeInZendesk, writer, wanted);
        expect(may, name).toBeGreaterThan(0);
        expect(mayNot, name).toBeGreaterThan(0);
      }
    }, 300_000);

    it('knows nobody who is not there, or may not sign in', async () => {
      const { derived, standings } = stage();
      const [ticket = ''] = derived.records.get('tickets') ?? [];
      const change: VendorWrite = {
        object: 'tickets',
        operation: 'update',
        recordId: ticket,
        values: { subject: 'x' },
      };
      const gone = [...standings.values()].find(({ active }) => !active);
      for (const user of ['99999999', gone?.user ?? '']) expect(await rightOf(stage(), user, change), user).toBeNull();
    });

    it('follows a restriction, a private group and a custom role', async () => {
      const { sandbox, session, permissions, objects } = stage();
      const { users } = await sandbox.control<{ users: { id: string; username: string; role: string }[] }>(
        'GET',
        'health',
      );
      const agent = users.find(({ id }) => stage().standings.get(id)?.objects.get('tickets')?.seesAll === false);
      if (agent === undefined) throw new Error('nobody is restricted');
      await sandbox.control('POST', 'sharing', { group: { name: 'Revision', isPublic: false } });
      for (const restriction of ['assigned', 'groups', 'organization', null] as const) {
        const change = { user: agent.username, customRole: null, restriction, groups: ['Revision'] };
        await sandbox.control('POST', 'sharing', change);
        const derived = await deriveAccess(session, objects);
        const [standing] = (await permissions.readStandings?.([agent.id], objects, derived.facts)) ?? [];
        const there = await visibleAt(sandbox, agent.id);
        for (const { name } of objects) {
          const own = standing === undefined ? [] : derived.shownTo(standing, name);
          expect(own.toSorted(), `${String(restriction)} ${name}`).toEqual([...(there[name]?.ids ?? [])].toSorted());
        }
      }
    }, 300_000);

    it('shows an end user nobody but itself, and of itself what end users are told', async () => {
      const { sandbox, session, permissions, objects } = stage();
      type People = { readonly users: readonly { readonly id: string; readonly role: string }[] };
      const { users } = await sandbox.control<People>('POST', 'sharing', {});
      const person = users.find(({ role }) => role === 'end-user');
      if (person === undefined) throw new Error('nobody is a customer');
      const derived = await deriveAccess(session, objects);
      const [standing] = (await permissions.readStandings?.([person.id], objects, derived.facts)) ?? [];
      if (standing === undefined) throw new Error('it is not known');
      const there = await visibleAt(sandbox, person.id);
      expect([...standing.objects.keys()]).toEqual(['users']);
      expect(derived.shownTo(standing, 'users')).toEqual([person.id]);
      expect(there['users']?.ids).toEqual([person.id]);
      const told = new Set(
        there['users']?.fields.filter((field) => field !== 'photo' && field !== 'shared_phone_number'),
      );
      expect(standing.objects.get('users')?.fields).toEqual(told);
      expect(told.has('notes')).toBe(false);
      expect(
        await permissions.visibleTo?.(person.id, objects.find(({ name }) => name === 'users') ?? objects[0]!, [
          person.id,
          '1',
        ]),
      ).toEqual(new Set([person.id]));
    });
  },
);
