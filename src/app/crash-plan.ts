import { armCrashPoints, GantryError } from '../kernel/index.ts';
import type { Environment } from './config.ts';
import type { EventSink } from './events.ts';

/** What happens to the process at a crash point: it ends as by a power cut, or stands still until it is continued. */
export type CrashWay = 'kill' | 'stop';

export interface CrashOrder {
  readonly way: CrashWay;
  /** Name of a crash point, or `*` for whichever is passed. */
  readonly point: string;
  /** At which passage, from 1. */
  readonly hit: number;
}

const VARIABLES = { GANTRY_CRASH_AT: 'kill', GANTRY_CRASH_STOP: 'stop' } as const;
const ORDER = /^(\*|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*\.(?:before|after)_(?:commit|send)):([1-9]\d{0,8})$/;
const SIGNALS = { kill: 'SIGKILL', stop: 'SIGSTOP' } as const;

/**
 * `GANTRY_CRASH_AT` and `GANTRY_CRASH_STOP` (`<point>:<n-th passage>`, or several
 * with commas between them: whichever comes first), heeded
 * with `GANTRY_REHEARSAL=1` only, so that nobody's server ends by a variable
 * left behind. Null: no rehearsal. Raises `config_invalid`.
 */
export function readCrashOrders(env: Environment): readonly CrashOrder[] | null {
  const given = Object.entries(VARIABLES).flatMap(([name, way]) => {
    const text = env[name];
    return text === undefined || text === '' ? [] : text.split(',').map((each) => ({ name, text: each, way }));
  });
  if (env['GANTRY_REHEARSAL'] !== '1') {
    const [first] = given;
    if (first === undefined) return null;
    throw new GantryError('config_invalid', {
      message: `${first.name} ends or stops this process at a point of its work, which is for rehearsals only.`,
      where: first.name,
      fix: 'Take the variable away; in a rehearsal, set GANTRY_REHEARSAL=1 as well.',
    });
  }
  return given.map(({ name, text, way }) => {
    const [, point, hit] = ORDER.exec(text) ?? [];
    if (point !== undefined && hit !== undefined) return { way, point, hit: Number(hit) };
    throw new GantryError('config_invalid', {
      message: `"${text}" is not a crash point and a passage, such as sync.keep_page.before_commit:1.`,
      where: name,
    });
  });
}

/**
 * Arms the crash points of this process. It says at the start that it does, and
 * then each point when it is passed for the first time and the one at which it
 * ends, for which the log has to be written at once (createLog).
 */
export function rehearseCrashes(orders: readonly CrashOrder[], emit: EventSink): void {
  emit({ kind: 'rehearsal_armed', orders: orders.map(({ way, point, hit }) => `${way} ${point}:${String(hit)}`) });
  const passed = new Map<string, number>();
  let all = 0;
  armCrashPoints((point) => {
    all += 1;
    const times = (passed.get(point) ?? 0) + 1;
    passed.set(point, times);
    const order = orders.find((each) =>
      each.point === '*' ? each.hit === all : each.point === point && each.hit === times,
    );
    if (order === undefined) {
      if (times === 1) emit({ kind: 'crash_point_passed', point });
      return;
    }
    emit({ kind: 'crash_point_reached', point, passage: times, way: order.way });
    process.kill(process.pid, SIGNALS[order.way]);
  });
}
