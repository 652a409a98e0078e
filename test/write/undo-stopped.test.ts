import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/kernel/index.ts';
import { throwSwitch, type Db } from '../../src/store/index.ts';
import type { WriteActor, WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };
const ann = { kind: 'operator', name: 'ann' } as const;

describe('what an agent wrote that is stopped since', () => {
  const open = openerOf('pglite');
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  let written: string;
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    await worker?.stop();
    stage = await openWriteStage(db, server);
    worker = stage.work();
    server.put('Plain', 'a', { name: 'a' });
    written = (
      await stage.commit([
        { object: 'Plain', operation: 'update', recordId: 'a', values: { name: 'A' }, before: { name: 'a' } },
      ])
    ).plan;
    await ended(written, { plan: 'done', succeeded: 1 });
  });
  afterAll(async () => {
    await worker?.stop();
    await server.stop();
  });

  const ended = (plan: string, expected: object) => expect.poll(() => stage.states(plan), WAIT).toEqual(expected);
  const stop = (scope: string, subject: Readonly<Record<string, string>>, mode = 'stop_all_upstream') =>
    db.tenantTx(stage.tenant, (tx) =>
      throwSwitch(tx, stage.tenant, { scope, subject, mode, reason: 'odd calls', by: 'ann' }),
    );
  async function undo(who: WriteActor): Promise<string> {
    const scope = { kind: 'plan', plan: written } as const;
    const [prepared] = await stage.writes.prepareUndo(stage.tenant, { scope, who, conflicts: 'leave', dryRun: false });
    return prepared?.plan?.id ?? '';
  }
  const stopped = { code: 'writes_stopped' };

  it('is taken back by a person, whoever is stopped for it', async () => {
    await stop('agent', { agent: 'clerk' });
    const plan = await undo(ann);
    expect(await stage.writes.commit(stage.tenant, plan, ann)).toMatchObject({ state: 'queued' });
    await ended(plan, { plan: 'done', succeeded: 1 });
    expect(server.read('Plain', 'a')).toEqual({ name: 'a' });
  });

  it('is taken back by a person where all is asked once more right before the send, too', async () => {
    const plan = await undo(ann);
    await stop('agent', { agent: 'clerk' });
    // It took too long since the attempt was kept, so that the last word is a question of its own.
    let asked = 0;
    const clock = { ...stage.deps.clock, monotonicMs: () => ((asked += 1) <= 2 ? 0 : 2 * limits.writeSendWithinMs) };
    await worker?.stop();
    worker = stage.work({ clock });
    await stage.writes.commit(stage.tenant, plan, ann);
    await ended(plan, { plan: 'done', succeeded: 1 });
    expect(stage.events.filter(({ kind }) => kind === 'writes_held')).toEqual([]);
  });

  it('is not taken back by the agent itself', async () => {
    const plan = await undo(stage.who);
    await stop('agent', { agent: 'clerk' }, 'stop_writes');
    await expect(stage.writes.commit(stage.tenant, plan, stage.who)).rejects.toMatchObject(stopped);
    await stop('agent', { agent: 'clerk' });
    await expect(undo(stage.who)).rejects.toMatchObject(stopped);
  });

  it.each([
    ['the tenant', 'tenant', {}],
    ['the connection', 'connection', { connection: 'crm' }],
    ['the object', 'object', { connection: 'crm', object: 'Plain' }],
    ['the operation', 'operation', { operation: 'update' }],
  ] as const)('stays where the switch is about %s', async (_what, scope, subject) => {
    const plan = await undo(ann);
    await stop(scope, subject, 'stop_writes');
    await expect(stage.writes.commit(stage.tenant, plan, ann)).rejects.toMatchObject(stopped);
  });
});
