import { bearerToken, type Handler, type Route, type SandboxResponse, type TokenStore } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { createMinute } from '../limits.ts';
import { covers, type ApiMethod } from '../oauth/scopes.ts';
import { getCalendar, getListEntry, listCalendars } from './calendars.ts';
import type { Endpoint } from './context.ts';
import { insufficientScopes, invalidCredentials, loginRequired, refused } from './errors.ts';
import { getEvent, listEvents, listInstances } from './events.ts';
import { stopChannel, watchCalendarList, watchEvents } from './watch.ts';

/** The routes of the Calendar API v3: who calls, within which limits, with which scopes, then the method. */
export function createApi(account: Account, tokens: TokenStore): readonly Route[] {
  const project = createMinute(account.clock);
  const perUser = new Map(account.users.map(({ username }) => [username, createMinute(account.clock)]));

  const guarded = (method: ApiMethod, endpoint: Endpoint): Handler => {
    return (request) => {
      const token = bearerToken(request) ?? request.query.get('access_token');
      if (token === null) return loginRequired();
      const check = tokens.check(token);
      if (check.kind !== 'valid') return invalidCredentials();
      const { username } = check.grant.user;
      const answer = (response: SandboxResponse): SandboxResponse => ({ ...response, user: username });
      const { limits } = account;
      if (limits.refuseWith !== null) return answer(refused(limits.refuseWith));
      if (!project(limits.perMinute)) return answer(refused('rateLimitExceeded'));
      if (perUser.get(username)?.(limits.perMinutePerUser) === false) return answer(refused('userRateLimitExceeded'));
      if (!covers(check.grant.scope, method)) return answer(insufficientScopes(`calendar.v3.${method}`));
      const user = account.users.findIndex((each) => each.username === username);
      return answer(endpoint({ account, request, user }));
    };
  };
  const route =
    (verb: Route['method']) =>
    (path: string, method: ApiMethod, endpoint: Endpoint): Route => ({
      method: verb,
      path: `/calendar/v3/${path}`,
      handle: guarded(method, endpoint),
    });
  const [get, post] = [route('GET'), route('POST')];
  return [
    get('users/me/calendarList', 'CalendarList.List', listCalendars),
    get('users/me/calendarList/:calendar', 'CalendarList.Get', getListEntry),
    get('calendars/:calendar', 'Calendars.Get', getCalendar),
    get('calendars/:calendar/events', 'Events.List', listEvents),
    get('calendars/:calendar/events/:event', 'Events.Get', getEvent),
    get('calendars/:calendar/events/:event/instances', 'Events.Instances', listInstances),
    post('users/me/calendarList/watch', 'CalendarList.Watch', watchCalendarList),
    post('calendars/:calendar/events/watch', 'Events.Watch', watchEvents),
    post('channels/stop', 'Channels.Stop', stopChannel),
  ];
}
