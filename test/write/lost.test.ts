import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type Fault, type LedgerObject, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

const classes = ['Native', 'External', 'Chosen', 'Conditional', 'Marker', 'Plain'] as const;

/** A new record, or a changed one where only changes can be proven. */
function wish(object: LedgerObject, name: string): WishedWrite {
  return object === 'Conditional'
    ? { object, operation: 'update', recordId: 'c1', values: { name }, before: null }
    : { object, operation: 'create', values: { name } };
}

describe('a write whose answer is lost', () => {
  let db: Db;
  let server: LedgerServer;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  afterAll(() => server.stop());

  const effectsOf = (stage: WriteStage, plan: string) =>
    server.effects.filter(({ key }) => key.startsWith(plan.slice(5))).length;

  /** Sent once, with this fault; asked about only when `ask` is called. */
  async function lose(object: LedgerObject, fault: Fault) {
    server.put('Conditional', 'c1', { name: 'before' });
    const stage = await openWriteStage(db, server, { settings: { settleMs: 3_600_000 }, settleMaxMs: 0 });
    server.faults.push(fault);
    const worker = stage.work();
    const { plan } = await stage.commit([wish(object, `${object} ${fault}`)]);
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'running', outcome_unknown: 1 });
    const ask = async (expected: object): Promise<void> => {
      const looked = async (): Promise<object> => {
        await stage.nowDue();
        return stage.states(plan);
      };
      await expect.poll(looked, WAIT).toEqual(expected);
    };
    return { stage, plan, worker, ask };
  }

  it.each(classes.slice(0, 5))('W3-W5 takes effect exactly once: %s', async (object) => {
    for (const fault of ['lost_answer', 'lost_call', 'late'] as const) {
      const { stage, plan, worker, ask } = await lose(object, fault);
      // Nothing is asked, and nothing sent again, before a late effect has had its time.
      expect(effectsOf(stage, plan)).toBe(fault === 'lost_answer' ? 1 : 0);
      server.release();
      await ask({ plan: 'done', succeeded: 1 });
      expect(`${fault} ${String(effectsOf(stage, plan))}`).toBe(`${fault} 1`);
      const kinds = await stage.audit(plan);
      expect(kinds.filter((kind) => kind === 'write_unknown')).toHaveLength(1);
      expect(kinds.filter((kind) => kind === 'write_settled')).toHaveLength(1);
      await worker.stop();
    }
  });

  it('W3-W5 is left to a person where nobody can tell, and is sent again on their word only', async () => {
    const said = [
      ['lost_answer', { kind: 'applied', recordId: 'r' }, { plan: 'done', succeeded: 1 }, 1],
      ['lost_call', { kind: 'not_applied' }, { plan: 'done', failed: 1 }, 0],
      ['lost_call', { kind: 'send_again' }, { plan: 'done', succeeded: 1 }, 1],
    ] as const;
    for (const [fault, word, expected, effects] of said) {
      const { stage, plan, worker, ask } = await lose('Plain', fault);
      await ask({ plan: 'running', needs_human: 1 });
      expect(stage.events.some(({ kind }) => kind === 'writes_need_human')).toBe(true);
      expect(effectsOf(stage, plan)).toBeLessThanOrEqual(1);
      const who = { kind: 'operator', name: 'Ann' } as const;
      const write = { plan, item: 0 };
      const dead = async () => stage.writes.dead(stage.tenant, { withinMs: 60_000, limit: 10 });
      expect(await dead()).toMatchObject([{ plan, item: 0, state: 'needs_human', code: 'unclear' }]);
      await stage.writes.settleByPerson(stage.tenant, write, { word, who, reason: 'looked' });
      await expect.poll(() => stage.states(plan), WAIT).toEqual(expected);
      expect(effectsOf(stage, plan)).toBe(effects);
      // One that is not there can be sent yet; one that is there needs nobody.
      expect((await dead()).map(({ state }) => state)).toEqual(word.kind === 'not_applied' ? ['failed'] : []);
      if (word.kind === 'applied') {
        await expect(
          stage.writes.settleByPerson(stage.tenant, write, { word: { kind: 'not_applied' }, who, reason: null }),
        ).rejects.toMatchObject({ code: 'write_state_conflict' });
      }
      await worker.stop();
    }
  });

  it('W6, W7 of many in a job is gone on with under the same job, record by record', async () => {
    const stage = await openWriteStage(db, server, {
      settings: { settleMs: 3_600_000, jobFrom: 20, collectionMax: 5 },
    });
    server.refuse = ({ values }) => (String(values['name']).endsWith('7') ? 'rule_refused' : null);
    // The call that starts the job takes effect, and its answer is lost.
    server.faults.push('lost_answer');
    const worker = stage.work();
    const wishes = Array.from({ length: 30 }, (_, n) => wish('Plain', `j${String(n)}`));
    const { plan } = await stage.commit(wishes);
    // Known by its number, it is asked at once.
    const looked = async (): Promise<object> => {
      await stage.nowDue();
      return stage.states(plan);
    };
    await expect.poll(looked, WAIT).toEqual({ plan: 'done', succeeded: 27, failed: 3 });
    expect(effectsOf(stage, plan)).toBe(27);
    expect(server.calls.filter(({ path }) => path === '/jobs')).toHaveLength(1);
    server.refuse = () => null;
    await worker.stop();
  });
});
