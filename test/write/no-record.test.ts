import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

describe('a new record of which nobody said the id', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    stage = await openWriteStage(db, server, { settings: { settleMs: 3_600_000 }, settleMaxMs: 0 });
    worker = stage.work();
  });
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  const creation = (name: Json, step = 0): WishedWrite => ({
    object: 'Plain',
    operation: 'create',
    step,
    values: { name },
  });
  const applied = (plan: string, item: number, recordId: string | null) =>
    stage.writes.settleByPerson(
      stage.tenant,
      { plan, item },
      { word: { kind: 'applied', recordId }, who: { kind: 'operator', name: 'olga' }, reason: null },
    );
  const looked = (plan: string) => async (): Promise<object> => {
    await stage.nowDue();
    return stage.states(plan);
  };
  /** As versions kept it that asked nobody for the id. */
  const forget = (plan: string, item: number): Promise<unknown> =>
    db.tenantTx(stage.tenant, (tx) =>
      tx.query('update write set record_id = null where tenant = $1 and plan = $2 and item = $3', [
        stage.tenant,
        plan,
        item,
      ]),
    );

  it('is not said to stand there; one that was is listed by an undo as nothing that can be taken back', async () => {
    server.faults.push('lost_answer');
    const { plan } = await stage.commit([creation('made')]);
    await expect.poll(looked(plan), WAIT).toEqual({ plan: 'running', needs_human: 1 });
    await expect(applied(plan, 0, null)).rejects.toMatchObject({
      code: 'write_state_conflict',
      details: { fix: expect.stringContaining('--record ID') },
    });
    expect(await stage.states(plan)).toEqual({ plan: 'running', needs_human: 1 });
    await applied(plan, 0, server.effects.at(-1)?.id ?? '');
    expect(await stage.states(plan)).toEqual({ plan: 'done', succeeded: 1 });
    const prepare = async () => {
      const scope = { kind: 'plan', plan } as const;
      const asked = { scope, who: stage.who, conflicts: 'leave', dryRun: true } as const;
      const [prepared] = await stage.writes.prepareUndo(stage.tenant, asked);
      return prepared?.report;
    };
    expect(await prepare()).toMatchObject({ counts: { deleted: 1, impossible: 0 }, leftOut: [] });
    await forget(plan, 0);
    expect(await prepare()).toMatchObject({
      text: ['Cannot be taken back: 1.', expect.anything()],
      counts: { deleted: 0, impossible: 1 },
      leftOut: [{ plan, item: 0, why: expect.stringContaining('nobody said under which id'), impossible: true }],
    });
  });

  it('is filled into no later step, and a plan that takes itself back waits for a person', async () => {
    server.refuse = ({ values }) => (typeof values['name'] === 'object' ? 'rule_refused' : null);
    server.faults.push('lost_answer');
    const wished = stage.plan([creation('one'), creation('two'), creation({ from_step: 0 }, 1)], {
      onFailure: 'take_back',
      steps: [0, 1].map((at) => ({ title: `Step ${String(at)}`, intent: null, writes: 2 - at })),
    });
    const writes = wished.writes.map((write) => ({ ...write, record: write.item % 2 }));
    const kept = await stage.writes.keep(stage.tenant, { ...wished, writes }, null);
    const { id: plan } = kept.plan;
    await stage.writes.commit(stage.tenant, plan, stage.who);
    await expect.poll(looked(plan), WAIT).toEqual({ plan: 'running', needs_human: 2, planned: 1 });
    await applied(plan, 0, 'one');
    await forget(plan, 0);
    const [, second] = server.effects.slice(-2);
    await applied(plan, 1, second?.id ?? '');
    const takeBack = async (): Promise<unknown> => {
      const steps = (await stage.writes.status(stage.tenant, plan))?.detail['steps'] as { take_back?: unknown }[];
      return steps[0]?.take_back;
    };
    await expect.poll(takeBack, WAIT).toMatchObject({ state: 'needs_human' });
    expect((await stage.writes.read(stage.tenant, plan))?.writes[2]?.values).toEqual({ name: { from_step: 0 } });
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.state).toBe('taking_back');
    expect(status?.text).toContain('nobody said under which id');
    // What has an id is taken back.
    expect(server.effects.at(-1)).toMatchObject({ op: 'delete', id: second?.id });
  });
});
