import { setTimeout as sleep } from 'node:timers/promises';
import { shuffled } from '../proxy/random.ts';
import { passTime } from '../load.ts';
import { accuse, mark, settle, type Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';
import { provocationOf, type Provocation } from './provoke.ts';

/** How long a process may work before it counts as one that does not come by the point. */
const REACH_MS = 12_000;

interface Lane {
  readonly process: GantryProcess | null;
  readonly points: string[];
}

/**
 * SIGKILL at every point: at its first passage, then at its second, its third,
 * and so on until a point is no longer reached or the time is up. Processes die
 * beside each other, and are started again with the next point of their lane.
 */
export async function crashes(scene: Scene, points: readonly string[]): Promise<void> {
  const { stage, result, load, random } = scene;
  const stopChanging = load.keepChanging(700);
  let reachable = shuffled(random, points);
  for (let hit = 1; reachable.length > 0 && Date.now() < scene.until; hit += 1) {
    const reached = new Set<string>();
    const lanes = lanesOf(scene, reachable);
    await Promise.all(
      lanes.map((lane, at) => runLane(scene, lane, { hit, reached, word: `${String(hit)}-${String(at)}` })),
    );
    if (hit === 1) for (const point of reached) result.covered.add(point);
    reachable = reachable.filter((point) => reached.has(point));
  }
  await stopChanging();
  for (const point of points) {
    if (!result.covered.has(point) && !result.unreached.has(point)) result.unreached.set(point, 'the time was up');
  }
  stage.timeline.note('run', `killed at ${String(result.covered.size)} of ${String(points.length)} points`);
  const ok = await settle(scene, 'crashes');
  // A point at least has to be reached, or the grid would speak of nothing.
  if (result.covered.size > 0) mark(scene, 'SIGKILL at a crash point', ok);
}

/** Two workers die by turns; the API, the lens and commands beside them. */
function lanesOf({ stage, result }: Scene, points: readonly string[]): Lane[] {
  const worker = points.filter((point) => provocationOf(point).host === 'worker');
  const of = (host: Provocation['host']): string[] => points.filter((point) => provocationOf(point).host === host);
  for (const point of points) {
    const provocation = provocationOf(point);
    if (provocation.host === 'none') result.unreached.set(point, provocation.why);
  }
  return [
    ...stage.workers.map((process, at) => ({
      process,
      points: worker.filter((_point, place) => place % stage.workers.length === at),
    })),
    { process: stage.api, points: of('api') },
    { process: stage.lens, points: of('lens') },
    { process: null, points: of('command') },
  ];
}

interface Round {
  readonly hit: number;
  readonly reached: Set<string>;
  readonly word: string;
}

async function runLane(scene: Scene, { process, points }: Lane, round: Round): Promise<void> {
  for (const [at, point] of points.entries()) {
    if (Date.now() > scene.until) return;
    const provocation = provocationOf(point);
    const died =
      provocation.host === 'command'
        ? await killCommand(scene, provocation, `${point}:${String(round.hit)}`, `${round.word}-${String(at)}`)
        : provocation.host !== 'none' &&
          process !== null &&
          (await killProcess(scene, process, provocation, `${point}:${String(round.hit)}`));
    if (died) round.reached.add(point);
    else if (round.hit === 1)
      scene.result.unreached.set(point, `not passed within ${String(REACH_MS / 1_000)} s of work`);
  }
  // The next phase, and the others' work, find it alive and unarmed.
  if (process !== null && points.length > 0) {
    await process.kill();
    await process.start();
    await passTime(scene.stage, { leases: true });
  }
}

async function killProcess(
  scene: Scene,
  process: GantryProcess,
  provocation: Extract<Provocation, { act: unknown }>,
  order: string,
): Promise<boolean> {
  await process.kill();
  const life = await process.start({ GANTRY_CRASH_AT: order });
  await passTime(scene.stage, { leases: true });
  const deadline = Date.now() + REACH_MS;
  // Together: a request to a process that dies over it may never be answered.
  const acting = provocation.act(scene).catch(() => undefined);
  const ended = await Promise.race([life.ended, sleep(Math.max(0, deadline - Date.now()), 'lives')]);
  await Promise.race([acting, sleep(1_000)]);
  await provocation.calm?.(scene);
  // Nobody else kills a process of this lane while it is armed.
  if (ended !== 'SIGKILL' && ended !== 'lives') {
    accuse(scene, 'crashes', { invariant: 'I10', what: `${process.name} ended by itself (${ended}), armed ${order}` });
  }
  return ended === 'SIGKILL';
}

/** A command that died after its commit has done it: given again, it may say that there is such a thing, or no longer one. */
const saysDone = (order: string, text: string): boolean =>
  order.includes('.after_commit') && /\[(store_name_taken|not_found)\]/.test(text);

const API_BACK_TRIES = 15;

/** A command dies, and is given again: it must work, or say that it is done. */
async function killCommand(
  scene: Scene,
  provocation: Extract<Provocation, { host: 'command' }>,
  order: string,
  word: string,
): Promise<boolean> {
  const words = await provocation.words(scene, word);
  const first = await scene.stage.command(words, { GANTRY_REHEARSAL: '1', GANTRY_CRASH_AT: order });
  scene.stage.timeline.note(
    'command',
    `gantry ${words.join(' ')}, armed ${order}: ${first.code === null ? 'killed' : `ended with ${String(first.code)}`}`,
  );
  if (first.code !== null) return false;
  let again = await scene.stage.command(words);
  // The API dies as the others do, and is started again meanwhile.
  for (let tries = 0; again.err.includes('No server answers') && tries < API_BACK_TRIES; tries += 1) {
    await sleep(1_000);
    again = await scene.stage.command(words);
  }
  if (again.code !== 0 && !saysDone(order, again.err))
    accuse(scene, 'crashes', {
      invariant: 'I10',
      what: `gantry ${words.join(' ')} does not work after it was killed at ${order}: ${again.err.slice(0, 300)}`,
    });
  return true;
}
