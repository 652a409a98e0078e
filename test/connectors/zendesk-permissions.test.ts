import { expect, it } from 'vitest';
import { permissionsContract, visibleAt } from './permissions-suite.ts';
import { deriveAccess } from './derived-access.ts';

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
    }, 60_000);

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
