import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlanApprovals } from '../../src/app/approvals/plan-approvals.ts';
import { decideApproval, type ApprovalDeps } from '../../src/approvals/index.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { connectionId, systemRandom } from '../../src/kernel/index.ts';
import { recordConnectionEvent, type ConnectionEvent } from '../../src/connection/index.ts';
import {
  addConnection,
  addOperator,
  buryConnection,
  ensureStream,
  listApprovals,
  lockConnection,
  type ApprovalRow,
  type Db,
} from '../../src/store/index.ts';
import type { WritePlan, WriteWorker } from '../../src/write/index.ts';
import { need, person } from '../approvals/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const ENDS = { timeout: 120_000 };

/** What becomes of accepted writes when the world is another before they were sent, and of the replica when they were. */
describe('accepted writes', ENDS, () => {
  const open = openerOf('pglite');
  const audit = auditAppender(systemRandom);
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let people: ApprovalDeps;
  let worker: WriteWorker | null = null;
  let rules = '1';
  /** In force once something was written; null: the same as before. */
  let laterRules: string | null = null;

  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    const ann = { name: 'ann', role: 'approver', key: 'anns-key', by: 'test', expiresAt: null };
    await db.tx((tx) => addOperator(tx, ann), 'test.operator');
  });
  beforeEach(async () => {
    rules = '1';
    laterRules = null;
    server.effects.splice(0);
    stage = await openWriteStage(db, server, {
      approvals: createPlanApprovals({ audit }),
      settings: { settleMs: 3_600_000 },
      factsOf: async () => {
        const policyVersion = server.effects.length > 0 ? (laterRules ?? rules) : rules;
        return { policyVersion, accountable: null, modes: new Map() };
      },
    });
    people = {
      db,
      random: systemRandom,
      audit,
      onEvent: () => undefined,
      settings: async () => ({ tell: [], people: new Map() }),
      policyVersionOf: async () => rules,
      onDecided: (tx, tenant, plan, outcome) => stage.writes.decided(tx, tenant, plan, outcome),
    };
    for (const id of ['a', 'b', 'c']) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
  });
  afterEach(async () => {
    await worker?.stop();
    worker = null;
  });
  afterAll(() => server.stop());

  const work = (): void => {
    worker = stage.work();
  };
  const rename = (recordId: string, more: Partial<WishedWrite> = {}): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    values: { name: recordId.toUpperCase() },
    before: { name: recordId },
    ...more,
  });
  const becomes = (plan: string, state: object) => expect.poll(() => stage.states(plan), WAIT).toEqual(state);
  const gated = (): void => {
    const because = [{ rule: 'medium', text: 'It waits.' }];
    stage.decision = { kind: 'approve', because, needs: [need('m#1')], review: need('m.review#1') };
  };
  const rowsOf = (plan: string): Promise<readonly ApprovalRow[]> =>
    db.tenantRead(stage.tenant, (tx) => listApprovals(tx, stage.tenant, { decided: true, plan, limit: 20 }));
  const shownOf = async (plan: string) => {
    const rows = await db.query<{
      hash: string;
      shown: { changes: object[] };
      operator: string | null;
      amount: number;
    }>(
      `select payload_hash as hash, shown, operator, amount from approval_case where tenant = $1 and plan = $2
       order by round desc`,
      [stage.tenant, plan],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('nobody was asked');
    return { ...row, rounds: rows.length };
  };
  const approve = async (plan: string, seen?: string): Promise<void> => {
    const row = (await rowsOf(plan)).find(({ kind, decidedAt }) => kind === 'approval' && decidedAt === null);
    await decideApproval(people, {
      tenant: stage.tenant,
      approval: row?.id ?? 0,
      decider: person('ann'),
      verdict: 'approve',
      reason: 'fine',
      seen: seen ?? (await shownOf(plan)).hash,
    });
  };
  const happens = async (event: ConnectionEvent): Promise<void> => {
    const { tenant, connection } = stage;
    const act = { by: 'olaf', at: new Date().toISOString(), note: null };
    await db.tenantTx(tenant, (tx) => recordConnectionEvent(tx, { tenant, connection, event, act }));
  };

  it('that were approved for what stood there go back to people with what stands there now, whole', async () => {
    gated();
    const impact = { records: 2, amount: 1_200, currency: 'EUR', why: 'The amounts differ by that.' };
    const plan = stage.plan([rename('a'), rename('b')], { impact, agent: 'clerk' });
    await stage.writes.keep(stage.tenant, plan, null);
    await stage.writes.commit(stage.tenant, plan.id, { kind: 'operator', name: 'olaf' });
    const first = await shownOf(plan.id);
    await approve(plan.id);
    server.put('Plain', 'a', { name: 'theirs' });
    work();
    await becomes(plan.id, { plan: 'awaiting_approval', planned: 2 });
    expect(server.effects).toEqual([]);
    const again = await shownOf(plan.id);
    // Who asked may still not decide; what it is worth nobody can tell any more.
    expect(again).toMatchObject({
      rounds: 2,
      operator: 'olaf',
      amount: null,
      shown: {
        changes: [
          { fields: [{ field: 'name', before: 'theirs', after: 'A' }] },
          { fields: [{ field: 'name', before: 'b', after: 'B' }] },
        ],
      },
    });
    expect(again.hash).not.toBe(first.hash);
    expect(await stage.audit(plan.id)).toContain('plan_sent_back');
    // Agreeing to what was shown before is agreeing to nothing.
    await expect(approve(plan.id, first.hash)).rejects.toThrow();
    await approve(plan.id);
    await becomes(plan.id, { plan: 'done', succeeded: 2 });
    expect(server.effects.map(({ id, values }) => [id, values])).toEqual([
      ['a', { name: 'A' }],
      ['b', { name: 'B' }],
    ]);
  });

  it('that were approved in words of a model show what stands there now under its own name, to people alone', async () => {
    gated();
    const plan = stage.plan([rename('a')]);
    const inWords: WritePlan = {
      ...plan,
      writes: plan.writes.map((write) => ({
        ...write,
        changes: [{ field: 'title', label: 'Title', before: 'A small one', after: 'A big one' }],
      })),
    };
    await stage.writes.keep(stage.tenant, inWords, null);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    await approve(plan.id);
    server.put('Plain', 'a', { name: 'theirs' });
    work();
    await becomes(plan.id, { plan: 'awaiting_approval', planned: 1 });
    expect((await shownOf(plan.id)).shown.changes).toMatchObject([
      {
        fields: [
          { field: 'Title (title)', before: 'not shown', after: 'A big one' },
          { field: 'name', before: 'theirs', after: 'A' },
        ],
      },
    ]);
    expect((await stage.writes.read(stage.tenant, plan.id))?.writes[0]?.changes[0]).toMatchObject({ hidden: true });
  });

  it('that were approved under other rules are not sent, and nobody is asked about them any more', async () => {
    gated();
    const { plan } = await stage.commit([rename('a')]);
    await approve(plan);
    rules = '2';
    work();
    await becomes(plan, { plan: 'refused', cancelled: 1 });
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.writes[0]).toMatchObject({ code: 'policy_changed' });
    expect((await rowsOf(plan)).map(({ kind, state }) => [kind, state])).toEqual(
      expect.arrayContaining([
        ['approval', 'approved'],
        ['review', 'withdrawn'],
      ]),
    );
    expect(await stage.audit(plan)).toContain('plan_refused');
    expect(server.effects).toEqual([]);
  });

  it('of an approved plan that is under way are not sent over what was changed since; the others are as approved', async () => {
    gated();
    const { plan } = await stage.commit([rename('a'), rename('b', { step: 1 }), rename('c', { step: 1 })]);
    await approve(plan);
    server.put('Plain', 'b', { name: 'theirs' });
    work();
    await becomes(plan, { plan: 'done', succeeded: 2, failed: 1 });
    expect(server.effects.map(({ id }) => id)).toEqual(['a', 'c']);
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.writes[1]).toMatchObject({ code: 'record_changed' });
    expect((await shownOf(plan)).rounds).toBe(1);
    // A person who sends it again sends it over nothing else either.
    const word = { word: { kind: 'send_again' }, who: stage.who, reason: null } as const;
    await stage.writes.settleByPerson(stage.tenant, { plan, item: 1 }, word);
    await becomes(plan, { plan: 'done', succeeded: 2, failed: 1 });
    expect(server.effects).toHaveLength(2);
  });

  it('of an approved plan that is under way are not sent under other rules', async () => {
    gated();
    const { plan } = await stage.commit([rename('a'), rename('b', { step: 1 }), rename('c', { step: 1 })]);
    await approve(plan);
    laterRules = '2';
    work();
    await becomes(plan, { plan: 'done', succeeded: 1, failed: 2 });
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.writes[1]).toMatchObject({ code: 'approval_fallen' });
    expect(server.effects.map(({ id }) => id)).toEqual(['a']);
  });

  it('that are taken back after people agreed leave no review behind', async () => {
    gated();
    const { plan } = await stage.commit([rename('a')]);
    await approve(plan);
    expect((await rowsOf(plan)).map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
      'approval approved',
      'review open',
    ]);
    await stage.writes.withdraw(stage.tenant, plan, { who: stage.who, reason: null });
    expect((await rowsOf(plan)).map(({ kind, state }) => `${kind} ${state}`).toSorted()).toEqual([
      'approval approved',
      'review withdrawn',
    ]);
  });

  it('end with their connection: unsent ones at once, those of unknown outcome with a person', async () => {
    const { tenant, connection } = stage;
    server.faults.push('lost_call');
    const unknown = (await stage.commit([rename('a')])).plan;
    work();
    await becomes(unknown, { plan: 'running', outcome_unknown: 1 });
    await worker?.stop();
    const unsent = (await stage.commit([rename('b'), rename('c', { step: 1 })])).plan;
    await happens('paused');
    work();
    await expect.poll(() => stage.events.some(({ kind }) => kind === 'writes_held'), WAIT).toBe(true);
    await becomes(unsent, { plan: 'running', queued: 1, planned: 1 });
    await happens('revoked');
    await becomes(unsent, { plan: 'done', cancelled: 2 });
    await becomes(unknown, { plan: 'running', needs_human: 1 });
    const status = await stage.writes.status(tenant, unsent);
    expect(status?.writes[0]).toMatchObject({ code: 'connection_gone', text: expect.stringContaining('was ended') });
    expect(await stage.audit(unsent)).toEqual(expect.arrayContaining(['write_ended', 'plan_ended']));
    const word = { word: { kind: 'not_applied' }, who: stage.who, reason: null } as const;
    await stage.writes.settleByPerson(tenant, { plan: unknown, item: 0 }, word);
    await becomes(unknown, { plan: 'done', failed: 1 });
    await worker?.stop();

    // Taken away altogether, with a plan in its queue, one prepared, and one of which a later step would go there.
    await happens('consent_given');
    const queued = (await stage.commit([rename('b')])).plan;
    const prepared = stage.plan([rename('c')]);
    await stage.writes.keep(tenant, prepared, null);
    const other = await db.tenantTx(tenant, (tx) =>
      addConnection(tx, { tenant, slug: 'erp', integration: 'erp', provider: 'ledger', state: 'working' }),
    );
    const across = await stage.commit([rename('a', { connection: connectionId(other) }), rename('c', { step: 1 })]);
    await happens('deleted');
    await db.tenantTx(tenant, async (tx) => {
      const row = await lockConnection(tx, tenant, connection);
      if (row !== null) await buryConnection(tx, { tenant, row, by: 'olaf', note: null });
    });
    server.put('Plain', 'a', { name: 'a' });
    work();
    await becomes(queued, { plan: 'done', cancelled: 1 });
    await becomes(across.plan, { plan: 'done', succeeded: 1, cancelled: 1 });
    expect(await stage.writes.commit(tenant, prepared.id, stage.who)).toMatchObject({
      state: 'done',
      counts: { cancelled: 1 },
    });
    await expect
      .poll(
        () => db.query('select 1 from write_turn where tenant = $1 and connection = $2', [tenant, connection]),
        WAIT,
      )
      .toEqual([]);
  });

  it('are read back as soon as they stand there, whatever the schedule says', async () => {
    const { tenant, connection } = stage;
    const dayLater = `now() + interval '1 day'`;
    await db.tenantTx(tenant, async (tx) => {
      for (const object of ['Plain', 'Other']) await ensureStream(tx, { tenant, connection, object, everyS: 86_400 });
    });
    await db.query(`update stream set due_at = ${dayLater} where tenant = $1`, [tenant]);
    const { plan } = await stage.commit([rename('a')]);
    const due = () =>
      db.query<{ object: string }>(
        `select object from stream where tenant = $1 and due_at <= now() and awaited_at is not null`,
        [tenant],
      );
    expect(await due()).toEqual([]);
    work();
    await becomes(plan, { plan: 'done', succeeded: 1 });
    expect(await due()).toEqual([{ object: 'Plain' }]);
  });
});
