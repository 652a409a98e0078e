import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inForce, type Edit } from '../acts/projects.ts';
import { FAKETIME } from '../phases/skew.ts';
import { accuse, settle, type Scene } from '../scene.ts';
import type { Env } from '../stage/gantry-process.ts';
import { committed, newAccount, planState, prepared, until } from '../writing/made.ts';
import { changed, newText } from '../writing/ways.ts';
import type { TortureCase } from './case.ts';

const TENANT = 'acme';
/** People have an hour; then somebody else may decide as well. */
const ESCALATED: Edit = {
  file: 'policies/approvals.yaml',
  find: 'when: { objects: [crm.Account] } # gated',
  replace: 'when: { objects: [crm.Account] }\n      sla: 1h\n      escalate_to: [eve]',
};

/** What time brings, in this order, and what the audit calls it. */
const TIMES = [
  { column: 'remind_at', kind: 'approval_reminded' },
  { column: 'due_at', kind: 'approval_escalated' },
  { column: 'expires_at', kind: 'approval_expired' },
] as const;
type Time = (typeof TIMES)[number];
/** Where one of those who look first dies. */
const DEATHS = [
  'approvals.on_time.before_commit:1',
  'approvals.on_time.after_commit:1',
  'approvals.claim_turns.after_commit:1',
];
/** Nearer than the clocks are apart. */
const SOON = '5 minutes';
const LOOKS_MS = 3_000;

/**
 * A time limit passes while all workers are down; when they come back, one
 * lives ten minutes ahead, one ten behind, and one dies while it looks. Each
 * of reminding, escalating and giving up happens once, and not before the
 * database says so.
 */
export const nobodyWorks: TortureCase = {
  name: 'nobody-works',
  rows: ['P4', 'X3'],
  needs: ['crm'],
  workers: 3,
  run: async (scene) => {
    const { stage } = scene;
    if (!existsSync(FAKETIME)) scene.result.notRun.add(`nobody-works: clocks are alike, there is no ${FAKETIME}`);
    for (const name of ['ann', 'eve']) await stage.people.hire(name, 'approver');
    await inForce(scene, [ESCALATED]);
    const text = newText(TENANT);
    const account = await newAccount(scene);
    const wanted = changed('crm.Account', { id: `crm/Account/${account}`, values: { Name: text } });
    const plan = await prepared(scene, TENANT, wanted);
    await committed(scene, TENANT, plan);
    stage.judged.never.push({ text, invariant: 'P4', why: 'nobody decided in time' });
    for (const [at, time] of TIMES.entries()) {
      await Promise.all(stage.workers.map((worker) => worker.kill()));
      await passing(scene, plan, time, DEATHS[at] ?? '');
    }
    await Promise.all(stage.workers.map((worker) => worker.kill()));
    await settle(scene, 'nobody-works');
    const state = await planState(scene, plan);
    if (state !== 'expired') say(scene, `${plan} is ${state}, and nobody decided about it`);
    for (const { kind } of TIMES) await happened(scene, plan, { kind, times: 1 });
  },
};

async function passing(scene: Scene, plan: string, { column, kind }: Time, death: string): Promise<void> {
  const { stage } = scene;
  // Soon by the database; over by the clock of who lives ahead.
  await stage.sql(`update approval set ${column} = now() + interval '${SOON}' where plan = $1`, [plan]);
  await startAll(scene, null);
  for (let time = 0; time < LOOKS_MS; time += 500) {
    await looked(scene);
    await sleep(500);
  }
  await happened(scene, plan, { kind, times: 0 });
  await Promise.all(stage.workers.map((worker) => worker.kill()));
  await stage.sql(`update approval set ${column} = now() - interval '1 second' where plan = $1`, [plan]);
  await looked(scene);
  await startAll(scene, death);
  const came = await until(async () => {
    await looked(scene);
    return (await entries(scene, plan, kind)) > 0;
  });
  if (!came) say(scene, `${kind} of ${plan} never came`);
  // Whoever looks once more finds nothing to do.
  await looked(scene);
  await sleep(1_000);
  await happened(scene, plan, { kind, times: 1 });
}

/** Somebody looks at what waits for people, whose time itself is left as it is. */
async function looked({ stage }: Scene): Promise<void> {
  await stage.sql('update approval_turn set due_at = now(), lease_until = null, lease_by = null');
}

/** One ahead, one behind, and one that dies where it is told to. */
async function startAll({ stage }: Scene, death: string | null): Promise<void> {
  const shifted = (by: string): Env =>
    existsSync(FAKETIME) ? { LD_PRELOAD: FAKETIME, FAKETIME: by, DONT_FAKE_MONOTONIC: '1' } : {};
  const envs: readonly Env[] = [death === null ? {} : { GANTRY_CRASH_AT: death }, shifted('+10m'), shifted('-10m')];
  await Promise.all(stage.workers.map((worker, at) => worker.start(envs[at] ?? {})));
}

async function entries({ stage }: Scene, plan: string, kind: string): Promise<number> {
  return (await stage.sql('select from audit_payload where plan = $1 and kind = $2', [plan, kind])).length;
}

async function happened(
  scene: Scene,
  plan: string,
  { kind, times }: { readonly kind: string; readonly times: number },
): Promise<void> {
  const count = await entries(scene, plan, kind);
  if (count !== times) say(scene, `${kind} of ${plan} happened ${String(count)} times, not ${String(times)}`);
}

const say = (scene: Scene, what: string): void => accuse(scene, 'nobody-works', { invariant: 'P4', what });
