import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graduation } from '../../src/app/approvals/pilot-report.ts';
import { createPlanApprovals } from '../../src/app/approvals/plan-approvals.ts';
import { decideApproval, moveOnTime, type ApprovalDeps, type Verdict } from '../../src/approvals/index.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemRandom } from '../../src/kernel/index.ts';
import type { ApprovalNeed, PolicyDecision } from '../../src/policy/index.ts';
import {
  addOperator,
  listApprovals,
  removeOperator,
  trialFigures,
  type ApprovalRow,
  type Db,
} from '../../src/store/index.ts';
import type { WriteActor, WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { openWriteStage, type WriteStage } from '../write/stage.ts';
import { need, person } from './fixture.ts';

const who: WriteActor = { kind: 'agent', agent: 'clerk', principal: 'lena' };
const WAIT = { timeout: 120_000, interval: 20 };

/** Plans, people and a system that keeps a ledger: nothing gated is in it that nobody agreed to. */
describe('plans that wait for people', () => {
  const open = openerOf('pglite');
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let deps: ApprovalDeps;
  let worker: WriteWorker;
  const expected: string[] = [];

  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    const audit = auditAppender(systemRandom);
    stage = await openWriteStage(db, server, { approvals: createPlanApprovals({ audit }) });
    deps = {
      db,
      random: systemRandom,
      audit,
      onEvent: () => undefined,
      settings: async () => ({ tell: [], people: new Map() }),
      policyVersionOf: async () => '1',
      onDecided: (tx, tenant, plan, outcome) => stage.writes.decided(tx, tenant, plan, outcome),
    };
    for (const name of ['ann', 'bob']) {
      const key = randomBytes(16).toString('hex');
      await db.tx(
        (tx) => addOperator(tx, { name, role: 'approver', key, by: 'test', expiresAt: null }),
        'test.operator',
      );
    }
    worker = stage.work();
  });
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  /** A plan over one record of its own, committed. */
  const commit = async (needs: readonly ApprovalNeed[], review: ApprovalNeed | null = null): Promise<string> => {
    const id = randomBytes(4).toString('hex');
    server.put('Plain', id, { name: 'before', phone: null, stage: 'open' });
    stage.decision = { kind: 'approve', because: [{ rule: 'medium_change', text: 'It waits.' }], needs, review };
    const wish = {
      object: 'Plain',
      operation: 'update',
      recordId: id,
      values: { name: 'after' },
      before: { name: 'before' },
    } as const;
    const kept = await stage.writes.keep(stage.tenant, stage.plan([wish], { principal: 'lena' }), null);
    const status = await stage.writes.commit(stage.tenant, kept.plan.id, who);
    expect(status.state).toBe('awaiting_approval');
    return status.plan;
  };
  const rowsOf = (plan: string): Promise<readonly ApprovalRow[]> =>
    db.tenantRead(stage.tenant, (tx) => listApprovals(tx, stage.tenant, { decided: true, plan, limit: 9 }));
  const caseOf = async (plan: string) => {
    const [row] = await db.query<{ hash: string; shown: object }>(
      'select payload_hash as hash, shown from approval_case where tenant = $1 and plan = $2 order by round desc limit 1',
      [stage.tenant, plan],
    );
    if (row === undefined) throw new Error('nobody was asked');
    return row;
  };
  const decide = async (plan: string, name: string, verdict: Verdict): Promise<ApprovalRow> => {
    const row = (await rowsOf(plan)).find(({ decidedAt }) => decidedAt === null);
    return decideApproval(deps, {
      tenant: stage.tenant,
      approval: row?.id ?? 0,
      decider: person(name),
      verdict,
      reason: 'said so',
      seen: (await caseOf(plan)).hash,
    });
  };
  const becomes = (plan: string, state: object) => expect.poll(() => stage.states(plan), WAIT).toMatchObject(state);
  const sent = () => server.effects.length;

  it('are shown field by field, sent once all agree, and looked at by another one afterwards', async () => {
    const plan = await commit([need('m#1')], need('m.second_review#1'));
    expect((await caseOf(plan)).shown).toMatchObject({
      changes: [{ system: 'crm', operation: 'update', fields: [{ field: 'name', before: 'before', after: 'after' }] }],
      because: ['medium_change: It waits.'],
    });
    await expect(decide(plan, 'lena', 'approve')).rejects.toMatchObject({ code: 'approval_own_request' });
    expect(sent()).toBe(0);
    await decide(plan, 'ann', 'approve');
    await becomes(plan, { plan: 'done', succeeded: 1 });
    expected.push(plan);
    expect(sent()).toBe(1);
    await expect(decide(plan, 'ann', 'fine')).rejects.toMatchObject({ code: 'approval_same_person' });
    expect(await decide(plan, 'bob', 'fine')).toMatchObject({ kind: 'review', state: 'done' });
    const told = await stage.audit(plan);
    expect(told).toEqual(
      expect.arrayContaining(['approval_asked', 'approval_decided', 'review_opened', 'review_done']),
    );
    expect(told.indexOf('approval_decided')).toBeLessThan(told.indexOf('write_attempted'));
  });

  it('are not sent where somebody says no, nobody says anything, or the agent takes it back', async () => {
    const [denied, silent, withdrawn] = [
      await commit([need('m#1')]),
      await commit([need('m#1')]),
      await commit([need('m#1')]),
    ];
    await decide(denied, 'ann', 'deny');
    await becomes(denied, { plan: 'rejected' });
    await stage.writes.withdraw(stage.tenant, withdrawn, { who, reason: 'not any more' });
    await becomes(withdrawn, { plan: 'withdrawn' });
    await expect(decide(withdrawn, 'ann', 'approve')).rejects.toMatchObject({ code: 'approval_unknown' });
    expect((await rowsOf(withdrawn)).map(({ state }) => state)).toEqual(['withdrawn']);
    await db.query(`update approval set expires_at = now() - interval '1 second' where tenant = $1 and plan = $2`, [
      stage.tenant,
      silent,
    ]);
    await moveOnTime(deps, stage.tenant);
    await becomes(silent, { plan: 'expired' });
    expect(sent()).toBe(1);
  });

  it('are not sent once whoever agreed may not any more', async () => {
    await worker.stop();
    const plan = await commit([need('m#1')]);
    await decide(plan, 'bob', 'approve');
    await db.tx((tx) => removeOperator(tx, 'bob'), 'test.remove');
    worker = stage.work();
    await becomes(plan, { plan: 'awaiting_approval', planned: 1 });
    expect((await rowsOf(plan)).filter(({ decidedAt }) => decidedAt === null)).toMatchObject([{ state: 'waiting' }]);
    expect(sent()).toBe(expected.length);
  });

  it('are added up for whoever decides what the agent may do from now on', async () => {
    const since = new Date('2026-01-01');
    const figures = await db.tenantRead(stage.tenant, (tx) =>
      trialFigures(tx, stage.tenant, { agent: 'clerk', since }),
    );
    const at = { file: 'x', line: 1, column: 1 };
    const pilot = {
      name: 'p',
      agent: 'clerk',
      integration: 'crm',
      intents: [],
      approver: 'ann',
      until: '2026-11-30',
      amountPerDay: 1,
      recordsPerDay: 1,
      at,
    };
    const report = graduation(pilot, figures, '2026-12-01');
    expect(report).toMatchObject({
      state: 'ended',
      proposed: 5,
      asked_for: 5,
      approved: 2,
      rejected: 1,
      written: 1,
      undone: 0,
    });
    expect(report['surprises']).toEqual(['1 approvals that nobody gave in time']);
    const nobody = await db.tenantRead(stage.tenant, (tx) => trialFigures(tx, stage.tenant, { agent: 'other', since }));
    expect(graduation(pilot, nobody, '2026-11-30')).toMatchObject({ state: 'on', proposed: 0, surprises: [] });
  });

  it('are not decided by whoever prepared the undo of what an agent wrote, whoever commits it', async () => {
    await db.tx(
      (tx) => addOperator(tx, { name: 'cid', role: 'approver', key: 'k', by: 'test', expiresAt: null }),
      'test.operator',
    );
    const done = await commit([need('m#1')]);
    await decide(done, 'cid', 'approve');
    await becomes(done, { plan: 'done', succeeded: 1 });
    stage.decision = { ...stage.decision, needs: [need('m#1')], review: need('m.second_review#1') } as PolicyDecision;
    const [undo] = await stage.writes.prepareUndo(stage.tenant, {
      scope: { kind: 'plan', plan: done },
      who: { kind: 'operator', name: 'ann' },
      conflicts: 'refuse',
      dryRun: false,
    });
    const plan = undo?.plan?.id ?? '';
    // It is no business of the agent's.
    await expect(stage.writes.commit(stage.tenant, plan, who)).rejects.toMatchObject({ code: 'write_plan_unknown' });
    const other = { kind: 'operator', name: 'vera' } as const;
    expect((await stage.writes.commit(stage.tenant, plan, other)).state).toBe('awaiting_approval');
    await expect(decide(plan, 'ann', 'approve')).rejects.toMatchObject({ code: 'approval_own_request' });
    await decide(plan, 'cid', 'approve');
    await becomes(plan, { plan: 'done', succeeded: 1 });
    // Nor does whoever prepared it look at it afterwards.
    await expect(decide(plan, 'ann', 'fine')).rejects.toMatchObject({ code: 'approval_own_request' });
  });
});
