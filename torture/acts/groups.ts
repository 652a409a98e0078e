import type { Act, CommandAct } from './act.ts';
import { connectionActs } from './connections.ts';
import { readingActs } from './reading.ts';
import { tellingActs } from './telling.ts';

/** Points that are tried together; the checker looks after each group. */
export interface Group {
  readonly name: string;
  /** Areas of its points: the first part of their names. */
  readonly areas: readonly string[];
  readonly acts: readonly (Act | CommandAct)[];
}

const reading: Group = { name: 'reading', areas: ['sync', 'connector', 'lens'], acts: readingActs };
const connections: Group = {
  name: 'connections',
  areas: ['connection', 'vault', 'app', 'cli', 'store'],
  acts: connectionActs,
};
/** With all that is not named elsewhere. */
const telling: Group = { name: 'telling', areas: [], acts: tellingActs };

export const groups: readonly Group[] = [reading, connections, telling];

const areaOf = (point: string): string => point.split('.')[0] ?? '';

export const placeOf = (point: string): string => point.split('.').slice(0, 2).join('.');

export function pointsOf(group: Group, points: readonly string[]): string[] {
  const named = new Set(groups.flatMap(({ areas }) => areas));
  return points.filter((point) =>
    group.areas.length > 0 ? group.areas.includes(areaOf(point)) : !named.has(areaOf(point)),
  );
}

const NO_ROUTES = 'the project of the rehearsal names nobody who is to be told';

/** What nothing here leads to, and why. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  'connector.assertion': 'no system of the stage signs in by JWT',
  'connection.tell_end': 'no sign-in of the stage ends by itself within the run',
  'alerts.post': NO_ROUTES,
  'alerts.mail': NO_ROUTES,
  'alerts.begin_attempt': NO_ROUTES,
  'alerts.keep_attempt': NO_ROUTES,
};

const led: ReadonlySet<string> = new Set(groups.flatMap(({ acts }) => acts.flatMap(({ places }) => places)));

/** Why a point was not come by. */
export function reasonFor(point: string): string {
  const place = placeOf(point);
  return OUT_OF_REACH[place] ?? (led.has(place) ? 'not passed by what leads to it' : 'nothing here leads to it');
}
