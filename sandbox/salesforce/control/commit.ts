import { ControlError } from '../../kit/index.ts';
import type { LateCommits } from '../rows/late-commits.ts';
import type { Org } from '../org.ts';
import { mutate } from './mutate.ts';

/**
 * One long transaction of somebody's: `{object, fields, count?,
 * visibleAfterMs?}` makes that many records of one moment (`#` in a text is
 * their number), which others see only once so much time of the sandbox's
 * clock has gone by. Returns their ids. No change events are sent of them.
 */
export function commit(org: Org, late: LateCommits, input: Readonly<Record<string, unknown>>): unknown {
  const { object, fields = {}, count = 1, visibleAfterMs = 0 } = input;
  if (typeof object !== 'string' || typeof fields !== 'object' || fields === null || typeof count !== 'number')
    throw new ControlError('commit wants {object, fields, count?, visibleAfterMs?}');
  const at = org.clock.now();
  const still = { ...org, clock: { ...org.clock, now: () => at } };
  const entries = Object.entries(fields as Readonly<Record<string, unknown>>);
  const ids = Array.from({ length: count }, (_empty, place) => {
    const numbered = entries.map(([name, value]): [string, unknown] => [
      name,
      typeof value === 'string' ? value.replace('#', String(place)) : value,
    ]);
    const { id } = mutate(still, { op: 'create', object, fields: Object.fromEntries(numbered) });
    const made = org.sharing.records.locate(id);
    if (made !== null) org.sharing.touched(made.object, made.row);
    return id;
  });
  if (typeof visibleAfterMs === 'number' && visibleAfterMs > 0) late.add(object, ids, at.getTime() + visibleAfterMs);
  return { ids, at: at.toISOString() };
}
