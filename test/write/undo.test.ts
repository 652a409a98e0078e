import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { pageAnswer } from '../../src/app/write/plan-answer.ts';
import { undoAnswer } from '../../src/app/write/undo-answer.ts';
import { compareRecord, type RecordChain, type UndoSight, type WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { nativeObject, openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

describe('undo', () => {
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

  const read = (id: string) => server.read('Plain', id);
  async function done(wishes: readonly WishedWrite[]): Promise<string> {
    const { plan } = await stage.commit(wishes);
    await settled(plan, wishes.length);
    return plan;
  }
  async function settled(plan: string, records: number): Promise<void> {
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', succeeded: records });
    // The journal has what stands there after it.
    const last = { plan, item: records - 1 };
    const after = async (): Promise<boolean> => {
      const [attempt] = await stage.writes.attempts(stage.tenant, last);
      return (
        attempt?.after !== null || (await stage.writes.read(stage.tenant, plan))?.writes.at(-1)?.operation === 'delete'
      );
    };
    await expect.poll(after, WAIT).toBe(true);
  }
  const update = (recordId: string, values: WishedWrite['values'], before: WishedWrite['before']): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    ...(values === undefined ? {} : { values }),
    ...(before === undefined ? {} : { before }),
  });
  const undo = (
    scope: Parameters<typeof stage.writes.prepareUndo>[1]['scope'],
    conflicts: 'refuse' | 'leave' | 'overwrite' = 'refuse',
  ) => stage.writes.prepareUndo(stage.tenant, { scope, who: stage.who, conflicts, dryRun: false });

  it('leaves out what the system does not let the user do in whose name it is taken back', async () => {
    const asked: unknown[] = [];
    const own = await openWriteStage(db, server, {
      refusedToUser: async (_tenant, { principal, operation, writes }) => {
        asked.push({ principal, operation, records: writes.map(({ recordId, values }) => [recordId, values]) });
        return new Map(writes.flatMap(({ key, recordId }) => (recordId === 'ua' ? [[key, 'It says no.']] : [])));
      },
    });
    const who = { kind: 'agent', agent: 'clerk', principal: 'ada' } as const;
    const theirs = own.work();
    try {
      for (const id of ['ua', 'ub']) server.put('Plain', id, { name: id, phone: '1' });
      const wishes = ['ua', 'ub'].map((id) => update(id, { phone: '2' }, { phone: '1' }));
      const { plan } = await own.writes.keep(own.tenant, own.plan(wishes, { principal: 'ada' }), null);
      await own.writes.commit(own.tenant, plan.id, who);
      await expect.poll(() => own.states(plan.id), WAIT).toEqual({ plan: 'done', succeeded: 2 });
      const scope = { kind: 'plan', plan: plan.id } as const;
      const prepare = () => own.writes.prepareUndo(own.tenant, { scope, who, conflicts: 'leave', dryRun: true });
      await expect.poll(async () => (await prepare())[0]?.report.counts, WAIT).toMatchObject({ impossible: 1 });
      const [prepared] = await prepare();
      expect(prepared?.report.records).toMatchObject([
        { action: 'impossible', why: 'It says no.', fields: [] },
        { action: 'update', why: null },
      ]);
      expect(asked.at(-1)).toEqual({
        principal: 'ada',
        operation: 'update',
        records: [
          ['ua', { phone: '1' }],
          ['ub', { phone: '1' }],
        ],
      });
    } finally {
      await theirs.stop();
    }
  });

  it('brings back what was there, of changed, made and deleted records, by the same route', async () => {
    server.put('Plain', 'u1', { name: 'one', phone: '1', stage: 'open' });
    server.put('Plain', 'u2', { name: 'two', phone: '2', stage: 'open' });
    const plan = await done([
      update('u1', { name: 'ONE', phone: '11' }, { name: 'one', phone: '1' }),
      { object: 'Plain', operation: 'create', values: { name: 'new' } },
      { object: 'Plain', operation: 'delete', recordId: 'u2', before: { name: 'two', phone: '2', stage: 'open' } },
    ]);
    const made = (await stage.writes.status(stage.tenant, plan))?.writes[1]?.record ?? '';
    expect([read('u1'), read(made), read('u2')]).toMatchObject([{ name: 'ONE' }, { name: 'new' }, null]);
    const [prepared] = await undo({ kind: 'plan', plan });
    expect(prepared?.report.counts).toMatchObject({ restored: 2, deleted: 1, recreated: 1, conflict: 0 });
    const back = prepared?.plan;
    expect(back).toMatchObject({ undoes: plan, problems: [], safety: 'gated_write' });
    expect(back?.writes.map(({ operation }) => operation).toSorted()).toEqual(['create', 'delete', 'update']);
    // Prepared is not done.
    expect(read('u1')).toMatchObject({ name: 'ONE' });
    await stage.writes.commit(stage.tenant, back?.id ?? '', stage.who);
    await settled(back?.id ?? '', 3);
    expect(read('u1')).toEqual({ name: 'one', phone: '1', stage: 'open' });
    expect(read(made)).toBeNull();
    const again = server.effects.find(({ op, key }) => op === 'create' && key.startsWith(back?.id.slice(5) ?? '?'));
    expect(again?.values).toEqual({ name: 'two', phone: '2', stage: 'open' });
    // Twice is once: there is nothing left to take back but the record under its new id.
    const [twice] = await undo({ kind: 'write', plan, item: 0 });
    expect(twice?.report.counts).toMatchObject({ restored: 0, already_so: 1 });
    expect(twice?.plan).toBeNull();
    // And an undo can be undone.
    const [forward] = await undo({ kind: 'plan', plan: back?.id ?? '' });
    expect(forward?.plan?.writes.find(({ recordId }) => recordId === 'u1')?.values).toEqual({
      name: 'ONE',
      phone: '11',
    });
  });

  it('says of each field what would happen, and leaves alone what others have changed, unless told otherwise', async () => {
    server.put('Plain', 'v1', { name: 'one', phone: '1', stage: 'open' });
    const plan = await done([
      update('v1', { name: 'ONE', phone: '11', stage: 'won' }, { name: 'one', phone: '1', stage: 'open' }),
    ]);
    server.put('Plain', 'v1', { phone: 'theirs', stage: 'open' });
    const [refused] = await undo({ kind: 'plan', plan });
    expect(refused?.report.records[0]?.fields.map(({ field, verdict }) => [field, verdict])).toEqual([
      ['name', 'restored'],
      ['phone', 'conflict'],
      ['stage', 'already_so'],
    ]);
    expect(refused?.report.records[0]?.fields[1]).toMatchObject({ before: '1', ours: '11', now: 'theirs' });
    expect(refused?.plan?.problems).toMatchObject([{ code: 'undo_conflict', at: 'crm/Plain/v1.phone' }]);
    await expect(stage.writes.commit(stage.tenant, refused?.plan?.id ?? '', stage.who)).rejects.toMatchObject({
      code: 'write_plan_has_problems',
    });
    const [over] = await undo({ kind: 'plan', plan }, 'overwrite');
    expect(over?.plan?.writes[0]?.values).toEqual({ name: 'one', phone: '1' });
    const [partly] = await undo({ kind: 'plan', plan }, 'leave');
    await stage.writes.commit(stage.tenant, partly?.plan?.id ?? '', stage.who);
    await settled(partly?.plan?.id ?? '', 1);
    expect(read('v1')).toEqual({ name: 'one', phone: 'theirs', stage: 'open' });
    // What was seen for the plan is compared once more before it is sent.
    await stage.writes.commit(stage.tenant, over?.plan?.id ?? '', stage.who);
    await expect.poll(() => stage.states(over?.plan?.id ?? ''), WAIT).toEqual({ plan: 'done', succeeded: 1 });
  });

  it('goes back over several writes to one record at once, within a time, and only over one’s own', async () => {
    server.put('Plain', 'w1', { name: 'a', phone: '1', stage: 'open' });
    const own = await openWriteStage(db, server);
    const from = await db.read(async (tx) => tx.now);
    const commit = async (wish: WishedWrite): Promise<void> => {
      const { plan } = await own.commit([wish]);
      await expect.poll(() => own.states(plan), WAIT).toEqual({ plan: 'done', succeeded: 1 });
    };
    await commit(update('w1', { name: 'b' }, { name: 'a' }));
    await commit(update('w1', { name: 'c', phone: '2' }, { name: 'b', phone: '1' }));
    const to = await db.read(async (tx) => tx.now);
    const scope = { kind: 'time', agent: 'clerk', from, to } as const;
    const other = { kind: 'agent', agent: 'other', principal: null } as const;
    expect(await own.writes.prepareUndo(own.tenant, { scope, who: other, conflicts: 'refuse', dryRun: false })).toEqual(
      [],
    );
    const operator = { kind: 'operator', name: 'Ann' } as const;
    const looked = await own.writes.prepareUndo(own.tenant, {
      scope,
      who: operator,
      conflicts: 'refuse',
      dryRun: true,
    });
    expect(looked).toMatchObject([{ agent: 'clerk', plan: null, report: { counts: { restored: 2 } } }]);
    const [prepared] = await own.writes.prepareUndo(own.tenant, {
      scope,
      who: operator,
      conflicts: 'refuse',
      dryRun: false,
    });
    expect(prepared?.plan?.writes).toMatchObject([{ recordId: 'w1', values: { name: 'a', phone: '1' } }]);
  });

  it('takes back what its own writes were about, not what was sent beside them', async () => {
    server.put('Plain', 'x1', { name: 'one', phone: '1', stage: 'open' });
    server.put('Plain', 'x2', { name: 'two', phone: '2', stage: 'open' });
    const plan = await done([
      update('x1', { name: 'ONE' }, { name: 'one' }),
      update('x2', { phone: '22' }, { phone: '2' }),
    ]);
    server.put('Plain', 'x1', { phone: 'theirs' });
    const [prepared] = await undo({ kind: 'write', plan, item: 0 });
    expect(prepared?.report.records).toMatchObject([{ action: 'update', fields: [{ field: 'name' }] }]);
    expect(prepared?.report.records[0]?.fields).toHaveLength(1);
    expect(prepared?.plan?.writes).toMatchObject([{ recordId: 'x1', values: { name: 'one' } }]);
  });

  it('takes for ours what the system made of it, not what others put there before it was read', async () => {
    server.put('Plain', 'z1', { name: 'one', phone: '1', stage: 'open' });
    // Before the sending ends the system has trimmed a name, and somebody has corrected a number.
    server.written = () => server.put('Plain', 'z1', { name: 'ONE', phone: 'theirs' });
    const before = { name: 'one', phone: '1', stage: 'open' };
    const plan = await done([update('z1', { name: ' ONE ', phone: '11', stage: 'won' }, before)]);
    server.written = () => undefined;
    const attempt = (await stage.writes.attempts(stage.tenant, { plan, item: 0 })).at(-1);
    expect(attempt?.after?.['values']).toEqual({ name: 'ONE', stage: 'won' });
    const [prepared] = await undo({ kind: 'plan', plan }, 'leave');
    expect(prepared?.report.records[0]?.fields.map(({ field, verdict, ours }) => [field, verdict, ours])).toEqual([
      ['name', 'restored', 'ONE'],
      ['phone', 'conflict', '11'],
      ['stage', 'restored', 'won'],
    ]);
    expect(prepared?.plan?.writes[0]?.values).toEqual({ name: 'one', stage: 'open' });
  });

  it('tells an agent of nothing that it is not shown, and asks for nothing of such records', async () => {
    server.put('Plain', 'y1', { name: 'one', phone: 'secret 1', stage: 'open' });
    server.put('Plain', 'y2', { name: 'two', phone: '2', stage: 'open' });
    server.put('Plain', 'y3', { name: 'three', phone: 'secret 3', stage: 'open' });
    const plan = await done([
      update('y1', { name: 'ONE', phone: 'p' }, { name: 'one', phone: 'secret 1' }),
      update('y2', { name: 'TWO' }, { name: 'two' }),
      {
        object: 'Plain',
        operation: 'delete',
        recordId: 'y3',
        before: { name: 'three', phone: 'secret 3', stage: 'open' },
      },
    ]);
    server.put('Plain', 'y1', { name: 'theirs', phone: 'secret 4' });
    server.put('Plain', 'y2', { name: 'secret 2' });
    const agent = async (hides: (native: string) => boolean) => {
      const sight: UndoSight = async () => ({ records: new Set(['y1']), fields: new Set(['name', 'stage']), hides });
      const asked = {
        scope: { kind: 'plan', plan } as const,
        who: stage.who,
        conflicts: 'leave' as const,
        dryRun: false,
      };
      const [own] = await stage.writes.prepareUndo(stage.tenant, { ...asked, sight });
      if (own?.plan === undefined) throw new Error('nothing was prepared');
      const told = JSON.stringify([undoAnswer(plan, own), own.plan === null ? null : pageAnswer(own.plan, 0)]);
      return { own, told };
    };
    const service = await agent(() => false);
    expect(service.told).not.toContain('secret');
    expect(service.told).toContain('theirs');
    const [y1, y3, y2] = service.own.report.records;
    expect([y1?.action, y2?.action, y3?.action]).toEqual(['update', 'impossible', 'create']);
    expect(y2).toMatchObject({ fields: [], why: expect.stringContaining('not shown') });
    // It comes back whole all the same.
    expect(service.own.plan?.writes).toMatchObject([{ values: { name: 'three', phone: 'secret 3', stage: 'open' } }]);
    // In the name of a user from whom the source hides a field it does not.
    const ada = await agent((native) => native === 'phone');
    expect(ada.told).not.toContain('secret');
    expect(ada.own).toMatchObject({ plan: null, report: { counts: { impossible: 3 } } });
  });

  it('tells a user nothing of a field that the source hides by now, whatever stands in it', async () => {
    server.put('Plain', 'v1', { name: 'one', phone: '1' });
    server.put('Plain', 'v2', { name: 'two', phone: '2' });
    const plan = await done([
      update('v1', { name: 'ONE', phone: 'ours' }, { name: 'one', phone: '1' }),
      update('v2', { name: 'TWO' }, { name: 'two' }),
    ]);
    const hides = (native: string): boolean => native === 'phone';
    const sight: UndoSight = async () => ({ records: new Set(['v1', 'v2']), fields: new Set(['name']), hides });
    const scope = { kind: 'plan', plan } as const;
    const told = async (phone: string): Promise<unknown> => {
      server.put('Plain', 'v1', { name: 'ONE', phone });
      const asked = { scope, who: stage.who, conflicts: 'leave' as const, dryRun: false, sight };
      const [own] = await stage.writes.prepareUndo(stage.tenant, asked);
      expect(own?.plan?.writes).toMatchObject([{ recordId: 'v2', values: { name: 'two' } }]);
      if (own === undefined) throw new Error('nothing was prepared');
      return { ...undoAnswer(plan, own), plan_id: null, expires_at: null };
    };
    const [unchanged, asBefore, theirs] = [await told('ours'), await told('1'), await told('of others')];
    expect(asBefore).toEqual(unchanged);
    expect(theirs).toEqual(unchanged);
    expect(unchanged).toMatchObject({ counts: { restored: 1, conflict: 0, impossible: 1 } });
  });

  it('compares each field three ways, whatever the values', () => {
    const value = fc.constantFrom<Json>(null, 'a', 'b', 'c');
    fc.assert(
      fc.property(value, value, value, (before, ours, now) => {
        const chain: RecordChain = {
          connection: stage.connection,
          slug: 'crm',
          integration: 'crm',
          object: 'Plain',
          model: null,
          recordId: 'x',
          label: null,
          existedBefore: true,
          existsAfter: true,
          before: { name: before },
          after: { name: ours },
          final: false,
          writes: [],
        };
        const is = { id: 'x', missing: false, version: null, values: { name: now } };
        const { fields } = compareRecord(chain, {
          now: is,
          object: nativeObject('Plain'),
          ways: () => ({ kind: 'way', way: {} as never }),
        });
        const expected = now === before ? 'already_so' : now === ours ? 'restored' : 'conflict';
        expect(fields[0]?.verdict).toBe(expected);
      }),
    );
  });
});
