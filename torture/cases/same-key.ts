import { systemOf } from '../acts/act.ts';
import { canariesIn } from '../checker/effects.ts';
import { canaryOf } from '../checker/facts.ts';
import { effectsOfCalls } from '../checker/ledger.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import type { Answer } from '../stage/answer.ts';
import { ended, until } from '../writing/made.ts';
import { newText, wayOf } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

/** Where the API dies among them, round by round; null: it lives. */
const ROUNDS = [
  null,
  'write.keep_plan.after_commit:1',
  null,
  'write.commit.after_commit:1',
  'write.keep_plan.before_commit:2',
  null,
] as const;
/** Of each round, all at the same moment. */
const AT_ONCE = 30;
const TENANT = 'acme';

/**
 * Many ask for the same write under one key at once, and whoever is told of a
 * plan accepts it; whoever is told nothing asks again. It is one plan, and
 * one write. Under the same key nobody gets anything else.
 */
export const sameKey: TortureCase = {
  name: 'same-key',
  rows: ['W1', 'W2', 'W9'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage } = scene;
    const { wanted } = wayOf('B');
    const texts: string[] = [];
    let told = 0;
    for (const [round, order] of ROUNDS.entries()) {
      const text = newText(TENANT);
      texts.push(text);
      const key = `round-${String(round)}`;
      if (order !== null) {
        await stage.api.kill();
        await stage.api.start({ GANTRY_CRASH_AT: order });
      }
      const asked = wanted(text, '');
      const back = keepUp(scene);
      const plans = await Promise.all(Array.from({ length: AT_ONCE }, () => accepted(scene, asked, key)));
      await back();
      const [plan, ...others] = [...new Set(plans.filter((each) => each !== null))];
      told += plans.filter((each) => each !== null).length;
      if (others.length > 0) say(scene, `${String(others.length + 1)} plans were made under ${key}`);
      await refusedOther(scene, wanted(newText(TENANT), ''), key);
      if (plan !== undefined) await ended(scene, plan);
    }
    if (told < (ROUNDS.length * AT_ONCE) / 2)
      scene.result.notRun.add(`same-key: only ${String(told)} were told of a plan`);
    await settle(scene, 'same-key');
    const system = systemOf(scene, 'crm');
    const effects = await effectsOfCalls({ ...system, proxyControl: system.proxy.control });
    for (const text of texts) {
      const count = effects.filter(({ fields }) => canariesIn(fields, canaryOf(TENANT)).includes(text)).length;
      if (count !== 1) say(scene, `${text} was asked for under one key, and written ${String(count)} times`);
    }
  },
};

type Asked = Parameters<Scene['stage']['writer']['prepare']>[1];

/** As a client does that was told nothing: again, under the same key. The plan's id; null: nobody answered in time. */
async function accepted({ stage }: Scene, wanted: Asked, key: string): Promise<string | null> {
  let plan: string | null = null;
  const done = await until(async () => {
    if (plan === null) {
      const { body } = await stage.writer.prepare(TENANT, wanted, key);
      if (body['status'] === 'prepared' || typeof body['plan_id'] === 'string') plan = String(body['plan_id']);
    }
    return plan !== null && (await stage.writer.commit(TENANT, plan)).status === 200;
  }, 40);
  return done ? plan : null;
}

/** The API is there again when it died, until the promise of the returned function. */
function keepUp({ stage }: Scene): () => Promise<void> {
  let on = true;
  const keeping = (async () => {
    while (on) {
      if (stage.api.life() === null) await stage.api.start();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return async () => {
    on = false;
    await keeping;
  };
}

/** Another body under the key: refused, with what differs. */
async function refusedOther(scene: Scene, wanted: Asked, key: string): Promise<void> {
  let last: Answer | null = null;
  await until(async () => {
    last = await scene.stage.writer.prepare(TENANT, wanted, key);
    return true;
  });
  const { status = 0, body = {} } = (last as Answer | null) ?? {};
  if (status === 422 && JSON.stringify(body).includes('write_key_reused')) return;
  say(scene, `another write under ${key} was answered with ${String(status)}`);
}

const say = (scene: Scene, what: string): void => accuse(scene, 'same-key', { invariant: 'W9', what });
