import { passTime } from '../load.ts';
import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

const SIDES = [
  'subscriptions.look.after_commit:1',
  'subscriptions.deliver.before_send:1',
  'subscriptions.deliver.after_send:1',
  'subscriptions.keep_attempt.before_commit:2',
  'subscriptions.settle.after_commit:1',
];

/** A worker dies before and after it tells others of a change: each is told, in order, and told again at most. */
export const killedEvent: TortureCase = {
  name: 'killed-event',
  rows: ['S1', 'H1'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage, load } = scene;
    const first = await onlyWorker(stage);
    for (const point of SIDES) {
      await armed(scene, first, point, async () => {
        for (let time = 0; time < 4; time += 1) await load.change();
        await passTime(stage, { leases: true });
      });
    }
    await settle(scene, 'killed-event');
  },
};
