import { afterEach, beforeAll, expect, it } from 'vitest';
import { INSTALLATION } from '../../src/alerts/index.ts';
import { lookAt } from '../../src/alerts/look.ts';
import { sendDue } from '../../src/alerts/send-due.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { claimAlertTurns, enrolAlertTurns, type Db, type SwitchOwner } from '../../src/store/index.ts';
import { liftSwitchNow, throwSwitchNow } from '../../src/switches/index.ts';
import { openAlertWorld, route } from '../alerts/fixture.ts';
import { openReceiver } from '../support/receiver.ts';
import { describeEachStore } from '../support/stores.ts';

const audit = auditAppender(systemRandom);

describeEachStore('people are told of what is stopped', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  it('of a tenant and of everybody, until two people have lifted it', async () => {
    const world = await openAlertWorld(db);
    const hook = await openReceiver();
    ends.push(hook.stop);
    world.routes.set('chat', route('chat', { topics: ['switch.*'], to: { kind: 'slack' } }));
    world.urls.set('chat', hook.url);
    await db.tx((tx) => enrolAlertTurns(tx));
    await db.tx((tx) => claimAlertTurns(tx, { worker: 'one', leaseMs: 600_000, limit: 100, againMs: 600_000 }));
    const within = <Result>(owner: SwitchOwner, work: Parameters<typeof db.tx<Result>>[0]) =>
      owner === null ? db.tx(work, 'test.switch') : db.tenantTx(owner, work, 'test.switch');
    const stop = (owner: SwitchOwner, reason: string): Promise<number> =>
      within(owner, (tx) =>
        throwSwitchNow(
          tx,
          owner,
          {
            mode: 'stop_writes',
            scope: owner === null ? { kind: 'global' } : { kind: 'connection', connection: 'crm' },
            reason,
            by: { kind: 'operator', name: 'olga' },
          },
          audit,
        ),
      );
    const lift = (owner: SwitchOwner, id: number, by: string) =>
      within(owner, (tx) => liftSwitchNow(tx, owner, { id, by, aliases: [], reason: 'mended' }, audit));
    const dueNow = async (): Promise<number[]> => {
      const rows = await db.query<{ tenant: number }>('select tenant from alert_turn where due_at <= now() order by 1');
      return rows.map(({ tenant }) => tenant);
    };
    const look = async (tenant: TenantId): Promise<unknown[]> => {
      await lookAt(world.deps, 'one', tenant);
      await sendDue(world.deps, { worker: 'one', tenant }, new AbortController().signal);
      const alerts = await world.alerts.list(tenant, { resolved: true, limit: 9 });
      return alerts.map(({ row }) => [row.key, row.state, row.severity]);
    };

    expect(await dueNow()).toEqual([]);
    const own = await stop(world.tenant, 'wrong amounts');
    const everybodys = await stop(null, 'incident 42');
    expect(await dueNow()).toEqual([INSTALLATION, world.tenant]);
    expect(await look(world.tenant)).toEqual([[`switch.thrown ${String(own)}`, 'open', 'critical']]);
    expect(await look(INSTALLATION)).toEqual([[`switch.thrown ${String(everybodys)}`, 'open', 'critical']]);
    const texts = hook.received.map(({ json }) => String(json['text']));
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(/connection crm[\s\S]*olga stopped it: wrong amounts/);
    expect(texts[1]).toMatch(/everything of everybody[\s\S]*incident 42/);

    for (const [owner, id] of [
      [world.tenant, own],
      [null, everybodys],
    ] as const) {
      expect(await lift(owner, id, 'olga')).toBe('asked');
      const asked = await look(owner ?? INSTALLATION);
      expect(asked).toMatchObject([[expect.stringContaining('switch.thrown'), 'open', 'critical']]);
      await db.query('update alert_turn set due_at = now() + interval $$1 hour$$');
      expect(await lift(owner, id, 'otto')).toBe('lifted');
      expect(await dueNow()).toEqual([owner ?? INSTALLATION]);
      expect(await look(owner ?? INSTALLATION)).toMatchObject([[expect.anything(), 'clearing', 'critical']]);
    }
    expect(hook.received).toHaveLength(2);
  });
});
