import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { faultKinds, type Fault } from '../proxy/fault.ts';
import { mark, settle, type Scene } from '../scene.ts';

/** Each fault of the lines between Gantry and the providers, for a while, on a third of all requests. */
export async function lines(scene: Scene, kinds: readonly Fault['kind'][] = faultKinds, forMs = 5_000): Promise<void> {
  for (const kind of kinds) {
    if (Date.now() > scene.until) {
      scene.result.notRun.add(`lines: ${kind}`);
      continue;
    }
    await oneFault(scene, kind, forMs);
  }
}

/** All of them, one after the other, and one look at what came of it: where there is no time for a look after each. */
export async function linesInTurn(scene: Scene, forMs: number): Promise<void> {
  for (const kind of faultKinds) await misbehave(scene, kind, forMs, 0.35);
  const ok = await settle(scene, 'lines, one after the other');
  for (const kind of faultKinds) mark(scene, kind, ok);
}

export async function oneFault(scene: Scene, kind: Fault['kind'], forMs: number, share = 0.35): Promise<boolean> {
  await misbehave(scene, kind, forMs, share);
  const ok = await settle(scene, `lines: ${kind}`);
  mark(scene, kind, ok);
  return ok;
}

async function misbehave({ stage, load }: Scene, kind: Fault['kind'], forMs: number, share: number): Promise<void> {
  stage.timeline.note('run', `lines: ${kind}`);
  await Promise.all(stage.systems.map(({ proxy }) => proxy.plan({ share, kinds: [kind], times: null })));
  const stopChanging = load.keepChanging(500);
  const until = Date.now() + forMs;
  while (Date.now() < until) {
    await passTime(stage);
    await sleep(800);
  }
  await stopChanging();
}
