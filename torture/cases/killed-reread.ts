import { asked } from '../acts/act.ts';
import { passTime } from '../load.ts';
import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

/** Of the dozen pages that all calendars have. */
const SIDES = [
  'sync.keep_page.before_commit:4',
  'sync.keep_page.before_commit:5',
  'sync.keep_page.before_commit:7',
  'sync.keep_page.before_commit:8',
  'sync.keep_page.after_commit:9',
];

/** A worker dies in the middle of a reading from the beginning: what was on the page that it had is not taken for gone. */
export const killedReread: TortureCase = {
  name: 'killed-reread',
  rows: ['S1', 'S2'],
  needs: ['calendar'],
  run: async (scene) => {
    const { stage } = scene;
    const first = await onlyWorker(stage);
    for (const point of SIDES) {
      await asked(scene, 'POST', '/v1/connections/calendar/objects/events/backfill', { tenant: 'globex', days: 'all' });
      await armed(scene, first, point, () => passTime(stage, { leases: true }));
      // The rest of it, before it is read anew.
      if (first.life() === null) await first.start();
      await settle(scene, `killed-reread: ${point}`);
      await onlyWorker(stage);
    }
  },
};
