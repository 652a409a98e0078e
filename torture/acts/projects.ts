import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scene } from '../scene.ts';
import { asked, systemOf, untilDone, work, type Act } from './act.ts';

/** In one file of the project: this text, which is there once, becomes that. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const NO_WEBHOOK: Edit = { file: 'integrations/support.yaml', find: ', live: webhook', replace: '' };
const NO_LINE: Edit = { file: 'integrations/crm.yaml', find: ', live: stream', replace: '' };
/** The watcher loses the object that it is told of. */
const NOT_SHOWN: Edit = {
  file: 'gantry.yaml',
  find: "        crm.Contact: '*' # watched",
  replace: "        crm.Account: '*'",
};
/** The watcher keeps it, and is shown none of its records. */
const NONE_SHOWN: Edit = {
  ...NOT_SHOWN,
  replace: "        crm.Contact: { fields: '*', where: { LastName: nobody } }",
};

/** The project with these edits in force, and with these files besides, by their path; without any: as it is. */
export async function inForce(
  scene: Scene,
  edits: readonly Edit[],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { stage, root } = scene;
  const project = join(root, 'torture/project');
  if (edits.length === 0) return applied(scene, project);
  const dir = join(stage.dir, 'changed');
  await rm(dir, { recursive: true, force: true });
  await cp(project, dir, { recursive: true });
  for (const { file, find, replace } of edits) {
    const text = await readFile(join(dir, file), 'utf8');
    if (text.split(find).length !== 2) throw new Error(`${file} has not once: ${find}`);
    await writeFile(join(dir, file), text.replace(find, replace));
  }
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  await applied(scene, dir);
}

async function applied({ stage }: Scene, dir: string): Promise<void> {
  // What breaks nothing needs no leave, and is refused where some is given.
  if ((await stage.command(['apply', dir])).code === 0) return;
  const { code, err } = await stage.command(['apply', dir, '--allow-breaking', 'grant watcher crm.Contact']);
  if (code === 0) return;
  stage.timeline.note('run', `the project was refused: ${err.slice(0, 300)}`);
  throw new Error(err);
}

const asBefore = async (scene: Scene): Promise<void> => void (await untilDone(() => inForce(scene, [])));

const watched = ({ stage }: Scene): string => stage.receiver.beside('watched');

/** Told to nobody yet: its receiver refuses, so that there is something to tell when the grant changes. */
async function watching(scene: Scene): Promise<void> {
  const { stage, load } = scene;
  const place = { tenant: 'acme', object: 'crm.Contact', agent: 'watcher', url: watched(scene) };
  const { subscriptions } = await asked(scene, 'GET', '/v1/subscriptions?tenant=acme');
  const there = (subscriptions as { id: number; url: string; state: string }[]).find(({ url }) => url === place.url);
  if (there === undefined) await asked(scene, 'POST', '/v1/subscriptions', place);
  else if (there.state !== 'active')
    await asked(scene, 'POST', `/v1/subscriptions/${String(there.id)}/resume`, { tenant: 'acme' });
  stage.receiver.answer(500);
  for (let time = 0; time < 3; time += 1) await load.change();
}

const accepted = async (scene: Scene): Promise<void> => {
  scene.stage.receiver.answer(204);
  await asBefore(scene);
};

/** How long it may take until a worker has noticed: it looks at what it holds every five seconds. */
const NOTICED_MS = 9_000;

const refusal = (scene: Scene): Promise<unknown> =>
  systemOf(scene, 'support').sandbox.control('POST', 'faults', {
    match: { path: '/webhooks' },
    times: 40,
    action: { status: 403 },
  });
const noRefusal = async (scene: Scene): Promise<void> => {
  await systemOf(scene, 'support').sandbox.control('DELETE', 'faults');
};

/** What was agreed with the provider is old: it is asked again. */
const proveAgain = ({ stage }: Scene): Promise<unknown> =>
  stage.sql("update webhook_registration set proved_at = proved_at - interval '1 day', due_at = now()");

const TAKEN_BACK_TRIES = 40;

async function takenBack({ stage }: Scene): Promise<void> {
  for (let tries = 0; tries < TAKEN_BACK_TRIES; tries += 1) {
    const there = await stage.sql(
      `select from webhook_registration r join connection c on c.tenant = r.tenant and c.id = r.connection
       where c.slug = 'support'`,
    );
    if (there.length === 0) return;
    await sleep(200);
  }
}

const slow = async (scene: Scene, ms: number): Promise<void> => {
  await systemOf(scene, 'support').sandbox.control('POST', 'latency', { ms });
};

/** What the project asks for changes: who is told of what, which providers shall tell, and what they say to that. */
export const projectActs: readonly Act[] = [
  work(
    'a project that wants less',
    ['inbox.remove_line', 'inbox.remove_registration'],
    (scene) => inForce(scene, [NO_WEBHOOK, NO_LINE]),
    { calm: asBefore, patienceMs: NOTICED_MS },
  ),
  work('a project that wants it again', ['inbox.note_asking', 'inbox.want_registration', 'inbox.want_line'], asBefore, {
    patienceMs: 6_000,
  }),
  work(
    'a provider that refuses to tell',
    ['inbox.keep_refusal'],
    async (scene) => {
      await refusal(scene);
      await proveAgain(scene);
    },
    { calm: noRefusal, patienceMs: 6_000 },
  ),
  work(
    'a provider that cannot be told to be quiet',
    ['inbox.keep_unremoved'],
    async (scene) => {
      await refusal(scene);
      await inForce(scene, [NO_WEBHOOK]);
    },
    {
      calm: async (scene) => {
        await noRefusal(scene);
        await asBefore(scene);
      },
      patienceMs: 6_000,
    },
  ),
  work(
    'two that ask a slow provider at once',
    ['inbox.undo_registration'],
    async (scene) => {
      await inForce(scene, [NO_WEBHOOK]);
      await takenBack(scene);
      // The first of them loses its turn while time passes, and the second asks beside it.
      await slow(scene, 1_500);
      await asBefore(scene);
    },
    { calm: (scene) => slow(scene, 0), patienceMs: 9_000 },
  ),
  work(
    'a line without one of its objects',
    ['inbox.note_unavailable'],
    async (scene) => {
      await systemOf(scene, 'crm').sandbox.control('POST', 'pubsub', {
        select: ['Account'],
        cut: 'service.unavailable',
      });
    },
    {
      calm: async (scene) => {
        await systemOf(scene, 'crm').sandbox.control('POST', 'pubsub', { select: null, cut: 'service.unavailable' });
      },
      patienceMs: 6_000,
    },
  ),
  work(
    'a grant that ends while there is something to tell',
    ['subscriptions.end_grant'],
    async (scene) => {
      await watching(scene);
      await inForce(scene, [NOT_SHOWN]);
    },
    { calm: accepted, patienceMs: 6_000 },
  ),
  work(
    'a grant that shows less while there is something to tell',
    ['subscriptions.withhold'],
    async (scene) => {
      await watching(scene);
      await inForce(scene, [NONE_SHOWN]);
    },
    { calm: accepted, patienceMs: 6_000 },
  ),
];
