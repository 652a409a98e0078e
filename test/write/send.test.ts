import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { throwSwitch, type Db } from '../../src/store/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 10 };

describeEachStore('accepted writes', (open) => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    await worker?.stop();
    worker = null;
    server.refuse = () => null;
    server.effects.splice(0);
    server.calls.splice(0);
    stage = await openWriteStage(db, server);
    for (const id of ['a', 'b', 'c', 'd']) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
  });
  afterAll(async () => {
    await worker?.stop();
    await server.stop();
  });
  const work = (): void => {
    worker = stage.work();
  };
  const rename = (recordId: string, name: string, before = recordId): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    values: { name },
    before: { name: before },
  });
  const wrote = () => server.effects.map(({ op, id, values }) => [op, id, values]);
  const ended = (plan: string, expected: object) => expect.poll(() => stage.states(plan), WAIT).toEqual(expected);

  it('go together where they can, each record in the order of acceptance, and everything is told', async () => {
    const one = await stage.commit([rename('a', 'A'), rename('b', 'B')]);
    const two = await stage.commit([rename('a', 'AA', 'A'), rename('c', 'C')]);
    expect([one.state, two.state]).toEqual(['queued', 'queued']);
    expect(await stage.writes.commit(stage.tenant, one.plan, stage.who)).toEqual(one);
    const seen = await stage.writes.pending(stage.tenant, {
      connection: stage.connection,
      object: 'Plain',
      recordIds: ['a'],
      agent: 'clerk',
      principal: null,
    });
    expect(seen.get('a')).toMatchObject({ values: { name: 'AA' }, plans: [one.plan, two.plan] });
    work();
    await ended(one.plan, { plan: 'done', succeeded: 2 });
    await ended(two.plan, { plan: 'done', succeeded: 2 });
    // `a` is written twice, so its second write goes in a second sending.
    expect(server.calls.filter(({ path }) => path === '/write')).toHaveLength(2);
    expect(wrote()).toEqual([
      ['update', 'a', { name: 'A' }],
      ['update', 'b', { name: 'B' }],
      ['update', 'c', { name: 'C' }],
      ['update', 'a', { name: 'AA' }],
    ]);
    expect(await stage.audit(one.plan)).toEqual([
      'plan_prepared',
      'plan_committed',
      'write_attempted',
      'write_attempted',
      'write_ended',
      'write_ended',
      'plan_ended',
    ]);
    await expect
      .poll(() => stage.writes.attempts(stage.tenant, { plan: one.plan, item: 0 }), WAIT)
      .toMatchObject([
        {
          attempt: 1,
          before: { id: 'a', values: { name: 'a' } },
          after: { id: 'a', values: { name: 'A' } },
          outcome: { kind: 'applied' },
        },
      ]);
  });

  it('come to single ends where the system takes a part, and go again where it may take them later', async () => {
    let locked = 2;
    server.refuse = ({ values }) => {
      if (values['name'] === 'no') return 'rule_refused';
      return values['name'] === 'locked' && (locked -= 1) >= 0 ? 'record_locked' : null;
    };
    const { plan } = await stage.commit([
      rename('a', 'A'),
      rename('b', 'no'),
      rename('c', 'locked'),
      rename('gone', 'X'),
    ]);
    work();
    const soon = async (): Promise<object> => {
      await stage.nowDue();
      return stage.states(plan);
    };
    await expect.poll(soon, WAIT).toEqual({ plan: 'done', succeeded: 2, failed: 2 });
    const status = await stage.writes.status(stage.tenant, plan);
    expect(status?.writes.map(({ code }) => code)).toEqual([null, 'rule_refused', null, 'record_missing']);
    expect(wrote()).toEqual([
      ['update', 'a', { name: 'A' }],
      ['update', 'c', { name: 'locked' }],
    ]);
    const attempts = await stage.writes.attempts(stage.tenant, { plan, item: 2 });
    // Where the database took too long to say that it may be sent, it was not, and was tried once more.
    const kinds = attempts.map(({ outcome }) => outcome?.['kind']).filter((kind) => kind !== 'not_sent');
    expect(kinds).toEqual(['try_again', 'try_again', 'applied']);
  });

  it('are not sent over what somebody has changed since, nor where the right or a condition for it has gone', async () => {
    const plan = stage.plan([rename('a', 'A'), rename('b', 'B'), rename('c', 'C'), rename('d', 'D')]);
    await stage.writes.keep(stage.tenant, plan, null);
    await stage.writes.commit(stage.tenant, plan.id, stage.who);
    server.put('Plain', 'a', { name: 'theirs' });
    const [, hidden = '', , closed = ''] = plan.writes.map(({ key }) => key);
    stage.unwritable.set(hidden, 'hidden');
    // Who has no right to it is told no condition of it.
    const lost = [hidden, closed];
    worker = stage.work({ unmet: async () => new Map(lost.map((key) => [key, 'Only open ones.'])) });
    await ended(plan.id, { plan: 'done', succeeded: 1, failed: 3 });
    const status = await stage.writes.status(stage.tenant, plan.id);
    expect(status?.writes.map(({ code }) => code)).toEqual(['record_changed', 'rights_lost', null, 'condition_lost']);
    expect(wrote()).toEqual([['update', 'c', { name: 'C' }]]);
  });

  it('are no business of the agent’s where a person prepared to undo what it did', async () => {
    const { plan } = await stage.commit([rename('a', 'A')]);
    work();
    await ended(plan, { plan: 'done', succeeded: 1 });
    await worker?.stop();
    const ann = { kind: 'operator', name: 'ann' } as const;
    const asked = { scope: { kind: 'plan', plan }, who: ann, conflicts: 'refuse', dryRun: false } as const;
    const [prepared] = await stage.writes.prepareUndo(stage.tenant, asked);
    const id = prepared?.plan?.id ?? '';
    const unknown = { code: 'write_plan_unknown' };
    await expect(stage.writes.commit(stage.tenant, id, stage.who)).rejects.toMatchObject(unknown);
    expect(await stage.writes.commit(stage.tenant, id, ann)).toMatchObject({ state: 'queued' });
    const withdrawn = stage.writes.withdraw(stage.tenant, id, { who: stage.who, reason: null });
    await expect(withdrawn).rejects.toMatchObject(unknown);
    const about = { connection: stage.connection, object: 'Plain', recordIds: ['a'] };
    const seen = await stage.writes.pending(stage.tenant, { ...about, agent: 'clerk', principal: null });
    expect(seen.get('a')).toMatchObject({ values: { name: 'a' }, plans: [] });
    await stage.writes.withdraw(stage.tenant, id, { who: ann, reason: null });
  });

  it('wait while their connection does not work, and go when it does again', async () => {
    const standing = (state: string) =>
      db.tenantTx(stage.tenant, (tx) =>
        tx.query('update connection set state = $2 where tenant = $1', [stage.tenant, state]),
      );
    await standing('paused');
    const { plan } = await stage.commit([rename('a', 'A')]);
    work();
    const held = () =>
      stage.events.some((event) => event.kind === 'writes_held' && event.code.startsWith('connection_'));
    await expect.poll(held, WAIT).toBe(true);
    expect(wrote()).toEqual([]);
    await standing('working');
    const soon = async (): Promise<object> => {
      await stage.nowDue();
      return stage.states(plan);
    };
    await expect.poll(soon, WAIT).toEqual({ plan: 'done', succeeded: 1 });
    expect(wrote()).toEqual([['update', 'a', { name: 'A' }]]);
  });

  it('go step by step, and a step after one that failed is not sent', async () => {
    const good = await stage.commit([
      { ...rename('b', 'B'), step: 1 },
      { ...rename('a', 'A'), step: 0 },
    ]);
    server.refuse = ({ values }) => (values['name'] === 'no' ? 'rule_refused' : null);
    const bad = await stage.commit([
      { ...rename('c', 'no'), step: 0 },
      { ...rename('d', 'D'), step: 1 },
    ]);
    work();
    await ended(good.plan, { plan: 'done', succeeded: 2 });
    await ended(bad.plan, { plan: 'done', failed: 1, cancelled: 1 });
    expect(wrote()).toEqual([
      ['update', 'a', { name: 'A' }],
      ['update', 'b', { name: 'B' }],
    ]);
  });

  it('wait while a switch is thrown, go when it is lifted, and never go after their deadline or once taken back', async () => {
    const waits = await stage.commit([rename('a', 'A')]);
    const late = await stage.commit([rename('b', 'B')]);
    const back = await stage.commit([rename('c', 'C')]);
    const prepared = stage.plan([rename('d', 'D')]);
    await stage.writes.keep(stage.tenant, prepared, null);
    const { tenant } = stage;
    const thrown = { scope: 'tenant', subject: {}, mode: 'stop_writes', reason: 'test', by: 'op' };
    await db.tenantTx(tenant, (tx) => throwSwitch(tx, tenant, thrown));
    await db.tenantTx(tenant, (tx) =>
      tx.query('update write set deadline_at = $2 where tenant = $1 and plan = $3', [tenant, tx.now, late.plan]),
    );
    work();
    await ended(late.plan, { plan: 'done', expired: 1 });
    await expect(stage.writes.commit(tenant, prepared.id, stage.who)).rejects.toMatchObject({ code: 'writes_stopped' });
    const taken = await stage.writes.withdraw(tenant, back.plan, { who: stage.who, reason: null });
    expect(taken).toMatchObject({ state: 'stopped', counts: { cancelled: 1 } });
    await expect.poll(() => stage.events.some((event) => event.kind === 'writes_held'), WAIT).toBe(true);
    expect(server.effects).toEqual([]);
    await db.tenantTx(tenant, (tx) => tx.query('update switch set lifted_at = $2 where tenant = $1', [tenant, tx.now]));
    const again = async (): Promise<object> => {
      await stage.nowDue();
      return stage.states(waits.plan);
    };
    await expect.poll(again, WAIT).toEqual({ plan: 'done', succeeded: 1 });
    expect(wrote()).toEqual([['update', 'a', { name: 'A' }]]);
  });

  it('are what the policy lets through at the moment of the commit, and people where it asks them', async () => {
    const { tenant, who, writes } = stage;
    const because = [{ rule: 'r', text: 'Because.' }];
    const keep = async (): Promise<string> => (await writes.keep(tenant, stage.plan([rename('a', 'A')]), null)).plan.id;
    stage.decision = { kind: 'forbid', because };
    const refused = await writes.commit(tenant, await keep(), who);
    expect(refused).toMatchObject({ state: 'refused', counts: { cancelled: 1 } });
    stage.decision = { kind: 'propose', because };
    expect(await writes.commit(tenant, await keep(), who)).toMatchObject({ state: 'proposed' });
    stage.decision = { kind: 'approve', because, needs: [], review: null };
    const unasked = await keep();
    await expect(writes.commit(tenant, unasked, who)).rejects.toMatchObject({ code: 'approval_unavailable' });
    const other = { kind: 'agent', agent: 'other', principal: null } as const;
    await expect(writes.commit(tenant, unasked, other)).rejects.toMatchObject({ code: 'write_plan_unknown' });
    const problem = { code: 'x', at: 'records[0]', message: 'Wrong.', fix: 'Mend.' };
    const wrong = stage.plan([rename('a', 'A')], { problems: [problem] });
    await writes.keep(tenant, wrong, null);
    await expect(writes.commit(tenant, wrong.id, who)).rejects.toMatchObject({ code: 'write_plan_has_problems' });
    const old = await keep();
    await db.tenantTx(tenant, (tx) =>
      tx.query('update write_plan set expires_at = $2 where tenant = $1 and id = $3', [tenant, tx.now, old]),
    );
    for (let times = 0; times < 2; times += 1)
      await expect(writes.commit(tenant, old, who)).rejects.toMatchObject({ code: 'write_plan_expired' });
    expect(await stage.states(old)).toEqual({ plan: 'expired', cancelled: 1 });
    work();
    expect(server.effects).toEqual([]);
  });

  it('wait for people: nothing goes before they agree, nor after they do not, or do not any more', async () => {
    const { tenant } = stage;
    let fallen: string | null = null;
    const asked: string[] = [];
    const approvals = {
      open: async (_tx: unknown, { plan }: { readonly plan: { readonly id: string } }) => void asked.push(plan.id),
      review: async () => undefined,
      close: async () => undefined,
      fallen: async () => fallen,
    };
    stage = await openWriteStage(db, server, { approvals });
    stage.decision = { kind: 'approve', because: [], needs: [], review: null };
    const commit = async (id: string) => (await stage.commit([rename(id, id.toUpperCase())])).plan;
    const plans = [await commit('a'), await commit('b'), await commit('c')] as const;
    expect(asked).toEqual(plans);
    work();
    const decide = (plan: string, outcome: Parameters<typeof stage.writes.decided>[3]) =>
      db.tenantTx(stage.tenant, (tx) => stage.writes.decided(tx, stage.tenant, plan, outcome));
    await decide(plans[1], { kind: 'rejected', by: 'Ann', reason: 'no' });
    await decide(plans[0], { kind: 'approved', by: 'Ann' });
    await ended(plans[0], { plan: 'done', succeeded: 1 });
    await ended(plans[1], { plan: 'rejected', cancelled: 1 });
    await ended(plans[2], { plan: 'awaiting_approval', planned: 1 });
    fallen = 'Ann is no approver any more.';
    await decide(plans[2], { kind: 'approved', by: 'Ann' });
    await ended(plans[2], { plan: 'awaiting_approval', planned: 1 });
    expect(asked).toEqual([...plans, plans[2]]);
    // Again, and too late.
    await decide(plans[1], { kind: 'approved', by: 'Ann' });
    expect(await stage.states(plans[1])).toMatchObject({ plan: 'rejected' });
    expect(wrote()).toEqual([['update', 'a', { name: 'A' }]]);
    expect(tenant).not.toBe(stage.tenant);
  });

  it('are one request under one key, whoever comes first', async () => {
    const { tenant, writes } = stage;
    const body = { records: [{ id: 'a', values: { name: 'A' } }], reason: 'x' };
    const kept = await Promise.all(
      Array.from({ length: 10 }, () => writes.keep(tenant, stage.plan([rename('a', 'A')]), { key: 'k1', body })),
    );
    expect(new Set(kept.map(({ plan }) => plan.id)).size).toBe(1);
    expect(kept.filter(({ repeated }) => !repeated)).toHaveLength(1);
    const other = { ...body, records: [{ id: 'a', values: { name: 'B' } }] };
    await expect(writes.keep(tenant, stage.plan([rename('a', 'B')]), { key: 'k1', body: other })).rejects.toMatchObject(
      {
        code: 'write_key_reused',
        details: { data: { fields: ['records[0].values'] } },
      },
    );
    const whose = { agent: 'clerk', principal: null };
    expect((await writes.ofKey(tenant, whose, { key: 'k1', body }))?.id).toBe(kept[0]?.plan.id);
    // Records that say nothing of themselves are counted.
    const bare = { key: 'k2', body: { records: [{}] } };
    const first = await writes.keep(tenant, stage.plan([rename('a', 'A')], { agent: 'bare' }), bare);
    const ofBare = async (records: Record<string, never>[]) =>
      (await writes.ofKey(tenant, { ...whose, agent: 'bare' }, { key: 'k2', body: { records } }))?.id;
    expect(await ofBare([{}])).toBe(first.plan.id);
    for (const records of [[], [{}, {}, {}]]) {
      await expect(ofBare(records)).rejects.toMatchObject({
        code: 'write_key_reused',
        message: expect.stringContaining('another number of records;'),
        details: { data: { fields: ['records[length]'] } },
      });
    }
    // A key that was kept when they were not is good for what it was good for then.
    await db.tenantTx(tenant, (tx) =>
      tx.query(
        `update write_request set body = body - '[length]' - 'records[length]' where tenant = $1 and key = 'k2'`,
        [tenant],
      ),
    );
    expect(await ofBare([{}])).toBe(first.plan.id);
    expect(await writes.list(tenant, { agent: 'clerk', principal: null, states: null, limit: 50 })).toHaveLength(1);
    // Another user's key of the same spelling is another key: nothing is told of what was asked under this one.
    for (const principal of ['ada', 'brita']) {
      expect(await writes.ofKey(tenant, { agent: 'clerk', principal }, { key: 'k1', body: other })).toBeNull();
      const own = { ...stage.plan([rename('a', 'B')]), principal };
      expect((await writes.keep(tenant, own, { key: 'k1', body: other })).repeated).toBe(false);
      const again = { ...stage.plan([rename('a', 'B')]), principal };
      expect((await writes.keep(tenant, again, { key: 'k1', body: other })).plan.id).toBe(own.id);
    }
    await db.tenantTx(tenant, (tx) =>
      tx.query(`update write_request set created_at = created_at - interval '8 days' where tenant = $1`, [tenant]),
    );
    const later = await writes.keep(tenant, stage.plan([rename('a', 'B')]), { key: 'k1', body: other });
    expect(later.repeated).toBe(false);
  });
});
