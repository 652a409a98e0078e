import type { Effect } from '../kit/index.ts';
import type { Scope } from './access/acl.ts';
import type { AccessRole } from './access/roles.ts';
import type { Account } from './account.ts';
import type { CalendarRecord } from './directory.ts';
import { tellListChange } from './push/tell.ts';

/**
 * Gives a role to a scope; `none` ends the rule. Lists and channels hear of
 * it, and a calendar shared with one person goes on that person's list.
 */
export function changeRule(account: Account, calendar: CalendarRecord, scope: Scope, role: AccessRole): Effect {
  const seq = account.events.tick();
  const forColleagues = scope.type === 'domain' && scope.value === account.world.company.domain;
  if (!forColleagues) account.directory.putRule(calendar, { scope, role, seq });
  const changed = { ...calendar, changed: seq, ...(forColleagues ? { sharing: role, sharedAt: seq } : {}) };
  account.directory.put(changed);
  const user = scope.type === 'user' ? account.people.indexOf(scope.value ?? '') : -1;
  if (user >= 0 && role !== 'none') account.directory.subscribe(user, changed, true);
  const effect: Effect = { op: 'update', object: 'calendars', id: calendar.id };
  tellListChange(account, effect, changed);
  return effect;
}

/** Who is in a group. What is shared with the group is news for the lists of those who look at it. */
export function changeGroup(account: Account, address: string, members: readonly string[]): void {
  account.directory.groups.put(address, members);
  const seq = account.events.tick();
  for (const calendar of account.directory.calendars()) {
    const scopes = account.directory.rules(calendar).map(({ scope }) => scope);
    if (scopes.some(({ type }) => type === 'group')) account.directory.put({ ...calendar, changed: seq });
  }
}
