import { systemOf } from '../acts/act.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import type { Answer } from '../stage/answer.ts';
import { committed, ended, prepared, recordMade, statesOf } from '../writing/made.ts';
import { changed, newText } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const TENANT = 'acme';
/** Of each plan; the last one is deleted by somebody. */
const CONTACTS = 3;

interface Changed {
  readonly plan: string;
  readonly contacts: readonly { readonly id: string; readonly before: string }[];
}

/**
 * A record is gone before its change is taken back, or between the report of
 * the undo and its send. What cannot be taken back is said before anybody
 * commits, exactly that is what is not taken back, and nothing is made anew.
 */
export const goneSince: TortureCase = {
  name: 'gone-since',
  rows: ['R3'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage } = scene;
    const [goneBefore, goneAfter] = await Promise.all([change(scene), change(scene)]);
    for (const { plan } of [goneBefore, goneAfter]) await ended(scene, plan);
    await leaves(scene, goneBefore);
    const first = await undoOf(scene, goneBefore);
    told(scene, first, { restored: CONTACTS - 1, impossible: 1 });
    const second = await undoOf(scene, goneAfter);
    told(scene, second, { restored: CONTACTS, impossible: 0 });
    await Promise.all(stage.workers.map((worker) => worker.kill()));
    await leaves(scene, goneAfter);
    const undos = [first, second].map(({ body }) => String(body['plan_id']));
    for (const undo of undos) await committed(scene, TENANT, undo);
    await Promise.all(stage.workers.map((worker) => worker.start()));
    for (const undo of undos) await ended(scene, undo);
    for (const { contacts } of [goneBefore, goneAfter]) {
      for (const { id, before } of contacts.slice(0, -1))
        stage.judged.stands.push({
          integration: 'crm',
          object: 'Contact',
          id,
          field: 'LastName',
          value: before,
          why: 'it was taken back',
        });
    }
    await settle(scene, 'gone-since');
    const ends = (await Promise.all(undos.map((undo) => statesOf(scene, undo)))).map((states) =>
      states.toSorted().join(),
    );
    const wanted = ['succeeded,succeeded', 'failed,succeeded,succeeded'];
    for (const [at, end] of ends.entries())
      if (end !== wanted[at]) say(scene, `an undo with a record that is gone ended ${end}`);
  },
};

/** Contacts of somebody's, changed by an agent. */
async function change(scene: Scene): Promise<Changed> {
  const contacts = await Promise.all(
    Array.from({ length: CONTACTS }, async () => {
      const before = newText(TENANT);
      return { before, id: await recordMade(scene, 'crm', 'Contact', { LastName: before }) };
    }),
  );
  const records = contacts.map(({ id }) => ({ id: `crm/Contact/${id}`, values: { LastName: newText(TENANT) } }));
  const plan = await prepared(scene, TENANT, changed('crm.Contact', ...records));
  await committed(scene, TENANT, plan);
  return { plan, contacts };
}

async function leaves(scene: Scene, { contacts }: Changed): Promise<void> {
  await systemOf(scene, 'crm').sandbox.mutate({ op: 'delete', object: 'Contact', id: contacts.at(-1)?.id ?? '' });
}

async function undoOf({ stage }: Scene, { plan }: Changed): Promise<Answer> {
  const answer = await stage.writer.undo(TENANT, plan);
  if (typeof answer.body['plan_id'] !== 'string') throw new Error(`no undo of ${plan}: ${JSON.stringify(answer.body)}`);
  return answer;
}

/** What the report says before anybody commits, in numbers and in words. */
function told(
  scene: Scene,
  { body }: Answer,
  wanted: { readonly restored: number; readonly impossible: number },
): void {
  const counts = body['counts'] as { restored?: number; impossible?: number } | undefined;
  const text = JSON.stringify(body['report']);
  const inWords = text.includes('is not taken back') && text.includes('Cannot be taken back') === wanted.impossible > 0;
  if (inWords && counts?.restored === wanted.restored && counts.impossible === wanted.impossible) return;
  say(scene, `of ${JSON.stringify(wanted)} an undo says ${JSON.stringify(counts)}: ${text}`);
}

const say = (scene: Scene, what: string): void => accuse(scene, 'gone-since', { invariant: 'R3', what });
