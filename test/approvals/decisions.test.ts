import { beforeAll, describe, expect, it } from 'vitest';
import {
  approvalsStand,
  breakGlass,
  closeApprovals,
  decideApproval,
  delegate,
  undelegate,
  type Decider,
  type Verdict,
} from '../../src/approvals/index.ts';
import { INSTALLATION_CHAIN } from '../../src/audit/index.ts';
import { decideApprovalRow, removeOperator, type ApprovalRow } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { toldIn } from '../support/told-in.ts';
import { HOUR, named, need, openApprovalWorld, person, type ApprovalWorld } from './fixture.ts';

describe('what people decide', () => {
  const open = openerOf('pglite');
  let world: ApprovalWorld;
  beforeAll(async () => {
    world = await openApprovalWorld(await open());
  });

  const decide = (
    row: ApprovalRow | undefined,
    decider: Decider,
    verdict: Verdict = 'approve',
    more: { seen?: string | null; reason?: string | null } = {},
  ): Promise<ApprovalRow> =>
    decideApproval(world.deps, {
      tenant: world.tenant,
      approval: row?.id ?? 0,
      decider,
      verdict,
      reason: verdict === 'deny' || verdict === 'object' ? 'not this one' : null,
      seen: 'hash-1',
      ...more,
    });
  const outcomesOf = (plan: string) => world.outcomes.filter((each) => each.plan === plan).map((each) => each.outcome);
  const stands = (plan: string, more: { payloadHash?: string; policyVersion?: string } = {}) =>
    world.db.tenantRead(world.tenant, (tx) =>
      approvalsStand(tx, {
        tenant: world.tenant,
        plan,
        payloadHash: 'hash-1',
        policyVersion: 'policy-1',
        needed: true,
        ...more,
      }),
    );

  it('lets a plan go once all who are asked agree, each a different human', async () => {
    const plan = world.plan();
    const [first, second] = await world.ask({ plan, needs: [need('large#1'), need('large#2')] });
    const [ann, bob] = [await world.operator('ann'), await world.operator('Bob@acme.example')];
    expect(await decide(first, ann)).toMatchObject({ state: 'approved', decider: 'ann' });
    expect(outcomesOf(plan)).toEqual([]);
    expect(await stands(plan)).toMatchObject({ kind: 'fallen' });
    await expect(decide(second, ann)).rejects.toMatchObject({ code: 'approval_same_person' });
    await expect(decide(first, bob)).rejects.toMatchObject({ code: 'approval_over' });
    await decide(second, bob);
    expect(outcomesOf(plan)).toEqual([{ kind: 'approved', by: 'ann, bob@acme.example' }]);
    expect(await world.audited(plan)).toEqual([
      'approval_asked',
      'approval_asked',
      'approval_decided',
      'approval_decided',
    ]);
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    expect(await stands(plan, { payloadHash: 'hash-2' })).toMatchObject({ kind: 'fallen' });
    expect(await stands(plan, { policyVersion: 'policy-2' })).toMatchObject({ kind: 'fallen' });
    await world.db.tx((tx) => removeOperator(tx, 'Bob@acme.example'), 'test.remove');
    expect(await stands(plan)).toMatchObject({ kind: 'fallen', why: 'bob@acme.example is no approver any more' });
  });

  it('keeps two decisions of one human apart in the database, whoever asks it', async () => {
    const plan = world.plan();
    const [first, second] = await world.ask({ plan, needs: [need('a#1'), need('a#2')] });
    const write = (row: ApprovalRow | undefined, decider: string) =>
      world.db.tenantTx(
        world.tenant,
        (tx) =>
          decideApprovalRow(tx, world.tenant, row?.id ?? 0, {
            state: 'approved',
            decider,
            onBehalfOf: null,
            deciderBy: 'key',
            decidedIn: 'rest',
            deciderToken: null,
            reason: null,
          }),
        'test.decide_row',
      );
    await write(first, 'ann');
    await expect(write(second, 'ann')).rejects.toThrow(/approval_one_human/);
    await expect(write(second, 'lena@acme.example')).rejects.toThrow(/approval_own_request/);
    await expect(write(second, 'Bob')).rejects.toThrow(/approval_decider_lower/);
    const both = await world.ask({ needs: [need('b#1')] });
    const [x, y] = [await world.operator('x1'), await world.operator('y1')];
    const raced = await Promise.allSettled([decide(both[0], x), decide(both[0], y)]);
    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(outcomesOf(both[0]?.plan ?? '')).toHaveLength(1);
  });

  it('takes no word by a key that whoever asked made for somebody else meanwhile', async () => {
    const kim = await world.operator('kim', 'approver', 'Lena@acme.example');
    const [row] = await world.ask({ needs: [need('k#1')] });
    const ann = await world.operator('Ann', 'admin', 'Lena@acme.example');
    await expect(decide(row, ann)).rejects.toMatchObject({ code: 'approval_own_request' });
    await expect(
      breakGlass(world.deps, { tenant: world.tenant, plan: row?.plan ?? '', decider: ann, reason: 'now', seen: null }),
    ).rejects.toMatchObject({ code: 'approval_own_request' });
    // Made before anything was asked for, as keys usually are.
    expect(await decide(row, kim)).toMatchObject({ state: 'approved' });
  });

  it('takes no word of a shared key, of a viewer, of whoever asked, nor under strict four eyes of who answers for it', async () => {
    const [row] = await world.ask({ needs: [need('m#1', { fourEyes: 'strict' })] });
    await expect(decide(row, { name: 'operator', role: null, by: 'key', decidedIn: 'rest' })).rejects.toMatchObject({
      code: 'approval_needs_person',
    });
    await expect(decide(row, person('val', 'viewer'))).rejects.toMatchObject({ code: 'role_required' });
    await expect(decide(row, person('LENA@acme.example'))).rejects.toMatchObject({ code: 'approval_own_request' });
    await expect(decide(row, person('olaf@acme.example'))).rejects.toMatchObject({ code: 'approval_own_request' });
    world.settings.current = {
      tell: [],
      people: new Map([['lena', { email: 'lena@acme.example', route: null }]]),
    };
    await expect(decide(row, person('Lena'))).rejects.toMatchObject({ code: 'approval_own_request' });
    world.settings.current = { tell: [], people: new Map() };
    const [usual] = await world.ask({ needs: [need('m#1')] });
    expect(await decide(usual, person('olaf@acme.example'))).toMatchObject({ state: 'approved' });
  });

  it('asks whom a rule names, those it is escalated to once it is, and who stands in for them', async () => {
    const [row] = await world.ask({
      needs: [{ ...named('l#1', 'cfo@acme.example'), escalateTo: ['ceo@acme.example'] }],
    });
    const dan = await world.operator('dan@acme.example');
    await expect(decide(row, dan)).rejects.toMatchObject({ code: 'approval_not_yours' });
    await expect(decide(row, person('ceo@acme.example'))).rejects.toMatchObject({ code: 'approval_not_yours' });
    const until = new Date(Date.now() + 24 * HOUR);
    const wish = { from: 'cfo@acme.example', to: 'dan@acme.example', since: null, until };
    await expect(delegate(world.deps, dan, wish)).rejects.toMatchObject({ code: 'role_required' });
    await expect(delegate(world.deps, person('cfo@acme.example'), { ...wish, to: 'nobody' })).rejects.toMatchObject({
      code: 'delegation_invalid',
    });
    await expect(
      delegate(world.deps, person('cfo@acme.example'), { ...wish, until: new Date(Date.now() + 91 * 24 * HOUR) }),
    ).rejects.toMatchObject({ code: 'delegation_invalid' });
    const given = await delegate(world.deps, person('CFO@acme.example'), wish);
    expect(await decide(row, dan)).toMatchObject({ decider: 'dan@acme.example', onBehalfOf: 'cfo@acme.example' });
    // Whoever asked for it does not choose who decides about it.
    const [own] = await world.ask({
      needs: [named('l#1', 'cfo@acme.example')],
      requester: { agent: 'copilot', principal: 'cfo@acme.example', operator: null, preparer: null },
    });
    await expect(decide(own, dan)).rejects.toMatchObject({ code: 'approval_not_yours' });
    // Under whichever of their names: the rule asks the person, the agent acts for the address.
    await world.operator('jonas');
    await delegate(world.deps, person('jonas'), { ...wish, from: 'jonas' });
    world.settings.current = { tell: [], people: new Map([['jonas', { email: 'Jonas@acme.example', route: null }]]) };
    const [theirs] = await world.ask({
      needs: [named('l#1', 'jonas')],
      requester: { agent: 'copilot', principal: 'jonas@acme.example', operator: null, preparer: null },
    });
    await expect(decide(theirs, dan)).rejects.toMatchObject({ code: 'approval_not_yours' });
    const [others] = await world.ask({ needs: [named('l#1', 'jonas')] });
    expect(await decide(others, dan)).toMatchObject({ decider: 'dan@acme.example', onBehalfOf: 'jonas' });
    world.settings.current = { tell: [], people: new Map() };
    await undelegate(world.deps, person('cfo@acme.example'), given.id);
    await expect(undelegate(world.deps, person('root', 'admin'), given.id)).rejects.toMatchObject({
      code: 'delegation_unknown',
    });
    // Who may decide for whom stands in the installation's chain; what was refused, or was over, does not.
    const all = await toldIn(world.db, INSTALLATION_CHAIN);
    const told = all.filter(({ sentence }) => !sentence.startsWith('jonas '));
    expect(told.map(({ kind }) => kind)).toEqual(['delegation_ended', 'approval_delegated']);
    expect(told.map(({ entry }) => entry?.actor)).toEqual([
      { kind: 'operator', name: 'cfo@acme.example' },
      { kind: 'operator', name: 'CFO@acme.example' },
    ]);
    expect(told.map(({ sentence }) => sentence)).toEqual([
      'cfo@acme.example took their own approvals back from dan@acme.example.',
      `CFO@acme.example gave their own approvals to dan@acme.example from ${given.since.toISOString()} until ${until.toISOString()}.`,
    ]);
    const [later] = await world.ask({ needs: [named('l#1', 'cfo@acme.example')] });
    await expect(decide(later, dan)).rejects.toMatchObject({ code: 'approval_not_yours' });
  });

  it('one no ends it for all, is explained, and needs no look at the payload', async () => {
    const plan = world.plan();
    const [first, second] = await world.ask({ plan, needs: [need('a#1'), need('a#2')], review: need('r#1') });
    await expect(decide(first, person('ann'), 'deny', { reason: null })).rejects.toMatchObject({
      code: 'approval_reason_missing',
    });
    await decide(first, person('ann'), 'deny', { seen: null });
    expect(outcomesOf(plan)).toEqual([{ kind: 'rejected', by: 'ann', reason: 'not this one' }]);
    expect((await world.rows(plan)).map(({ kind, state }) => [kind, state])).toEqual([
      ['approval', 'denied'],
      ['approval', 'withdrawn'],
    ]);
    await expect(decide(second, person('bob'))).rejects.toMatchObject({ code: 'approval_over' });
    expect(await stands(plan)).toMatchObject({ kind: 'fallen', why: 'what was asked is denied' });
  });

  it('a yes is to what was shown; another payload is asked anew', async () => {
    const plan = world.plan();
    const [old] = await world.ask({ plan });
    await expect(decide(old, person('ann'), 'approve', { seen: null })).rejects.toMatchObject({
      code: 'approval_changed',
    });
    const [anew] = await world.ask({ plan, payloadHash: 'hash-2' });
    expect(anew?.round).toBe(2);
    await expect(decide(old, person('ann'))).rejects.toMatchObject({ code: 'approval_over' });
    await expect(decide(anew, person('ann'))).rejects.toMatchObject({ code: 'approval_changed' });
    await decide(anew, person('ann'), 'approve', { seen: 'hash-2' });
    expect(outcomesOf(plan)).toHaveLength(1);
    // Under other rules only a no is taken.
    const [ruled] = await world.ask({});
    world.policy.version = 'policy-2';
    await expect(decide(ruled, person('ann'))).rejects.toMatchObject({ code: 'approval_changed' });
    expect(await decide(ruled, person('ann'), 'deny')).toMatchObject({ state: 'denied' });
    world.policy.version = 'policy-1';
    const gone = world.plan();
    const [row] = await world.ask({ plan: gone });
    await world.db.tenantTx(
      world.tenant,
      (tx) => closeApprovals(tx, { tenant: world.tenant, plan: gone }),
      'test.close',
    );
    await expect(decide(row, person('ann'))).rejects.toMatchObject({ code: 'approval_over' });
    expect(outcomesOf(gone)).toEqual([]);
  });

  it('opens the second look once it is approved, for another human, and keeps what they say', async () => {
    const plan = world.plan();
    const [row] = await world.ask({ plan, review: need('large.second_review#1', { slaMs: 24 * HOUR }) });
    await decide(row, person('ann'));
    const review = (await world.rows(plan)).find(({ kind }) => kind === 'review');
    expect(review).toMatchObject({ state: 'open', expiresAt: null });
    await expect(decide(review, person('bob'))).rejects.toMatchObject({ code: 'approval_verdict_invalid' });
    await expect(decide(review, person('ann'), 'fine')).rejects.toMatchObject({ code: 'approval_same_person' });
    await expect(decide(review, person('lena@acme.example'), 'fine')).rejects.toMatchObject({
      code: 'approval_own_request',
    });
    expect(await decide(review, person('bob'), 'object')).toMatchObject({ state: 'objected', reason: 'not this one' });
    expect(outcomesOf(plan)).toHaveLength(1);
    expect(await world.audited(plan)).toEqual(['approval_asked', 'approval_decided', 'review_opened', 'review_done']);
    // Where nothing was to be decided before, the look afterwards is opened at once.
    const free = world.plan();
    const opened = await world.ask({ plan: free, needs: [], review: need('small.second_review#1') });
    expect(opened.map(({ kind, state }) => [kind, state])).toEqual([['review', 'open']]);
  });

  it('breaks the glass with a reason, by an administrator who did not ask, and has it looked at by another', async () => {
    const plan = world.plan();
    await world.ask({ plan, needs: [named('l#1', 'cfo@acme.example'), need('l#2')] });
    const act = (decider: Decider, seen: string | null = null) =>
      breakGlass(world.deps, { tenant: world.tenant, plan, decider, reason: 'the customer is down', seen });
    await expect(act(person('ann'))).rejects.toMatchObject({ code: 'role_required' });
    await expect(act({ ...person('operator'), role: null })).rejects.toMatchObject({ code: 'approval_needs_person' });
    await expect(act(person('lena@acme.example', 'admin'))).rejects.toMatchObject({ code: 'approval_own_request' });
    const root = await world.operator('Root', 'admin');
    await expect(act(root, 'of another payload')).rejects.toMatchObject({ code: 'approval_changed' });
    expect(outcomesOf(plan)).toEqual([]);
    await act(root, 'hash-1');
    expect(outcomesOf(plan)).toEqual([{ kind: 'approved', by: 'Root' }]);
    expect(await stands(plan)).toEqual({ kind: 'stand' });
    const review = (await world.rows(plan)).find(({ kind }) => kind === 'review');
    await expect(decide(review, person('root', 'admin'), 'fine')).rejects.toMatchObject({
      code: 'approval_own_request',
    });
    expect(await decide(review, person('ann'), 'fine')).toMatchObject({ state: 'done' });
    await expect(act(person('Root', 'admin'))).rejects.toMatchObject({ code: 'approval_over' });
    expect(await world.audited(plan)).toContain('glass_broken');
  });
});
