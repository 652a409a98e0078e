import { beforeAll, beforeEach, expect, it } from 'vitest';
import { createTenant } from '../../src/app/index.ts';
import { brokenLine, recordLineHealth } from '../../src/app/connections/line-health.ts';
import { recordRunHealth } from '../../src/app/connections/run-health.ts';
import type { ConnectionDeps } from '../../src/connection/index.ts';
import {
  GantryError,
  limits,
  systemClock,
  systemRandom,
  type ConnectionId,
  type TenantId,
} from '../../src/kernel/index.ts';
import {
  addConnection,
  claimLine,
  keepPosition,
  readConnection,
  releaseLine,
  updateConnection,
  wantLine,
  type Db,
} from '../../src/store/index.ts';
import { createVault } from '../../src/vault/index.ts';
import { describeEachStore } from '../support/stores.ts';

const error = (code: 'upstream_unavailable' | 'upstream_object_missing'): ReturnType<GantryError['toBody']> =>
  new GantryError(code, { message: 'The line does not answer.' }).toBody();

describeEachStore('a line of events and the health of its connection (rows H3, S12)', (open) => {
  let db: Db;
  let tenant: TenantId;
  let connection: ConnectionId;
  let deps: ConnectionDeps;
  let count = 0;

  beforeAll(async () => {
    db = await open();
    tenant = await createTenant(db, 'acme');
    const vault = createVault({ masterKey: systemRandom.bytes(32), random: systemRandom });
    deps = { db, vault, clock: systemClock, random: systemRandom, onEvent: () => undefined };
  });
  beforeEach(async () => {
    count += 1;
    const crm = { slug: `crm${String(count)}`, integration: 'crm', provider: 'salesforce', state: 'working' };
    connection = await db.tenantTx(tenant, async (tx) => {
      const added = await addConnection(tx, { tenant, ...crm });
      await wantLine(tx, { tenant, connection: added });
      return added;
    });
  });

  const holder = (): { tenant: TenantId; connection: ConnectionId; holder: string } => ({
    tenant,
    connection,
    holder: 'w',
  });
  const held = (): Promise<unknown> =>
    db.tenantTx(tenant, (tx) => claimLine(tx, holder(), { leaseMs: 0, state: 'opening' }));
  const broke = async (failures: number, body = error('upstream_unavailable')): Promise<void> => {
    await held();
    await db.tenantTx(tenant, (tx) =>
      releaseLine(tx, holder(), { dueAt: tx.now, state: 'waiting', failures, error: body, forget: false }),
    );
    await recordLineHealth(deps, { tenant, connection });
  };
  const wentLive = async (): Promise<void> => {
    await held();
    await db.tenantTx(tenant, (tx) =>
      keepPosition(tx, holder(), { position: { at: 1 }, leaseMs: 60_000, state: 'live' }),
    );
    await recordLineHealth(deps, { tenant, connection });
  };
  const ranWell = (): Promise<void> =>
    recordRunHealth(deps, { tenant, connection }, { error: null, startedAt: new Date(Date.now() + 60_000) });
  const state = async (): Promise<string | undefined> =>
    (await db.tenantRead(tenant, (tx) => readConnection(tx, tenant, connection)))?.state;

  it('is degraded once the line failed some times in a row, whatever is read meanwhile, until it is live', async () => {
    await broke(limits.eventLineBrokenFailures - 1);
    expect(await state()).toBe('working');
    await broke(limits.eventLineBrokenFailures);
    expect(await state()).toBe('degraded');
    await ranWell();
    expect(await state()).toBe('degraded');
    await wentLive();
    expect(await state()).toBe('working');
  });

  it('is not mended by the line where something else is wrong', async () => {
    const limited = new GantryError('upstream_rate_limited', { message: 'Too many calls.' });
    await recordRunHealth(deps, { tenant, connection }, { error: limited, startedAt: new Date() });
    await wentLive();
    expect(await state()).toBe('degraded');
    await ranWell();
    expect(await state()).toBe('working');
  });

  it('is not touched by a line that has nothing to tell, nor by calls that our own budget holds back', async () => {
    await broke(limits.eventLineBrokenFailures, error('upstream_object_missing'));
    const heldBack = new GantryError('upstream_rate_limited', { message: 'Used up.', data: { class: 'budget' } });
    await recordRunHealth(deps, { tenant, connection }, { error: heldBack, startedAt: new Date() });
    expect(await state()).toBe('working');
  });

  it('is proven by a run where the grant had been called ended, broken line or not', async () => {
    await broke(limits.eventLineBrokenFailures);
    await db.tenantTx(tenant, (tx) => updateConnection(tx, tenant, connection, { state: 'reauth_required' }));
    await ranWell();
    expect(await state()).toBe('working');
  });
});

it('a connection without a line has none that is broken', () => {
  expect(brokenLine(null)).toBe(null);
});
