import type { GantryEvent } from '../src/app/index.ts';
import { systemClock, systemRandom } from '../src/kernel/index.ts';
import { startSyncWorker } from '../src/sync/index.ts';
import { figure, type Figure } from './figure.ts';
import { addMadeTenant, openInstallation, type Installation, type MadeTenant } from './installation.ts';
import { accounts, opportunities, projectFiles } from './made-project.ts';
import { processFacts } from './process-facts.ts';
import { asking } from './wide.ts';

const RECORDS = 100;
const COLUMNS = 40;
const TICKS = 3;

const list = {
  object: 'deal',
  fields: ['name', 'phase', 'value', 'account.name'],
  filter: { field: 'value', op: 'gt', value: 1_000 },
  sort: [{ field: 'value', dir: 'desc' }],
  limit: 25,
};

/**
 * One installation with one tenant, and then with many, of 150 records each.
 * Asked with a skew as customers have it: the tenth most active asks a tenth as
 * often as the first.
 */
export async function* tenantsBench(count: number, questions: number): AsyncIterable<Figure> {
  const seen = { opened: 0, built: 0, room: 0, lensPid: 0 };
  const installation = await openInstallation((event) => note(seen, event));
  try {
    const [first] = await addTenants(installation, 0, 1);
    if (first === undefined) throw new Error('no tenant was made');
    await installation.gantry.lens.catchUp(first.id);
    const one = await timedQuestions(installation, [first], questions);
    yield* changes(installation, 1);
    yield* processes(1, seen.lensPid);

    const started = performance.now();
    const all = [first, ...(await addTenants(installation, 1, count))];
    const made = performance.now();
    for (const { id } of all) await installation.gantry.lens.catchUp(id);
    const built = performance.now();
    const per = (name: string, ms: number): Figure => single(count, name, 'ms', ms / count);
    yield per('adding a tenant to the store', made - started);
    yield per('building its lens', built - made);
    yield* processes(count, seen.lensPid);

    // What comes first fills the open files and catalogues with the tenants that are asked most.
    await timedQuestions(installation, all, questions);
    const before = { ...seen };
    const samples = await timedQuestions(installation, all, questions);
    const name = `list of 25, ${String(count)} tenants against 1`;
    yield figure({ bench: 'tenants', case: name, unit: 'ms', samples, floor: one });
    yield single(count, 'files opened per 100 questions', 'files', ((seen.opened - before.opened) * 100) / questions);
    yield single(
      count,
      'files closed for room per 100 questions',
      'files',
      ((seen.room - before.room) * 100) / questions,
    );
    yield* processes(count, seen.lensPid);
    yield* changes(installation, count);
    yield await ticks(installation, count);
  } finally {
    await installation.close();
  }
}

interface Seen {
  opened: number;
  built: number;
  room: number;
  lensPid: number;
}

function note(seen: Seen, event: GantryEvent): void {
  if (event.kind === 'lens_opened') seen.opened += 1;
  else if (event.kind === 'lens_built') seen.built += 1;
  else if (event.kind === 'lens_closed' && event.why === 'room') seen.room += 1;
  else if (event.kind === 'lens_process_started') seen.lensPid = event.pid;
}

async function addTenants({ gantry }: Installation, from: number, to: number): Promise<MadeTenant[]> {
  const objects = [accounts(), opportunities(RECORDS, COLUMNS)];
  const made: MadeTenant[] = [];
  for (let at = from; at < to; at += 1) made.push(await addMadeTenant(gantry, `tenant-${String(at)}`, objects));
  return made;
}

/** Milliseconds of each question, by the agent of the tenant whose turn it is. */
async function timedQuestions(
  { gantry }: Installation,
  tenants: readonly MadeTenant[],
  questions: number,
): Promise<number[]> {
  const turn = skewed(tenants.length);
  const samples: number[] = [];
  for (let at = 0; at < questions; at += 1) {
    const tenant = tenants[turn()];
    if (tenant === undefined) throw new Error('no tenant has this turn');
    const started = performance.now();
    const ask = await asking(gantry, tenant.agentKey);
    const { rows } = await ask('query_records', list);
    samples.push(performance.now() - started);
    if ((rows as unknown[]).length !== list.limit) throw new Error('a tenant gave another list');
  }
  return samples;
}

/** Whose turn it is: the n-th tenant as often as 1/n says (Zipf), by chance. */
function skewed(count: number): () => number {
  const sums: number[] = [];
  for (let at = 0; at < count; at += 1) sums.push((sums.at(-1) ?? 0) + 1 / (at + 1));
  const total = sums.at(-1) ?? 0;
  return () => {
    const drawn = systemRandom.fraction() * total;
    return sums.findIndex((sum) => drawn < sum);
  };
}

/** What `plan` and `apply` of another project take; each a change of a title, so that all tenants are looked at. */
async function* changes({ gantry }: Installation, count: number): AsyncIterable<Figure> {
  const files = projectFiles(`Bench of ${String(count)}`);
  const started = performance.now();
  await gantry.revisions.plan(files);
  const planned = performance.now();
  await gantry.revisions.apply({ files, author: 'bench', message: 'a title' });
  const applied = performance.now();
  yield single(count, 'plan', 'ms', planned - started);
  yield single(count, 'apply', 'ms', applied - planned);
}

async function* processes(count: number, lensPid: number): AsyncIterable<Figure> {
  for (const [name, pid] of [
    ['server process', process.pid],
    ['lens process', lensPid],
  ] as const) {
    const { openFiles, residentMb, threads } = await processFacts(pid);
    yield single(count, `${name}, open files`, 'files', openFiles);
    yield single(count, `${name}, resident`, 'MB', residentMb);
    yield single(count, `${name}, threads`, 'threads', threads);
  }
}

/** How long the worker takes to look at every tenant when nothing is due. */
async function ticks({ gantry }: Installation, count: number): Promise<Figure> {
  const samples: number[] = [];
  let started = performance.now();
  let stopNow: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (stopNow = resolve));
  const worker = startSyncWorker({
    db: gantry.db,
    // The worker rests after every round: that is the moment to look at the time.
    clock: {
      ...systemClock,
      sleep: async (ms, signal) => {
        samples.push(performance.now() - started);
        if (samples.length >= TICKS) {
          stopNow();
          await systemClock.sleep(ms, signal);
        }
        started = performance.now();
      },
    },
    onEvent: (event) => {
      throw new Error(`the worker said ${event.kind}`);
    },
    onSchemaChange: () => undefined,
    name: 'bench',
    concurrency: 1,
    prepare: async () => false,
    targetOf: async () => null,
    onRun: async () => undefined,
  });
  await enough;
  await worker.stop();
  const name = `a round of the scheduler with nothing due, ${String(count)} tenants`;
  return figure({ bench: 'tenants', case: name, unit: 'ms', samples: samples.slice(0, TICKS) });
}

const single = (count: number, name: string, unit: string, value: number): Figure =>
  figure({ bench: 'tenants', case: `${name}, ${String(count)} tenants`, unit, samples: [value] });
