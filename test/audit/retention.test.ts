import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHousekeeping } from '../../src/app/housekeeping.ts';
import { auditAppender, verifyAudit, type AuditEntry } from '../../src/audit/index.ts';
import { systemClock, systemRandom, type Clock, type TenantId } from '../../src/kernel/index.ts';
import {
  addCheckpoint,
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

const changed = (what: string): AuditEntry => ({
  kind: 'configuration_changed',
  actor: { kind: 'operator', name: 'olga' },
  subject: {},
  reason: null,
  amount: null,
  detail: { what },
});

const daysAgo = (tx: Tx, days: number): Tx => ({
  query: (text, params) => tx.query(text, params),
  now: new Date(tx.now.getTime() - days * DAY_MS),
});

async function signed(tx: Tx, tenant: TenantId): Promise<Said> {
  const { seq, hash } = await lockAuditHead(tx, tenant, new Uint8Array(32));
  const said = { seq, hash, at: tx.now };
  await addCheckpoint(tx, tenant, { ...said, signature: new Uint8Array(), keyId: '' });
  return said;
}

/** An entry a day up to now, and every tenth day a checkpoint, as they were made then. */
async function agedChain(tenant: TenantId, days: number): Promise<Said[]> {
  const checkpoints: Said[] = [];
  await db.tenantTx(tenant, async (tx) => {
    for (let ago = days; ago >= 0; ago -= 1) {
      const then = daysAgo(tx, ago);
      await append(then, tenant, [changed(`day ${String(ago)}`)]);
      if (ago % 10 === 0) checkpoints.push(await signed(then, tenant));
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
  // Up to the last checkpoint that is so old: the next one, of three days later, proves nothing of it yet.
  expect(await shortest(183)).toEqual({ entries: 190, findings: [] });
  const head = await db.tenantRead(tenant, (tx) => readAuditHead(tx, tenant));
  expect(head).toMatchObject({ seq: 261, floorSeq: 71 });
  await db.tenantTx(tenant, (tx) =>
    append(tx, tenant, [
      { kind: 'tool_called', actor: { kind: 'gantry' }, subject: {}, reason: null, amount: null, detail: {} },
    ]),
  );
  expect(await verified()).toMatchObject({ entries: 191, findings: [] });
  // Less than may be set shows: a checkpoint is of the time that had to be kept.
  await keptFor(171);
  expect((await verified()).findings).toEqual([{ kind: 'begin_missing', seq: 81 }]);
});

it('removes nothing whose age no checkpoint proves yet, as after days without a worker', async () => {
  const tenant = await addTenant(db, { slug: 'late', at: new Date('2026-01-01') });
  const checkpoints = await db.tenantTx(tenant, async (tx) => {
    for (const ago of [200, 195]) await append(daysAgo(tx, ago), tenant, [changed(`day ${String(ago)}`)]);
    return [await signed(daysAgo(tx, 186), tenant)];
  });
  const entriesAfter = async (days: number) => {
    await keptFor(days);
    const { entries, findings } = await verifyAudit(db, tenant, checkpoints);
    return { entries, findings };
  };
  expect(await entriesAfter(190)).toEqual({ entries: 2, findings: [] });
  expect(await entriesAfter(185)).toEqual({ entries: 0, findings: [] });
});
