import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionWrites } from '../../src/connectors/index.ts';
import { GantryError } from '../../src/kernel/index.ts';
import { throwSwitch, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type Fault, type LedgerObject, type LedgerServer } from './ledger-server.ts';
import { ledgerWrites } from './ledger-writes.ts';
import { nativeObject, openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

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

  it('queues what a job never began, and asks again what was asked before it was made', async () => {
    for (const word of ['withdrawn', 'fallen', 'switched', 'none'] as const) {
      const settings = { settleMs: 3_600_000, jobFrom: 20, collectionMax: 5 };
      const stage = await openWriteStage(db, server, { settings });
      const started = (): number => server.calls.filter(({ path }) => path.endsWith('/start')).length;
      const before = started();
      // The call that starts the job never arrives.
      server.faults.push('lost_call');
      const first = stage.work();
      const wishes = Array.from({ length: 25 }, (_, n) => wish('Plain', `${word}${String(n)}`));
      const intent = { operation: 'create', object: 'crm.Plain', records: [], intent: 'deal.close' } as const;
      const { plan } = await stage.commit(wishes, { intent });
      await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'running', outcome_unknown: 25 });
      await first.stop();
      expect(started() - before).toBe(1);
      if (word === 'withdrawn') {
        await stage.writes.withdraw(stage.tenant, plan, { who: stage.who, reason: 'not any more' });
      }
      if (word === 'fallen') {
        for (let n = 0; n < 25; n += 1) stage.unwritable.set(`${plan.slice(5)}-${String(n)}`, 'It may not.');
      }
      if (word === 'switched') {
        const subject = { operation: 'deal.close' };
        const thrown = { scope: 'operation', subject, mode: 'stop_writes', reason: 'test', by: 'op' };
        await db.tenantTx(stage.tenant, (tx) => throwSwitch(tx, stage.tenant, thrown));
      }
      const worker = stage.work();
      const looked = async (): Promise<object> => {
        await stage.nowDue();
        return stage.states(plan);
      };
      const ends = {
        withdrawn: { plan: 'stopped', cancelled: 25 },
        fallen: { plan: 'done', failed: 25 },
        switched: { plan: 'running', queued: 25 },
        none: { plan: 'done', succeeded: 25 },
      };
      await expect.poll(looked, WAIT).toEqual(ends[word]);
      if (word === 'switched') {
        const held = (): boolean =>
          stage.events.some((event) => event.kind === 'writes_held' && event.code === 'writes_stopped');
        await expect.poll(async () => [await looked(), held()], WAIT).toEqual([ends[word], true]);
      }
      expect(`${word} ${String(effectsOf(stage, plan))}`).toBe(`${word} ${word === 'none' ? '25' : '0'}`);
      expect(started() - before).toBe(word === 'none' ? 2 : 1);
      await worker.stop();
    }
  });

  /** A provider of jobs; `before`: the call that makes one already takes effect. */
  async function withJobs({ before, db: kept }: { readonly before: boolean; readonly db: Db }) {
    const session = ledgerWrites({ url: server.url, settleMs: 3_600_000, jobFrom: 20, collectionMax: 5 });
    const told = { sent: 0, gate: [] as string[] };
    const writes: SessionWrites = {
      ...session,
      send: async ({ beforeSend, onJob, items, job }) => {
        if (job !== null) {
          told.gate.push(
            await beforeSend().then(
              () => 'open',
              () => 'shut',
            ),
          );
          return items.map(() => ({ kind: 'unknown' as const }));
        }
        if (before) await beforeSend();
        told.sent += 1;
        await onJob({ id: 'theirs' });
        await beforeSend();
        return items.map(() => ({ kind: 'unknown' as const }));
      },
    };
    const stage = await openWriteStage(db, server, {
      db: kept,
      targetOf: async () => ({ principal: null, writes, objectOf: async (name) => nativeObject(name) }),
    });
    const worker = stage.work();
    const { plan } = await stage.commit(Array.from({ length: 25 }, (_, n) => wish('Plain', `k${String(n)}`)));
    const looked = async (): Promise<object> => ({ sent: told.sent > 0, ...(await stage.states(plan)) });
    return { stage, worker, told, looked };
  }

  it('does not take what it raised itself, after a job was theirs, for a word that nothing was sent', async () => {
    const unkept = failing(db, 'write.keep_job', new GantryError('store_unavailable', { message: 'It is away.' }));
    const theirs = await withJobs({ before: true, db: unkept });
    await expect.poll(theirs.looked, WAIT).toMatchObject({ sent: true, outcome_unknown: 25 });
    // A number that is not kept cannot be asked for: it has the time of any other call.
    const rows = await db.tenantRead(theirs.stage.tenant, (tx) =>
      tx.query<{ ms: number }>(
        `select extract(epoch from settle_at - began_at)::float8 * 1000 as ms from write_sending
         where tenant = $1 and settle_at is not null`,
        [theirs.stage.tenant],
      ),
    );
    expect(rows.map(({ ms }) => ms > 3_000_000)).toEqual([true]);
    expect(theirs.told.sent).toBe(1);
    await theirs.worker.stop();
    // Told before anything in it can take effect: surely nothing was sent.
    const ours = await withJobs({ before: false, db: unkept });
    await expect.poll(ours.looked, WAIT).toMatchObject({ sent: true, queued: 25 });
    await ours.worker.stop();
  });

  it('lets nothing be sent by going on with a job', async () => {
    const { stage, worker, told, looked } = await withJobs({ before: true, db });
    await expect.poll(looked, WAIT).toMatchObject({ sent: true, outcome_unknown: 25 });
    const asked = async (): Promise<readonly string[]> => {
      // Not once more: what is looked for and surely not there is sent anew.
      if (told.gate.length === 0) await stage.nowDue();
      return told.gate.slice(0, 1);
    };
    await expect.poll(asked, WAIT).toEqual(['shut']);
    expect(told.sent).toBe(1);
    await worker.stop();
  });
});

/** The same database; what is to be kept at this place is not. */
const failing = (db: Db, place: string, cause: Error): Db => ({
  ...db,
  tenantTx: (tenant, work, at) => (at === place ? Promise.reject(cause) : db.tenantTx(tenant, work, at)),
});
