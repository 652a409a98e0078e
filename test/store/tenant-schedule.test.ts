import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import type { ConnectionId, TenantId } from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  claimDue,
  dueTenants,
  ensureStream,
  holdStreams,
  pauseStream,
  release,
  requestSync,
  restartStream,
  type Db,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';

/** What is done to a tenant's streams; `wait` lets the given seconds pass. */
type Step =
  | {
      readonly kind: 'claim' | 'ask' | 'restart' | 'disable' | 'enable' | 'pause' | 'resume' | 'hold' | 'let_go';
      readonly stream: number;
    }
  | { readonly kind: 'release'; readonly stream: number; readonly inS: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const OBJECTS = ['A', 'B', 'C'];
const stream = fc.integer({ min: 0, max: OBJECTS.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(
      'claim' as const,
      'ask' as const,
      'restart' as const,
      'disable' as const,
      'enable' as const,
      'pause' as const,
      'resume' as const,
      'hold' as const,
      'let_go' as const,
    ),
    stream,
  }),
  fc.record({ kind: fc.constant('release' as const), stream, inS: fc.integer({ min: -5, max: 120 }) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
);

describeEachStore('the one look at what is due', (open, kind) => {
  let db: Db;
  let runs = 0;
  beforeAll(async () => {
    db = await open();
  });

  const made = async (): Promise<{ tenant: TenantId; connection: ConnectionId }> => {
    runs += 1;
    const tenant = await addTenant(db, { slug: `due-${kind}-${String(runs)}`, at: new Date('2026-01-01') });
    const connection = await db.tenantTx(tenant, async (tx) => {
      const id = await addConnection(tx, { tenant, slug: 'crm', integration: 'crm', provider: 'p', state: 'working' });
      for (const object of OBJECTS) await ensureStream(tx, { tenant, connection: id, object, everyS: 60 });
      return id;
    });
    return { tenant, connection };
  };

  const take = async (
    { tenant, connection }: { tenant: TenantId; connection: ConnectionId },
    one: Step,
  ): Promise<void> => {
    const plan = (place: number): { tenant: TenantId; connection: ConnectionId; object: string } => ({
      tenant,
      connection,
      object: OBJECTS[place] ?? '',
    });
    await db.tenantTx(tenant, async (tx) => {
      switch (one.kind) {
        case 'claim':
          await claimDue(tx, { tenant, worker: 'w', leaseMs: 20_000, limit: one.stream + 1 });
          return;
        case 'ask':
          await requestSync(tx, plan(one.stream));
          return;
        case 'restart': {
          const [row] = await tx.query<{ id: number }>('select id from stream where tenant = $1 and object = $2', [
            tenant,
            OBJECTS[one.stream] ?? '',
          ]);
          await restartStream(tx, tenant, (row?.id ?? 0) as Parameters<typeof restartStream>[2]);
          return;
        }
        case 'disable':
        case 'enable':
          await ensureStream(tx, { ...plan(one.stream), everyS: 60, enabled: one.kind === 'enable' });
          return;
        case 'pause':
        case 'resume':
          await pauseStream(tx, {
            ...plan(one.stream),
            pause: one.kind === 'pause' ? { by: 'ops', at: '2026-01-01T00:00:00Z', note: null } : null,
          });
          return;
        case 'hold':
        case 'let_go':
          await holdStreams(tx, tenant, connection, one.kind === 'hold');
          // As src/connection does when a connection may be read again.
          if (one.kind === 'let_go') await requestSync(tx, { tenant, connection });
          return;
        case 'release': {
          const [row] = await tx.query<{ id: number }>(
            'select id from stream where tenant = $1 and object = $2 and lease_by is not null',
            [tenant, OBJECTS[one.stream] ?? ''],
          );
          if (row === undefined) return;
          const dueAt = new Date(tx.now.getTime() + one.inS * 1_000);
          await release(tx, { tenant, stream: row.id as never, worker: 'w' }, { error: null, dueAt });
          return;
        }
        case 'wait': {
          const by = `${String(one.seconds)} seconds`;
          await tx.query(
            `update stream set due_at = due_at - $2::interval, lease_until = lease_until - $2::interval,
              claimed_at = claimed_at - $2::interval, last_run_at = last_run_at - $2::interval where tenant = $1`,
            [tenant, by],
          );
          await tx.query('update tenant_due set due_at = due_at - $2::interval where tenant = $1', [tenant, by]);
        }
      }
    });
  };

  it('names every tenant that a look at all of its streams would find, whatever happened to them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
        const at = await made();
        for (const one of steps) {
          await take(at, one);
          const [claimable] = await db.tenantTx(at.tenant, (tx) =>
            tx.query<{ count: number }>(
              `select count(*) as count from stream where tenant = $1 and enabled and not held and paused is null
                and due_at <= $2 and (lease_until is null or lease_until <= $2)`,
              [at.tenant, tx.now],
            ),
          );
          if ((claimable?.count ?? 0) > 0) expect(await dueTenants(db, 100_000)).toContain(at.tenant);
        }
      }),
      { numRuns: kind === 'pglite' ? 25 : 15 },
    );
  }, 300_000);

  it('names nobody who has nothing to do, once it was looked at', async () => {
    const at = await made();
    expect(await dueTenants(db, 100_000)).toContain(at.tenant);
    await take(at, { kind: 'claim', stream: 2 });
    expect(await dueTenants(db, 100_000)).not.toContain(at.tenant);
    for (const place of OBJECTS.keys()) await take(at, { kind: 'release', stream: place, inS: 60 });
    expect(await dueTenants(db, 100_000)).not.toContain(at.tenant);
    await take(at, { kind: 'wait', seconds: 61 });
    expect(await dueTenants(db, 100_000)).toContain(at.tenant);
  });

  it('names a tenant at once whose stream was given back before its end', async () => {
    const at = await made();
    await take(at, { kind: 'claim', stream: 2 });
    expect(await dueTenants(db, 100_000)).not.toContain(at.tenant);
    await take(at, { kind: 'release', stream: 0, inS: -5 });
    expect(await dueTenants(db, 100_000)).toContain(at.tenant);
  });

  it('claims no connection that has its share already', async () => {
    const { tenant, connection } = await made();
    const claim = { tenant, worker: 'w', leaseMs: 20_000, limit: 5 };
    expect(await db.tenantTx(tenant, (tx) => claimDue(tx, { ...claim, busy: [connection] }))).toEqual([]);
    expect(await dueTenants(db, 100_000)).toContain(tenant);
    expect(await db.tenantTx(tenant, (tx) => claimDue(tx, claim))).toHaveLength(3);
  });
});
