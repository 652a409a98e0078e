import { systemOf } from '../acts/act.ts';
import { canariesIn } from '../checker/effects.ts';
import { canaryOf } from '../checker/facts.ts';
import { effectsOfJobs } from '../checker/ledger.ts';
import { passTime } from '../load.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';
import type { ProxyState } from '../stage/proxy-process.ts';
import { committed, ended, prepared, until } from '../writing/made.ts';
import { newText } from '../writing/ways.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';
import { onlyWorker } from './only-worker.ts';

/** How a system takes many records at once. */
interface ByJob {
  readonly integration: 'support' | 'crm';
  readonly object: string;
  readonly valuesOf: (text: string) => object;
  /** As many as go by job (docs/connectors.md). */
  readonly records: number;
  /** Somebody asks how far a job is. */
  readonly asking: RegExp;
  /** Its jobs stay where they are, or go on. */
  readonly hold: (scene: Scene, held: boolean) => Promise<unknown>;
}

const TICKETS: ByJob = {
  integration: 'support',
  object: 'support.tickets',
  valuesOf: (text) => ({ subject: text, description: text }),
  records: 8,
  asking: /^\/api\/v2\/job_statuses\//,
  hold: (scene, held) => systemOf(scene, 'support').sandbox.control('POST', 'jobs', { held }),
};
const CONTACTS: ByJob = {
  integration: 'crm',
  object: 'crm.Contact',
  valuesOf: (text) => ({ LastName: text }),
  records: 2_000,
  asking: /^\/services\/data\/v[0-9.]+\/jobs\/ingest\/\w+$/,
  hold: (scene, held) =>
    systemOf(scene, 'crm').sandbox.control('POST', 'limits', { bulkQueueMs: held ? 3_600_000 : 100 }),
};

const TENANT = 'acme';
/** While it asks how far its job is; the others are crash points. */
const ASKING = 'asking';

/**
 * Before the job's number is kept nobody can ask for it, and its records are
 * looked for; held back so long, they would come after their time.
 */
const DEATHS = [
  { how: TICKETS, at: 'write.keep_job.before_commit:1', held: false },
  { how: TICKETS, at: 'write.keep_job.after_commit:1', held: true },
  { how: TICKETS, at: ASKING, held: true },
  { how: CONTACTS, at: ASKING, held: true },
] as const;

type Death = (typeof DEATHS)[number];

/** A worker dies with a job under way at the provider; the next one goes on with that job, and begins no other. */
export const killedJob: TortureCase = {
  name: 'killed-job',
  rows: ['W7'],
  needs: ['crm', 'support'],
  run: async (scene) => {
    const { stage } = scene;
    const texts = DEATHS.map(({ how }) => Array.from({ length: how.records }, () => newText(TENANT)));
    const plans: string[] = [];
    for (const [at, { how }] of DEATHS.entries()) {
      const records = (texts[at] ?? []).map((text) => ({ values: how.valuesOf(text) }));
      plans.push(await prepared(scene, TENANT, { operation: 'create', object: how.object, records }));
    }
    const first = await onlyWorker(stage);
    const second = stage.workers[1];
    if (second === undefined) throw new Error('two workers are needed');
    for (const [at, death] of DEATHS.entries()) {
      await second.kill();
      await diesWith(scene, first, death, plans[at] ?? '');
      await goneOnWith(scene, second, death, plans[at] ?? '');
    }
    await settle(scene, 'killed-job');
    for (const [at, { how, at: moment }] of DEATHS.entries())
      await oneJob(scene, how, { texts: texts[at] ?? [], moment });
  },
};

async function diesWith(scene: Scene, worker: GantryProcess, { how, at, held }: Death, plan: string): Promise<void> {
  const { stage, result } = scene;
  await how.hold(scene, held);
  if (at !== ASKING) {
    const died = await armed(scene, worker, at, () => committed(scene, TENANT, plan));
    if (!died) result.notRun.add(`killed-job: nobody came by ${at} with ${how.object}`);
    return;
  }
  await worker.kill();
  await worker.start();
  const from = Date.now();
  await committed(scene, TENANT, plan);
  await passTime(stage, { leases: true });
  if (!(await until(() => asks(scene, how, from)))) result.notRun.add(`killed-job: nobody asked for ${how.object}`);
  await worker.kill();
}

/** The next one asks for the job while it is still waiting, and again when it is through. */
async function goneOnWith(scene: Scene, worker: GantryProcess, { how, at, held }: Death, plan: string): Promise<void> {
  const { stage, result } = scene;
  const from = Date.now();
  await worker.start();
  await passTime(stage, { leases: true });
  // A job that was never closed is ended, and begun anew: also then somebody asks for it.
  if (held && !(await until(() => asks(scene, how, from))))
    result.notRun.add(`killed-job: nobody went on with ${how.object} after ${at}`);
  await how.hold(scene, false);
  if (!(await ended(scene, plan))) result.notRun.add(`killed-job: ${how.object} after ${at} did not come to its end`);
}

async function asks(scene: Scene, { integration, asking }: ByJob, from: number): Promise<boolean> {
  const { proxy } = systemOf(scene, integration);
  const { exchanges } = (await (await fetch(`${proxy.control}/state`)).json()) as ProxyState;
  return exchanges.some(({ at, method, path }) => at >= from && method === 'GET' && asking.test(path));
}

/** W7: what went by job went by one. */
async function oneJob(
  scene: Scene,
  { integration, object }: ByJob,
  { texts, moment }: { readonly texts: readonly string[]; readonly moment: string },
): Promise<void> {
  const system = systemOf(scene, integration);
  const wanted = new Set(texts);
  const jobs = await effectsOfJobs({ ...system, proxyControl: system.proxy.control });
  const own = [...jobs.values()].filter((effects) =>
    effects.some(({ fields }) => canariesIn(fields, canaryOf(TENANT)).some((text) => wanted.has(text))),
  );
  if (own.length === 1) return;
  const what = `${String(texts.length)} ${object} went by ${String(own.length)} jobs, whose worker died: ${moment}`;
  accuse(scene, 'killed-job', { invariant: 'W7', what });
}
