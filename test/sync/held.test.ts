import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { ConnectorSession } from '../../src/connectors/index.ts';
import { limits, type JsonObject } from '../../src/kernel/index.ts';
import { restartStream, type Db } from '../../src/store/index.ts';
import { acceptDeletions } from '../../src/sync/index.ts';
import { judgeSweep } from '../../src/sync/judge-sweep.ts';
import { describeEachStore } from '../support/stores.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

const HOUR = 3_600_000;

describeEachStore('a provider that answers with next to nothing', (open, kind) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let count = 0;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact'], { slug: `held-${kind}` });
    count = sandbox.health.counts['Contact'] ?? 0;
  });
  afterAll(() => sandbox.stop());

  /** Everything is there, nothing is held. */
  beforeEach(async () => {
    await readAgain();
    expect((await harness.run('Contact')).error).toBeNull();
    expect((await harness.records('Contact')).size).toBe(count);
    expect((await harness.stream('Contact')).lastError).toBeNull();
    harness.events.length = 0;
  });

  const key = async () => ({ tenant: harness.tenant, stream: (await harness.stream('Contact')).id });
  const readAgain = async (): Promise<void> => {
    const { tenant, stream } = await key();
    await db.tenantTx(tenant, (tx) => restartStream(tx, tenant, stream));
  };
  /** The next answer of the provider to a reading has these records and says that there are no more. */
  const answerOnly = (records: readonly JsonObject[]): Promise<unknown> =>
    sandbox.control('POST', 'faults', {
      match: { path: '/services/data/v62.0/queryAll' },
      times: 1,
      action: { status: 200, body: { totalSize: records.length, done: true, records } },
    });
  /** Only the one that was changed last, so that what is read after it is new. */
  const answerNewest = async (): Promise<unknown> => {
    const docs = [...(await harness.records('Contact')).values()];
    const at = (doc: JsonObject): string => `${String(doc['SystemModstamp'])} ${String(doc['Id'])}`;
    return answerOnly(docs.toSorted((a, b) => at(a).localeCompare(at(b))).slice(-1));
  };
  const hoursPass = (hours: number): Promise<unknown> =>
    db.tenantTx(harness.tenant, (tx) =>
      tx.query(
        `update sweep set held_at = held_at - make_interval(hours => $2),
          ended_at = ended_at - make_interval(hours => $2) where tenant = $1`,
        [harness.tenant, hours],
      ),
    );
  const hold = async (): Promise<void> => {
    await readAgain();
    await answerNewest();
    expect(await harness.run('Contact')).toMatchObject({ error: null, records: 1, changed: 0 });
  };
  const missing = (): number => count - 1;
  const accept = async (): Promise<{ readonly deleted: number } | null> => {
    const held = await key();
    return db.tenantTx(harness.tenant, (tx) => acceptDeletions(tx, held));
  };

  it('deletes nothing, and the stream says so until it is settled', async () => {
    await hold();
    expect((await harness.records('Contact')).size).toBe(count);
    expect(harness.events).toContainEqual(
      expect.objectContaining({ kind: 'sync_deletions_held', missing: missing(), compared: count }),
    );
    // A run that goes well does not make it forgotten, and does not read everything again.
    const { error, records } = await harness.run('Contact');
    expect(error).toBeNull();
    expect(records).toBeLessThan(count);
    const { lastError } = await harness.stream('Contact');
    expect(lastError).toMatchObject({
      code: 'sync_deletions_held',
      where: 'salesforce: Contact',
      data: { object: 'Contact', missing: missing(), compared: count },
    });
    expect(lastError?.fix).toContain('gantry sync --tenant SLUG --connection salesforce --object Contact');
  });

  it('has taken nothing away once it answers rightly again', async () => {
    await hold();
    await readAgain();
    expect(await harness.run('Contact')).toMatchObject({ error: null, records: count, changed: 0 });
    expect((await harness.stream('Contact')).lastError).toBeNull();
    expect(await accept()).toBeNull();
  });

  it('that was empty, ends it with the next reading, which has to begin anew', async () => {
    await readAgain();
    await answerOnly([]);
    expect(await harness.run('Contact')).toMatchObject({ error: null, records: 0, changed: 0 });
    expect((await harness.stream('Contact')).lastError?.data).toMatchObject({ missing: count, compared: count });
    expect(await harness.run('Contact')).toMatchObject({ error: null, records: count, changed: 0 });
    expect((await harness.stream('Contact')).lastError).toBeNull();
  });

  it('is believed when somebody who looked says so, but not of what appeared since', async () => {
    await hold();
    const [changed = ''] = [...(await harness.records('Contact')).keys()];
    await sandbox.mutate({ op: 'update', object: 'Contact', id: changed, fields: { LastName: 'Noch da' } });
    expect(await harness.run('Contact')).toMatchObject({ error: null, changed: 1 });
    expect((await harness.stream('Contact')).lastError?.data).toMatchObject({ missing: missing() - 1 });
    expect(await accept()).toEqual({ deleted: missing() - 1 });
    const left = await harness.records('Contact');
    expect(left.size).toBe(2);
    expect(left.has(changed)).toBe(true);
    expect((await harness.stream('Contact')).lastError).toBeNull();
    expect(await accept()).toBeNull();
  });

  it('is asked for everything again after some hours, and believed if it says the same', async () => {
    await hold();
    await hoursPass(limits.sweepConfirmAfterMs / HOUR - 1);
    const soon = await harness.run('Contact');
    expect(soon).toMatchObject({ error: null, changed: 0 });
    expect(soon.records).toBeLessThan(count);
    expect((await harness.records('Contact')).size).toBe(count);
    await hoursPass(2);
    await answerNewest();
    expect(await harness.run('Contact')).toMatchObject({ error: null, changed: missing() });
    expect((await harness.records('Contact')).size).toBe(1);
    expect((await harness.stream('Contact')).lastError).toBeNull();
  });

  it('is asked for everything again after some hours, and nothing is lost if it has it', async () => {
    await hold();
    await hoursPass(limits.sweepConfirmAfterMs / HOUR + 1);
    expect(await harness.run('Contact')).toMatchObject({ error: null, records: count, changed: 0 });
    expect((await harness.stream('Contact')).lastError).toBeNull();
  });

  it('is not believed with a list of ids either, before the next list a day later', async () => {
    let lists = 0;
    const { listStamps: _stamps, ...session } = harness.target.session;
    const listing: ConnectorSession = {
      ...session,
      listIds: async () => {
        lists += 1;
        return { ids: [], more: false };
      },
    };
    const run = () => harness.run('Contact', undefined, listing);
    await hoursPass(25);
    expect(await run()).toMatchObject({ error: null, changed: 0 });
    expect((await harness.stream('Contact')).lastError?.code).toBe('sync_deletions_held');
    expect(await run()).toMatchObject({ error: null, changed: 0 });
    expect(lists).toBe(1);
    await hoursPass(25);
    expect(await run()).toMatchObject({ error: null, changed: count });
    expect(lists).toBe(2);
    expect((await harness.records('Contact')).size).toBe(0);
  });
});

describe('what is done with a finding', () => {
  const now = new Date('2026-03-01T00:00:00Z');
  const ago = (hours: number): Date => new Date(now.getTime() - hours * HOUR);
  const carryOut = { kind: 'carry_out' };

  it.each([
    ['few records', { missing: 100, compared: 100 }, null, carryOut],
    ['a small share', { missing: 3_000, compared: 10_000 }, null, carryOut],
    ['many', { missing: 3_001, compared: 10_000 }, null, { kind: 'hold', at: now, grantsChanged: false }],
    ['all', { missing: 101, compared: 101 }, null, { kind: 'hold', at: now, grantsChanged: false }],
    [
      'the same too soon',
      { missing: 5_000, compared: 10_000 },
      11,
      { kind: 'hold', at: ago(11), grantsChanged: false },
    ],
    ['the same again', { missing: 5_000, compared: 10_000 }, 12, carryOut],
    ['a little more', { missing: 5_100, compared: 10_000 }, 12, carryOut],
    ['much more', { missing: 9_000, compared: 10_000 }, 12, { kind: 'hold', at: now, grantsChanged: false }],
    ['less, but many', { missing: 4_000, compared: 10_000 }, 12, carryOut],
  ])('%s', (_, finding, heldHoursAgo, verdict) => {
    const held =
      heldHoursAgo === null ? null : { at: ago(heldHoursAgo), missing: 5_000, compared: 10_000, grantsChanged: false };
    expect(judgeSweep(finding, held, { now, grantsSame: true })).toEqual(verdict);
  });

  it('is held whatever the number while the user is not shown what it was shown before (S13)', () => {
    const one = { missing: 1, compared: 10_000 };
    const hold = { kind: 'hold', at: now, grantsChanged: true };
    expect(judgeSweep(one, null, { now, grantsSame: false })).toEqual(hold);
    const held = { ...one, at: ago(100), grantsChanged: true };
    expect(judgeSweep(one, held, { now, grantsSame: false })).toEqual({ ...hold, at: ago(100) });
    expect(judgeSweep({ ...one, missing: 0 }, held, { now, grantsSame: false })).toEqual(carryOut);
  });

  it('never deletes many at once that nothing has confirmed', () => {
    const findings = fc.record({ missing: fc.nat(20_000), rest: fc.nat(20_000) });
    fc.assert(
      fc.property(findings, fc.option(fc.record({ missing: fc.nat(20_000), hours: fc.nat(48) })), (found, before) => {
        const finding = { missing: found.missing, compared: found.missing + found.rest };
        const held =
          before === null
            ? null
            : {
                at: ago(before.hours),
                missing: before.missing,
                compared: finding.compared,
                grantsChanged: false,
              };
        const many = finding.missing > 100 && finding.missing > 0.3 * finding.compared;
        if (judgeSweep(finding, held, { now, grantsSame: true }).kind === 'hold') return many;
        if (!many) return true;
        const more = finding.missing - (before?.missing ?? 0);
        return before !== null && before.hours >= 12 && (more <= 100 || more <= 0.3 * finding.compared);
      }),
    );
  });
});
