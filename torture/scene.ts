import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from './checker/finding.ts';
import { passFeedDelay, passTime, passUnknown, type Load } from './load.ts';
import type { Result } from './result.ts';
import { check } from './stage/check.ts';
import type { Stage } from './stage/open-stage.ts';

/** What a phase or a case has to work with. */
export interface Scene {
  readonly root: string;
  readonly stage: Stage;
  readonly load: Load;
  readonly random: () => number;
  readonly result: Result;
  /** Wall clock (ms) at which a phase should come to its end. */
  readonly until: number;
  /** Longest time from the end of the faults until everything has arrived (I10). */
  readonly withinS: number;
  /** How often everything is read before what still differs counts as never coming; null: `withinS` decides. */
  readonly looks: number | null;
}

const DUE_MS = 2_500;

/** The faults stop: all processes run, nothing is armed, the lines are calm. Then everything must come right. */
export async function settle(
  scene: Scene,
  after: string,
  { untilAllHasCome = true }: { readonly untilAllHasCome?: boolean } = {},
): Promise<boolean> {
  const { stage, result } = scene;
  await Promise.all(stage.systems.map(({ proxy }) => proxy.calm()));
  for (const each of stage.processes) {
    each.signal('SIGCONT');
    if (each.life() === null) await each.start();
  }
  await passFeedDelay(stage);
  await passTime(stage, { leases: true });
  const over = new AbortController();
  const passing = untilAllHasCome ? dueAllTheTime(stage, over.signal) : Promise.resolve();
  const verdict = await check(stage, {
    withinS: untilAllHasCome ? scene.withinS : 0,
    looks: scene.looks,
    arrived: untilAllHasCome,
  });
  over.abort();
  await passing;
  result.runs += 1;
  result.slowestMs = Math.max(result.slowestMs, verdict.convergedMs);
  // What the systems' lines saw stays seen: it is told once.
  const known = new Set(result.violations.map(({ what }) => what));
  const fresh = verdict.findings.filter(({ what }) => !known.has(what));
  result.violations.push(...fresh.map((finding, at) => ({ ...finding, after, story: at === 0 ? verdict.story : [] })));
  return fresh.length === 0;
}

/** What comes back by itself after a minute is not waited for; leases are left to those who have them. */
async function dueAllTheTime(stage: Stage, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(DUE_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    await passTime(stage).catch(() => undefined);
    await passUnknown(stage).catch(() => undefined);
  }
}

/** Something that only whoever did it can know: what the checker compares would not show it. */
export function accuse({ result, stage }: Scene, after: string, finding: Finding): void {
  stage.timeline.note('run', `${finding.invariant}: ${finding.what}`);
  result.violations.push({ ...finding, after, story: [] });
}

/** The same outcome for every connector of the stage. */
export function mark({ stage, result }: Scene, fault: string, ok: boolean): void {
  for (const { provider } of stage.systems) result.cells.push({ fault, provider, ok });
}
