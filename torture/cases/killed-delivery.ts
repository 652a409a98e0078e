import { settle } from '../scene.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';

/** The API dies between a delivery and its acknowledgement, on either side of the commit, and in a storm of repeats. */
export const killedDelivery: TortureCase = {
  name: 'killed-delivery',
  rows: ['H1', 'H2', 'H4'],
  needs: ['erp'],
  run: async (scene) => {
    const { stage } = scene;
    const { sandbox } = stage.systems.find(({ provider }) => provider === 'odoo') ?? {};
    if (sandbox === undefined) throw new Error('Odoo is needed');
    const ids: string[] = [];
    for (const side of ['before_commit', 'after_commit', 'before_commit']) {
      const fields = { name: 'canary-globex-delivered' };
      ids.push((await sandbox.mutate({ op: 'create', object: 'res.partner', fields })).id);
      await armed(scene, stage.api, `inbox.keep_events.${side}:1`, async () => {
        for (const id of ids) await stage.hooks.tell({ object: 'res.partner', id });
      });
      if (stage.api.life() === null) await stage.api.start();
    }
    // What was told comes again, in another order, after it changed.
    const fields = { name: 'canary-globex-changed' };
    for (const id of ids) await sandbox.mutate({ op: 'update', object: 'res.partner', id, fields });
    for (const id of [...ids.toReversed(), ...ids]) await stage.hooks.tell({ object: 'res.partner', id });
    await settle(scene, 'killed-delivery');
  },
};
