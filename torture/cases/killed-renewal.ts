import { passTime } from '../load.ts';
import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';

const SIDES = [
  'connection.begin_renewal.before_commit:1',
  'connection.begin_renewal.after_commit:1',
  'connector.token.before_send:1',
  'connector.token.after_send:1',
  'connection.keep_tokens.before_commit:1',
  'connection.keep_tokens.after_commit:1',
];

/** A worker dies at every step of a renewal. Salesforce's refresh token can be used again, so that nothing is lost. */
export const killedRenewal: TortureCase = {
  name: 'killed-renewal',
  rows: ['A1', 'A4'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage, load } = scene;
    const [first, ...others] = stage.workers;
    const crm = stage.systems.find(({ provider }) => provider === 'salesforce');
    if (first === undefined || crm === undefined) throw new Error('a worker and Salesforce are needed');
    for (const other of others) await other.kill();
    for (const point of SIDES) {
      await armed(scene, first, point, async () => {
        await crm.sandbox.control('POST', 'revoke', { accessOnly: true });
        await load.change();
        await passTime(stage, { leases: true });
      });
    }
    await settle(scene, 'killed-renewal');
  },
};
