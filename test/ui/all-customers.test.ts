import { beforeAll, expect, it } from 'vitest';
import type { ConsoleNews } from '../../src/api/index.ts';
import { createWatch } from '../../src/app/console/watch.ts';
import { auditAppender } from '../../src/audit/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { liftSwitchNow, throwSwitchNow } from '../../src/switches/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openApprovalWorld } from '../approvals/fixture.ts';
import { describeEachStore } from '../support/stores.ts';

describeEachStore('news of all customers', (open) => {
  let db: Db;
  beforeAll(async () => {
    db = await open();
  }, 300_000);

  it('are of what waits anywhere, and of what is stopped for everybody', { timeout: 300_000 }, async () => {
    const failed: unknown[] = [];
    const watch = createWatch({ db, clock: systemClock, onFailed: (cause) => failed.push(cause) });
    const ended = new AbortController();
    const seen: ConsoleNews[] = [];
    const follow = async (): Promise<void> => {
      for await (const news of watch.follow(null, ended.signal)) if (news !== 'alive') seen.push(news);
    };
    const [one, other] = [await openApprovalWorld(db), await openApprovalWorld(db)];
    const following = follow();
    try {
      await expect.poll(() => seen, { timeout: 120_000 }).toEqual(['ready']);
      await other.ask({});
      await expect.poll(() => seen, { timeout: 120_000 }).toEqual(['ready', 'approvals_changed']);
      await one.ask({});
      await expect.poll(() => seen, { timeout: 120_000 }).toEqual(['ready', 'approvals_changed', 'approvals_changed']);
      const thrown = { mode: 'stop_writes', scope: { kind: 'global' }, reason: 'tried' } as const;
      const by = { kind: 'operator', name: 'otto' } as const;
      const audit = auditAppender(systemRandom);
      await db.tx((tx) => throwSwitchNow(tx, null, { ...thrown, by }, audit), 'test.throw');
      await expect.poll(() => seen.slice(3), { timeout: 120_000 }).toEqual(['connections_changed']);
      // What came and went between two looks was perhaps seen in between.
      await db.tx(async (tx) => {
        const id = await throwSwitchNow(tx, null, { ...thrown, by }, audit);
        for (const name of ['otto', 'olga'])
          await liftSwitchNow(tx, null, { id, by: name, aliases: [], reason: 'over' }, audit);
      }, 'test.throw_and_lift');
      await expect
        .poll(() => seen.slice(3), { timeout: 120_000 })
        .toEqual(['connections_changed', 'connections_changed']);
      expect(seen).not.toContain('audit_grew');
      expect(failed).toEqual([]);
    } finally {
      ended.abort(new Error('the test is over'));
      await following;
      await watch.stop();
    }
  });
});
