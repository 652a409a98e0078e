import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { everything, groups } from './acts/groups.ts';
import { cases } from './cases/index.ts';
import { crashPointsOf, judgeSources, readSources } from './gate/crash-points.ts';
import { createLoad } from './load.ts';
import { crashes } from './phases/crashes.ts';
import { database } from './phases/database.ts';
import { disk } from './phases/disk.ts';
import { kills } from './phases/kills.ts';
import { lines, linesInTurn } from './phases/lines.ts';
import { skew } from './phases/skew.ts';
import { stall } from './phases/stall.ts';
import { seeded } from './proxy/random.ts';
import { emptyResult, type Result } from './result.ts';
import { settle, type Scene } from './scene.ts';
import { openStage, subscribe } from './stage/open-stage.ts';

export interface RunOptions {
  readonly root: string;
  readonly seed: number;
  readonly minutes: number;
  /** Each crash point once; else ever later passages, as long as there is time. */
  readonly quick: boolean;
  /** Names of cases to run instead of the phases; empty: the phases. */
  readonly cases: readonly string[];
  /** What still differs after everything was read five times counts as never coming: for defects, which make it so. */
  readonly impatient: boolean;
  readonly echo: (line: string) => void;
}

export interface RunReport {
  readonly result: Result;
  readonly points: readonly string[];
  /** Logs, timeline and facts of the run. */
  readonly dir: string;
}

/** Which part of the time a phase may take; those that follow get what is left. */
const CRASHES_SHARE = 0.6;
const SINGLE_SHARE = 0.8;
const LINES_SHARE = 0.95;
/**
 * What has not arrived by then never will. It arrives in seconds, but for two
 * things: a limit of calls that is used up (Zendesk's lasts a minute, and the
 * next minute's may be used up as well), and a machine that others use, too.
 */
const WITHIN_S = 240;
const LOOKS = 5;

/** Once each, as long as there is time. */
const single: Readonly<Record<string, (scene: Scene) => Promise<void>>> = { stall, database, disk, skew };

/** One seed, one stage: everything that can go wrong, and after each part the checker. */
export async function runTorture({
  root,
  seed,
  minutes,
  quick,
  cases: chosen,
  impatient,
  echo,
}: RunOptions): Promise<RunReport> {
  const startedAt = Date.now();
  const share = (part: number): number => startedAt + minutes * 60_000 * part;
  const { places } = judgeSources(await readSources(root));
  const points = crashPointsOf(places);
  const dir = await mkdtemp(join(tmpdir(), 'gantry-torture-'));
  const of = cases.filter(({ name }) => chosen.includes(name));
  const needs = new Set(of.flatMap((each) => each.needs));
  const workers = Math.max(2, ...of.map((each) => each.workers ?? 2));
  const only = chosen.length === 0 ? {} : { integrations: [...needs], workers };
  const stage = await openStage({ root, dir, seed, scale: 2_000, echo, ...only });
  const looks = impatient ? LOOKS : null;
  const result = emptyResult();
  const random = seeded(seed);
  const load = createLoad(stage, random);
  const sceneUntil = (until: number): Scene => ({
    root,
    stage,
    load,
    random,
    result,
    until,
    withinS: WITHIN_S,
    looks,
  });
  // Processes of their own would outlive this one.
  const give = (): void => void stage.close().finally(() => process.exit(130));
  process.once('SIGINT', give);
  process.once('SIGTERM', give);
  try {
    await Promise.all(stage.workers.map((worker) => worker.start()));
    const ready = await settle(sceneUntil(share(1)), 'first load');
    if (ready) await subscribe(stage);
    if (chosen.length > 0) {
      for (const each of of) await each.run(sceneUntil(share(1)));
    } else if (ready) {
      await crashes(sceneUntil(share(CRASHES_SHARE)), points, {
        groups: quick ? [everything] : groups,
        rounds: quick ? 1 : Infinity,
      });
      for (const [name, phase] of Object.entries(single)) {
        if (Date.now() < share(SINGLE_SHARE)) await phase(sceneUntil(share(SINGLE_SHARE)));
        else result.notRun.add(`phase ${name}: the time was up`);
      }
      if (quick) await linesInTurn(sceneUntil(share(LINES_SHARE)), 3_000);
      else await lines(sceneUntil(share(LINES_SHARE)));
      await kills(sceneUntil(share(1)), quick ? 4 : 100);
    }
    const others = points.filter((point) => !result.covered.has(point) && !result.unreached.has(point));
    if (others.length > 0) result.notRun.add(`${String(others.length)} crash points: not part of this run`);
    return { result, points, dir };
  } finally {
    process.off('SIGINT', give);
    process.off('SIGTERM', give);
    await stage.close();
  }
}
