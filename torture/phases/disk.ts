import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { accuse, mark, settle, type Scene } from '../scene.ts';

const NAME = 'full disk under the lens';
const PRLIMIT = '/usr/bin/prlimit';
/** Less than a lens file of the stage takes, more than its process needs beside it. */
const BYTES = 600_000;

/** The lens finds no room for its file: it says so, answers come back with the room, nothing is lost (X2). */
export async function disk(scene: Scene): Promise<void> {
  const { stage, load, result } = scene;
  if (!existsSync(PRLIMIT)) {
    result.notRun.add(NAME);
    return;
  }
  await stage.lens.kill();
  const from = stage.lens.logSize();
  await stage.lens.start({}, [PRLIMIT, `--fsize=${String(from + BYTES)}`]);
  for (let time = 0; time < 4; time += 1) {
    await load.change();
    await sleep(1_000);
  }
  if (stage.lens.life() === null)
    accuse(scene, NAME, { invariant: 'I10', what: 'the lens ended because its disk was full' });
  await stage.lens.kill();
  mark(scene, NAME, await settle(scene, NAME));
}
