import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditAppender } from '../../src/audit/index.ts';
import { limits, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import type { SwitchTrigger } from '../../src/manifest/index.ts';
import { listSwitches, type Db, type SwitchRow } from '../../src/store/index.ts';
import {
  counted,
  isOver,
  liftSwitchNow,
  partsIn,
  partsJson,
  totalOf,
  writeWatch,
  type CountedPart,
} from '../../src/switches/index.ts';
import type { WriteWorker } from '../../src/write/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { openWriteStage, type WishedWrite, type WriteStage } from '../write/stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const MINUTE = 60_000;

const trigger = (name: string, own: Pick<SwitchTrigger, 'per' | 'limit'>): SwitchTrigger => ({
  name,
  why: null,
  withinMs: 60 * MINUTE,
  mode: 'stop_writes',
  at: { file: 'policies/p.yaml', line: 1, column: 1 },
  ...own,
});

describe('what a trigger counts', () => {
  const windowMs = 30 * MINUTE;
  const partMs = windowMs / limits.switchWindowParts;

  it('is all of the window and at most one part more, whatever the order and after being kept', () => {
    const event = fc.record({ at: fc.integer({ min: 0, max: 90 * MINUTE }), records: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 60 }), (events) => {
        const ordered = events.toSorted((one, other) => one.at - other.at);
        let parts: readonly CountedPart[] = [];
        for (const { at, records } of ordered) {
          const add = { ended: 1, failed: 0, records, amount: records };
          parts = partsIn(JSON.parse(JSON.stringify(partsJson(counted(parts, add, { now: new Date(at), windowMs })))));
        }
        const end = ordered.at(-1)?.at ?? 0;
        const since = (ms: number): number =>
          ordered.filter(({ at }) => at > end - ms).reduce((sum, { records }) => sum + records, 0);
        const { records, amount } = totalOf(parts);
        expect(records).toBeGreaterThanOrEqual(since(windowMs));
        expect(records).toBeLessThanOrEqual(since(windowMs + partMs));
        expect(amount).toBe(records);
        expect(parts.length).toBeLessThanOrEqual(limits.switchWindowParts + 1);
      }),
    );
  });

  it('goes over a limit by more than it says, and a share only of enough', () => {
    const figures = { ended: 20, failed: 6, records: 100, amount: 500 };
    expect(isOver({ kind: 'records', most: 100 }, figures)).toBe(false);
    expect(isOver({ kind: 'records', most: 99 }, figures)).toBe(true);
    expect(isOver({ kind: 'amount', most: 500 }, figures)).toBe(false);
    expect(isOver({ kind: 'amount', most: 499.99 }, figures)).toBe(true);
    expect(isOver({ kind: 'failed', share: 0.3, least: 20 }, figures)).toBe(false);
    expect(isOver({ kind: 'failed', share: 0.29, least: 20 }, figures)).toBe(true);
    expect(isOver({ kind: 'failed', share: 0.1, least: 21 }, figures)).toBe(false);
  });
});

describeEachStore('switches that throw themselves', (open) => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  const triggers: SwitchTrigger[] = [];
  const audit = auditAppender(systemRandom);

  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    triggers.splice(0);
    server.refuse = () => null;
    stage = await openWriteStage(db, server, { watch: async () => writeWatch(triggers) });
    for (const id of ids(12)) server.put('Plain', id, { name: id, phone: null, stage: 'open' });
  });
  afterEach(async () => {
    await worker?.stop();
    worker = null;
  });
  afterAll(() => server.stop());

  const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `r${String(at)}`);
  const rename = (recordId: string, name: string, before = recordId): WishedWrite => ({
    object: 'Plain',
    operation: 'update',
    recordId,
    values: { name },
    before: { name: before },
  });
  const switches = (): Promise<SwitchRow[]> => db.tenantRead(stage.tenant, (tx) => listSwitches(tx, stage.tenant, 100));
  const told = (): Promise<JsonObject[]> =>
    db.tenantRead(stage.tenant, async (tx) => {
      const rows = await tx.query<{ body: string }>(
        `select body from audit_payload where tenant = $1 and kind = 'switch_thrown' order by seq`,
        [stage.tenant],
      );
      return rows.map(({ body }) => JSON.parse(body) as JsonObject);
    });
  const lift = (id: number, by: string) =>
    db.tenantTx(
      stage.tenant,
      (tx) => liftSwitchNow(tx, stage.tenant, { id, by, aliases: [], reason: 'mended' }, audit),
      'test.lift',
    );
  const ended = (plan: string, expected: object) => expect.poll(() => stage.states(plan), WAIT).toEqual(expected);

  it('stop a connection that refuses too much, say by which figures, and count anew when two people have lifted', async () => {
    triggers.push(trigger('refusals', { per: 'connection', limit: { kind: 'failed', share: 0.3, least: 8 } }));
    server.refuse = ({ values }) => (String(values['name']).startsWith('no') ? 'rule_refused' : null);
    worker = stage.work();
    const first = await stage.commit(
      ['no', 'no', 'no', 'A', 'B', 'C', 'D'].map((name, at) => rename(`r${String(at)}`, name)),
    );
    await ended(first.plan, { plan: 'done', succeeded: 4, failed: 3 });
    // Three of seven, but seven are too few to judge by.
    expect(await switches()).toEqual([]);

    const second = await stage.commit([rename('r7', 'E')]);
    await ended(second.plan, { plan: 'done', succeeded: 1 });
    const [thrown, another] = await switches();
    expect(another).toBeUndefined();
    expect(thrown).toMatchObject({
      mode: 'stop_writes',
      scope: 'connection',
      subject: { connection: 'crm' },
      thrownBy: 'gantry',
      reason: 'refusals: 3 of 8 writes to crm failed within 1 h, which is more than 30 %.',
      trigger: 'refusals',
      figures: { per: 'connection', within_s: 3_600, ended: 8, failed: 3, most_share: 0.3, of_at_least: 8 },
    });
    expect(await told()).toMatchObject([
      {
        actor: { kind: 'gantry' },
        reason: thrown?.reason,
        detail: { trigger: 'refusals', scope: 'connection crm', figures: { ended: 8, failed: 3 } },
      },
    ]);
    await expect(stage.commit([rename('r8', 'F')])).rejects.toMatchObject({ code: 'writes_stopped' });

    const id = thrown?.id ?? 0;
    expect(await lift(id, 'olga')).toBe('asked');
    await expect(lift(id, 'olga')).rejects.toMatchObject({ code: 'switch_needs_second_person' });
    await expect(stage.commit([rename('r8', 'F')])).rejects.toMatchObject({ code: 'writes_stopped' });
    expect(await lift(id, 'otto')).toBe('lifted');

    // What led to it does not throw it again; what follows may.
    const third = await stage.commit(['no', 'no'].map((name, at) => rename(`r${String(8 + at)}`, name)));
    await ended(third.plan, { plan: 'done', failed: 2 });
    expect(await switches()).toHaveLength(1);
    const fourth = await stage.commit(
      ids(7).map((each, at) => rename(each, `no${String(at)}`, at < 3 ? each : ('ABCD'[at - 3] ?? ''))),
    );
    await ended(fourth.plan, { plan: 'done', failed: 7 });
    expect((await switches()).map(({ trigger: by, liftedAt }) => [by, liftedAt === null])).toEqual([
      ['refusals', true],
      ['refusals', false],
    ]);
  });

  it('stop an agent that writes too much, once, however many commit at the same moment', async () => {
    triggers.push(
      trigger('many', { per: 'agent', limit: { kind: 'records', most: 25 } }),
      trigger('dear', { per: 'tenant', limit: { kind: 'amount', most: 10_000 } }),
    );
    const impact = { records: 5, amount: -900, currency: 'EUR', why: 'Test.' };
    const plans = ids(12).map(() =>
      stage.plan(
        ids(5).map((id) => rename(id, 'X')),
        { impact },
      ),
    );
    // What takes back is never stopped by what it mends: it adds nothing.
    const undo = stage.plan(
      ids(12).map((id) => rename(id, 'Y')),
      { impact, undoes: plans[0]?.id ?? null },
    );
    for (const plan of [undo, ...plans]) await stage.writes.keep(stage.tenant, plan, null);
    await stage.writes.commit(stage.tenant, undo.id, stage.who);
    const ends = await Promise.all(
      plans.map(({ id }) =>
        stage.writes.commit(stage.tenant, id, stage.who).then(
          () => 'accepted',
          (error: unknown) => (error as { code: string }).code,
        ),
      ),
    );
    // Five of five records each; the sixth goes over. Others may have been let in before its commit, and none after.
    expect(ends.filter((end) => end === 'accepted').length).toBeGreaterThanOrEqual(6);
    const thrown = await switches();
    const agents = thrown.filter(({ trigger: by }) => by === 'many');
    expect(agents).toMatchObject([
      { scope: 'agent', subject: { agent: 'clerk' }, liftedAt: null, figures: { records: 30, most: 25 } },
    ]);
    expect(agents[0]?.reason).toBe(
      'many: writes of agent clerk to 30 records were accepted within 1 h, and 25 may be.',
    );
    const amounts = thrown.filter(({ trigger: by }) => by === 'dear');
    expect(amounts.length).toBe(ends.filter((end) => end === 'accepted').length * 900 > 10_000 ? 1 : 0);
    expect(await told()).toHaveLength(thrown.length);
    await expect(stage.commit([rename('r0', 'Z')])).rejects.toMatchObject({ code: 'writes_stopped' });
    const turns = await db.query<{ due: boolean }>('select due_at <= now() as due from alert_turn where tenant = $1', [
      stage.tenant,
    ]);
    expect(turns).toEqual([{ due: true }]);
    // What was accepted before waits for the switch to be lifted: nothing is sent.
    worker = stage.work();
    await stage.nowDue();
    await expect.poll(() => stage.events.some(({ kind }) => kind === 'writes_held'), WAIT).toBe(true);
    expect(server.effects.filter(({ values }) => values['name'] === 'X')).toEqual([]);
  });

  it('is thrown by exactly one of many that count at once, and by nobody while it holds', async () => {
    triggers.push(trigger('flood', { per: 'connection', limit: { kind: 'records', most: 95 } }));
    const watch = writeWatch(triggers);
    const counts = async (): Promise<number> =>
      db.tenantTx(stage.tenant, async (tx) => {
        const records = new Map([['crm', 10]]);
        const entries = await watch(tx, stage.tenant, { kind: 'accepted', agent: 'clerk', records, amount: null });
        await audit(tx, stage.tenant, entries);
        return entries.length;
      });
    const before = await Promise.all(ids(9).map(counts));
    expect(before.every((entries) => entries === 0)).toBe(true);
    const after = await Promise.all(ids(12).map(counts));
    expect(after.filter((entries) => entries === 1)).toHaveLength(1);
    expect(after.filter((entries) => entries === 0)).toHaveLength(11);
    expect(await switches()).toMatchObject([{ trigger: 'flood', figures: { records: 100 } }]);
    expect(await told()).toHaveLength(1);
  });
});
