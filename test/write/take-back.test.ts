import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/audit/index.ts';
import { askToLift, liftSwitch, throwSwitch, type Db } from '../../src/store/index.ts';
import {
  payloadHash,
  takeBackTable,
  type PlannedWrite,
  type TakeBackEvent,
  type TakeBackState,
  type WritePlan,
  type WriteWorker,
} from '../../src/write/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

it('a step that is taken back answers every event in every state', () => {
  const may: Readonly<Record<TakeBackState, Partial<Record<TakeBackEvent, TakeBackState>>>> = {
    waiting: { came: 'comparing', ended: 'left' },
    comparing: { planned: 'sending', bare: 'done', stuck: 'needs_human', ended: 'left' },
    sending: { undone: 'done', remained: 'needs_human' },
    done: {},
    needs_human: { again: 'comparing', left: 'left', ended: 'left' },
    left: {},
  };
  const events: readonly TakeBackEvent[] = [
    'came',
    'planned',
    'bare',
    'stuck',
    'undone',
    'remained',
    'again',
    'left',
    'ended',
  ];
  expect(Object.keys(takeBackTable)).toEqual(Object.keys(may));
  for (const [state, own] of Object.entries(may)) {
    const row = Object.fromEntries(events.map((event) => [event, own[event] ?? null]));
    expect(takeBackTable[state as TakeBackState], state).toEqual(row);
  }
});

it('an approval is of what is taken back, too', () => {
  const writes: readonly PlannedWrite[] = [];
  expect(payloadHash(writes, 'take_back')).not.toBe(payloadHash(writes));
});

describeEachStore('steps that take themselves back', (open) => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    await worker?.stop();
    worker = null;
    server.refuse = () => null;
    server.effects.splice(0);
    server.faults.splice(0);
    stage = await openWriteStage(db, server);
    for (const id of ['a', 'b', 'c']) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
  });
  afterAll(async () => {
    await worker?.stop();
    await server.stop();
  });

  const update = (recordId: string, step: number, stages: readonly [string, string]): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    step,
    values: { stage: stages[1] },
    before: { stage: stages[0] },
  });
  const creation = (step: number, name: string): WishedWrite => ({
    object: 'Plain',
    operation: 'create',
    step,
    values: { name },
  });
  const refused = { ...creation(2, 'never'), values: { name: 'never' } };
  const inSteps = (count: number): Partial<WritePlan> => ({
    onFailure: 'take_back',
    steps: Array.from({ length: count }, (_, at) => ({ title: `Step ${String(at)}`, intent: null, writes: 1 })),
  });
  const refuseNever = (): void => {
    server.refuse = ({ values }) => (values['name'] === 'never' ? 'rule_refused' : null);
  };
  const stateOf = async (plan: string): Promise<unknown> => (await stage.writes.status(stage.tenant, plan))?.state;
  const stepOf = async (plan: string, step: number): Promise<unknown> => {
    const steps = (await stage.writes.status(stage.tenant, plan))?.detail['steps'] as { take_back?: unknown }[];
    return steps[step]?.take_back;
  };
  const say = (plan: string, step: number, word: 'again' | 'leave' | 'leave_all') =>
    stage.writes.sayOnTakeBack(
      stage.tenant,
      { plan, step },
      { word, who: { kind: 'operator', name: 'olga' }, reason: 'seen' },
    );

  it('takes back what was written, the last step first, each record as it was before its step', async () => {
    refuseNever();
    const wishes = [
      update('a', 0, ['open', 'first']),
      update('a', 1, ['first', 'second']),
      creation(1, 'made'),
      refused,
      update('b', 3, ['open', 'later']),
    ];
    const { plan } = await stage.commit(wishes, inSteps(4));
    worker = stage.work();
    await expect.poll(() => stateOf(plan), WAIT).toBe('taken_back');
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'open' });
    expect(server.read('Plain', 'b')).toMatchObject({ stage: 'open' });
    const said = server.effects.map(({ op, values }) => `${op} ${String(values['stage'] ?? values['name'] ?? '')}`);
    expect(said.slice(0, 3).toSorted()).toEqual(['create made', 'update first', 'update second']);
    // Of step 1 both, in whatever order; then of step 0.
    expect(said.slice(3, 5).toSorted()).toEqual(['delete ', 'update first']);
    expect(said.slice(5)).toEqual(['update open']);
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.counts).toEqual({ succeeded: 3, failed: 1, cancelled: 1 });
    expect(status?.text).toBe(
      'Ended: a step failed. Step 2 did not succeed. The steps after it are not begun. What was written is taken back.',
    );
    expect(status?.detail['ended_at']).not.toBeNull();
    const kinds = await stage.audit(plan);
    expect(kinds.filter((kind) => kind.includes('take_back') || kind.startsWith('step_'))).toEqual([
      'take_back_begun',
      'step_turned_back',
      'step_taken_back',
      'step_turned_back',
      'step_taken_back',
    ] satisfies AuditEntry['kind'][]);
    expect(kinds.at(-1)).toBe('plan_ended');
  });

  it('takes back what of the failed step itself was written', async () => {
    refuseNever();
    const { plan } = await stage.commit(
      [creation(0, 'made'), { ...refused, step: 0 }, creation(1, 'later')],
      inSteps(2),
    );
    worker = stage.work();
    await expect.poll(() => stateOf(plan), WAIT).toBe('taken_back');
    expect(server.effects.map(({ op }) => op)).toEqual(['create', 'delete']);
  });

  it('takes nothing back where a plan does not say so, where nothing was written, and where it is withdrawn', async () => {
    refuseNever();
    const { onFailure: _, ...stopping } = inSteps(2);
    const stops = await stage.commit([creation(0, 'made'), { ...refused, step: 1 }], stopping);
    const nothing = await stage.commit([{ ...refused, step: 0 }, creation(1, 'later')], inSteps(2));
    worker = stage.work();
    await expect.poll(() => stateOf(stops.plan), WAIT).toBe('done');
    await expect.poll(() => stateOf(nothing.plan), WAIT).toBe('done');
    server.faults.push('held');
    const held = await stage.commit([creation(0, 'held'), creation(1, 'later')], inSteps(2));
    await expect.poll(() => server.held(), WAIT).toBe(1);
    await stage.writes.withdraw(stage.tenant, held.plan, { who: stage.who, reason: null });
    server.release();
    await expect.poll(() => stateOf(held.plan), WAIT).toBe('stopped');
    expect(server.effects.map(({ op, values }) => `${op} ${String(values['name'])}`)).toEqual([
      'create made',
      'create held',
    ]);
  });

  it('waits until it is known what became of the failed step', async () => {
    const settling = await openWriteStage(db, server, { settings: { settleMs: 3_600_000 } });
    server.faults.push('held', 'lost_call');
    worker = settling.work({ settleMaxMs: 0 });
    const { plan } = await settling.commit([creation(0, 'made'), { ...refused, step: 1 }], inSteps(2));
    await expect.poll(() => server.held(), WAIT).toBe(1);
    server.release();
    await expect.poll(() => settling.states(plan), WAIT).toEqual({ plan: 'running', succeeded: 1, outcome_unknown: 1 });
    await settling.nowDue();
    await expect.poll(() => settling.states(plan), WAIT).toEqual({ plan: 'running', succeeded: 1, needs_human: 1 });
    expect(server.effects.map(({ op }) => op)).toEqual(['create']);
    const word = { word: { kind: 'not_applied' }, who: { kind: 'operator', name: 'olga' }, reason: null } as const;
    await settling.writes.settleByPerson(settling.tenant, { plan, item: 1 }, word);
    await expect.poll(() => settling.states(plan), WAIT).toEqual({ plan: 'taken_back', succeeded: 1, failed: 1 });
    expect(server.effects.map(({ op }) => op)).toEqual(['create', 'delete']);
  });

  it('leaves what somebody has changed since to a person; earlier steps wait for the word, and nothing is taken back twice', async () => {
    refuseNever();
    const wishes = [
      update('a', 0, ['open', 'first']),
      update('b', 1, ['open', 'second']),
      update('c', 1, ['open', 'second']),
      refused,
    ];
    const kept = await stage.writes.keep(stage.tenant, stage.plan(wishes, inSteps(3)), null);
    const { id: plan } = kept.plan;
    server.refuse = ({ values }) => {
      if (values['name'] !== 'never') return null;
      server.put('Plain', 'b', { stage: 'theirs' });
      return 'rule_refused';
    };
    await stage.writes.commit(stage.tenant, plan, stage.who);
    worker = stage.work();
    await expect.poll(() => stepOf(plan, 1), WAIT).toMatchObject({ state: 'needs_human' });
    expect(await stepOf(plan, 1)).toEqual({
      state: 'needs_human',
      remains: [{ items: [1], code: 'conflict', why: 'crm Plain: somebody has changed since: stage.' }],
    });
    expect(await stepOf(plan, 0)).toEqual({ state: 'waiting' });
    expect(await stateOf(plan)).toBe('taking_back');
    const text = (await stage.writes.status(stage.tenant, plan))?.text ?? '';
    expect(text).toContain('A person has to look at step 1: crm Plain: somebody has changed since: stage.');
    expect(server.read('Plain', 'b')).toMatchObject({ stage: 'theirs' });
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'first' });
    // The same again: it is compared, and waits again.
    await say(plan, 1, 'again');
    await expect.poll(() => stepOf(plan, 1), WAIT).toMatchObject({ state: 'needs_human' });
    await expect(say(plan, 0, 'leave')).rejects.toMatchObject({ code: 'write_state_conflict' });
    await expect(
      stage.writes.settleByPerson(
        stage.tenant,
        { plan, item: 3 },
        { word: { kind: 'send_again' }, who: stage.who, reason: null },
      ),
    ).rejects.toMatchObject({ code: 'write_state_conflict' });
    await say(plan, 1, 'leave');
    await expect.poll(() => stateOf(plan), WAIT).toBe('partly_taken_back');
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'open' });
    expect(server.read('Plain', 'b')).toMatchObject({ stage: 'theirs' });
    expect(server.effects.map(({ id, values }) => `${id} ${String(values['stage'])}`)).toEqual([
      'a first',
      'b second',
      'c second',
      'c open',
      'a open',
    ]);
    expect(await stage.audit(plan)).toEqual(expect.arrayContaining(['take_back_stuck', 'take_back_said']));
  });

  it('what a person put right is found when it is compared again; who leaves all ends it', async () => {
    const theirs = (recordId: string) => () => {
      server.put('Plain', recordId, { stage: 'theirs' });
      return 'rule_refused';
    };
    const wishes = [update('a', 0, ['open', 'first']), update('b', 1, ['open', 'second']), refused];
    const stuckPlan = async (): Promise<string> => {
      const spoil = theirs('b');
      server.refuse = ({ values }) => (values['name'] === 'never' ? spoil() : null);
      const { plan } = await stage.commit(wishes, inSteps(3));
      worker ??= stage.work();
      await expect.poll(() => stepOf(plan, 1), WAIT).toMatchObject({ state: 'needs_human' });
      return plan;
    };
    const mended = await stuckPlan();
    server.put('Plain', 'b', { stage: 'open' });
    await say(mended, 1, 'again');
    await expect.poll(() => stateOf(mended), WAIT).toBe('taken_back');
    const left = await stuckPlan();
    await say(left, 1, 'leave_all');
    expect(await stateOf(left)).toBe('partly_taken_back');
    expect(await stepOf(left, 0)).toEqual({ state: 'left' });
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'first' });
  });

  /** A plan of which the failing step is held at the system. */
  async function heldBeforeFailing(): Promise<string> {
    refuseNever();
    server.faults.push('held', 'held');
    const { plan } = await stage.commit([update('a', 0, ['open', 'first']), { ...refused, step: 1 }], inSteps(2));
    worker = stage.work();
    await expect.poll(() => server.held(), WAIT).toBe(1);
    server.release();
    await expect.poll(() => server.effects.length + server.held(), WAIT).toBe(2);
    return plan;
  }

  it('a switch that is thrown holds it, and lets it go on', async () => {
    const plan = await heldBeforeFailing();
    const { tenant } = stage;
    const subject = { connection: 'crm' };
    const thrown = { mode: 'stop_writes', scope: 'connection', subject, reason: 'wait', by: 'olga' } as const;
    const id = await db.tenantTx(tenant, (tx) => throwSwitch(tx, tenant, thrown));
    server.release();
    await expect.poll(() => stepOf(plan, 0), WAIT).toEqual({ state: 'sending' });
    const told = async () => (await stage.writes.status(tenant, plan))?.writes.find(({ item }) => item === 2);
    await expect.poll(async () => (await told())?.code, WAIT).toBe('writes_stopped');
    // It has not failed: it goes on when the switch is lifted.
    expect((await told())?.text).toMatch(/^A kill switch holds it back; it is sent once/);
    expect(server.effects).toHaveLength(1);
    await db.tenantTx(tenant, async (tx) => {
      await askToLift(tx, tenant, id, 'olga');
      await liftSwitch(tx, tenant, id, { by: 'otto', own: ['otto'] });
    });
    await expect.poll(() => stateOf(plan), WAIT).toBe('taken_back');
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'open' });
  });

  it('what may not be written any more waits for a person, and a connection that is gone does', async () => {
    const plan = await heldBeforeFailing();
    stage.unwritable.set(`${plan.slice(5)}-2`, 'The agent is stopped.');
    server.release();
    await expect
      .poll(() => stepOf(plan, 0), WAIT)
      .toMatchObject({
        state: 'needs_human',
        remains: [{ items: [0], code: 'write_failed' }],
      });
    expect(server.read('Plain', 'a')).toMatchObject({ stage: 'first' });
    stage.unwritable.clear();
    await worker?.stop();
    worker = null;
    await say(plan, 0, 'again');
    await db.tenantTx(stage.tenant, (tx) =>
      tx.query(`update connection set state = 'revoked' where tenant = $1`, [stage.tenant]),
    );
    worker = stage.work();
    await expect
      .poll(() => stepOf(plan, 0), WAIT)
      .toMatchObject({
        state: 'needs_human',
        remains: [{ items: [], code: 'not_compared' }],
      });
  });
});
