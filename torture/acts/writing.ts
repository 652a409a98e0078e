import type { Scene } from '../scene.ts';
import { decide } from '../writing/decide.ts';
import { canaryOf } from '../checker/facts.ts';
import { newAccount } from '../writing/made.ts';
import { changed, newText, wayOf, ways, type Way } from '../writing/ways.ts';
import { asked, request, systemOf, untilDone, work, type Act, type CommandAct } from './act.ts';

const TENANT = 'acme';
const APPROVER = 'ann';

/** Prepared and accepted, as far as somebody answers; null: not this time. */
async function written({ stage }: Scene, tenant: string, wanted: ReturnType<Way['wanted']>): Promise<string | null> {
  const { body } = await stage.writer.prepare(tenant, wanted);
  if (body['status'] !== 'prepared') return null;
  const plan = String(body['plan_id']);
  await stage.writer.commit(tenant, plan);
  return plan;
}

/** A new record by each way that makes one. */
async function everyWay(scene: Scene): Promise<void> {
  for (const way of ways.filter(({ letter }) => letter !== 'D')) {
    const place = await way.place(scene);
    await untilDone(() => written(scene, way.tenant, way.wanted(newText(way.tenant), place)), 3);
  }
}

/** Its worker dies, or its answer does: somebody has to find out. */
async function lost(scene: Scene): Promise<void> {
  const { tenant, wanted } = wayOf('B');
  await systemOf(scene, 'crm').sandbox.control('POST', 'faults', {
    match: { method: 'POST', path: '/services/data' },
    times: 1,
    action: { reset: true, applied: true },
  });
  await untilDone(() => written(scene, tenant, wanted(newText(tenant), '')), 3);
}

/** Of an account of the system's own: people decide. */
async function gated(scene: Scene): Promise<string | null> {
  const account = await newAccount(scene);
  const values = { Name: newText(TENANT) };
  await asked(scene, 'POST', '/v1/connections/crm/sync', { tenant: TENANT });
  return written(scene, TENANT, changed('crm.Account', { id: `crm/Account/${account}`, values }));
}

async function decided(scene: Scene): Promise<void> {
  await scene.stage.people.hire(APPROVER, 'approver');
  const plan = await gated(scene);
  if (plan !== null) await decide(scene, { plan, who: APPROVER, verdict: 'approve' });
}

async function withdrawn(scene: Scene): Promise<void> {
  const plan = await gated(scene);
  if (plan === null) return;
  await asked(scene, 'POST', `/v1/tenants/${TENANT}/write-plans/${plan}/withdraw`, { reason: 'rehearsal' });
}

/** So many that they go by job. */
async function byJob(scene: Scene): Promise<void> {
  const { tenant, wanted } = wayOf('A');
  const records = Array.from({ length: 8 }, () => wanted(newText(tenant), '').records).flat();
  await untilDone(() => written(scene, tenant, { ...wanted('', ''), records }), 3);
}

/** Somebody changes the record between its plan and its send. */
async function changedFirst(scene: Scene): Promise<void> {
  const { tenant, wanted, place } = wayOf('D');
  const id = await place(scene);
  await asked(scene, 'POST', '/v1/connections/crm/sync', { tenant });
  const { body } = await scene.stage.writer.prepare(tenant, wanted(newText(tenant), id));
  if (body['status'] !== 'prepared') return;
  const fields = { LastName: `${canaryOf(tenant)}theirs` };
  await systemOf(scene, 'crm').sandbox.mutate({ op: 'update', object: 'Contact', id, fields });
  await scene.stage.writer.commit(tenant, String(body['plan_id']));
}

/** Prepared, and accepted by nobody. */
async function forgotten({ stage }: Scene): Promise<void> {
  const { tenant, wanted } = wayOf('B');
  await stage.writer.prepare(tenant, wanted(newText(tenant), ''));
  await stage.sql("update write_plan set expires_at = now() - interval '1 minute' where state = 'prepared'");
  // Whoever starts looks at once; else it would be once a minute.
  stage.workers[1]?.signal('SIGTERM');
}

/** What agents write, what people decide on it, and what is kept of both. */
export const writingActs: readonly (Act | CommandAct)[] = [
  work(
    'writes by every way',
    [
      'write.claim',
      'write.keep_attempt',
      'write.keep_outcome',
      'write.keep_after',
      'write.settle_turn',
      'write.recover',
    ],
    everyWay,
    { makes: true, patienceMs: 5_000 },
  ),
  work('a write of which the answer is lost', ['write.ask', 'write.keep_settled', 'write.recover'], lost, {
    makes: true,
    patienceMs: 8_000,
  }),
  work('a write of many records', ['write.keep_job'], byJob, { makes: true, patienceMs: 6_000 }),
  work('a record that somebody changes first', ['write.keep_conflicts'], changedFirst, {
    makes: true,
    patienceMs: 6_000,
  }),
  work('a plan that nobody accepts', ['write.expire_plans'], forgotten, { apart: true, patienceMs: 6_000 }),
  work('a chain that grows', ['audit.claim_turns', 'audit.keep_checkpoint'], async () => {}, { patienceMs: 4_000 }),
  work(
    'people who are asked',
    ['approvals.claim_turns', 'approvals.on_time', 'approvals.settle_turn'],
    async (scene) => {
      await gated(scene);
    },
  ),
  request('a write that is prepared and accepted', ['write.keep_plan', 'write.commit', 'audit.keep_reads'], everyWay, {
    makes: true,
  }),
  request('a decision', ['approvals.decide'], decided),
  request('a plan taken back', ['write.withdraw'], withdrawn),
];
