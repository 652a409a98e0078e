import { passFeedDelay, passTime } from '../load.ts';
import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

const SIDES = [
  'connector.call.before_send:3',
  'connector.call.after_send:3',
  'sync.keep_page.before_commit:1',
  'sync.keep_page.before_commit:2',
  'sync.keep_page.before_commit:4',
  'sync.keep_page.after_commit:2',
];
const HOUR_MS = 3_600_000;

/** A worker dies before and after each step of a page, alone, so that nobody takes its stream up meanwhile. */
export const killedPage: TortureCase = {
  name: 'killed-page',
  rows: ['S1', 'S2'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage, load } = scene;
    const first = await onlyWorker(stage);
    for (const point of SIDES) {
      // Older than what is read again for safety, so that a page that is lost stays lost.
      for (const { sandbox } of stage.systems) {
        await load.change();
        await sandbox.control('POST', 'clock', { advanceMs: HOUR_MS });
      }
      await load.change();
      await passFeedDelay(stage);
      await armed(scene, first, point, () => passTime(stage, { leases: true }));
    }
    await settle(scene, 'killed-page');
  },
};
