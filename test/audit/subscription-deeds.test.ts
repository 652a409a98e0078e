import { expect, it } from 'vitest';
import { keepSubscriptionDeeds } from '../../src/app/audit/subscription-deeds.ts';
import { auditAppender, searchAudit } from '../../src/audit/index.ts';
import { systemRandom } from '../../src/kernel/index.ts';
import { openEventWorld } from '../subscriptions/fixture.ts';
import { openerOf } from '../support/stores.ts';

const open = openerOf('pglite');

it('the audit has what operators do to subscriptions, without what they keep secret, and nothing that was refused', async () => {
  const db = await open();
  const world = await openEventWorld(db, { changed: keepSubscriptionDeeds(auditAppender(systemRandom)) });
  const { tenant, subscriptions } = world;
  const { secret, id } = await world.subscribe('http://127.0.0.1:9/hook?token=abcdef');
  const key = { tenant, id };
  await subscriptions.pause(key, 'olga');
  await expect(subscriptions.pause(key, 'olga')).rejects.toMatchObject({ code: 'subscription_state_conflict' });
  await subscriptions.resume(key, 'otto');
  const exchanged = await subscriptions.rotateSecret(key, 'otto');
  await subscriptions.replay(key, { from: 1, to: 9, all: true }, 'otto');
  await subscriptions.remove(key, 'olga');
  await expect(subscriptions.remove(key, 'olga')).rejects.toMatchObject({ code: 'not_found' });
  const asked = { agent: null, person: null, plan: null, connection: null, object: null, model: null };
  const question = { ...asked, about: null, kinds: null, from: null, to: null, amountFrom: null, amountTo: null };
  const { entries } = await searchAudit(db, tenant, question, { before: null, limit: 20 });
  expect(entries.map(({ sentence }) => sentence).toReversed()).toEqual([
    `Gantry changed subscription ${String(id)}: made.`,
    `olga changed subscription ${String(id)}: paused.`,
    `otto changed subscription ${String(id)}: resumed.`,
    `otto changed subscription ${String(id)}: secret exchanged.`,
    `otto changed subscription ${String(id)}: sent again.`,
    `olga changed subscription ${String(id)}: removed.`,
  ]);
  expect(entries.at(-1)?.entry?.detail).toMatchObject({ after: { agent: 'watcher', to: 'http://127.0.0.1:9' } });
  const said = JSON.stringify(entries);
  for (const hidden of ['abcdef', secret, exchanged]) expect(said).not.toContain(hidden);
});
