const PREFIX = 'https://www.googleapis.com/auth/';

/** Scopes that the sandbox's consent page knows. Source: "OAuth 2.0 Scopes for Google APIs", Calendar and sign-in. */
const KNOWN = [
  'calendar',
  'calendar.readonly',
  'calendar.acls',
  'calendar.acls.readonly',
  'calendar.app.created',
  'calendar.calendarlist',
  'calendar.calendarlist.readonly',
  'calendar.calendars',
  'calendar.calendars.readonly',
  'calendar.events',
  'calendar.events.freebusy',
  'calendar.events.owned',
  'calendar.events.owned.readonly',
  'calendar.events.public.readonly',
  'calendar.events.readonly',
  'calendar.freebusy',
  'calendar.settings.readonly',
  'userinfo.email',
  'userinfo.profile',
];
const SIGN_IN = ['openid', 'email', 'profile'];

/** Methods of the API and the scopes of which one is enough. Source: the method's page in the reference. */
const METHODS = {
  'CalendarList.List': ['calendar', 'calendar.readonly', 'calendar.calendarlist', 'calendar.calendarlist.readonly'],
  'CalendarList.Get': ['calendar', 'calendar.readonly', 'calendar.calendarlist', 'calendar.calendarlist.readonly'],
  'Calendars.Get': ['calendar', 'calendar.readonly', 'calendar.calendars', 'calendar.calendars.readonly'],
  'Events.List': ['calendar', 'calendar.readonly', 'calendar.events', 'calendar.events.readonly'],
  'Events.Get': ['calendar', 'calendar.readonly', 'calendar.events', 'calendar.events.readonly'],
  'Events.Insert': ['calendar', 'calendar.events'],
  'Events.Update': ['calendar', 'calendar.events'],
  'Events.Patch': ['calendar', 'calendar.events'],
  'Events.Delete': ['calendar', 'calendar.events'],
  'CalendarList.Watch': ['calendar', 'calendar.readonly', 'calendar.calendarlist', 'calendar.calendarlist.readonly'],
  'Events.Watch': ['calendar', 'calendar.readonly', 'calendar.events', 'calendar.events.readonly'],
  'Channels.Stop': [
    'calendar',
    'calendar.readonly',
    'calendar.acls',
    'calendar.acls.readonly',
    'calendar.calendarlist',
    'calendar.calendarlist.readonly',
    'calendar.events',
    'calendar.events.readonly',
    'calendar.settings.readonly',
  ],
  // Reading everything does not include who shares what.
  'Acl.List': ['calendar', 'calendar.acls', 'calendar.acls.readonly'],
  'Acl.Get': ['calendar', 'calendar.readonly', 'calendar.acls', 'calendar.acls.readonly'],
  'Acl.Insert': ['calendar', 'calendar.acls'],
  'Acl.Update': ['calendar', 'calendar.acls'],
  'Acl.Patch': ['calendar', 'calendar.acls'],
  'Acl.Delete': ['calendar', 'calendar.acls'],
  'CalendarList.Insert': ['calendar', 'calendar.calendarlist'],
  'CalendarList.Delete': ['calendar', 'calendar.calendarlist'],
  'Freebusy.Query': ['calendar', 'calendar.readonly', 'calendar.freebusy', 'calendar.events.freebusy'],
  'Events.Instances': ['calendar', 'calendar.readonly', 'calendar.events', 'calendar.events.readonly'],
} as const;
export type ApiMethod = keyof typeof METHODS;

export function covers(scope: string, method: ApiMethod): boolean {
  const held = scope.split(' ');
  return METHODS[method].some((name) => held.includes(PREFIX + name));
}

/** Scopes of a request that Google would not know, in order. */
export function unknownScopes(scope: string): readonly string[] {
  return scope.split(/\s+/).filter((one) => {
    const name = one.startsWith(PREFIX) ? one.slice(PREFIX.length) : null;
    return name === null ? !SIGN_IN.includes(one) : !KNOWN.includes(name);
  });
}

export function mayIdentify(scope: string): 'profile' | 'email' | 'id' | null {
  const held = scope.split(' ');
  const has = (...names: readonly string[]): boolean => names.some((name) => held.includes(name));
  if (has('profile', `${PREFIX}userinfo.profile`)) return 'profile';
  if (has('email', `${PREFIX}userinfo.email`)) return 'email';
  return has('openid') ? 'id' : null;
}
