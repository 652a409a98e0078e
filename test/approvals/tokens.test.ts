import { beforeAll, expect, it } from 'vitest';
import { approvalsStand, breakGlass, decideApproval, type Decider } from '../../src/approvals/index.ts';
import { limits } from '../../src/kernel/index.ts';
import {
  cutOperatorTokens,
  noteOperatorToken,
  removeOperator,
  sweepOperatorTokens,
  type ApprovalRow,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { need, openApprovalWorld, type ApprovalWorld } from './fixture.ts';

const ISSUER = 'https://id.example/';
const MINUTE = 60_000;

describeEachStore('the word of somebody whom an identity provider made an approver', (open) => {
  let world: ApprovalWorld;
  beforeAll(async () => {
    world = await openApprovalWorld(await open());
  });

  const now = async (): Promise<number> => {
    const [row] = await world.db.query<{ now: Date }>('select now() as now');
    return row?.now.getTime() ?? 0;
  };
  /** They come with a token that was issued so long ago. */
  const signIn = async (
    name: string,
    {
      role = 'approver',
      agoMs = MINUTE,
      issuer = ISSUER,
    }: { role?: string | null; agoMs?: number; issuer?: string } = {},
  ): Promise<Decider> => {
    const issuedAt = new Date(Math.floor(((await now()) - agoMs) / 1_000) * 1_000);
    await world.db.tx((tx) => noteOperatorToken(tx, { name, issuer, role, issuedAt }), 'test.note');
    return {
      name,
      role: 'approver',
      by: 'token',
      token: { issuer, issuedAt: issuedAt.toISOString() },
      decidedIn: 'rest',
    };
  };
  const approve = (row: ApprovalRow | undefined, decider: Decider): Promise<ApprovalRow> =>
    decideApproval(world.deps, {
      tenant: world.tenant,
      approval: row?.id ?? 0,
      decider,
      verdict: 'approve',
      reason: null,
      seen: 'hash-1',
    });
  const approved = async (decider: Decider): Promise<string> => {
    const plan = world.plan();
    const [row] = await world.ask({ plan, needs: [need('large#1')] });
    await approve(row, decider);
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    return plan;
  };
  const stands = (plan: string) =>
    world.db.tenantRead(world.tenant, (tx) =>
      approvalsStand(tx, {
        tenant: world.tenant,
        plan,
        payloadHash: 'hash-1',
        policyVersion: 'policy-1',
        needed: true,
      }),
    );
  /** As if all tokens had been issued so much earlier. */
  const age = async (name: string, ms: number): Promise<void> => {
    const by = [name, ms] as const;
    await world.db.query(
      `update operator_token set issued_at = issued_at - $2::float8 * interval '1 ms' where name = $1`,
      by,
    );
  };

  it('counts as long as the newest token of theirs says so, by the issuer that said it first', async () => {
    const plan = await approved(await signIn('ann', { agoMs: 10 * MINUTE }));
    await signIn('ann', { role: null, agoMs: 20 * MINUTE });
    await signIn('ann', { role: null, issuer: 'https://other.example/' });
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    await signIn('ann', { role: 'viewer', agoMs: 5 * MINUTE });
    expect(await stands(plan)).toEqual({ kind: 'fallen', why: 'ann is no approver any more' });
    await signIn('ann', { role: 'admin', agoMs: 4 * MINUTE });
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    await signIn('ann', { role: null, agoMs: 3 * MINUTE });
    expect(await stands(plan)).toEqual({ kind: 'fallen', why: 'ann is no approver any more' });
  });

  it('counts for three days after their newest token, and is not taken by an older one', async () => {
    const plan = await approved(await signIn('bob'));
    await age('bob', limits.approvalTokenHoldsMs - 5 * MINUTE);
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    await age('bob', 5 * MINUTE);
    expect(await stands(plan)).toEqual({ kind: 'fallen', why: 'bob has not signed in for 72 hours' });
    await signIn('bob');
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    const old = await signIn('cid', { agoMs: limits.approvalTokenHoldsMs + MINUTE });
    const [row] = await world.ask({ needs: [need('large#1')] });
    await expect(approve(row, old)).rejects.toMatchObject({ code: 'approval_sign_in_over' });
    await sweepOperatorTokens(world.db, new Date(await now()));
    expect(await stands(plan)).toMatchObject({ kind: 'fallen' });
  });

  it('does not count once the sign-in by which they decided was ended, whatever they sign in with later', async () => {
    const first = await signIn('Dan@acme.example'.toLowerCase());
    const plan = await approved(first);
    await world.db.tx((tx) => cutOperatorTokens(tx, { name: 'Dan@acme.example', by: 'test' }), 'test.cut');
    expect(await stands(plan)).toEqual({ kind: 'fallen', why: 'the sign-in of dan@acme.example was ended' });
    const [row] = await world.ask({ needs: [need('large#1')] });
    await expect(approve(row, first)).rejects.toMatchObject({ code: 'approval_sign_in_over' });
    await world.db.query(
      `update operator_cutoff set before = before - interval '1 hour' where name = 'Dan@acme.example'`,
    );
    expect(await stands(plan)).toEqual({ kind: 'stand' });
  });

  it('does not count where nobody kept by which token it was given', async () => {
    const plan = await approved(await signIn('eve'));
    await world.db.query('update approval set decider_token = null where plan = $1', [plan]);
    expect(await stands(plan)).toEqual({ kind: 'fallen', why: 'nobody can tell whether eve may still decide' });
  });

  it('counts for a broken glass as long as they are administrators, by key or by token', async () => {
    const broken = async (decider: Decider): Promise<string> => {
      const plan = world.plan();
      await world.ask({ plan, needs: [need('large#1')] });
      await breakGlass(world.deps, { tenant: world.tenant, plan, decider, reason: 'the house burns', seen: null });
      expect(await stands(plan)).toEqual({ kind: 'stand' });
      return plan;
    };
    const byKey = await broken(await world.operator('fay', 'admin'));
    await world.db.tx((tx) => removeOperator(tx, 'fay'), 'test.remove');
    expect(await stands(byKey)).toEqual({ kind: 'fallen', why: 'fay is no admin any more' });
    const gil = await signIn('gil', { role: 'admin', agoMs: 2 * MINUTE });
    const byToken = await broken({ ...gil, role: 'admin' });
    await signIn('gil');
    expect(await stands(byToken)).toEqual({ kind: 'fallen', why: 'gil is no admin any more' });
  });
});
