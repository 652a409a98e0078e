import { randomBytes } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { limits, type TenantId } from '../../src/kernel/index.ts';
import { decide, sumKey, sumsOf, type PolicyDecision, type Spent } from '../../src/policy/index.ts';
import { addTenant, dropSpent, keepSpent, lockSpending, readSpent, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { question, rulesOf } from './fixture.ts';

const rules = rulesOf('history: { keep: none }');

describeEachStore('what was accepted', (open) => {
  let db: Db;
  let tenant: TenantId;
  beforeAll(async () => {
    db = await open();
    tenant = await addTenant(db, { slug: `t${randomBytes(4).toString('hex')}`, at: new Date('2026-01-01') });
  });

  /** As a commit does it. */
  const accept = (plan: string, amount: number, agent = 'helper'): Promise<PolicyDecision> =>
    db.tenantTx(
      tenant,
      async (tx) => {
        await lockSpending(tx, tenant);
        const spent = new Map<string, Spent>();
        for (const sum of sumsOf(rules)) {
          spent.set(sumKey(sum), await readSpent(tx, tenant, { agent, principal: null, but: plan }, sum));
        }
        const decision = decide(
          rules,
          question({ agent, amount, spent: (sum) => spent.get(sumKey(sum)) ?? { amount: 0, records: 0 } }),
        );
        const about = { plan, agent, principal: null, amount, records: 1, models: [{ model: 'deal', records: 1 }] };
        await keepSpent(tx, tenant, about, limits.spentWindowMaxMs);
        return decision;
      },
      'test.accept',
    );
  const sum = (model: string | null, windowMs = 86_400_000, principal: string | null = null) =>
    db.tenantRead(tenant, (tx) =>
      readSpent(
        tx,
        tenant,
        { agent: 'helper', principal, but: '' },
        { per: principal === null ? 'agent' : 'principal', model, windowMs },
      ),
    );

  it('of ten changes of 490 at the same moment one goes through, and the others wait for somebody', async () => {
    const decisions = await Promise.all(Array.from({ length: 10 }, (_, n) => accept(`plan_${String(n)}`, 490)));
    expect(decisions.filter(({ kind }) => kind === 'allow')).toHaveLength(1);
    expect(decisions.filter(({ kind }) => kind === 'approve')).toHaveLength(9);
    expect(await sum(null)).toEqual({ amount: 4_900, records: 10 });
    expect(await accept('plan_10', 490)).toMatchObject({ needs: [{ id: 'large_change#1' }] });
    // Another agent's are its own.
    expect(await accept('plan_11', 490, 'other')).toMatchObject({ kind: 'allow' });
  });

  it('whoever comes second waits, and counts what the first one takes', async () => {
    const one = { agent: 'pair', principal: null };
    const day = { per: 'agent', model: null, windowMs: 86_400_000 } as const;
    const first = { locked: () => {}, read: () => {} };
    const isLocked = new Promise<void>((resolve) => (first.locked = resolve));
    const isRead = new Promise<void>((resolve) => (first.read = resolve));
    const a = db.tenantTx(
      tenant,
      async (tx) => {
        await lockSpending(tx, tenant);
        first.locked();
        const about = { ...one, plan: 'plan_a', amount: 490, records: 1, models: [] };
        await keepSpent(tx, tenant, about, limits.spentWindowMaxMs);
        // Whoever does not wait reads within this time; whoever does is waited for in vain.
        await Promise.race([isRead, new Promise((resolve) => setTimeout(resolve, 1_500))]);
      },
      'test.first',
    );
    await isLocked;
    const b = db.tenantTx(
      tenant,
      async (tx) => {
        await lockSpending(tx, tenant);
        const spent = await readSpent(tx, tenant, { ...one, but: 'plan_b' }, day);
        first.read();
        return spent;
      },
      'test.second',
    );
    await a;
    expect(await b).toEqual({ amount: 490, records: 1 });
  });

  it('counts a plan once, by model too, and no more once it is dropped or too old', async () => {
    await accept('plan_0', 490);
    expect(await sum('deal')).toEqual({ amount: 11 * 490, records: 11 });
    expect(await sum('account')).toEqual({ amount: 0, records: 0 });
    await db.tenantTx(tenant, (tx) => dropSpent(tx, tenant, 'plan_0'), 'test.drop');
    expect(await sum(null)).toEqual({ amount: 10 * 490, records: 10 });
    await db.query(`update policy_spent set at = at - interval '2 days' where tenant = $1 and plan = 'plan_1'`, [
      tenant,
    ]);
    expect(await sum(null)).toEqual({ amount: 9 * 490, records: 9 });
    expect(await sum(null, 3 * 86_400_000)).toEqual({ amount: 10 * 490, records: 10 });
    await db.query(`update policy_spent set at = at - interval '40 days' where tenant = $1 and plan = 'plan_1'`, [
      tenant,
    ]);
    await accept('plan_12', 1, 'other');
    const left = await db.query(`select plan from policy_spent where tenant = $1 and plan = 'plan_1'`, [tenant]);
    expect(left).toEqual([]);
    expect(await sum(null, 86_400_000, 'lena@acme.example')).toEqual({ amount: 0, records: 0 });
  });
});
