import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { passFeedDelay, passTime } from '../load.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import type { TortureCase } from './case.ts';

const ROUNDS = 3;
const ENDED = /"kind":"connection_state_changed".*"to":"reauth_required"/;
/** Of the token service: long enough for the other worker to find its token ended, too. */
const SLOW_MS = 3_000;
const LOOK_MS = 250;
/** Two minutes: on a full machine a round of both workers takes that long. */
const TRIES = 480;

/**
 * Two workers find the same token ended. The token service takes its time with
 * the first, and would refuse the second at once: it has given that refresh
 * token's successor out, which nobody has kept yet.
 */
export const renewalsTogether: TortureCase = {
  name: 'renewals-together',
  rows: ['A1', 'A3'],
  needs: ['support'],
  run: async (scene) => {
    const { stage, load } = scene;
    for (let round = 0; round < ROUNDS; round += 1) {
      await load.change();
      await passFeedDelay(stage);
      for (const { proxy } of stage.systems) {
        const exactly = { kind: 'latency', ms: SLOW_MS } as const;
        await proxy.plan({ share: 1, kinds: [], times: 1, path: '/oauth/tokens', exactly });
      }
      for (const { sandbox } of stage.systems) await sandbox.control('POST', 'revoke', { accessOnly: true });
      const [at] = await stage.sql<{ now: Date }>('select now() as now');
      await passTime(stage, { leases: true });
      if (await allRan(scene, at?.now ?? new Date())) continue;
      scene.result.notRun.add(`renewals-together: round ${String(round + 1)} was not over when the time was up`);
      break;
    }
    await settle(scene, 'renewals-together');
    // It heals by the next call that goes well; but somebody was asked to sign in for nothing.
    if (stage.workers.some(({ logFile }) => ENDED.test(readFileSync(logFile, 'utf8')))) {
      const what = 'a sign-in that nobody ended was taken for ended';
      accuse(scene, 'renewals-together', { invariant: 'I10', what });
    }
  },
};

/** A token that ended twice within one call would look like a sign-in that did. */
async function allRan({ stage }: Scene, since: Date): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await sleep(LOOK_MS);
    const left = await stage.sql(
      'select from stream where enabled and (lease_by is not null or last_run_at is null or last_run_at <= $1)',
      [since],
    );
    if (left.length === 0) return true;
  }
  return false;
}
