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
  },
);
