import { settle } from '../scene.ts';
import type { TortureCase } from './case.ts';

/** What is deleted is gone, for agents too, and does not come back. */
export const deletions: TortureCase = {
  name: 'deletions',
  rows: ['S7'],
  needs: ['crm'],
  run: async (scene) => {
    const { load } = scene;
    for (let time = 0; time < 4; time += 1) await load.change();
    if (!(await settle(scene, 'deletions: before'))) return;
    await load.remove();
    await load.remove();
    await settle(scene, 'deletions');
  },
};
