import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { passTime } from '../load.ts';
import { accuse, mark, settle, type Scene } from '../scene.ts';
import type { GantryProcess } from '../stage/gantry-process.ts';

const NAME = 'SIGSTOP past the lease';
const REACH_MS = 8_000;

interface Held {
  readonly tenant: number;
  readonly id: number;
  readonly lease_by: string;
}

/**
 * A worker stops with answers in its hands for longer than its leases; another
 * one takes its streams. When the first goes on, each of its runs must end
 * because the lease is lost (S1, X3; the same as a long pause of a machine).
 */
export async function stall(scene: Scene): Promise<void> {
  const { stage, load, result } = scene;
  const [first, second] = stage.workers;
  if (first === undefined || second === undefined) throw new Error('two workers are needed');
  await second.kill();
  const held = await stopHolding(scene, first);
  if (held.length === 0) {
    result.notRun.add(`${NAME}: the worker did not stop with a stream in its hands`);
    mark(scene, NAME, await settle(scene, NAME));
    return;
  }
  const resumedAt = first.logSize();
  await second.start();
  await load.change();
  await passTime(stage, { leases: true });
  const taken = await within(REACH_MS, async () => {
    const left = await stage.sql('select from stream where lease_by = any ($1)', [
      held.map(({ lease_by }) => lease_by),
    ]);
    return left.length === 0;
  });
  stage.timeline.note(first.name, `goes on; ${String(held.length)} streams of it were taken`);
  first.signal('SIGCONT');
  let kept: Held | undefined;
  await within(REACH_MS, async () => {
    const ends = runsEnded(first.logFile, resumedAt);
    kept = held.find(({ lease_by }) => ends.get(lease_by) === 'kept');
    return held.every(({ lease_by }) => ends.has(lease_by));
  });
  if (!taken) result.notRun.add(`${NAME}: the stream was not taken by another worker`);
  if (taken && kept !== undefined) {
    accuse(scene, NAME, {
      invariant: 'I2',
      what: `a worker kept what it had of stream ${String(kept.id)} after another one had taken it`,
    });
  }
  mark(scene, NAME, (await settle(scene, NAME)) && !(taken && kept !== undefined));
}

/** Which answer of the provider it stops after: some of the first are not those of a stream. */
const PASSAGES = [3, 2, 4, 6, 8];

/** The worker stands still while it reads one stream; nothing else is due, so that it holds no row in the database. */
async function stopHolding({ stage, load }: Scene, worker: GantryProcess): Promise<readonly Held[]> {
  for (const passage of PASSAGES) {
    await worker.kill();
    await load.change();
    await stage.sql(
      "update stream set lease_by = null, lease_until = null, due_at = case object when 'Contact' then now() else now() + interval '1 hour' end",
    );
    await stage.sql('update tenant_due set due_at = now()');
    await worker.start({ GANTRY_CRASH_STOP: `connector.call.after_send:${String(passage)}` });
    const stopped = await within(REACH_MS, async () => worker.isStopped());
    const held = await stage.sql<Held>('select tenant, id, lease_by from stream where lease_by is not null');
    if (stopped && held.length > 0) return held;
  }
  return [];
}

/** What each run did first after that place in the log, by the name under which it holds its stream. */
function runsEnded(file: string, from: number): ReadonlyMap<string, 'lost' | 'kept'> {
  const ends = new Map<string, 'lost' | 'kept'>();
  for (const line of readFileSync(file).subarray(from).toString().split('\n')) {
    if (!/"kind":"sync_(page|run_ended)"/.test(line)) continue;
    const { kind, run, error } = JSON.parse(line) as { kind: string; run: string; error?: object | null };
    // A page that was kept, or a run that went well: the lease was not looked at.
    if (!ends.has(run)) ends.set(run, kind === 'sync_page' || error === null ? 'kept' : 'lost');
  }
  return ends;
}

async function within(ms: number, met: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + ms;
  while (Date.now() < deadline) {
    if (await met()) return true;
    await sleep(100);
  }
  return false;
}
