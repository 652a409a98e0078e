import type { PlantedDefect } from './types.ts';

export const sandboxGoogleCalendarDefects: PlantedDefect[] = [
  {
    name: 'a sync token forgets what changed while the pages were read',
    file: 'sandbox/google-calendar/api/events.ts',
    find: 'query.page?.seq ?? account.events.seq()',
    replace: 'account.events.seq()',
    suite: 'test/sandbox-google-calendar/sync.test.ts',
  },
  {
    name: 'a guest who was taken off an event is never told',
    file: 'sandbox/google-calendar/store/events.ts',
    find: 'new Set([...(overlay.get(event.id)?.gone ?? []), ...left])',
    replace: 'new Set([...(overlay.get(event.id)?.gone ?? [])])',
    suite: 'test/sandbox-google-calendar/sync.test.ts',
  },
  {
    name: 'every consent brings a refresh token',
    file: 'sandbox/google-calendar/oauth/token.ts',
    find: 'consent.offline && (consent.prompted || !consents.isOffline(username))',
    replace: 'consent.offline',
    suite: 'test/sandbox-google-calendar/oauth.test.ts',
  },
  {
    name: 'colleagues read private appointments',
    file: 'sandbox/google-calendar/api/present.ts',
    find: "event.visibility === 'private' && !allows(role, 'writer')",
    replace: "event.visibility === 'private' && !allows(role, 'reader')",
    suite: 'test/sandbox-google-calendar/lists.test.ts',
  },
  {
    name: 'channels go on after their end',
    file: 'sandbox/google-calendar/push/channels.ts',
    find: 'clock.now().getTime() < expirationMs',
    replace: 'clock.now().getTime() < expirationMs + 86_400_000',
    suite: 'test/sandbox-google-calendar/push.test.ts',
  },
  {
    name: 'a calendar that an event was taken off is not told',
    file: 'sandbox/google-calendar/mutate.ts',
    find: 'before === null ? [event] : [before, event]',
    replace: '[event]',
    suite: 'test/sandbox-google-calendar/push.test.ts',
  },
  {
    name: 'whoever knows a channel stops it',
    file: 'sandbox/google-calendar/push/channels.ts',
    find: ' || channel.user !== user',
    replace: '',
    suite: 'test/sandbox-google-calendar/push.test.ts',
  },
];
