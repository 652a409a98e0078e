import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { settle } from '../scene.ts';
import { committed, statesOf } from '../writing/made.ts';
import { preparedWay, ways } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const ROUNDS = 5;
/** Where each of them dies in its turn, at a passage that others have had before. */
const POINTS = [
  'write.keep_attempt.after_commit:2',
  'write.keep_outcome.before_commit:1',
  'write.claim.after_commit:2',
  'write.keep_outcome.after_commit:2',
  'write.settle_turn.before_commit:1',
];

/** Three workers, writes of all classes, and leases that end at any time: one worker dies in each round. */
export const busyWorkers: TortureCase = {
  name: 'busy-workers',
  rows: ['W3', 'W4', 'W10'],
  needs: ['crm', 'support', 'erp', 'calendar'],
  workers: 3,
  run: async (scene) => {
    const { stage } = scene;
    const rounds = await Promise.all(
      Array.from({ length: ROUNDS }, () => Promise.all(ways.map((way) => preparedWay(scene, way)))),
    );
    for (const [round, plans] of rounds.entries()) {
      const victim = stage.workers[round % stage.workers.length];
      await victim?.kill();
      await victim?.start({ GANTRY_CRASH_AT: POINTS[round] ?? '' });
      for (const [at, { plan }] of plans.entries()) await committed(scene, ways[at]?.tenant ?? '', plan);
      for (let time = 0; time < 4; time += 1) {
        await passTime(stage, { leases: true });
        await sleep(400);
      }
      const states = (await Promise.all(plans.map(({ plan }) => statesOf(scene, plan)))).flat();
      stage.timeline.note('run', `round ${String(round + 1)}: ${states.join(', ')}`);
    }
    await settle(scene, 'busy-workers');
  },
};
