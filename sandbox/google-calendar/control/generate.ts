import { hash32, hashText, readPeople } from '../../kit/index.ts';
import type { Account } from '../account.ts';
import type { AccessRole } from '../access/roles.ts';
import { plainEvent } from '../event.ts';
import { eventId, idSeed } from '../ids.ts';
import { changeGroup, changeRule } from '../sharing.ts';

const EVENTS_EACH = 5;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SALT = hashText('google people');
const TEAMS = ['sales', 'success', 'support', 'sales-ops'] as const;
const SHARINGS: readonly AccessRole[] = ['none', 'none', 'freeBusyReader', 'freeBusyReader', 'reader', 'reader'];
const GIVEN: readonly AccessRole[] = ['freeBusyReader', 'reader', 'writerWithoutPrivateAccess', 'writer', 'owner'];
const TITLES = ['Jour fixe', 'Review', 'Planning', 'Interview', 'Doctor', '1:1', 'Offsite', 'Budget'] as const;

type Draw = (...parts: readonly number[]) => number;

/**
 * Fills the company up to that many people with calendars and events of their
 * own, some private, some repeating; each shares with the domain as much as it
 * likes, and some with single people and with groups, of which one contains
 * another. The same seed gives the same.
 */
export function generate(account: Account, given: Readonly<Record<string, unknown>>): void {
  const { users: wanted, seed } = readPeople(given);
  const draw: Draw = (...parts) => hash32(SALT, seed, ...parts);
  const first = account.people.count();
  for (let user = first; user < wanted; user += 1) addPerson(account, draw, user);
  addGroups(account, draw);
  for (let user = 0; user < account.people.count(); user += 1) share(account, draw, user);
  for (let user = first; user < account.people.count(); user += 1) addEvents(account, draw, user);
}

function addPerson(account: Account, draw: Draw, user: number): void {
  const { world } = account;
  const { firstName, lastName } = world.contact(draw(user, 1) % world.counts.contacts);
  account.people.add({
    email: `person${user}@${world.company.domain}`,
    name: `${firstName} ${lastName}`,
    team: TEAMS[draw(user, 2) % TEAMS.length] ?? 'sales',
    active: draw(user, 3) % 40 !== 0,
  });
  const calendar = account.directory.addPerson(user);
  account.directory.put({
    ...calendar,
    sharing: SHARINGS[draw(user, 4) % SHARINGS.length] ?? 'none',
    changed: account.events.tick(),
  });
}

const GROUP_NAMES = ['leads', 'field', 'projects', 'assistants'] as const;

function addGroups(account: Account, draw: Draw): void {
  const { domain } = account.world.company;
  for (const [at, name] of GROUP_NAMES.entries()) {
    const members = Array.from({ length: account.people.count() }, (_empty, user) => user)
      .filter((user) => draw(user, 20, at) % 9 === 0)
      .map((user) => account.people.at(user).email);
    // The second group is a member of the third.
    const nested = name === 'projects' ? [`${GROUP_NAMES[1]}@${domain}`] : [];
    changeGroup(account, `${name}@${domain}`, [...members, ...nested]);
  }
}

function share(account: Account, draw: Draw, user: number): void {
  const { domain } = account.world.company;
  const roleOf = (salt: number): AccessRole => GIVEN[draw(user, salt) % GIVEN.length] ?? 'reader';
  const calendarId = account.people.at(user).email;
  const give = (scope: Parameters<typeof changeRule>[2], role: AccessRole): void => {
    const calendar = account.directory.find(calendarId);
    if (calendar !== null) changeRule(account, calendar, scope, role);
  };
  if (draw(user, 30) % 3 === 0) {
    const other = draw(user, 31) % account.people.count();
    if (other !== user) give({ type: 'user', value: account.people.at(other).email }, roleOf(32));
  }
  const group = GROUP_NAMES[draw(user, 33) % (GROUP_NAMES.length * 3)];
  if (group !== undefined) give({ type: 'group', value: `${group}@${domain}` }, roleOf(34));
}

function addEvents(account: Account, draw: Draw, user: number): void {
  const { email, name } = account.people.at(user);
  const zone = account.directory.find(email)?.timeZone ?? 'UTC';
  const nowMs = account.clock.now().getTime();
  for (let at = 0; at < EVENTS_EACH; at += 1) {
    const startMs =
      Math.floor(nowMs / DAY_MS) * DAY_MS + ((draw(user, 40, at) % 60) - 20) * DAY_MS + (8 + (at % 9)) * HOUR_MS;
    const guest = account.people.at(draw(user, 41, at) % account.people.count());
    const invited = draw(user, 42, at) % 2 === 0 && guest.email !== email;
    account.events.put({
      ...plainEvent({
        id: eventId(idSeed(account.world), { kind: 'created', index: account.events.created() }),
        organizer: { email, displayName: name },
        start: { kind: 'time', ms: startMs, zone },
        end: { kind: 'time', ms: startMs + HOUR_MS, zone },
        createdMs: nowMs,
        updatedMs: nowMs,
      }),
      summary: TITLES[draw(user, 43, at) % TITLES.length] ?? null,
      visibility: draw(user, 44, at) % 4 === 0 ? 'private' : 'default',
      transparent: draw(user, 45, at) % 7 === 0,
      recurrence: draw(user, 46, at) % 9 === 0 ? ['RRULE:FREQ=WEEKLY;COUNT=8'] : null,
      attendees: invited
        ? [
            { email, displayName: name, responseStatus: 'accepted' },
            { email: guest.email, displayName: guest.name, responseStatus: 'needsAction' },
          ]
        : [],
    });
  }
}
