import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TenantManifests } from '../../src/app/project/tenant-manifests.ts';
import { createRules, planFacts } from '../../src/app/write/plan-rules.ts';
import { systemClock, type JsonObject } from '../../src/kernel/index.ts';
import type { TrialEnd } from '../../src/policy/index.ts';
import type { Db } from '../../src/store/index.ts';
import type { WritePlan, WriteWorker } from '../../src/write/index.ts';
import { manifestWith, question } from '../policy/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from './ledger-server.ts';
import { ledgerWrites } from './ledger-writes.ts';
import { nativeObject, openWriteStage, type WishedWrite, type WriteStage } from './stage.ts';

const WAIT = { timeout: 120_000, interval: 20 };
const WHY = 'The trial of clerk (first) ended with 2026-11-21.';

/** A trial ends for what was committed before its end, too: by the database's time, right before the send. */
describe('what an agent on trial may still have sent', () => {
  let db: Db;
  let server: LedgerServer;
  let stage: WriteStage;
  let worker: WriteWorker | null = null;
  let trial: TrialEnd | null = null;
  const open = openerOf('pglite');
  beforeAll(async () => {
    [db, server] = await Promise.all([open(), openLedgerServer()]);
  });
  beforeEach(async () => {
    stage = await openWriteStage(db, server, {
      factsOf: async () => ({ policyVersion: '1', accountable: null, modes: new Map(), trial }),
    });
    server.effects.splice(0);
    server.put('Plain', 'a', { name: 'a', phone: null, stage: 'open' });
  });
  afterEach(async () => {
    await worker?.stop();
    worker = null;
  });
  afterAll(() => server.stop());

  const rename: WishedWrite = {
    object: 'Plain',
    operation: 'update',
    recordId: 'a',
    values: { name: 'A' },
    before: { name: 'a' },
  };
  /** The database's now, and so much more. */
  const endsIn = async (ms: number): Promise<TrialEnd> => {
    const now = await db.read(async (tx) => tx.now);
    return { endsAt: new Date(now.getTime() + ms), why: WHY };
  };
  const looked = (plan: string) => async (): Promise<object> => {
    await stage.nowDue();
    return stage.states(plan);
  };
  const whyEnded = async (plan: string): Promise<readonly JsonObject[]> => {
    const rows = await db.query<{ body: string }>(
      `select body from audit_payload where tenant = $1 and plan = $2 and kind = 'write_ended'`,
      [stage.tenant, plan],
    );
    return rows.map(({ body }) => (JSON.parse(body) as { detail: JsonObject }).detail);
  };

  it('is sent on its last day, and not a moment later, and the audit says why', async () => {
    trial = await endsIn(3_600_000);
    const first = await stage.commit([rename]);
    worker = stage.work();
    await expect.poll(looked(first.plan), WAIT).toEqual({ plan: 'done', succeeded: 1 });
    expect(server.effects).toHaveLength(1);
    await worker.stop();
    trial = await endsIn(0);
    const { plan } = await stage.commit([{ ...rename, values: { name: 'B' }, before: { name: 'A' } }]);
    worker = stage.work();
    await expect.poll(looked(plan), WAIT).toEqual({ plan: 'done', failed: 1 });
    expect(server.effects).toHaveLength(1);
    expect((await stage.writes.status(stage.tenant, plan))?.writes[0]).toMatchObject({ code: 'trial_ended' });
    expect(await stage.audit(plan)).not.toContain('write_attempted');
    expect(await whyEnded(plan)).toMatchObject([{ code: 'trial_ended', why: WHY }]);
    // A person's word does not bring the trial back.
    await stage.writes.settleByPerson(
      stage.tenant,
      { plan, item: 0 },
      { word: { kind: 'send_again' }, who: { kind: 'operator', name: 'olga' }, reason: null },
    );
    await expect.poll(async () => (await whyEnded(plan)).length, WAIT).toBe(2);
    expect(server.effects).toHaveLength(1);
  });

  it('is not sent where the trial ends between the attempt and its bytes', async () => {
    const ending = await endsIn(3_600_000);
    trial = ending;
    let passed = 0;
    const session = ledgerWrites({ url: server.url, settleMs: 0 });
    const late: typeof session.send = (request) => {
      // The process stood still: midnight went by, and what was said before is too old to count.
      ending.endsAt.setTime(0);
      passed = 3_600_000;
      return session.send(request);
    };
    const { plan } = await stage.commit([rename]);
    worker = stage.work({
      clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + passed },
      targetOf: async () => ({
        principal: null,
        writes: { ...session, send: late },
        objectOf: async (name) => nativeObject(name),
      }),
    });
    await expect.poll(looked(plan), WAIT).toEqual({ plan: 'done', failed: 1 });
    expect(server.effects).toEqual([]);
    expect(await stage.audit(plan)).toContain('write_attempted');
    expect(await whyEnded(plan)).toMatchObject([{ code: 'trial_ended', why: WHY }]);
  });

  it('is none of what a person takes back', async () => {
    trial = await endsIn(0);
    const intent: WritePlan['intent'] = { operation: 'update', object: 'crm.Plain', records: [], intent: 'undo' };
    const kept = await stage.writes.keep(stage.tenant, stage.plan([rename], { intent }), null);
    await stage.writes.commit(stage.tenant, kept.plan.id, stage.who);
    worker = stage.work();
    await expect.poll(looked(kept.plan.id), WAIT).toEqual({ plan: 'done', succeeded: 1 });
  });

  it('ends with the last day of its trial, as the project in force has it', () => {
    const project = manifestWith(
      'approvals:\n  rules: {}\n  pilots:\n    first: { agent: helper, integration: crm, approver: lena, until: 2026-11-21, per_day: { amount: 1, records: 1 } }',
    );
    expect(planFacts(project, 'helper', systemClock)).toMatchObject({
      accountable: 'ida@acme.example',
      trial: {
        endsAt: new Date('2026-11-22T00:00:00Z'),
        why: 'The trial of helper (first) ended with 2026-11-21.',
      },
    });
    expect(planFacts(project, 'another', systemClock).trial).toBeNull();
  });

  it('is not accepted after its last day either, whatever the time of the process is', async () => {
    const ended = manifestWith(
      'approvals:\n  rules: {}\n  pilots:\n    first: { agent: helper, integration: crm, approver: lena, until: 2020-01-02, per_day: { amount: 1, records: 1 } }',
    );
    const manifests = { of: async () => ({ manifest: ended }) } as unknown as TenantManifests;
    const slow = { ...systemClock, now: () => new Date('2020-01-01T12:00:00Z') };
    const decision = await createRules({ db, clock: slow, manifests }).preview(stage.tenant, question());
    expect(decision.kind).toBe('forbid');
    expect(decision.because.map(({ text }) => text)).toContain('The trial of helper (first) ended with 2020-01-02.');
  });
});
