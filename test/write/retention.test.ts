import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlanApprovals } from '../../src/app/approvals/plan-approvals.ts';
import { startHousekeeping } from '../../src/app/housekeeping.ts';
import { decideApproval, type ApprovalDeps } from '../../src/approvals/index.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import {
  addApprovalLink,
  addOperator,
  listApprovals,
  noteOperatorToken,
  planTables,
  takeApprovalLink,
  type ApprovalRow,
  type Db,
} from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { need, person } from '../approvals/fixture.ts';
import { deferred } from '../store/fixtures.ts';
import { describeEachStore } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };

describeEachStore('plans whose time is over', (open) => {
  const audit = auditAppender(systemRandom);
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let people: ApprovalDeps;
  let worker: WriteWorker;

  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    stage = await openWriteStage(db, server, { approvals: createPlanApprovals({ audit }) });
    people = {
      db,
      random: systemRandom,
      audit,
      onEvent: () => undefined,
      settings: async () => ({ tell: [], people: new Map() }),
      policyVersionOf: async () => '1',
      onDecided: (tx, tenant, plan, outcome) => stage.writes.decided(tx, tenant, plan, outcome),
    };
    const ann = { name: 'ann', role: 'approver', key: `key-${stage.tenant}`, by: 'test', expiresAt: null };
    await db.tx((tx) => addOperator(tx, ann), 'test.operator');
    worker = stage.work();
  }, 300_000);
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  const rowsOf = (plan: string): Promise<readonly ApprovalRow[]> =>
    db.tenantRead(stage.tenant, (tx) => listApprovals(tx, stage.tenant, { decided: true, plan, limit: 20 }));
  const approve = async (plan: string): Promise<ApprovalRow> => {
    const row = (await rowsOf(plan)).find(({ kind, decidedAt }) => kind === 'approval' && decidedAt === null);
    const [about] = await db.query<{ hash: string }>('select payload_hash as hash from approval_case where plan = $1', [
      plan,
    ]);
    const said = { verdict: 'approve', reason: 'fine', seen: about?.hash ?? null } as const;
    return decideApproval(people, { tenant: stage.tenant, approval: row?.id ?? 0, decider: person('ann'), ...said });
  };
  const becomes = (plan: string, state: object) => expect.poll(() => stage.states(plan), WAIT).toMatchObject(state);
  let made = 0;
  /** Approved by Ann, and carried out where the worker can. */
  const gated = async ({ review = false, undoes = null }: { review?: boolean; undoes?: string | null } = {}) => {
    made += 1;
    const id = `r${String(made)}`;
    server.put('Plain', id, { name: 'before', phone: null, stage: 'open' });
    const because = [{ rule: 'medium', text: 'It waits.' }];
    stage.decision = { kind: 'approve', because, needs: [need('m#1')], review: review ? need('m.review#1') : null };
    const wish = { object: 'Plain', operation: 'update', recordId: id, values: { name: 'after' } } as const;
    const { plan } = await stage.commit([{ ...wish, before: { name: 'before' } }], { undoes });
    return { plan, approval: await approve(plan) };
  };
  const done = async (more: { review?: boolean } = {}): Promise<string> => {
    const { plan } = await gated(more);
    await becomes(plan, { plan: 'done', succeeded: 1 });
    return plan;
  };
  const age = async (plan: string, days: number): Promise<void> => {
    const by = `- $2::int * interval '1 day'`;
    await db.query(`update write_plan set created_at = created_at ${by}, ended_at = ended_at ${by} where id = $1`, [
      plan,
      days,
    ]);
    await db.query(
      `update write_sending set ended_at = ended_at ${by} where id in
      (select sending from write_attempt where plan = $1)`,
      [plan, days],
    );
  };
  /** As the audit's own age does. */
  const forgetAudit = (plan: string) => db.query('delete from audit_payload where plan = $1', [plan]);
  const keptFor = async (planKeepDays: number): Promise<void> => {
    const round = deferred();
    const failures: unknown[] = [];
    const clock: Clock = {
      ...systemClock,
      sleep: async (_ms, signal) => {
        round.resolve();
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
      },
    };
    const emit = (event: unknown): void => void failures.push(event);
    const house = startHousekeeping({ db, clock, keepDays: async () => 5, auditKeepDays: 190, planKeepDays, emit });
    await round.promise;
    await house.stop();
    expect(failures).toEqual([]);
  };
  const isThere = async (plan: string): Promise<boolean> => (await stage.writes.status(stage.tenant, plan)) !== null;

  it('go whole, with their approvals and the links that decided, and no sooner than is set', async () => {
    const { plan, approval } = await gated();
    await becomes(plan, { plan: 'done', succeeded: 1 });
    const link = { tenant: stage.tenant, approval: approval.id, person: 'ann' };
    const expiresAt = new Date(Date.now() + 60_000);
    for (const token of ['used', 'unused']) await db.tx((tx) => addApprovalLink(tx, { ...link, token, expiresAt }));
    expect(await takeApprovalLink(db, 'used')).toBe(true);
    const ended = `update approval_link set expires_at = now() - interval '1 second' where tenant = $1`;
    await db.query(ended, [stage.tenant]);
    const links = async (): Promise<number> =>
      (await db.query('select 1 from approval_link where tenant = $1', [stage.tenant])).length;
    await age(plan, 199);
    await forgetAudit(plan);
    await keptFor(200);
    expect([await isThere(plan), await links()]).toEqual([true, 1]);
    await age(plan, 1);
    await keptFor(200);
    expect([await isThere(plan), await links()]).toEqual([false, 0]);
    for (const table of ['write_sending', 'approval_notice']) {
      expect([table, await db.query(`select 1 from ${table} where tenant = $1`, [stage.tenant])]).toEqual([table, []]);
    }
    for (const table of planTables) {
      expect([table, await db.query(`select 1 from ${table} where plan = $1`, [plan])]).toEqual([table, []]);
    }
  });

  it('stay as long as the audit tells of them, whatever is set', async () => {
    const [old, told] = [await done(), await done()];
    for (const plan of [old, told]) await age(plan, 300);
    await forgetAudit(old);
    await age(old, -111);
    await keptFor(1);
    expect([await isThere(old), await isThere(told)]).toEqual([true, true]);
    await age(old, 2);
    await keptFor(1);
    expect([await isThere(old), await isThere(told)]).toEqual([false, true]);
  });

  it('stay while they are under way, to be looked at, or being taken back', async () => {
    const [reviewed, undone] = [await done({ review: true }), await done()];
    await worker.stop();
    const running = (await gated()).plan;
    const undoing = (await gated({ undoes: undone })).plan;
    const plans = [reviewed, undone, running, undoing];
    for (const plan of plans) await age(plan, 1_000);
    for (const plan of plans) await forgetAudit(plan);
    await keptFor(1);
    expect(await Promise.all(plans.map(isThere))).toEqual([true, true, true, true]);
    expect((await rowsOf(running)).map(({ state }) => state)).toEqual(['approved']);
    worker = stage.work();
    for (const plan of [running, undoing]) await becomes(plan, { plan: 'done', succeeded: 1 });
    for (const plan of plans) await forgetAudit(plan);
    await keptFor(1);
    expect(await Promise.all(plans.map(isThere))).toEqual([true, true, true, true]);
    for (const plan of [running, undoing]) await age(plan, 1_000);
    for (const plan of plans) await forgetAudit(plan);
    await keptFor(1);
    expect(await Promise.all(plans.map(isThere))).toEqual([true, false, false, false]);
  });

  it('are in no table that is not known here', async () => {
    const rows = await db.query<{ name: string }>(
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name = 'plan' order by table_name`,
    );
    expect(rows.map(({ name }) => name)).toEqual([...planTables, 'audit_payload'].toSorted());
  });

  it('of operators’ tokens no more is kept than what counts', async () => {
    const of = (name: string, ageS: number) =>
      db.tx(
        (tx) =>
          noteOperatorToken(tx, { name, issuer: 'i', role: 'approver', issuedAt: new Date(Date.now() - ageS * 1_000) }),
        'test.note',
      );
    await of('new', 71 * 3_600);
    await of('old', 73 * 3_600);
    await keptFor(190);
    expect(await db.query('select name from operator_token order by name')).toEqual([{ name: 'new' }]);
  });
});
