import type { Act, CommandAct } from './act.ts';
import { connectionActs } from './connections.ts';
import { projectActs } from './projects.ts';
import { readingActs } from './reading.ts';
import { runningActs } from './running.ts';
import { tellingActs } from './telling.ts';
import { writingActs } from './writing.ts';

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
const writing: Group = {
  name: 'writing',
  areas: ['write', 'approvals', 'audit'],
  acts: [...writingActs, ...runningActs],
};
/** With all that is not named elsewhere. */
const telling: Group = { name: 'telling', areas: [], acts: [...tellingActs, ...projectActs] };

export const groups: readonly Group[] = [reading, connections, writing, telling];

/** All at once, but for writing: where there is no time to look after each. */
export const everything: Group = {
  name: 'everything',
  areas: [],
  acts: groups.filter((group) => group !== writing).flatMap(({ acts }) => acts),
};

const areaOf = (point: string): string => point.split('.')[0] ?? '';

export const placeOf = (point: string): string => point.split('.').slice(0, 2).join('.');

export function pointsOf(group: Group, points: readonly string[]): string[] {
  if (group === everything) return [...points];
  const named = new Set(groups.flatMap(({ areas }) => areas));
  return points.filter((point) =>
    group.areas.length > 0 ? group.areas.includes(areaOf(point)) : !named.has(areaOf(point)),
  );
}

const led: ReadonlySet<string> = new Set(groups.flatMap(({ acts }) => acts.flatMap(({ places }) => places)));

/** Areas that no act leads to yet, and why. */
const OUT_OF_REACH: Readonly<Record<string, string>> = {
  access: 'nobody asks on behalf of a user in the rehearsal',
  identity: 'nobody signs in to Gantry itself in the rehearsal',
  write: 'nothing of the kind happens to a write in the rehearsal',
  approvals: 'nobody is told of what waits for them in the rehearsal',
  erasure: 'nobody is erased and no customer leaves in the rehearsal',
  console: 'nobody opens the console in the rehearsal',
};

/** Why a point was not come by, by the acts of a group. */
export function reasonFor(point: string, group: Group | null = null): string {
  const reason = OUT_OF_REACH[areaOf(point)];
  if (reason !== undefined && !led.has(placeOf(point))) return reason;
  const isOfGroup = group === null || group.acts.some(({ places }) => places.includes(placeOf(point)));
  if (led.has(placeOf(point)) && !isOfGroup) return 'longer runs lead to it';
  return led.has(placeOf(point)) ? 'not passed by what leads to it' : 'nothing here leads to it';
}
