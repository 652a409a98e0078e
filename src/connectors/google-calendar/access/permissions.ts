import type { NativeObject } from '../../../schema/index.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { derivedVisibility } from '../../kit/derived-visibility.ts';
import type { AccessFacts, SessionPermissions, SourceUserPage, Standing } from '../../permissions.ts';
import { readRecords } from '../read-records.ts';
import { readCalendarAccess, rolesOf } from './acl.ts';
import { asUser } from './as-user.ts';
import { audienceOf, standingOf } from './roles.ts';
import { mayWrite } from './write-rights.ts';

/** A user is known by its address, in lower case: Google's rules name addresses, and nothing else. */
export function googleCalendarPermissions(context: SessionContext): SessionPermissions {
  const told = {
    readFacts: async () => NO_FACTS,
    audienceOf,
    readStandings: (users: readonly string[], objects: readonly NativeObject[]) =>
      readStandings(context, users, objects),
  };
  return {
    ...told,
    strategyOf: () => ({ kind: 'record' }),
    visibleTo: derivedVisibility(told, (object, ids) => readRecords(context, object, ids)),
    mayWrite: (question) => mayWrite(context, question),
    listUsers: () => listUsers(context),
    asUser: asUser(context),
  };
}

/** Everything is in the record. */
const NO_FACTS: AccessFacts = { hash: 'none', data: {} };

async function readStandings(
  context: SessionContext,
  users: readonly string[],
  objects: readonly NativeObject[],
): Promise<readonly Standing[]> {
  if (users.length === 0) return [];
  const access = await readCalendarAccess(context);
  return users.flatMap((user) => {
    const roles = rolesOf(access, user);
    return roles.size === 0 ? [] : [standingOf(user, roles, objects, user.toLowerCase() === access.self)];
  });
}

/** Whoever the connected user's calendars are shared with by name; Google's directory is another service. */
async function listUsers(context: SessionContext): Promise<SourceUserPage> {
  const { self, rules } = await readCalendarAccess(context);
  const named = rules.filter(({ scope, value }) => scope === 'user' && value.includes('@')).map(({ value }) => value);
  // Calendars that stand for no person have addresses of Google's own.
  const people = [...new Set([self, ...named])].filter((address) => address !== '' && !address.endsWith(GOOGLES_OWN));
  const users = people.toSorted().map((address) => ({ id: address, name: address, email: address, active: true }));
  return { users, next: null };
}

const GOOGLES_OWN = 'calendar.google.com';
