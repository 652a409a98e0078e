import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pointsOf, reasonFor, type Group } from '../acts/groups.ts';
import { passTime } from '../load.ts';
import { accuse, mark, settle, type Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';
import { actAs } from './act-as.ts';
import { ordersOf, reachedInText, type Round } from './round.ts';

const NAME = 'SIGKILL at a crash point';

/**
 * SIGKILL at every point. A process is armed at all points of a group that are
 * left, dies at the first that it comes by, and is started again with one less:
 * no start is in vain, and deep points come once the shallow ones are through.
 * Then all that were reached again at their second passage, the third, and so
 * on until no time is left. The checker looks after each group.
 */
export async function crashes(
  scene: Scene,
  points: readonly string[],
  { groups, rounds }: { readonly groups: readonly Group[]; readonly rounds: number },
): Promise<void> {
  const { stage, result } = scene;
  let ok = true;
  for (let hit = 1; hit <= rounds && Date.now() < scene.until; hit += 1) {
    let reached = 0;
    for (const [at, group] of groups.entries()) {
      const wanted = pointsOf(group, points).filter((point) => hit === 1 || result.covered.has(point));
      if (Date.now() >= scene.until || wanted.length === 0) continue;
      const round: Round = {
        group,
        hit,
        left: new Set(wanted),
        deaths: { api: 0, worker: 0, lens: 0, command: 0 },
        over: new AbortController(),
      };
      // A fair part of what is left for each.
      const end = Date.now() + (scene.until - Date.now()) / (groups.length - at);
      await runGroup({ ...scene, until: end }, round);
      const done = wanted.filter((point) => !round.left.has(point));
      reached += done.length;
      for (const point of done) result.covered.add(point);
      if (hit === 1) for (const point of round.left) result.unreached.set(point, reasonOf(end, point, group));
      stage.timeline.note('run', `${group.name}: killed at ${String(done.length)} of ${String(wanted.length)} points`);
      ok = (await settle(scene, `crashes: ${group.name}, passage ${String(hit)}`)) && ok;
    }
    if (reached === 0) break;
  }
  for (const point of points) {
    if (!result.covered.has(point) && !result.unreached.has(point)) result.unreached.set(point, 'the time was up');
  }
  // A point at least has to be reached, or the grid would speak of nothing.
  if (result.covered.size > 0) mark(scene, NAME, ok);
}

function reasonOf(end: number, point: string, group: Group): string {
  const reason = reasonFor(point, group);
  return Date.now() >= end && reason === reasonFor(point) ? 'the time was up' : reason;
}

async function runGroup(scene: Scene, round: Round): Promise<void> {
  const { stage, load } = scene;
  const stopChanging = load.keepChanging(1_000);
  const keeping = stage.processes.map((each) => keep(scene, round, each));
  const passing = timePasses(scene, round);
  await Promise.all((['api', 'worker', 'lens', 'command'] as const).map((host) => actAs(scene, round, host)));
  round.over.abort();
  await Promise.all([passing, ...keeping]);
  await stopChanging();
}

/** Dies, and is started again, until the round is over; then it is gone. */
async function keep(scene: Scene, round: Round, process: GantryProcess): Promise<void> {
  const over = new Promise<'over'>((resolve) => {
    round.over.signal.addEventListener('abort', () => resolve('over'));
  });
  await process.kill();
  const among = scene.stage.processes.filter(({ role }) => role === process.role);
  for (let turn = among.indexOf(process); !round.over.signal.aborted; turn += 1) {
    const from = process.logSize();
    const orders = ordersOf(round, among.length > 1 ? turn : null);
    const life = await process.start(orders === '' ? {} : { GANTRY_CRASH_AT: orders });
    const ended = await Promise.race([life.ended, over]);
    if (ended === 'over') break;
    const point = reachedIn(process.logFile, from);
    round.deaths[process.role] += 1;
    if (point !== null) round.left.delete(point);
    // Asked to end, it may do so; nobody else kills it.
    else if (ended !== '0' && ended !== 'SIGTERM') {
      const what = `${process.name} ended by itself (${ended}) among ${round.group.name}`;
      accuse(scene, 'crashes', { invariant: 'I10', what });
    }
  }
  await process.kill();
}

function reachedIn(file: string, from: number): string | null {
  return reachedInText(readFileSync(file).subarray(from).toString());
}

/** Streams of whoever died are free at once. */
async function timePasses({ stage }: Scene, round: Round): Promise<void> {
  while (!round.over.signal.aborted) {
    await passTime(stage, { leases: true }).catch(() => undefined);
    await sleep(800);
  }
}
