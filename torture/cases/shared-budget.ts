import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { settle } from '../scene.ts';
import type { TortureCase } from './case.ts';

/** Of Zendesk's incremental exports, in a minute; less than a quiet round and a half of two workers takes. */
const CALLS = 9;
const MINUTE_MS = 60_000;
const ROUNDS = 8;

/** All that is due is due at once, again and again, in two workers; one of them dies with calls in its hands. */
export const sharedBudget: TortureCase = {
  name: 'shared-budget',
  rows: ['S11', 'S12'],
  needs: ['support'],
  run: async (scene) => {
    const { stage, load } = scene;
    const file = join(stage.dir, 'budget.yaml');
    const limits = `limits: { incremental_exports: { calls: ${String(CALLS)} } }`;
    writeFileSync(file, `tenant: acme\nwhy: rehearsal\nintegrations:\n  support:\n    ${limits}\n`);
    const { code, err } = await stage.command(['overlay', 'set', '--tenant', 'acme', file]);
    if (code !== 0) throw new Error(`the overlay was refused: ${err}`);
    for (const worker of stage.workers) {
      await worker.kill();
      await worker.start();
    }
    const since = Date.now();
    stage.judged.limits.push({
      integration: 'support',
      path: '/api/v2/incremental/',
      calls: CALLS,
      windowMs: MINUTE_MS,
      since,
    });
    const [first] = stage.workers;
    for (let round = 0; round < ROUNDS; round += 1) {
      await load.change();
      await passTime(stage, { leases: true });
      if (round === ROUNDS / 2 && first !== undefined) {
        await first.kill();
        await first.start();
      }
      await sleep(1_000);
    }
    await settle(scene, 'shared-budget', { untilAllHasCome: false });
  },
};
