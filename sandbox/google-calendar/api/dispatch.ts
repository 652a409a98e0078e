import { bearerToken, type Handler, type Route, type SandboxResponse, type TokenStore } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import { createMinute } from '../limits.ts';
import { covers, type ApiMethod } from '../oauth/scopes.ts';
import { changeRuleRole, deleteRule, getRule, insertRule, listAcl } from './acl.ts';
import { getCalendar, getListEntry, listCalendars } from './calendars.ts';
import type { Endpoint } from './context.ts';
import { insufficientScopes, invalidCredentials, loginRequired, refused } from './errors.ts';
import { deleteEvent, insertEvent, updateEvent } from './event-writes.ts';
import { getEvent, listEvents, listInstances } from './events.ts';
import { partial } from './partial.ts';
import { queryFreeBusy } from './free-busy.ts';
import { deleteListEntry, insertListEntry } from './list-entries.ts';
import { stopChannel, watchCalendarList, watchEvents } from './watch.ts';

/** The routes of the Calendar API v3: who calls, within which limits, with which scopes, then the method. */
export function createApi(account: Account, tokens: TokenStore): readonly Route[] {
  const project = createMinute(account.clock);
  const perUser = new Map<string, ReturnType<typeof createMinute>>();

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
      const minute = perUser.get(username) ?? createMinute(account.clock);
      perUser.set(username, minute);
      if (!minute(limits.perMinutePerUser)) return answer(refused('userRateLimitExceeded'));
      if (!covers(check.grant.scope, method)) return answer(insufficientScopes(`calendar.v3.${method}`));
      const user = account.people.indexOf(username);
      if (!account.people.at(user).active) return answer(invalidCredentials());
      return answer(partial(endpoint({ account, request, user }), request.query.get('fields')));
    };
  };
  const route =
    (verb: Route['method']) =>
    (path: string, method: ApiMethod, endpoint: Endpoint): Route => ({
      method: verb,
      path: `/calendar/v3/${path}`,
      handle: guarded(method, endpoint),
    });
  const [get, post, put, patch, remove] = [route('GET'), route('POST'), route('PUT'), route('PATCH'), route('DELETE')];
  return [
    get('users/me/calendarList', 'CalendarList.List', listCalendars),
    get('users/me/calendarList/:calendar', 'CalendarList.Get', getListEntry),
    get('calendars/:calendar', 'Calendars.Get', getCalendar),
    get('calendars/:calendar/events', 'Events.List', listEvents),
    get('calendars/:calendar/events/:event', 'Events.Get', getEvent),
    get('calendars/:calendar/events/:event/instances', 'Events.Instances', listInstances),
    post('calendars/:calendar/events', 'Events.Insert', insertEvent),
    put('calendars/:calendar/events/:event', 'Events.Update', updateEvent),
    patch('calendars/:calendar/events/:event', 'Events.Patch', updateEvent),
    remove('calendars/:calendar/events/:event', 'Events.Delete', deleteEvent),
    get('calendars/:calendar/acl', 'Acl.List', listAcl),
    get('calendars/:calendar/acl/:rule', 'Acl.Get', getRule),
    post('calendars/:calendar/acl', 'Acl.Insert', insertRule),
    put('calendars/:calendar/acl/:rule', 'Acl.Update', changeRuleRole),
    patch('calendars/:calendar/acl/:rule', 'Acl.Patch', changeRuleRole),
    remove('calendars/:calendar/acl/:rule', 'Acl.Delete', deleteRule),
    post('users/me/calendarList', 'CalendarList.Insert', insertListEntry),
    remove('users/me/calendarList/:calendar', 'CalendarList.Delete', deleteListEntry),
    post('freeBusy', 'Freebusy.Query', queryFreeBusy),
    post('users/me/calendarList/watch', 'CalendarList.Watch', watchCalendarList),
    post('calendars/:calendar/events/watch', 'Events.Watch', watchEvents),
    post('channels/stop', 'Channels.Stop', stopChannel),
  ];
}
