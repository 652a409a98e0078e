import { setTimeout as sleep } from 'node:timers/promises';
import { passFeedDelay, passTime } from '../load.ts';
import { settle } from '../scene.ts';
import type { TortureCase } from './case.ts';

/** All access tokens end at once, again and again; Zendesk takes each refresh token once. */
export const renewal: TortureCase = {
  name: 'renewal',
  rows: ['A1', 'A4'],
  needs: ['crm', 'support'],
  run: async (scene) => {
    const { stage, load } = scene;
    // Slow answers: whoever finds the token ended finds another one under way to a new one.
    await Promise.all(stage.systems.map(({ proxy }) => proxy.plan({ share: 1, kinds: ['latency'], times: null })));
    for (let time = 0; time < 4; time += 1) {
      await load.change();
      await passFeedDelay(stage);
      for (const { provider, sandbox } of stage.systems) {
        if (provider !== 'odoo') await sandbox.control('POST', 'revoke', { accessOnly: true });
      }
      await passTime(stage, { leases: true });
      await sleep(1_500);
    }
    await settle(scene, 'renewal');
  },
};
