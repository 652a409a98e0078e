import { existsSync } from 'node:fs';
import { mark, settle, type Scene } from '../scene.ts';
import { passTime } from '../load.ts';

const NAME = 'clocks 10 minutes apart';
/** Loaded into the process itself: the program `faketime` would stand between it and our signals. */
export const FAKETIME = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/faketime/libfaketime.so.1`;

/** One worker lives ten minutes ahead, the other ten behind: leases and due times must not notice (X3). */
export async function skew(scene: Scene): Promise<void> {
  const { stage, load, result } = scene;
  if (!existsSync(FAKETIME)) {
    result.notRun.add(`${NAME}: there is no ${FAKETIME} (Debian package faketime)`);
    return;
  }
  for (const [at, worker] of stage.workers.entries()) {
    await worker.kill();
    await worker.start({
      LD_PRELOAD: FAKETIME,
      FAKETIME: at === 0 ? '+10m' : '-10m',
      DONT_FAKE_MONOTONIC: '1',
    });
  }
  for (let time = 0; time < 5; time += 1) {
    await load.change();
    await passTime(stage, { leases: time === 2 });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const ok = await settle(scene, NAME);
  mark(scene, NAME, ok);
  for (const worker of stage.workers) {
    await worker.kill();
    await worker.start();
  }
}
