import { below, chance, mix, pick, roll } from './hash.ts';
import type { Frame } from './frame.ts';
import { DAY_MS } from './stamps.ts';
import type { WorldUser } from './types.ts';
import { FAMILY_NAMES, GIVEN_NAMES } from './words/people.ts';
import { slug } from './words/slug.ts';

type Team = WorldUser['team'];

/** Teams repeat every ten users; user 0 leads sales operations and never leaves. */
const TEAMS: readonly Team[] = [
  'sales-ops',
  'sales',
  'support',
  'success',
  'sales',
  'support',
  'sales',
  'success',
  'sales',
  'support',
];

const seatsOf = (team: Team): readonly number[] => TEAMS.flatMap((name, seat) => (name === team ? [seat] : []));
const SEATS: Readonly<Record<Team, readonly number[]>> = {
  sales: seatsOf('sales'),
  success: seatsOf('success'),
  support: seatsOf('support'),
  'sales-ops': seatsOf('sales-ops'),
};

export function user(frame: Frame, index: number): WorldUser {
  const draw = (number: number): number => roll(frame.keys.users, index, number);
  const given = pick(GIVEN_NAMES[frame.company.staff], draw(0));
  const names = FAMILY_NAMES[frame.company.staff];
  const family = names[(frame.keys.users + index) % names.length] as string;
  const again = index < names.length ? '' : String(Math.floor(index / names.length) + 1);
  const modifiedMs = frame.stamps.users(index);
  const joinedMs = frame.anchorMs - (1_000 + below(draw(1), 2_000)) * DAY_MS;
  return {
    name: `${given} ${family}`,
    email: `${slug(given)}.${slug(family)}${again}@${frame.company.domain}`,
    team: TEAMS[index % TEAMS.length] as Team,
    // One known leaver, so that even the smallest world has records of people who left.
    active: index === 0 || (index !== 13 && !chance(draw(2), 8)),
    createdAt: new Date(joinedMs),
    modifiedAt: new Date(modifiedMs),
  };
}

/** Some user of a team, active or not: records outlive people's jobs. */
export function staffOf(users: number, team: Team, bits: number): number {
  const rounds = Math.floor(users / TEAMS.length);
  const seats = SEATS[team];
  return below(bits, rounds) * TEAMS.length + (seats[mix(bits) % seats.length] as number);
}
