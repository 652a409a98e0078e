import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, openPostgres, type Db } from '../../src/store/index.ts';
import { programOf } from '../support/program.ts';
import { freshDatabase } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite } from './stage.ts';
import type { WriteOrder } from './write-process.ts';

const program = await programOf('./write-process.ts', import.meta.url);
/** Ending a lease takes the turn from the worker that lives, too: between two looks it has time to send. */
const WAIT = { timeout: 120_000, interval: 1_500 };

describe('workers that are killed while a plan is taken back', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Db;
  let server: LedgerServer;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    [database, server] = await Promise.all([freshDatabase(), openLedgerServer()]);
    db = await openPostgres({ connectionString: database.url });
    await migrate(db);
    server.refuse = ({ values }) => (values['name'] === 'never' ? 'rule_refused' : null);
  });
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL');
    await db.close();
    await Promise.all([server.stop(), database.drop()]);
  });

  function start(at: string, hit: number): Promise<string> {
    const settings = { url: server.url, settleMs: 0 };
    const told: WriteOrder = {
      databaseUrl: database.url,
      settings,
      commit: null,
      crash: { at, hit, signal: 'SIGKILL' },
    };
    const child = spawn(process.execPath, [...program, JSON.stringify(told)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    children.push(child);
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? String(code)));
    });
  }

  // Three attempts and outcomes are of the steps, the third of the one that fails; what follows takes back.
  it.each([
    ['write.keep_outcome.before_commit', 3],
    ['write.keep_outcome.after_commit', 3],
    ['write.take_back.before_commit', 1],
    ['write.take_back.after_commit', 1],
    ['write.keep_attempt.before_commit', 4],
    ['write.keep_attempt.after_commit', 4],
    ['ledger.write.before_send', 4],
    ['ledger.write.after_send', 4],
    ['write.keep_outcome.after_commit', 4],
    ['write.take_back.after_commit', 2],
    ['ledger.write.after_send', 5],
    ['write.keep_outcome.before_commit', 5],
  ] as const)(
    'W3, W4: killed at %s (%i), each write is made once and taken back once',
    async (at, hit) => {
      const stage = await openWriteStage(db, server);
      server.effects.splice(0);
      const recordId = `c-${at}-${String(hit)}`;
      server.put('Conditional', recordId, { name: 'before' });
      const wishes: readonly WishedWrite[] = [
        { object: 'Conditional', operation: 'update', recordId, values: { name: 'ours' }, before: { name: 'before' } },
        { object: 'Marker', operation: 'create', step: 1, values: { name: 'made' } },
        // Can be looked for: whether it was made before the worker was killed is found out.
        { object: 'Marker', operation: 'create', step: 2, values: { name: 'never' } },
      ];
      const steps = wishes.map((_, index) => ({ title: `Step ${String(index)}`, intent: null, writes: 1 }));
      const { plan } = await stage.commit(wishes, { onFailure: 'take_back', steps });
      expect(await start(at, hit)).toBe('SIGKILL');
      await stage.leasesEnd();
      const worker = stage.work();
      const ended = async (): Promise<unknown> => {
        await stage.nowDue();
        return stage.states(plan);
      };
      try {
        await expect.poll(ended, WAIT).toEqual({ plan: 'taken_back', succeeded: 2, failed: 1 });
      } finally {
        // Or it would take the next one's writes before they are killed.
        await worker.stop();
      }
      expect(server.effects.map(({ op, object }) => `${op} ${object}`)).toEqual([
        'update Conditional',
        'create Marker',
        'delete Marker',
        'update Conditional',
      ]);
      expect(server.read('Conditional', recordId)).toEqual({ name: 'before' });
    },
    180_000,
  );
});
