import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { erasePlace, erasurePlaces, type Db } from '../../src/store/index.ts';
import type { WriteActor, WritePlan, WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };
const OLGA: WriteActor = { kind: 'operator', name: 'olga' };

/** A person's erasure empties what failed writes said: there is nothing that could be sent again. */
describe('a failed write of which nothing is left', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    server.refuse = () => 'rule_refused';
    stage = await openWriteStage(db, server);
    server.effects.splice(0);
    for (const id of ['cora', 'dora']) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
  });
  afterEach(async () => {
    await worker?.stop();
    worker = null;
  });
  afterAll(() => server.stop());

  const rename = (recordId: string): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    values: { name: `${recordId}@example.com` },
    before: { name: recordId },
  });
  const failed = async (more: Partial<WritePlan> = {}): Promise<string> => {
    worker = stage.work();
    const { plan: kept } = await stage.writes.keep(
      stage.tenant,
      stage.plan([rename('cora'), rename('dora')], more),
      null,
    );
    const { id: plan } = kept;
    await stage.writes.commit(stage.tenant, plan, OLGA);
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', failed: 2 });
    await worker.stop();
    server.refuse = () => null;
    return plan;
  };
  const erase = async (place: string, told: { texts?: string[]; principals?: string[] }): Promise<number> => {
    const found = erasurePlaces.find(({ name }) => name === place);
    if (found === undefined) throw new Error(`no place ${place}`);
    const subject = { tenant: stage.tenant, records: [], principals: told.principals ?? [], texts: told.texts ?? [] };
    return db.tenantTx(stage.tenant, (tx) => erasePlace(tx, found as Parameters<typeof erasePlace>[1], subject));
  };
  const settle = (plan: string, item: number) =>
    stage.writes.settleByPerson(
      stage.tenant,
      { plan, item },
      { word: { kind: 'send_again' }, who: OLGA, reason: null },
    );
  const listed = async (): Promise<readonly number[]> =>
    (await stage.writes.dead(stage.tenant, { withinMs: 3_600_000, limit: 10 })).map(({ item }) => item);

  it('is not sent again, and listed as nothing that could be; another one of the plan is', async () => {
    const plan = await failed();
    expect(await listed()).toHaveLength(2);
    expect(await erase('write_mentions', { texts: ['cora@example.com'] })).toBe(1);
    await expect(settle(plan, 0)).rejects.toMatchObject({ code: 'write_erased', details: { where: plan } });
    expect(await stage.states(plan)).toEqual({ plan: 'done', failed: 2 });
    expect(await listed()).toEqual([1]);
    await settle(plan, 1);
    worker = stage.work();
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', failed: 1, succeeded: 1 });
    expect(server.effects.map(({ id }) => id)).toEqual(['dora']);
  });

  it('is not sent again in the name of a user who was erased', async () => {
    const plan = await failed({ principal: 'erna' });
    expect(await erase('user_plans', { principals: ['erna'] })).toBe(1);
    await expect(settle(plan, 0)).rejects.toMatchObject({ code: 'write_erased' });
    expect(await listed()).toEqual([]);
    expect(server.effects).toEqual([]);
  });

  it('is sent again all the same where a person takes back what such a user had written', async () => {
    const intent = { ...stage.plan([rename('cora')]).intent, intent: 'undo' };
    const plan = await failed({ principal: 'erna', intent });
    expect(await erase('user_plans', { principals: ['erna'] })).toBe(1);
    await settle(plan, 0);
    worker = stage.work();
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', failed: 1, succeeded: 1 });
    expect(server.effects.map(({ id }) => id)).toEqual(['cora']);
  });

  it('ends unsent where it was emptied while somebody had it sent again', async () => {
    const plan = await failed();
    const emptied = `update write_content set content = content || '{"values": {}, "changes": [], "recordId": null, "erased": true}'
      where tenant = $1 and plan = $2 and item = 0`;
    await settle(plan, 0);
    await db.query(emptied, [stage.tenant, plan]);
    worker = stage.work();
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', failed: 2 });
    expect((await stage.writes.status(stage.tenant, plan))?.writes[0]).toMatchObject({ code: 'erased' });
    expect(server.effects).toEqual([]);
  });
});
