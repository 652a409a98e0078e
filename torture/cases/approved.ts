import { inForce, type Edit } from '../acts/projects.ts';
import { systemOf } from '../acts/act.ts';
import { canaryOf, type NeverWritten } from '../checker/facts.ts';
import { passTime } from '../load.ts';
import { settle, type Scene } from '../scene.ts';
import { decide } from '../writing/decide.ts';
import { committed, newAccount, planState, prepared, until } from '../writing/made.ts';
import { changed, newText } from '../writing/ways.ts';
import { armed } from './armed.ts';
import type { TortureCase } from './case.ts';

const TENANT = 'acme';
const DECISIONS = ['approvals.decide.before_commit:1', 'approvals.decide.after_commit:1'];
const TWO_PEOPLE: Edit = {
  file: 'policies/approvals.yaml',
  find: 'when: { objects: [crm.Account] } # gated',
  replace: 'when: { objects: [crm.Account] }\n      people: 2',
};

interface Gated {
  readonly plan: string;
  readonly account: string;
  readonly text: string;
}

/**
 * What people decide is carried out once, and only what they decided: not when
 * the record, the rules or the one who decided are others by then, and not
 * when nobody did.
 */
export const approved: TortureCase = {
  name: 'approved',
  rows: ['P1', 'P2', 'P3'],
  needs: ['crm'],
  run: async (scene) => {
    const { stage } = scene;
    for (const name of ['ann', 'ben']) await stage.people.hire(name, 'approver');
    const [first, again, changedSince, lostRole, expired, denied, otherRules] = await Promise.all(
      Array.from({ length: 7 }, () => gated(scene)),
    );
    if (!first || !again || !changedSince || !lostRole || !expired || !denied || !otherRules) return;
    for (const [at, { plan }] of [first, again].entries()) {
      await armed(scene, stage.api, DECISIONS[at] ?? '', () => said(scene, plan, 'ann', 1));
      if (stage.api.life() === null) await stage.api.start();
      await said(scene, plan, 'ann');
    }
    for (const { account: id, text: value } of [first, again])
      stage.judged.stands.push({
        integration: 'crm',
        object: 'Account',
        id,
        field: 'Name',
        value,
        why: 'it was approved',
      });
    await Promise.all(stage.workers.map((worker) => worker.kill()));
    await said(scene, changedSince.plan, 'ann');
    const { sandbox } = systemOf(scene, 'crm');
    const theirs = { Name: `${canaryOf(TENANT)}theirs` };
    await sandbox.mutate({ op: 'update', object: 'Account', id: changedSince.account, fields: theirs });
    await said(scene, lostRole.plan, 'ben');
    await stage.people.dismiss('ben');
    await stage.sql("update approval set expires_at = now() - interval '1 minute' where plan = $1", [expired.plan]);
    await decide(scene, { plan: denied.plan, who: 'ann', verdict: 'deny' });
    never(scene, 'I11', [
      [changedSince, 'the record was changed after people had approved it'],
      [lostRole, 'whoever approved it was none of the approvers any more'],
      [expired, 'nobody decided in time'],
      [denied, 'somebody said no'],
    ]);
    await workOn(scene, [changedSince, lostRole, expired]);
    await Promise.all(stage.workers.map((worker) => worker.kill()));
    await said(scene, otherRules.plan, 'ann');
    never(scene, 'I11', [[otherRules, 'the rules were others than those by which it was approved']]);
    await inForce(scene, [TWO_PEOPLE]);
    await workOn(scene, [otherRules]);
    await settle(scene, 'approved');
  },
};

/** A change of a new account, that waits for people. */
async function gated(scene: Scene): Promise<Gated> {
  const account = await newAccount(scene);
  const text = newText(TENANT);
  const wanted = changed('crm.Account', { id: `crm/Account/${account}`, values: { Name: text } });
  const plan = await prepared(scene, TENANT, wanted);
  await committed(scene, TENANT, plan);
  return { plan, account, text };
}

const said = (scene: Scene, plan: string, who: string, tries?: number): Promise<void> =>
  decide(scene, { plan, who, verdict: 'approve' }, tries);

function never(
  { stage }: Scene,
  invariant: NeverWritten['invariant'],
  all: readonly (readonly [Gated, string])[],
): void {
  for (const [{ text }, why] of all) stage.judged.never.push({ text, invariant, why });
}

/** Workers look until none of them is about to be sent any more. */
async function workOn(scene: Scene, all: readonly Gated[]): Promise<void> {
  const { stage, result } = scene;
  await Promise.all(stage.workers.map((worker) => worker.start()));
  const over = await until(async () => {
    await passTime(stage, { leases: true });
    const states = await Promise.all(all.map(({ plan }) => planState(scene, plan)));
    return states.every((state) => ['awaiting_approval', 'refused', 'rejected', 'expired', 'done'].includes(state));
  });
  const states = await Promise.all(all.map(({ plan }) => planState(scene, plan)));
  stage.timeline.note('run', `what was approved is now ${states.join(', ')}`);
  if (!over) result.notRun.add('approved: what was approved was neither sent nor sent back');
}
