import { expect, it } from 'vitest';
import { createDraw } from '../../security/differential/draw.ts';
import { writeInGoogleCalendar, type VendorWrite } from '../../security/differential/writing/vendor-write.ts';
import { permissionsOf } from './derived-access.ts';
import { permissionsContract, sessionAs, visibleAt } from './permissions-suite.ts';
import { expectSameRights, rightOf } from './write-rights-suite.ts';

const newEvent = (calendarId: string): VendorWrite => ({
  object: 'events',
  operation: 'create',
  recordId: null,
  values: {
    calendarId,
    summary: 'New',
    start: { dateTime: '2026-12-01T10:00:00Z' },
    end: { dateTime: '2026-12-01T11:00:00Z' },
  },
});

permissionsContract(
  {
    provider: 'google_calendar',
    start: { scale: 2_000 },
    objects: ['calendars', 'events'],
    stranger: 'nobody@elsewhere.invalid',
    everyNth: 1,
    // The list of calendars, and the rules of those that the connected user may write.
    standingCallsMax: 12,
    // What is nested there stands side by side here.
    isCompared: () => false,
    isWhole: ({ user }, { self }) => user === self,
    usersMin: 2,
  },
  (stage) => {
    it('shows a user by its own sign-in what Google shows it, of the calendars that are read', async () => {
      const { sandbox, objects, derived, self } = stage();
      const { users } = await sandbox.control<{ users: { username: string; active: boolean }[] }>('GET', 'health');
      const people = users.filter(({ username, active }) => active && username !== self);
      let shown = 0;
      for (const { username } of [...people.filter((_, at) => at % 37 === 5), { username: self }]) {
        const { asUser } = permissionsOf(await sessionAs(stage(), username));
        const standing = await asUser?.readStanding(objects);
        if (asUser === undefined || standing === undefined) throw new Error('the session tells nothing of its user');
        const there = await visibleAt(sandbox, username);
        for (const object of objects) {
          const listed = new Set(there[object.name]?.ids);
          const held = derived.records.get(object.name) ?? [];
          const own = derived.shownTo(standing, object.name);
          expect(
            own.filter((id) => !listed.has(id)),
            `${username} ${object.name}`,
          ).toEqual([]);
          const asked = held.slice(0, 40);
          const visible = await asUser.visible(object, asked);
          expect(visible, `${username} ${object.name}`).toEqual(new Set(own.filter((id) => asked.includes(id))));
          shown += own.length;
        }
      }
      expect(shown).toBeGreaterThan(100);
    }, 300_000);

    it('follows the rules of a calendar, role by role, and shows busy times to nobody', async () => {
      const { sandbox, permissions, objects, derived, self } = stage();
      const guest = 'guest@partner.example';
      const mine = (ids: readonly string[]): string[] => ids.filter((id) => id.startsWith(`${self}/`));
      const counts: number[] = [];
      for (const role of ['freeBusyReader', 'reader', 'writer', 'none']) {
        const rule = { calendar: self, scope: { type: 'user', value: guest.toUpperCase() }, role };
        await sandbox.control('POST', 'sharing', { rule });
        const [standing] = (await permissions.readStandings?.([guest], objects, derived.facts)) ?? [];
        const shown = standing === undefined ? [] : mine(derived.shownTo(standing, 'events'));
        counts.push(shown.length);
      }
      const [busy = -1, read = -1, write = -1, none = -1] = counts;
      expect([busy, none]).toEqual([0, 0]);
      expect(read).toBeGreaterThan(0);
      expect(write).toBeGreaterThan(read);
      expect(write).toBe(mine(derived.records.get('events') ?? []).length);
    });

    it('lets nobody write what Google would refuse, and the connected user all that it may', async () => {
      const { sandbox, derived, self } = stage();
      // Thirteen people are compared in less than a minute, for one of whom Google would count all calls.
      await sandbox.control('POST', 'limits', { perMinute: 1_000_000, perMinutePerUser: 1_000_000 });
      const draw = createDraw(9);
      const { users } = await sandbox.control<{ users: { username: string; active: boolean }[] }>('GET', 'health');
      const others = draw.some(
        users.filter(({ username, active }) => active && username !== self),
        12,
      );
      // Rules of all kinds on the connected user's own calendar, so that there is something to be told.
      const roles = ['writer', 'writerWithoutPrivateAccess', 'reader', 'owner', 'none'] as const;
      const held = derived.records.get('events') ?? [];
      const own = held.filter((id) => id.startsWith(`${self}/`));
      const total = { may: 0, mayNot: 0 };
      for (const [at, username] of [...others.map((each) => each.username), self].entries()) {
        const role = username === self ? 'owner' : (roles[at % roles.length] ?? 'none');
        const rule = { calendar: self, scope: { type: 'user', value: username }, role };
        if (username !== self) await sandbox.control('POST', 'sharing', { rule });
        const writes = [...draw.some(own, 4), ...draw.some(held, 2)].map((recordId): VendorWrite => ({
          object: 'events',
          operation: 'update',
          recordId,
          values: { colorId: '5' },
        }));
        const writer = { id: username, username };
        const counts = await expectSameRights(
          stage(),
          writeInGoogleCalendar,
          writer,
          [...writes, newEvent(self)],
          username === self,
        );
        total.may += counts.may;
        total.mayNot += counts.mayNot;
        const mayMake = (await rightOf(stage(), username, newEvent(self)))?.kind === 'may';
        if (role !== 'none') expect(mayMake, `${username} ${role}`).toBe(role !== 'reader');
      }
      expect(total.may).toBeGreaterThan(15);
      expect(total.mayNot).toBeGreaterThan(15);
    }, 300_000);

    it('says which consent is missing', async () => {
      const { sandbox, connector, admin, self } = stage();
      const { tokens } = await sandbox.control<{ tokens: Record<string, string> }>('POST', 'session', {
        users: [self],
        scope: 'https://www.googleapis.com/auth/calendar.readonly',
      });
      const session = connector.open({
        apiUrl: admin.access.apiUrl,
        token: async () => ({ accessToken: tokens[self] ?? '', generation: 1 }),
        renew: () => Promise.reject(new Error('the token of a test does not end')),
      });
      const asked = permissionsOf(session).readStandings?.([self], stage().objects, stage().derived.facts);
      await expect(asked).rejects.toMatchObject({ code: 'access_source_refused' });
    });
  },
);
