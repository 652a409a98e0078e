import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuditKind, AuditQuestion } from '../../src/audit/index.ts';
import type { Db } from '../../src/store/index.ts';
import { compareRecord, type RecordChain, type WriteWorker } from '../../src/write/index.ts';
import { asItStands } from '../../src/write/send-back.ts';
import { worthTakenBack } from '../../src/write/undo/amount-taken-back.ts';
import { openerOf } from '../support/stores.ts';
import { toldIn } from '../support/told-in.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { nativeObject, openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

/** As the console asks for `changes`. */
const changes: readonly AuditKind[] = ['write_ended', 'write_unknown', 'write_settled'];

describe('what a write is worth', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
    stage = await openWriteStage(db, server);
    worker = stage.work();
  });
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  const found = async (asked: Partial<AuditQuestion>): Promise<string[]> =>
    (await toldIn(db, stage.tenant, asked)).map(
      ({ kind, entry }) => `${kind} ${entry?.subject.record ?? ''} ${String(entry?.amount)}`,
    );
  const changed = (recordId: string, worth: number | null): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    values: { name: recordId.toUpperCase() },
    before: { name: recordId },
    worth,
  });

  it('stands in the entry of each write, so that an amount is asked for with a record, a system or a kind', async () => {
    for (const id of ['a', 'b', 'c']) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
    const impact = { records: 3, amount: null, currency: null, why: 'Nobody can tell of one of them.' };
    const wishes = [changed('a', 700), changed('b', 20), changed('c', null)];
    const plan = stage.plan(wishes, { impact });
    await stage.writes.keep(stage.tenant, plan, null);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    await expect.poll(() => stage.states(plan.id), WAIT).toEqual({ plan: 'done', succeeded: 3 });
    const ended = 'write_ended crm/Plain/a 700';
    expect(await found({ kinds: changes, amountFrom: 500 })).toEqual([ended]);
    expect(await found({ kinds: changes, agent: 'clerk', connection: 'crm', amountFrom: 500 })).toEqual([ended]);
    expect(await found({ about: 'a', amountFrom: 500 })).toEqual([ended, 'write_attempted crm/Plain/a 700']);
    expect(await found({ about: 'b', amountFrom: 500 })).toEqual([]);
    expect(await found({ connection: 'crm', kinds: ['write_ended'], amountTo: 100 })).toEqual([
      'write_ended crm/Plain/b 20',
    ]);

    // Taken back, it is at most what was moved; a part of the records is worth its own part.
    const scope = { kind: 'write', plan: plan.id, item: 0 } as const;
    const asked = { scope, who: stage.who, conflicts: 'refuse', dryRun: false } as const;
    const prepare = () => stage.writes.prepareUndo(stage.tenant, asked);
    await expect.poll(async () => (await prepare())[0]?.plan?.writes.length, WAIT).toBe(1);
    const [undo] = await prepare();
    expect(undo?.plan?.impact.amount).toBeNull();
    await stage.writes.commit(stage.tenant, undo?.plan?.id ?? '', stage.who);
    await expect.poll(() => found({ kinds: changes, amountFrom: 500 }), WAIT).toEqual([ended, ended]);
  });

  it('is unknown where what stands there is not what it was reckoned from', () => {
    const plan = stage.plan([changed('a', 700), changed('b', 20), changed('d', 0)], {});
    const image = { id: 'a', missing: false, values: { name: 'other' }, version: null };
    const conflict = { code: 'record_changed', image } as const;
    const now = asItStands(plan, new Map([0, 2].map((item) => [plan.writes[item]?.key ?? '', conflict])));
    expect(now.writes.map(({ worth }) => worth)).toEqual([null, 20, 0]);
  });

  it('is unknown where what somebody has put there since is taken away with it', () => {
    const object = nativeObject('Plain');
    const chain = {
      connection: stage.connection,
      slug: 'crm',
      integration: 'crm',
      object: 'Plain',
      model: null,
      recordId: 'a',
      label: null,
      worth: 700,
      existedBefore: true,
      existsAfter: true,
      before: { name: 'a' },
      after: { name: 'A' },
      final: false,
      writes: [],
    } satisfies RecordChain;
    const worth = (name: string, conflicts: 'leave' | 'overwrite') => {
      const now = { id: 'a', missing: false, values: { name }, version: null };
      const ways = () => ({ kind: 'way', way: {} }) as never;
      return worthTakenBack(compareRecord(chain, { now, object, ways }), { object, conflicts });
    };
    expect([worth('A', 'overwrite'), worth('theirs', 'leave'), worth('theirs', 'overwrite')]).toEqual([700, 700, null]);
  });
});
