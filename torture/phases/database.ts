import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { mark, settle, type Scene } from '../scene.ts';

const NAME = 'PostgreSQL stopped at once';

/** The database goes away in the middle of everything and comes back, again and again (X1). */
export async function database(scene: Scene, times = 3): Promise<void> {
  const { stage, load, random } = scene;
  for (let time = 0; time < times; time += 1) {
    const stopChanging = load.keepChanging(400);
    await passTime(stage);
    await sleep(300 + random() * 1_500);
    stage.timeline.note('postgres', 'stopped at once');
    await stage.postgres.down();
    await sleep(random() * 2_000);
    await stage.postgres.up();
    stage.timeline.note('postgres', 'is back');
    await sleep(1_500);
    await stopChanging();
  }
  mark(scene, NAME, await settle(scene, NAME));
}
