import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApprovalParts } from '../../src/app/approvals/approval-parts.ts';
import { tellSystems } from '../../src/app/approvals/tell-systems.ts';
import { breakGlass, decideApproval, type ApprovalDeps } from '../../src/approvals/index.ts';
import { aboutSystems, auditAppender, systemsOf, verifyAudit, type AuditEntry } from '../../src/audit/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { PolicyDecision } from '../../src/policy/index.ts';
import { addConnection, addOperator, listApprovals, type Db } from '../../src/store/index.ts';
import { payloadHash, type WritePlan } from '../../src/write/index.ts';
import { need, person } from '../approvals/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { toldIn } from '../support/told-in.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { allow, openWriteStage, type WriteStage } from '../write/stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const waits: PolicyDecision = {
  kind: 'approve',
  because: [{ rule: 'medium_change', text: 'It waits.' }],
  needs: [need('m#1')],
  review: need('m.second_review#1'),
};
const forbid: PolicyDecision = { kind: 'forbid', because: [{ rule: 'no', text: 'Never.' }] };

describe('entries about a plan and what people are asked of it', () => {
  const open = openerOf('pglite');
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let deps: ApprovalDeps;

  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    const append = auditAppender(systemRandom);
    const audit = tellSystems(append);
    const { forPlans } = createApprovalParts({
      db,
      clock: systemClock,
      random: systemRandom,
      emit: () => undefined,
      audit: append,
      config: { publicUrl: 'http://127.0.0.1' },
      manifests: {
        slugOf: async () => 'acme',
        of: async () => null,
        forget: () => undefined,
        forgetAll: () => undefined,
      },
      revisions: { current: async () => null },
      tell: async () => ({ status: 200, cause: null, waitMs: null }),
    });
    stage = await openWriteStage(db, server, { approvals: forPlans });
    const { tenant } = stage;
    await db.tenantTx(tenant, (tx) =>
      addConnection(tx, { tenant, slug: 'erp', integration: 'erp', provider: 'ledger', state: 'working' }),
    );
    deps = {
      db,
      random: systemRandom,
      audit,
      onEvent: () => undefined,
      settings: async () => ({ tell: [], people: new Map() }),
      policyVersionOf: async () => '1',
      onDecided: (tx, of, plan, outcome) => stage.writes.decided(tx, of, plan, outcome),
    };
    for (const [name, role] of [
      ['ann', 'approver'],
      ['adam', 'admin'],
    ] as const) {
      const key = randomBytes(16).toString('hex');
      await db.tx((tx) => addOperator(tx, { name, role, key, by: 'test', expiresAt: null }), 'test.operator');
    }
  });
  afterAll(() => server.stop());

  /** Of a record in crm and two in erp, of which together 5,000 are moved. */
  const planOfTwo = (more: Partial<WritePlan> = {}): WritePlan => {
    const wish = { object: 'Plain', operation: 'update', recordId: 'x', values: { name: 'b' } } as const;
    const impact = { records: 3, amount: 5_000, currency: 'EUR', why: 'Sum.' };
    const plan = stage.plan(
      [20, 4_970, 10].map((worth) => ({ ...wish, worth, before: { name: 'a' } })),
      { impact },
    );
    const [first, ...others] = plan.writes;
    if (first === undefined) throw new Error('a plan has writes');
    const writes = [first, ...others.map((write) => ({ ...write, slug: 'erp', integration: 'erp' }))];
    return { ...plan, writes, payloadHash: payloadHash(writes), ...more };
  };
  const kept = async (decision: PolicyDecision, plan = planOfTwo()): Promise<string> => {
    stage.decision = decision;
    await stage.writes.keep(stage.tenant, plan, null);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    return plan.id;
  };
  const found = async (plan: string, asked: Parameters<typeof toldIn>[2]): Promise<string[]> =>
    (await toldIn(db, stage.tenant, { plan, ...asked })).map(({ kind }) => kind).toReversed();
  const all = (plan: string): Promise<string[]> => found(plan, {});
  const waiting = async (plan: string): Promise<number> => {
    const asked = { decided: false, plan, limit: 1 };
    return (await db.tenantRead(stage.tenant, (tx) => listApprovals(tx, stage.tenant, asked)))[0]?.id ?? 0;
  };

  it('are found by each system that the plan writes to, over what it moves there', async () => {
    const plan = await kept(waits);
    const reason = 'not this month';
    const asked = { tenant: stage.tenant, approval: await waiting(plan), verdict: 'deny', reason, seen: null } as const;
    await decideApproval(deps, { ...asked, decider: person('ann') });
    const kinds = ['plan_prepared', 'approval_asked', 'plan_committed', 'approval_decided', 'plan_refused'];
    expect(await all(plan)).toEqual(kinds);
    for (const connection of ['crm', 'erp']) expect(await found(plan, { connection })).toEqual(kinds);
    expect(await found(plan, { connection: 'erp', amountFrom: 4_980 })).toEqual(kinds);
    expect(await found(plan, { connection: 'erp', amountFrom: 4_981 })).toEqual([]);
    expect(await found(plan, { connection: 'crm', amountFrom: 21 })).toEqual([]);
    expect(await found(plan, { connection: 'crm', amountFrom: 20, amountTo: 20 })).toEqual(kinds);
    // The whole plan is worth what it is where nobody asks for a system.
    expect(await found(plan, { amountFrom: 5_000 })).toEqual(kinds);
    expect(await found(plan, { connection: 'hr' })).toEqual([]);
    const entries = await toldIn(db, stage.tenant, { plan });
    const systems = entries.map(({ entry }) => systemsOf(entry?.subject ?? {}));
    expect(systems).toEqual(kinds.map(() => ['crm', 'erp']));
  });

  it('are found so when rules forbid it, the glass is broken, it is withdrawn or its time is over', async () => {
    const forbidden = await kept(forbid);
    const broken = await kept(waits);
    const act = { tenant: stage.tenant, plan: broken, decider: person('adam', 'admin'), reason: 'the month ends' };
    await breakGlass(deps, { ...act, seen: null });
    const withdrawn = await kept(waits);
    await stage.writes.withdraw(stage.tenant, withdrawn, { who: stage.who, reason: null });
    const late = planOfTwo();
    await stage.writes.keep(stage.tenant, late, null);
    await db.query(`update write_plan set expires_at = now() - interval '1 hour' where id = $1`, [late.id]);
    await stage.writes.expirePlans(stage.tenant);
    for (const [plan, kind] of [
      [forbidden, 'plan_refused'],
      [broken, 'glass_broken'],
      [broken, 'review_opened'],
      [withdrawn, 'plan_withdrawn'],
      [late.id, 'plan_expired'],
    ] as const) {
      const kinds = await all(plan);
      expect(kinds).toContain(kind);
      for (const connection of ['crm', 'erp']) expect(await found(plan, { connection })).toEqual(kinds);
    }
  });

  it('name one system by itself, from the plan to its undo', async () => {
    server.put('Plain', 'one', { name: 'a', phone: null, stage: 'open' });
    const wish = { object: 'Plain', operation: 'update', recordId: 'one', values: { name: 'b' } } as const;
    const impact = { records: 1, amount: 70, currency: 'EUR', why: 'Sum.' };
    const worker = stage.work();
    try {
      const plan = await kept(allow, stage.plan([{ ...wish, before: { name: 'a' }, worth: 70 }], { impact }));
      await expect.poll(() => stage.states(plan), WAIT).toMatchObject({ plan: 'done' });
      const kinds = await all(plan);
      expect(kinds).toEqual(['plan_prepared', 'plan_committed', 'write_attempted', 'write_ended', 'plan_ended']);
      expect(await found(plan, { connection: 'crm', amountFrom: 70 })).toEqual(kinds);
      const scope = { kind: 'plan', plan } as const;
      const asked = { scope, who: stage.who, conflicts: 'refuse', dryRun: false } as const;
      const prepare = () => stage.writes.prepareUndo(stage.tenant, asked);
      await expect.poll(async () => (await prepare())[0]?.plan?.writes.length, WAIT).toBe(1);
      const undone = (await prepare())[0]?.plan?.id ?? '';
      expect(await found(undone, { connection: 'crm' })).toEqual(['undo_prepared']);
    } finally {
      await worker.stop();
    }
  });

  it('name what the rules were asked about of a plan that an earlier version kept', async () => {
    const part = { integration: 'erp', mode: 'autonomous', object: 'Plain', model: null, operation: 'update' } as const;
    const parts = ['erp', 'crm'].map((connection) => ({ ...part, connection, records: 1, fields: [], rows: [] }));
    const made = planOfTwo();
    const plan = { ...made, question: { ...made.question, parts } };
    stage.decision = waits;
    await stage.writes.keep(stage.tenant, plan, null);
    await db.query(`update write_plan set content = content - 'systems' where id = $1`, [plan.id]);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    const kinds = ['plan_prepared', 'approval_asked', 'plan_committed'];
    for (const connection of ['crm', 'erp']) expect(await found(plan.id, { connection })).toEqual(kinds);
    // What is moved where is known of the entry before alone.
    expect(await found(plan.id, { connection: 'erp', amountFrom: 1 })).toEqual(['plan_prepared']);
  });

  it('have no amount of a system where nobody can tell what one write moves there', async () => {
    const made = planOfTwo();
    const [last = null, ...before] = made.writes.toReversed();
    const writes = last === null ? [] : [...before.toReversed(), { ...last, worth: null }];
    const plan = await kept(allow, { ...made, writes });
    expect(await found(plan, { connection: 'crm', amountFrom: 20 })).toEqual(['plan_prepared', 'plan_committed']);
    expect(await found(plan, { connection: 'erp' })).toEqual(['plan_prepared', 'plan_committed']);
    expect(await found(plan, { connection: 'erp', amountFrom: 0 })).toEqual([]);
    await stage.writes.withdraw(stage.tenant, plan, { who: stage.who, reason: null });
  });

  it('make a chain that verifies', async () => {
    expect((await verifyAudit(db, stage.tenant)).findings).toEqual([]);
  });

  it('name so many systems at the most as the index takes', async () => {
    const entry: AuditEntry = {
      kind: 'plan_prepared',
      actor: { kind: 'gantry' },
      subject: { plan: 'plan_wide' },
      reason: null,
      amount: null,
      detail: {},
    };
    // Names that nothing makes shorter.
    const slug = (): string => `s${randomBytes(31).toString('hex')}`;
    const wide = aboutSystems(entry, Object.fromEntries(Array.from({ length: 90 }, () => [slug(), 1])));
    const append = auditAppender(systemRandom);
    await db.tenantTx(stage.tenant, (tx) => append(tx, stage.tenant, [wide]), 'test.append');
    const named = systemsOf(wide.subject);
    expect(named).toHaveLength(30);
    expect(await found('plan_wide', { connection: named[29] ?? '', amountFrom: 1 })).toEqual(['plan_prepared']);
  });
});
