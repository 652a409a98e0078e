import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../../src/kernel/index.ts';
import type { RecordWriter } from '../../src/mapping/index.ts';
import { prunePlans, type Db } from '../../src/store/index.ts';
import type { Watched } from '../../src/switches/index.ts';
import type { PreparedUndo, UndoScope, UndoSight, WritePlan, WriteWorker } from '../../src/write/index.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

describe('an undo takes back once, and nothing of others', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker;
  const watched: Watched[] = [];
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    await worker?.stop();
    server.refuse = () => null;
    server.effects.splice(0);
    watched.splice(0);
    stage = await openWriteStage(db, server, {
      watch: async () => async (_tx, _tenant, each) => {
        watched.push(each);
        return [];
      },
    });
    worker = stage.work();
  });
  afterAll(async () => {
    await worker.stop();
    await server.stop();
  });

  async function done(wishes: readonly WishedWrite[], more: Partial<WritePlan> = {}): Promise<string> {
    const { plan } = await stage.commit(wishes, more);
    await expect.poll(() => stage.states(plan), WAIT).toEqual({ plan: 'done', succeeded: wishes.length });
    const unread = `select 1 from write_attempt a join write w using (tenant, plan, item)
      where a.tenant = $1 and a.plan = $2 and a.attempt = w.attempts and a.after is null and w.operation <> 'delete'`;
    await expect.poll(() => db.query(unread, [stage.tenant, plan]), WAIT).toEqual([]);
    return plan;
  }
  const undo = (
    scope: UndoScope | string,
    conflicts: 'refuse' | 'leave' | 'overwrite' = 'refuse',
    sight?: UndoSight,
  ): Promise<readonly PreparedUndo[]> =>
    stage.writes.prepareUndo(stage.tenant, {
      scope: typeof scope === 'string' ? { kind: 'plan', plan: scope } : scope,
      who: stage.who,
      conflicts,
      dryRun: false,
      ...(sight === undefined ? {} : { sight }),
    });
  const commit = async (prepared: PreparedUndo | undefined): Promise<string> => {
    const id = prepared?.plan?.id ?? '';
    await stage.writes.commit(stage.tenant, id, stage.who);
    return id;
  };
  const commitDone = async (prepared: PreparedUndo | undefined): Promise<string> => {
    const id = await commit(prepared);
    await expect.poll(() => stage.states(id), WAIT).toMatchObject({ plan: 'done' });
    return id;
  };
  const now = () => db.read(async (tx) => tx.now);
  const deletion = (recordId: string, step = 0): WishedWrite => {
    const values = { name: recordId, phone: '1', stage: 'open' };
    server.put('Plain', recordId, values);
    return { object: 'Plain', operation: 'delete', recordId, before: values, step };
  };
  const create = (values: Readonly<Record<string, string>>): WishedWrite => ({
    object: 'Plain',
    operation: 'create',
    values,
  });
  const update = (recordId: string, values: WishedWrite['values'], before: WishedWrite['before']): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    ...(values === undefined ? {} : { values }),
    ...(before === undefined ? {} : { before }),
  });
  const made = (op: 'create' | 'delete') => server.effects.filter((each) => each.op === op);

  it('brings a deleted record back once, however often it is asked to', async () => {
    const from = await now();
    const plan = await done([deletion('d1')]);
    const [one] = await undo(plan);
    const [two] = await undo(plan);
    expect(one?.plan?.writes).toMatchObject([{ operation: 'create', restores: 'd1', recordId: null }]);
    const first = await commitDone(one);
    // Prepared before it came back, and sent afterwards.
    const second = await commitDone(two);
    expect(await stage.states(first)).toEqual({ plan: 'done', succeeded: 1 });
    expect(await stage.states(second)).toEqual({ plan: 'done', failed: 1 });
    const { writes = [] } = (await stage.writes.status(stage.tenant, second)) ?? {};
    expect(writes).toMatchObject([{ code: 'restored_already' }]);
    expect(made('create')).toHaveLength(1);
    const [later] = await undo(plan);
    expect(later).toMatchObject({ plan: null, report: { counts: { recreated: 0, already_so: 1 } } });
    // Whatever others make of it then is not for us to take back.
    server.put('Plain', made('create')[0]?.id ?? '', { phone: 'theirs' });
    const [both] = await undo({ kind: 'time', agent: 'clerk', from, to: await now() });
    expect(both).toMatchObject({ plan: null, report: { counts: { deleted: 0, recreated: 0, conflict: 0 } } });
    // It went again, by an undo of the undo: then it may come back again.
    server.put('Plain', made('create')[0]?.id ?? '', { phone: '1' });
    await commitDone((await undo(first))[0]);
    expect(made('delete').map(({ id }) => id)).toEqual(['d1', made('create')[0]?.id]);
    await commitDone((await undo(plan))[0]);
    expect(made('create')).toHaveLength(2);
    expect((await undo(plan))[0]?.plan).toBeNull();
  });

  it('comparing once more what was taken back in part leaves what came back', async () => {
    const wishes = [deletion('e1'), deletion('e2'), { ...create({ name: 'never' }), step: 1 }];
    const refuse = (names: readonly Json[]): void => {
      server.refuse = ({ values }) => (names.includes(values['name'] ?? null) ? 'rule_refused' : null);
    };
    refuse(['never', 'e2']);
    const steps = [0, 1].map((at) => ({ title: `Step ${String(at)}`, intent: null, writes: 1 }));
    const { plan } = await stage.commit(wishes, { onFailure: 'take_back', steps });
    const stepState = async (): Promise<unknown> => {
      const status = await stage.writes.status(stage.tenant, plan);
      const told = status?.detail['steps'] as readonly { take_back?: { state: string } }[] | undefined;
      return told?.[0]?.take_back?.state;
    };
    await expect.poll(stepState, WAIT).toBe('needs_human');
    expect(made('create').map(({ values }) => values['name'])).toEqual(['e1']);
    refuse(['never']);
    const olga = { kind: 'operator', name: 'olga' } as const;
    await stage.writes.sayOnTakeBack(stage.tenant, { plan, step: 0 }, { word: 'again', who: olga, reason: null });
    const state = async (): Promise<unknown> => (await stage.writes.status(stage.tenant, plan))?.state;
    await expect.poll(state, WAIT).toBe('taken_back');
    expect(made('create').map(({ values }) => values['name'])).toEqual(['e1', 'e2']);
    expect(
      made('delete')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['e1', 'e2']);
    // Nor does an undo of all of it find anything to do.
    expect((await undo(plan))[0]?.plan ?? null).toBeNull();
  });

  /** What the system itself fills in as a record is made. */
  async function fillingIn(): Promise<void> {
    await worker.stop();
    const target = await stage.deps.targetOf(stage.tenant, stage.connection, null);
    const writes = target?.writes;
    if (target === null || writes === null || writes === undefined) throw new Error('nothing to write with');
    worker = stage.work({
      targetOf: async () => ({
        ...target,
        writes: {
          ...writes,
          send: async (request) => {
            const outcomes = await writes.send(request);
            for (const each of outcomes) {
              if (each.kind === 'applied' && each.created) server.put('Plain', each.recordId, { stage: 'new' });
            }
            return outcomes;
          },
        },
      }),
    });
  }
  const madeBy = async (plan: string): Promise<string> =>
    (await stage.writes.status(stage.tenant, plan))?.writes[0]?.record ?? '';

  it('deletes a record that we made only with what we, or the system, put into it', async () => {
    await fillingIn();
    const plan = await done([create({ name: 'Ada' })]);
    const id = await madeBy(plan);
    expect(server.read('Plain', id)).toEqual({ name: 'Ada', stage: 'new' });
    const [clean] = await undo(plan);
    expect(clean).toMatchObject({ report: { counts: { deleted: 1, conflict: 0 } }, plan: { problems: [] } });
    server.put('Plain', id, { phone: 'theirs' });
    // Filled in between the report and the send.
    const early = await commitDone(clean);
    expect(await stage.states(early)).toEqual({ plan: 'done', failed: 1 });
    expect(server.read('Plain', id)).toMatchObject({ phone: 'theirs' });
    const [refused] = await undo(plan);
    expect(refused?.report.counts).toMatchObject({ conflict: 1 });
    expect(refused?.plan).toMatchObject({ writes: [], problems: [{ at: `crm/Plain/${id}.phone` }] });
    expect((await undo(plan, 'leave'))[0]?.plan).toBeNull();
    // Whoever is not shown the field learns that something stands in the way, and a user to whom it is hidden not even that.
    const seenBy = (hides: boolean): UndoSight => {
      const sight = {
        records: new Set([id]),
        fields: new Set(['name']),
        hides: (name: string) => hides && name === 'phone',
      };
      return async () => sight;
    };
    const [service] = await undo(plan, 'refuse', seenBy(false));
    expect(JSON.stringify(service?.plan?.problems)).not.toContain('theirs');
    expect(service?.plan?.problems).toHaveLength(1);
    const told = async () => (await undo(plan, 'refuse', seenBy(true)))[0]?.report;
    const filled = await told();
    server.put('Plain', id, { phone: null });
    expect(await told()).toEqual(filled);
    server.put('Plain', id, { phone: 'theirs' });
    const [over] = await undo(plan, 'overwrite');
    expect(over?.plan?.writes).toMatchObject([{ operation: 'delete', before: { phone: 'theirs', stage: 'new' } }]);
    await commitDone(over);
    expect(server.read('Plain', id)).toBeNull();
  });

  it('of a record of which less was read, the version tells that it has changed', async () => {
    const plan = await done([create({ name: 'Ada' })]);
    const id = await madeBy(plan);
    const forget = (change: string) =>
      db.query(`update write_attempt set after = ${change} where tenant = $1 and plan = $2`, [stage.tenant, plan]);
    await forget(`after #- '{values,phone}' #- '{values,stage}'`);
    expect((await undo(plan))[0]?.report.counts).toMatchObject({ deleted: 1, conflict: 0 });
    server.put('Plain', id, { phone: 'theirs' });
    expect((await undo(plan))[0]?.report.counts).toMatchObject({ deleted: 1, conflict: 1 });
    const [over] = await undo(plan, 'overwrite');
    expect(over?.plan?.writes[0]).toMatchObject({ before: { name: 'Ada', phone: 'theirs' } });
    expect(over?.plan?.writes[0]?.changes.map(({ field }) => field)).toEqual(['name']);
    await forget('null');
    expect((await undo(plan))[0]?.report.counts).toMatchObject({ deleted: 1, conflict: 0 });
  });

  it('prepares nothing of more writes than it can look at', async () => {
    const from = await now();
    server.put('Plain', 'f1', { name: 'one' });
    const plan = await done([update('f1', { name: 'ONE' }, { name: 'one' })]);
    for (const table of ['write', 'write_content']) {
      await db.query(
        `insert into ${table} select (jsonb_populate_record(w, jsonb_build_object('item', at))).*
         from ${table} w, generate_series(1, 10000) at where w.tenant = $1 and w.plan = $2`,
        [stage.tenant, plan],
      );
    }
    const asked = undo({ kind: 'time', agent: 'clerk', from, to: await now() });
    await expect(asked).rejects.toMatchObject({
      code: 'write_too_large',
      details: { fix: expect.stringContaining('shorter time') },
    });
    // Of one plan all is looked at, with what took parts of it back.
    expect(await undo(plan)).toHaveLength(1);
  });

  it('the undo of several plans is one, for switches, the audit, and how long plans are kept', async () => {
    const from = await now();
    for (const id of ['g1', 'g2']) server.put('Plain', id, { name: 'old' });
    const plans = [
      await done([update('g1', { name: 'new' }, { name: 'old' })]),
      await done([update('g2', { name: 'new' }, { name: 'old' })]),
    ];
    const [several] = await undo({ kind: 'time', agent: 'clerk', from, to: await now() });
    watched.splice(0);
    await worker.stop();
    const id = await commit(several);
    expect(watched.filter(({ kind }) => kind === 'accepted')).toEqual([]);
    expect(await stage.audit(id)).toContain('undo_prepared');
    expect(await stage.audit(id)).not.toContain('plan_prepared');
    const prune = async (): Promise<number> => {
      await db.query('delete from audit_payload where tenant = $1', [stage.tenant]);
      return db.tenantTx(stage.tenant, (tx) => {
        const before = new Date(tx.now.getTime() + 60_000);
        return prunePlans(tx, { tenant: stage.tenant, before, limit: 100 });
      });
    };
    expect(await prune()).toBe(0);
    worker = stage.work();
    await expect.poll(() => stage.states(id), WAIT).toEqual({ plan: 'done', succeeded: 2 });
    expect(await prune()).toBe(plans.length + 1);
  });

  it('the policy is asked of an undo as of any plan: by the models’ fields, and of an amount that nobody knows', async () => {
    const stream = { connection: stage.connection, object: { name: 'Plain' } };
    const shows = (field: string) => ({ kind: 'value', field: { name: field } });
    const writer = {
      stream,
      fields: new Map([
        ['status', shows('stage')],
        ['title', shows('name')],
      ]),
    };
    const own = await openWriteStage(db, server, {
      writersOf: async () => new Map([['deal', [writer as unknown as RecordWriter]]]),
    });
    await worker.stop();
    stage = own;
    stream.connection = own.connection;
    worker = own.work();
    server.put('Plain', 'h1', { stage: '100', name: 'one' });
    const impact = { records: 1, amount: 10, currency: 'EUR', why: 'It says so.' };
    const plan = await done([update('h1', { stage: '110' }, { stage: '100' })], { impact });
    const [plain] = await undo(plan);
    expect(plain?.plan?.question.parts).toMatchObject([{ fields: ['native:stage', 'status', 'deal.status'] }]);
    expect(plain?.plan).toMatchObject({ impact: { amount: 10 }, question: { amount: 10 } });
    server.put('Plain', 'h1', { stage: '1000000' });
    expect((await undo(plan))[0]?.plan?.question.amount).toBe(10);
    const [over] = await undo(plan, 'overwrite');
    expect(over?.plan?.writes).toMatchObject([{ values: { stage: '100' } }]);
    expect(over?.plan).toMatchObject({ impact: { amount: null }, question: { amount: null } });
  });
});
