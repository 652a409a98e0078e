import { systemOf } from '../acts/act.ts';
import { canariesIn } from '../checker/effects.ts';
import { canaryOf } from '../checker/facts.ts';
import { effectsOfCalls } from '../checker/ledger.ts';
import { passTime, passUnknown } from '../load.ts';
import { settle, type Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';
import { committed, statesOf, until } from '../writing/made.ts';
import { preparedWay, wayOf, type Way } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

/** Nothing at the provider keeps a second one of these apart from the first (classes E and F). */
const WRITES = [
  { letter: 'E', path: '/json/2/crm.lead/create' },
  { letter: 'F', path: '/json/2/res.partner/create' },
] as const;
/** Longer than the case: the answer comes when the lines are calmed. */
const LATE_MS = 120_000;
const MOMENTS = ['before the bytes leave', 'with the answer on its way'] as const;

/**
 * A worker stands still past its lease with a write in its hands. Another one
 * takes the connection over, finds out what became of the write, and sends it
 * where it did not stand there. What the first does when it goes on must not count.
 */
export const stalledWrite: TortureCase = {
  name: 'stalled-write',
  rows: ['W10', 'X3'],
  needs: ['erp'],
  run: async (scene) => {
    const { stage, result } = scene;
    const [first, second] = stage.workers;
    if (first === undefined || second === undefined) throw new Error('two workers are needed');
    for (const moment of MOMENTS) {
      for (const { letter, path } of WRITES) {
        const way = wayOf(letter);
        const { plan, text } = await preparedWay(scene, way);
        await second.kill();
        const stopped = await stopAt(scene, first, { moment, path, way, text, plan });
        await passTime(stage, { leases: true });
        await second.start();
        const taken = await until(async () => {
          await passTime(stage);
          await passUnknown(stage);
          return (await statesOf(scene, plan)).every((state) => state === 'succeeded' || state === 'needs_human');
        });
        const states = (await statesOf(scene, plan)).join();
        if (!stopped || !taken) result.notRun.add(`stalled-write: ${letter}, ${moment}: ${states}`);
        stage.timeline.note(first.name, `goes on; the write (${letter}, ${moment}) is ${states}`);
        const from = first.logSize();
        first.signal('SIGCONT');
        for (const { proxy } of stage.systems) await proxy.calm();
        // Whatever it does about it shows in its log.
        await until(async () => first.logSize() > from);
      }
    }
    await settle(scene, 'stalled-write');
  },
};

interface Held {
  readonly moment: (typeof MOMENTS)[number];
  readonly path: string;
  readonly way: Way;
  readonly text: string;
  readonly plan: string;
}

async function stopAt(scene: Scene, worker: GantryProcess, { moment, path, way, text, plan }: Held): Promise<boolean> {
  await worker.kill();
  if (moment === 'before the bytes leave') {
    await worker.start({ GANTRY_CRASH_STOP: 'write.keep_attempt.after_commit:1' });
    await committed(scene, way.tenant, plan);
    return until(async () => worker.isStopped());
  }
  const system = systemOf(scene, way.integration);
  await worker.start();
  await system.proxy.plan({ share: 1, kinds: [], times: 1, path, exactly: { kind: 'latency', ms: LATE_MS } });
  await committed(scene, way.tenant, plan);
  const stands = await until(async () => {
    const effects = await effectsOfCalls({ ...system, proxyControl: system.proxy.control });
    return effects.some(({ fields }) => canariesIn(fields, canaryOf(way.tenant)).includes(text));
  });
  worker.signal('SIGSTOP');
  return stands;
}
