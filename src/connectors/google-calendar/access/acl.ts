import { concurrently, GantryError, limits, type JsonObject } from '../../../kernel/index.ts';
import { listAt, textAt } from '../../kit/answer-values.ts';
import type { SessionContext } from '../../kit/declared-connector.ts';
import { domainOf } from '../identity.ts';
import { allCalendars } from '../read-calendars.ts';
import { higherRole, roleNamed, type CalendarRole } from './roles.ts';

/** Who may do what with the connected user's calendars. */
export interface CalendarAccess {
  /** Address of the connected user. */
  readonly self: string;
  /** Calendars of its list with its own role. */
  readonly ownRoles: ReadonlyMap<string, CalendarRole>;
  readonly rules: readonly AclRule[];
}

export interface AclRule {
  readonly calendar: string;
  readonly scope: 'default' | 'user' | 'group' | 'domain';
  /** Address or domain, in lower case; empty for `default`. */
  readonly value: string;
  readonly role: CalendarRole;
}

/**
 * One call for the list of calendars, and one for each that the connected user
 * may write: only they are told the rules (reference of Acl). Of other calendars
 * nothing is known but the user's own role. Raises `access_source_refused`
 * where the consent does not cover rules.
 */
export async function readCalendarAccess(context: SessionContext): Promise<CalendarAccess> {
  const calendars = await allCalendars(context);
  const primary = calendars.find((entry) => entry['primary'] === true);
  const ownRoles = new Map(
    calendars.map((entry): [string, CalendarRole] => [
      textAt(entry, 'id') ?? '',
      roleNamed(textAt(entry, 'accessRole')),
    ]),
  );
  const told = [...ownRoles].filter(([, role]) => role === 'owner' || role === 'writer');
  const rules = await concurrently(told, limits.describesAtOnce, ([calendar, role]) =>
    rulesOf(context, calendar).catch((error: unknown) => {
      // Google's own calendars show their rules to nobody, whatever the role.
      if (role === 'writer' && isRefused(error)) return [];
      throw error;
    }),
  );
  const self = primary === undefined ? '' : (textAt(primary, 'id') ?? '');
  return { self: self.toLowerCase(), ownRoles, rules: rules.flat() };
}

const isRefused = (error: unknown): boolean => error instanceof GantryError && error.code === 'access_source_refused';

/** The most that Google puts into one answer (reference of Acl.list). */
const PAGE_MAX = 250;

async function rulesOf(context: SessionContext, calendar: string): Promise<AclRule[]> {
  const path = `/calendar/v3/calendars/${encodeURIComponent(calendar)}/acl`;
  const entries: JsonObject[] = [];
  let page: string | null = null;
  do {
    const query: Record<string, string> = {
      maxResults: String(PAGE_MAX),
      ...(page === null ? {} : { pageToken: page }),
    };
    const { body } = await asked(context, path, query);
    entries.push(...listAt(body, 'items', `GET ${path}`));
    const next: string | null = textAt(body, 'nextPageToken');
    page = next === page || entries.length > limits.accessRowsMax ? null : next;
  } while (page !== null);
  return entries.flatMap((entry) => ruleFrom(calendar, entry) ?? []);
}

async function asked(
  context: SessionContext,
  path: string,
  query: Readonly<Record<string, string>>,
): ReturnType<SessionContext['http']> {
  try {
    return await context.http({ path, query });
  } catch (error) {
    if (!(error instanceof GantryError) || error.code !== 'upstream_forbidden') throw error;
    throw new GantryError('access_source_refused', {
      message: 'Google does not let the connected user read who a calendar is shared with.',
      where: `GET ${path}`,
      fix: 'Connect the Google account again and agree to "See the sharing permissions of Google calendars you own".',
    });
  }
}

const SCOPES = ['default', 'user', 'group', 'domain'] as const;

function ruleFrom(calendar: string, entry: JsonObject): AclRule | null {
  const scope = SCOPES.find((name) => name === textAt(entry, 'scope.type'));
  if (scope === undefined || entry['deleted'] === true) return null;
  const value = (textAt(entry, 'scope.value') ?? '').toLowerCase();
  return { calendar, scope, value, role: roleNamed(textAt(entry, 'role')) };
}

/**
 * Roles of a user, by its address. Members of groups are for the directory to
 * tell: a rule for a group gives nobody anything here.
 */
export function rolesOf({ self, ownRoles, rules }: CalendarAccess, user: string): ReadonlyMap<string, CalendarRole> {
  const address = user.toLowerCase();
  const domain = domainOf(address);
  const roles = new Map<string, CalendarRole>(address === self ? ownRoles : []);
  for (const { calendar, scope, value, role } of rules) {
    const isMeant =
      scope === 'default' || (scope === 'user' && value === address) || (scope === 'domain' && value === domain);
    if (isMeant && role !== 'none') roles.set(calendar, higherRole(roles.get(calendar) ?? 'none', role));
  }
  return roles;
}
