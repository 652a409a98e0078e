import { systemOf } from '../acts/act.ts';
import { canaryOf } from '../checker/facts.ts';
import { passTime } from '../load.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import { committed, ended, prepared, recordMade, until } from '../writing/made.ts';
import { changed, newText } from '../writing/ways.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

const TENANT = 'acme';
const STEPS = [
  'write.keep_attempt.before_commit:1',
  'write.keep_attempt.after_commit:1',
  'write.keep_outcome.before_commit:1',
  'write.keep_outcome.after_commit:1',
];

interface Changed {
  readonly plan: string;
  readonly contact: string;
  readonly before: string;
}

/** What was written is taken back, whoever dies meanwhile; what somebody else has changed since stays theirs, and is told. */
export const undone: TortureCase = {
  name: 'undone',
  rows: ['R1', 'R2'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage } = scene;
    const all = await Promise.all(Array.from({ length: STEPS.length + 2 }, () => change(scene)));
    for (const { plan } of all) await ended(scene, plan);
    const [changedBefore, changedAfter, ...killed] = all;
    if (changedBefore === undefined || changedAfter === undefined) return;
    const taken = await Promise.all(killed.map(({ plan }) => undoOf(scene, plan)));
    const last = await undoOf(scene, changedAfter.plan);
    const first = await onlyWorker(stage);
    for (const [at, step] of STEPS.entries()) {
      await armed(scene, first, step, async () => {
        await committed(scene, TENANT, taken[at] ?? '');
        await passTime(stage, { leases: true });
      });
    }
    for (const { contact, before } of killed) stands(scene, contact, before, 'it was taken back');
    // Theirs, before anybody asks for the undo, and between the undo's report and its send.
    await first.kill();
    for (const { contact } of [changedBefore, changedAfter]) await theirs(scene, contact);
    await committed(scene, TENANT, last);
    await Promise.all(stage.workers.map((worker) => worker.start()));
    await ended(scene, last);
    const isTold = await until(async () => {
      await stage.operator(TENANT).sync('crm');
      const { body } = await stage.writer.undo(TENANT, changedBefore.plan);
      return (body['counts'] as { conflict?: number } | undefined)?.conflict === 1;
    });
    if (!isTold) accuse(scene, 'undone', { invariant: 'R2', what: 'a record that somebody changed is no conflict' });
    await settle(scene, 'undone');
  },
};

/** A contact of somebody's, changed by an agent. */
async function change(scene: Scene): Promise<Changed> {
  const before = newText(TENANT);
  const contact = await recordMade(scene, 'crm', 'Contact', { LastName: before });
  const wanted = changed('crm.Contact', { id: `crm/Contact/${contact}`, values: { LastName: newText(TENANT) } });
  const plan = await prepared(scene, TENANT, wanted);
  await committed(scene, TENANT, plan);
  return { plan, contact, before };
}

async function undoOf(scene: Scene, plan: string): Promise<string> {
  const { body } = await scene.stage.writer.undo(TENANT, plan);
  if (typeof body['plan_id'] !== 'string') throw new Error(`no undo of ${plan}: ${JSON.stringify(body)}`);
  return body['plan_id'];
}

async function theirs(scene: Scene, contact: string): Promise<void> {
  const fields = { LastName: `${canaryOf(TENANT)}theirs` };
  await systemOf(scene, 'crm').sandbox.mutate({ op: 'update', object: 'Contact', id: contact, fields });
  stands(scene, contact, fields.LastName, 'somebody had changed it since');
}

function stands({ stage }: Scene, id: string, value: string, why: string): void {
  stage.judged.stands.push({ integration: 'crm', object: 'Contact', id, field: 'LastName', value, why });
}
