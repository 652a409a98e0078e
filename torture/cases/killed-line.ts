import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { passTime } from '../load.ts';
import { onlyWorker } from './only-worker.ts';

const SIDES = [
  'connector.pubsub_subscribe.before_send:1',
  'inbox.keep_batch.before_commit:1',
  'inbox.keep_batch.after_commit:1',
  'inbox.keep_records.before_commit:1',
  'inbox.keep_records.after_commit:1',
];

/** A worker dies with events of the Pub/Sub line in its hands: the next goes on where the last commit was. */
export const killedLine: TortureCase = {
  name: 'killed-line',
  rows: ['H1', 'H3'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage, load } = scene;
    const first = await onlyWorker(stage);
    for (const point of SIDES) {
      await armed(scene, first, point, async () => {
        await passTime(stage, { leases: true });
        for (let time = 0; time < 3; time += 1) await load.change();
      });
    }
    await settle(scene, 'killed-line');
  },
};
