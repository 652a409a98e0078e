import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHousekeeping } from '../../src/app/housekeeping.ts';
import { auditAppender, verifyAudit } from '../../src/audit/index.ts';
import { systemClock, systemRandom, type Clock, type TenantId } from '../../src/kernel/index.ts';
import {
  addTenant,
  lockAuditHead,
  migrate,
  openPglite,
  readAuditHead,
  type Db,
  type Tx,
} from '../../src/store/index.ts';
import { deferred } from '../store/fixtures.ts';

const DAY_MS = 86_400_000;
const append = auditAppender(systemRandom);
let db: Db;
beforeAll(async () => {
  db = await openPglite({ memory: true });
  await migrate(db);
});
afterAll(() => db.close());

interface Said {
  readonly seq: number;
  readonly hash: Uint8Array;
  readonly at: Date;
}

/** An entry a day up to now, and every tenth day a checkpoint, as they were made then. */
async function agedChain(tenant: TenantId, days: number): Promise<Said[]> {
  const checkpoints: Said[] = [];
  await db.tenantTx(tenant, async (tx) => {
    for (let ago = days; ago >= 0; ago -= 1) {
      const then: Tx = {
        query: (text, params) => tx.query(text, params),
        now: new Date(tx.now.getTime() - ago * DAY_MS),
      };
      await append(then, tenant, [
        {
          kind: 'configuration_changed',
          actor: { kind: 'operator', name: 'olga' },
          subject: {},
          reason: null,
          amount: null,
          detail: { what: `day ${String(ago)}` },
        },
      ]);
      if (ago % 10 !== 0) continue;
      const { seq, hash } = await lockAuditHead(tx, tenant, new Uint8Array(32));
      checkpoints.push({ seq, hash, at: then.now });
      await tx.query('update audit_head set checked_seq = $2 where tenant = $1', [tenant, seq]);
    }
  });
  return checkpoints;
}

async function keptFor(auditKeepDays: number): Promise<void> {
  const round = deferred();
  const failures: unknown[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: async (_ms, signal) => {
      round.resolve();
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    },
  };
  const emit = (event: unknown): void => void failures.push(event);
  const house = startHousekeeping({ db, clock, keepDays: async () => 5, auditKeepDays, emit });
  await round.promise;
  await house.stop();
  expect(failures).toEqual([]);
}

it('leaves the time that is set, and a chain that verifies whole against every checkpoint there ever was', async () => {
  const tenant = await addTenant(db, { slug: 'aged', at: new Date('2026-01-01') });
  const checkpoints = await agedChain(tenant, 260);
  const verified = () => verifyAudit(db, tenant, checkpoints);
  const shortest = async (days: number) => {
    await keptFor(days);
    const { entries, findings } = await verified();
    return { entries, findings };
  };
  expect(await verified()).toMatchObject({ entries: 261, findings: [] });
  // What was said exactly so many days ago is older by now.
  expect(await shortest(250)).toEqual({ entries: 250, findings: [] });
  expect(await shortest(400)).toEqual({ entries: 250, findings: [] });
  expect(await shortest(183)).toEqual({ entries: 183, findings: [] });
  const head = await db.tenantRead(tenant, (tx) => readAuditHead(tx, tenant));
  expect(head).toMatchObject({ seq: 261, floorSeq: 78 });
  await db.tenantTx(tenant, (tx) =>
    append(tx, tenant, [
      { kind: 'tool_called', actor: { kind: 'gantry' }, subject: {}, reason: null, amount: null, detail: {} },
    ]),
  );
  expect(await verified()).toMatchObject({ entries: 184, findings: [] });
  // Less than may be set shows: a checkpoint is of the time that had to be kept.
  await keptFor(171);
  expect((await verified()).findings).toEqual([{ kind: 'begin_missing', seq: 90 }]);
});
