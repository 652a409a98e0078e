import { setTimeout as sleep } from 'node:timers/promises';
import type { Act, CommandAct } from '../acts/act.ts';
import { placeOf } from '../acts/groups.ts';
import { passTime } from '../load.ts';
import type { Scene } from '../scene.ts';
import type { Role } from '../stage/gantry-process.ts';
import { runCommand } from './commands.ts';
import type { Round } from './round.ts';

/** How long processes may take to come by a point, unless an act says otherwise. */
const PATIENCE_MS = 3_000;
/** How often an act is tried without anybody coming by a point that was left. */
const TRIES = 2;
const ACT_MS = 15_000;
/** No process of a kind has died for so long: it comes by nothing any more. */
const QUIET_MS = 1_500;
/** Acts that make something are not repeated without end. */
const TIMES_MAX = 12;

export type Host = Role | 'command';

/**
 * All acts of one host, as long as somebody dies at a point that is left: what
 * does no harm at once, again and again, then what breaks something, one after
 * the other.
 */
export async function actAs(scene: Scene, round: Round, host: Host): Promise<void> {
  const acts = round.group.acts.filter((act) => act.host === host);
  await together(
    scene,
    round,
    acts.filter((act): act is Act => !('words' in act) && act.calm === undefined && act.apart !== true),
  );
  for (const act of acts) {
    await whileItHelps(scene, round, act.host, [act], async () => {
      if ('words' in act) await runCommand(scene, round, act);
      else await perform(scene, round, [act]);
    });
  }
}

async function together(scene: Scene, round: Round, acts: readonly Act[]): Promise<void> {
  const [first] = acts;
  if (first === undefined) return;
  let times = 0;
  await whileItHelps(scene, round, first.host, acts, async (open) => {
    times += 1;
    await perform(scene, round, times > TIMES_MAX ? open.filter((act) => act.makes !== true) : open);
  });
}

async function whileItHelps<Kind extends Act | CommandAct>(
  scene: Scene,
  { left, deaths }: Round,
  host: Host,
  acts: readonly Kind[],
  once: (open: readonly Kind[]) => Promise<void>,
): Promise<void> {
  const isOpen = ({ places }: Kind): boolean => [...left].some((point) => places.includes(placeOf(point)));
  for (let inVain = 0; inVain < TRIES && Date.now() < scene.until; inVain += 1) {
    const open = acts.filter(isOpen);
    if (open.length === 0) return;
    const before = deaths[host];
    await once(open);
    if (deaths[host] > before) inVain = -1;
  }
}

/** Acts of one host beside each other; requests one after the other, since each may be the last that its process gets. */
async function perform(scene: Scene, { deaths }: Round, acts: readonly Act[]): Promise<void> {
  const [first] = acts;
  if (first === undefined) return;
  const { host } = first;
  const before = deaths[host];
  const performOne = async (act: Act): Promise<void> => {
    await until(() => works(scene, host) || Date.now() >= scene.until, ACT_MS);
    // Together with a limit: a request to a process that dies over it may never be answered.
    await Promise.race([act.run(scene).catch(refused), sleep(ACT_MS)]);
    function refused(error: unknown): void {
      // Of a server that lives: the act is wrong, and leads nowhere.
      const text = error instanceof Error ? error.message : String(error);
      if (/ answered 4\d\d/.test(text)) scene.stage.timeline.note('run', `${act.name}: ${text.slice(0, 300)}`);
    }
  };
  if (host === 'api') for (const act of acts) await performOne(act);
  else await Promise.all(acts.map(performOne));
  if (host === 'worker') {
    await Promise.race([scene.load.change().catch(() => undefined), sleep(ACT_MS)]);
    await passTime(scene.stage, { leases: true }).catch(() => undefined);
  }
  await until(() => deaths[host] > before, Math.max(...acts.map(({ patienceMs }) => patienceMs ?? PATIENCE_MS)));
  if (host === 'worker' && deaths[host] > before) await quiet(deaths, host);
  for (const act of acts) await act.calm?.(scene).catch(() => undefined);
}

const works = ({ stage }: Scene, host: Host): boolean =>
  host === 'command' || stage.processes.some((each) => each.role === host && each.works());

/** What was begun may lead past several points: each of them is a life. */
async function quiet(deaths: Round['deaths'], host: Host): Promise<void> {
  let seen = deaths[host];
  let since = Date.now();
  await until(() => {
    if (deaths[host] > seen) [seen, since] = [deaths[host], Date.now()];
    return Date.now() - since >= QUIET_MS;
  }, ACT_MS);
}

async function until(met: () => boolean, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (!met() && Date.now() < deadline) await sleep(25);
}
