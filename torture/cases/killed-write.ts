import { passTime } from '../load.ts';
import { settle, type Scene } from '../scene.ts';
import { committed, prepared } from '../writing/made.ts';
import { newText, preparedWay, wayOf, ways } from '../writing/ways.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

/** Before the bytes leave, so that nothing stands there; and before their answer is kept, so that it does. */
const OF_EACH_CLASS = ['write.keep_attempt.after_commit:1', 'write.keep_outcome.before_commit:1'];
const OF_ONE = [
  'write.keep_outcome.after_commit:1',
  'write.keep_after.before_commit:1',
  'write.keep_attempt.before_commit:1',
];
const OF_THE_API = [
  'write.keep_plan.before_commit:1',
  'write.keep_plan.after_commit:1',
  'write.commit.before_commit:1',
  'write.commit.after_commit:1',
];

/** A worker dies around the send of a write of each dedupe class, and the API around keeping and accepting one. */
export const killedWrite: TortureCase = {
  name: 'killed-write',
  rows: ['W1', 'W2', 'W3', 'W4'],
  needs: ['crm', 'support', 'erp', 'calendar'],
  run: async (scene) => {
    // What is changed has to be read before, by a worker that lives.
    const deaths = [
      ...ways.flatMap((way) => OF_EACH_CLASS.map((point) => ({ way, point }))),
      ...OF_ONE.map((point) => ({ way: wayOf('D'), point })),
    ];
    const plans = await Promise.all(deaths.map(({ way }) => preparedWay(scene, way)));
    const first = await onlyWorker(scene.stage);
    for (const [at, { way, point }] of deaths.entries()) {
      await armed(scene, first, point, async () => {
        await committed(scene, way.tenant, plans[at]?.plan ?? '');
        await passTime(scene.stage, { leases: true });
      });
    }
    for (const point of OF_THE_API) await killedApi(scene, point);
    await settle(scene, 'killed-write');
  },
};

/** Whoever gets no answer asks again, with the same key: it is planned once, and accepted once. */
async function killedApi(scene: Scene, point: string): Promise<void> {
  const { stage } = scene;
  const { tenant, wanted } = wayOf('B');
  const asked = wanted(newText(tenant), '');
  await armed(scene, stage.api, point, async () => {
    const answer = await stage.writer.prepare(tenant, asked, point).catch(() => null);
    if (answer !== null) await stage.writer.commit(tenant, String(answer.body['plan_id'])).catch(() => null);
  });
  if (stage.api.life() === null) await stage.api.start();
  await committed(scene, tenant, await prepared(scene, tenant, asked, point));
}
