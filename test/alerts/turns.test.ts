import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { INSTALLATION } from '../../src/alerts/index.ts';
import { lookAt } from '../../src/alerts/look.ts';
import { sendDue } from '../../src/alerts/send-due.ts';
import { createAlertUseCases } from '../../src/app/alerts/alert-use-cases.ts';
import { claimAlertTurns, enrolAlertTurns, listAlerts, type Db } from '../../src/store/index.ts';
import { openReceiver } from '../support/receiver.ts';
import { describeEachStore } from '../support/stores.ts';
import { openAlertWorld, route, type AlertWorld } from './fixture.ts';

const LEASE = { leaseMs: 60_000, limit: 100, againMs: 60_000 };

describeEachStore('whose turn it is', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  });
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
    await db.query('delete from alert_turn');
  });

  const claim = (worker: string) => db.tx((tx) => claimAlertTurns(tx, { worker, ...LEASE }));
  const enrol = () => db.tx((tx) => enrolAlertTurns(tx));
  /** As if the lease of whoever has it had ended. */
  const leasesEnd = () => db.query('update alert_turn set lease_until = now(), due_at = now()');

  async function withRoute(world: AlertWorld) {
    const hook = await openReceiver();
    ends.push(hook.stop);
    world.routes.set('chat', route('chat', { to: { kind: 'slack' } }));
    world.urls.set('chat', hook.url);
    await world.connectionIs('grant_ended');
    return hook;
  }

  const listed = (world: AlertWorld) =>
    db.tenantRead(world.tenant, (tx) => listAlerts(tx, world.tenant, { resolved: true, limit: 9 }));

  describe('counts by lease', () => {
    it('every tenant and the installation are looked at, each by one process', async () => {
      const world = await openAlertWorld(db);
      await enrol();
      await enrol();
      const [one, other] = await Promise.all([claim('one'), claim('other')]);
      const both = [...one, ...other];
      expect(both).toContain(world.tenant);
      expect(both).toContain(INSTALLATION);
      expect(new Set(both).size).toBe(both.length);
      expect(await claim('third')).toEqual([]);
    });

    it('a process that stood still for too long keeps nothing and sends nothing', async () => {
      const world = await openAlertWorld(db);
      const hook = await withRoute(world);
      await enrol();
      await claim('stalled');
      await leasesEnd();
      await claim('next');
      expect(await lookAt(world.deps, 'stalled', world.tenant)).toBeNull();
      expect(await listed(world)).toEqual([]);

      expect(await lookAt(world.deps, 'next', world.tenant)).not.toBeNull();
      await sendDue(world.deps, { worker: 'stalled', tenant: world.tenant }, new AbortController().signal);
      expect(hook.received).toEqual([]);
      await sendDue(world.deps, { worker: 'next', tenant: world.tenant }, new AbortController().signal);
      expect(hook.received).toHaveLength(1);
    });

    it('what is over before it was tried is not told at all', async () => {
      const world = await openAlertWorld(db);
      await withRoute(world);
      await enrol();
      await claim('one');
      await lookAt(world.deps, 'one', world.tenant);
      await world.connectionIs('consent_given');
      await lookAt(world.deps, 'one', world.tenant);
      await world.pass(6 * 60_000);
      await lookAt(world.deps, 'one', world.tenant);
      const [told] = await world.alerts.list(world.tenant, { resolved: true, limit: 9 });
      expect(told?.row.state).toBe('resolved');
      expect(told?.notices.map(({ kind, state, cause }) => [kind, state, cause])).toEqual([
        ['opened', 'dropped', 'resolved_before'],
      ]);
    });

    it('what waits for a route that hangs, however much, keeps nothing from another', async () => {
      const world = await openAlertWorld(db, { timeoutMs: 300 });
      const hangs = await openReceiver(() => undefined);
      ends.push(hangs.stop);
      world.routes.set('slow', route('slow', { to: { kind: 'slack' } }));
      world.urls.set('slow', hangs.url);
      const mappings = Array.from({ length: 80 }, (_, at) => ({ object: `o${String(at)}`, reasons: ['gone'] }));
      world.facts({ mappings });
      await enrol();
      await claim('one');
      await lookAt(world.deps, 'one', world.tenant);
      await world.pass(11 * 60_000);
      await lookAt(world.deps, 'one', world.tenant);
      const [waiting] = await db.query('select count(*)::int as count from alert_notice where tenant = $1', [
        world.tenant,
      ]);
      expect(waiting).toEqual({ count: 80 });

      world.routes.set('slow', route('slow', { topics: ['mapping.*'], to: { kind: 'slack' } }));
      const hook = await openReceiver();
      ends.push(hook.stop);
      world.routes.set('pager', route('pager', { severity: 'critical', to: { kind: 'slack' } }));
      world.urls.set('pager', hook.url);
      await world.connectionIs('grant_ended');
      await lookAt(world.deps, 'one', world.tenant);
      await sendDue(world.deps, { worker: 'one', tenant: world.tenant }, new AbortController().signal);
      expect(hangs.received).toHaveLength(1);
      expect(hook.received.map(({ json }) => json['text'])).toEqual([expect.stringContaining('CRITICAL')]);
    });

    it('who acknowledged a warning is told that it is critical now, as is who was told of nothing less', async () => {
      const world = await openAlertWorld(db);
      const chat = await withRoute(world);
      await enrol();
      await claim('one');
      const turn = async () => {
        await lookAt(world.deps, 'one', world.tenant);
        await sendDue(world.deps, { worker: 'one', tenant: world.tenant }, new AbortController().signal);
      };
      await turn();
      expect(chat.received).toHaveLength(1);
      // As if it had been less until now.
      await db.query(`update alert set severity = 'warning' where tenant = $1`, [world.tenant]);
      const [row] = await listed(world);
      await world.alerts.acknowledge(world.tenant, row?.id ?? 0, { name: 'lena', note: null });
      const pager = await openReceiver();
      ends.push(pager.stop);
      world.routes.set('pager', route('pager', { severity: 'critical', to: { kind: 'slack' } }));
      world.urls.set('pager', pager.url);
      await turn();
      expect([chat.received.length, pager.received.length]).toEqual([2, 1]);
      expect(await listed(world)).toMatchObject([{ severity: 'critical', acknowledged: null }]);

      await world.alerts.acknowledge(world.tenant, row?.id ?? 0, { name: 'lena', note: null });
      await turn();
      expect([chat.received.length, pager.received.length]).toEqual([2, 1]);
      expect(await listed(world)).toMatchObject([{ acknowledged: { by: 'lena' } }]);
    });

    it('the list of all begins with the worst, whoever has it, also where most of it is cut off', async () => {
      const [many, late] = [await openAlertWorld(db), await openAlertWorld(db)];
      const mappings = Array.from({ length: 5 }, (_, at) => ({ object: `o${String(at)}`, reasons: ['gone'] }));
      many.facts({ mappings });
      await late.connectionIs('grant_ended');
      await enrol();
      await claim('one');
      for (const world of [late, many]) {
        await lookAt(world.deps, 'one', world.tenant);
        await world.pass(11 * 60_000);
        await lookAt(world.deps, 'one', world.tenant);
      }
      await many.connectionIs('grant_ended');
      await lookAt(many.deps, 'one', many.tenant);
      await db.query(
        `update alert set opened_at = opened_at - interval '1 hour' where tenant = $1 and severity = 'critical'`,
        [many.tenant],
      );
      const { list } = createAlertUseCases({ db, alerts: many.alerts, installation: INSTALLATION });
      const listedOf = (limit: number) => list({ name: 'root' }, { resolved: false, limit });
      const own = (await listedOf(1_000)).filter(({ tenant }) => tenant === many.slug || tenant === late.slug);
      expect(own.map(({ tenant, severity }) => [tenant, severity])).toEqual([
        [late.slug, 'critical'],
        [many.slug, 'critical'],
        ...mappings.map(() => [many.slug, 'warning']),
      ]);
      const first = await listedOf(2);
      expect(first.map(({ severity }) => severity)).toEqual(['critical', 'critical']);
    });

    it('one that loses its lease while it sends does not settle; the next one sends the same again', async () => {
      const world = await openAlertWorld(db);
      const hook = await withRoute(world);
      await enrol();
      await claim('first');
      await lookAt(world.deps, 'first', world.tenant);
      hook.behave((_request, response) => {
        void leasesEnd()
          .then(() => claim('next'))
          .then(() => response.end());
      });
      const turn = { worker: 'first', tenant: world.tenant };
      await sendDue(world.deps, turn, new AbortController().signal);
      const [told] = await world.alerts.list(world.tenant, { resolved: false, limit: 9 });
      expect(told?.notices.map(({ state, attempts }) => [state, attempts])).toEqual([['due', 1]]);
      hook.behave((_request, response) => response.end());
      await db.query(`update alert_notice set due_at = now() - interval '1 second'`);
      await sendDue(world.deps, { ...turn, worker: 'next' }, new AbortController().signal);
      expect(hook.received).toHaveLength(2);
      const [after] = await world.alerts.list(world.tenant, { resolved: false, limit: 9 });
      expect(after?.notices.map(({ state }) => state)).toEqual(['sent']);
    });
  });
});
