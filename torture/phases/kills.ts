import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { pick } from '../proxy/random.ts';
import { mark, settle, type Scene } from '../scene.ts';

const NAME = 'SIGKILL at any time';

/** Processes die at times that nobody chose, between all crash points (S1, S2, X1). */
export async function kills(scene: Scene, times: number): Promise<void> {
  const { stage, load, random } = scene;
  const stopChanging = load.keepChanging(500);
  for (let time = 0; time < times && Date.now() < scene.until; time += 1) {
    const victim = pick(random, stage.processes);
    await passTime(stage);
    await sleep(200 + random() * 1_500);
    await victim.kill();
    await victim.start();
    await passTime(stage, { leases: true });
  }
  await stopChanging();
  mark(scene, NAME, await settle(scene, NAME));
}
