import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, openPostgres, type Db } from '../../src/store/index.ts';
import { programOf } from '../support/program.ts';
import { freshDatabase } from '../support/stores.ts';
import { openLedgerServer, type LedgerObject, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';
import type { WriteOrder } from './write-process.ts';

const program = await programOf('./write-process.ts', import.meta.url);
const WAIT = { timeout: 120_000, interval: 20 };

const all = ['Native', 'External', 'Chosen', 'Conditional', 'Marker', 'Plain'] as const;

describe('workers that are killed, or stand still', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Db;
  let server: LedgerServer;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    [database, server] = await Promise.all([freshDatabase(), openLedgerServer()]);
    db = await openPostgres({ connectionString: database.url });
    await migrate(db);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await db.close();
    await Promise.all([server.stop(), database.drop()]);
  });

  function start(order: Pick<WriteOrder, 'crash'> & Partial<WriteOrder>) {
    const settings = { url: server.url, settleMs: 0 };
    const told: WriteOrder = { databaseUrl: database.url, settings, commit: null, ...order };
    const child = spawn(process.execPath, [...program, JSON.stringify(told)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? String(code)));
    });
    return { child, ended, said: () => said };
  }

  let made = 0;
  function wishOf(object: LedgerObject): WishedWrite {
    made += 1;
    const values = { name: `${object} ${String(made)}` };
    if (object !== 'Conditional') return { object, operation: 'create', values };
    const recordId = `c${String(made)}`;
    server.put('Conditional', recordId, { name: 'before' });
    return { object, operation: 'update', recordId, values };
  }
  const effectsOf = (plan: string, item: number): number =>
    server.effects.filter(({ key }) => key === `${plan.slice(5)}-${String(item)}`).length;

  /** A worker in this process finishes what is left; `others`: worker processes died with leases, which are over. */
  async function finish(stage: WriteStage, plan: string, others = true): Promise<readonly string[]> {
    if (others) await stage.leasesEnd();
    const worker = stage.work({ settleMaxMs: 0 });
    const unsettled = async (): Promise<string[]> => {
      if (others) await stage.nowDue();
      const status = await stage.writes.status(stage.tenant, plan);
      return (status?.writes ?? []).flatMap(({ state }) =>
        ['succeeded', 'failed', 'needs_human'].includes(state) ? [] : [state],
      );
    };
    await expect.poll(unsettled, WAIT).toEqual([]);
    await worker.stop();
    const status = await stage.writes.status(stage.tenant, plan);
    return (status?.writes ?? []).map(({ state }) => state);
  }

  it.each([
    ['write.keep_attempt.before_commit', 2, all],
    ['write.keep_attempt.after_commit', 3, all],
    ['write.keep_outcome.before_commit', 2, all],
    ['ledger.write.after_send', 1, ['Plain']],
  ] as const)(
    'W3, W4: killed at %s (%i), each write takes effect once, where anybody can tell',
    async (at, hit, objects) => {
      const stage = await openWriteStage(db, server);
      const { plan } = await stage.commit(objects.map(wishOf));
      const dying = start({ crash: { at, hit, signal: 'SIGKILL' } });
      expect(await dying.ended).toBe('SIGKILL');
      const states = await finish(stage, plan);
      for (const [item, object] of objects.entries()) {
        const told = `${object} ${states[item] ?? ''} ${String(effectsOf(plan, item))}`;
        if (object !== 'Plain') expect(told).toBe(`${object} succeeded 1`);
        // Nobody can tell: never twice, and never told to be done where it is not.
        else expect(['Plain succeeded 1', 'Plain needs_human 1', 'Plain needs_human 0']).toContain(told);
      }
    },
  );

  it('W10: who stood still past its lease sends nothing any more, whatever it was about to send', async () => {
    const stage = await openWriteStage(db, server);
    const { plan } = await stage.commit([wishOf('Marker')]);
    // Longer than an answer of the database counts, so that who was told "you may" cannot have lost it meanwhile.
    const leaseMs = 2_000;
    const crash = { at: 'write.keep_attempt.after_commit', hit: 1, signal: 'SIGSTOP' } as const;
    const standing = start({ crash, leaseMs });
    const isSending = async (): Promise<unknown> => (await stage.states(plan))['sending'];
    await expect.poll(isSending, WAIT).toBe(1);
    const worker = stage.work({ leaseMs });
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', succeeded: 1 });
    await worker.stop();
    expect(effectsOf(plan, 0)).toBe(1);
    standing.child.kill('SIGCONT');
    // It is awake again: it takes the next write that there is.
    const next = await stage.commit([wishOf('Marker')]);
    await expect.poll(() => stage.states(next.plan), WAIT).toEqual({ plan: 'done', succeeded: 1 });
    standing.child.kill('SIGKILL');
    await standing.ended;
    expect(effectsOf(plan, 0)).toBe(1);
    expect(effectsOf(next.plan, 0)).toBe(1);
  });

  it('W1, W2: a commit that was cut off is a commit or is none, and committing again is one', async () => {
    for (const [at, state] of [
      ['write.commit.before_commit', 'prepared'],
      ['write.commit.after_commit', 'queued'],
    ] as const) {
      const stage = await openWriteStage(db, server);
      const { plan } = await stage.writes.keep(stage.tenant, stage.plan([wishOf('Plain')]), null);
      const commit = { tenant: stage.tenant, plan: plan.id };
      const dying = start({ crash: { at, hit: 1, signal: 'SIGKILL' }, commit });
      expect(await dying.ended).toBe('SIGKILL');
      expect(await stage.states(plan.id)).toMatchObject({ plan: state });
      const again = await stage.writes.commit(stage.tenant, plan.id, stage.who);
      expect(again.state).toBe('queued');
      expect(await finish(stage, plan.id, false)).toEqual(['succeeded']);
      expect(effectsOf(plan.id, 0)).toBe(1);
    }
  });
});
