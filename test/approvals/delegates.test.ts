import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  decideByLink,
  delegate,
  moveOnTime,
  undelegate,
  type ApprovalMessage,
  type TellDeps,
  type TellTo,
} from '../../src/approvals/index.ts';
import { tellNewDelegates } from '../../src/approvals/delegates.ts';
import { spreadNotices, tellDue } from '../../src/approvals/tell-due.ts';
import { approvalNoticesOf, claimApprovalTurns, removeOperator, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { HOUR, named, need, openApprovalWorld, person, type ApprovalWorld } from './fixture.ts';

const IDA = 'ida@acme.example';
const DAN = 'dan@acme.example';
const admin = person('root', 'admin');

/** Whoever decides in another's place hears of what there is to decide. */
describe('who stands in for somebody', () => {
  const open = openerOf('pglite');
  let db: Db;
  let world: ApprovalWorld;
  const got: { readonly to: TellTo; readonly message: ApprovalMessage }[] = [];

  beforeAll(async () => {
    db = await open();
  });
  beforeEach(async () => {
    got.splice(0);
    await db.query('update approval_delegation set ended_at = now() where ended_at is null');
    world = await openApprovalWorld(db);
    for (const name of [IDA, DAN]) await world.operator(name).catch(() => undefined);
  });

  const lendsTo = (to: string, from = IDA, since: Date | null = null) =>
    delegate(world.deps, admin, { from, to, since, until: new Date((since ?? new Date()).getTime() + 48 * HOUR) });
  /** As often as restarts and other processes may. */
  const spread = async (): Promise<void> => {
    for (let time = 0; time < 2; time += 1) {
      await spreadNotices(world.deps, world.tenant);
      await tellNewDelegates(world.deps, world.tenant);
    }
  };
  const notices = async (plan: string): Promise<readonly string[]> => {
    const ids = (await world.rows(plan)).map(({ id }) => id);
    const all = await db.tenantRead(world.tenant, (tx) => approvalNoticesOf(tx, world.tenant, ids));
    return all
      .filter(({ recipient }) => recipient !== 'all')
      .map(({ kind, recipient, state }) => `${kind} ${recipient.slice('person:'.length)} ${state}`)
      .toSorted();
  };
  const tells: TellDeps['tell'] = async (to, message) => {
    got.push({ to, message });
    return { status: 204, cause: null, waitMs: null };
  };
  const tell = async (): Promise<void> => {
    await world.pass(0);
    const deps: TellDeps = {
      ...world.deps,
      publicUrl: 'https://gantry.example',
      slugOf: async () => world.slug,
      tell: tells,
    };
    const request = { worker: 'one', leaseMs: 60_000, limit: 100, againMs: 0 };
    await db.tx((tx) => claimApprovalTurns(tx, request), 'test.claim');
    await tellDue(deps, { worker: 'one', tenant: world.tenant }, new AbortController().signal);
  };
  const addresses = () => got.map(({ to }) => (to.kind === 'email' ? to.address : to.route)).toSorted();

  it('is told what the approver is, each once: asked, reminded, and when nobody decided', async () => {
    await lendsTo(DAN);
    const plan = world.plan();
    await world.ask({ plan, needs: [{ ...named('l#1', IDA), escalateTo: ['ceo@acme.example'] }] });
    for (let half = 0; half < 2; half += 1) {
      await spread();
      await world.pass(2 * HOUR);
      await moveOnTime(world.deps, world.tenant);
    }
    await spread();
    expect(await notices(plan)).toEqual([
      `asked ${DAN} due`,
      `asked ${IDA} due`,
      'escalated ceo@acme.example due',
      `escalated ${DAN} due`,
      `escalated ${IDA} due`,
      `reminder ${DAN} due`,
      `reminder ${IDA} due`,
    ]);
    const told = await db.query<{ body: string }>(
      `select body from audit_payload where tenant = $1 and plan = $2 and kind = 'approval_reminded'`,
      [world.tenant, plan],
    );
    expect(told[0]?.body).toContain(DAN);
  });

  it('is told in whose place, with a link that decides so', async () => {
    await lendsTo(DAN);
    const [row] = await world.ask({ needs: [named('l#1', IDA)] });
    await tell();
    await tell();
    expect(addresses()).toEqual([DAN, IDA]);
    const lines = (address: string) =>
      got.find(({ to }) => to.kind === 'email' && to.address === address)?.message ?? { lines: [], url: '' };
    const says = `You decide in the place of ${IDA} now.`;
    expect(lines(DAN).lines).toContain(says);
    expect(lines(IDA).lines).not.toContain(says);
    const token = new URL(lines(DAN).url).searchParams.get('token') ?? '';
    const decided = await decideByLink(world.deps, token, { verdict: 'approve', reason: null, seen: 'hash-1' });
    expect(decided).toMatchObject({ id: row?.id, decider: DAN, onBehalfOf: IDA });
  });

  it('gets one message where they are asked themselves, under whichever of their names', async () => {
    world.settings.current = { tell: [], people: new Map([['dan', { email: DAN, route: null }]]) };
    await lendsTo(DAN);
    const plan = world.plan();
    await world.ask({ plan, needs: [named('l#1', IDA, 'dan')] });
    await spread();
    await tell();
    expect(addresses()).toEqual([DAN, IDA]);
    expect(await notices(plan)).toEqual(['asked dan sent', `asked ${IDA} sent`]);
  });

  it('is told of what waits already when it begins, and of nothing before it does', async () => {
    const plan = world.plan();
    await world.ask({ plan, needs: [named('l#1', IDA)] });
    await lendsTo(DAN, IDA, new Date(Date.now() + HOUR));
    await spread();
    expect(await notices(plan)).toEqual([`asked ${IDA} due`]);
    await db.query(`update approval_delegation set since = since - interval '2 hours' where ended_at is null`);
    await tell();
    await tell();
    expect(await notices(plan)).toEqual([`asked ${DAN} sent`, `asked ${IDA} sent`]);
    expect(addresses()).toEqual([DAN, IDA]);
  });

  it('is told nothing once it has ended, not even what waited to be sent', async () => {
    const { id } = await lendsTo(DAN);
    const plan = world.plan();
    await world.ask({ plan, needs: [named('l#1', IDA)] });
    await spread();
    await undelegate(world.deps, admin, id);
    await tell();
    await world.pass(2 * HOUR);
    await moveOnTime(world.deps, world.tenant);
    await tell();
    expect(addresses()).toEqual([IDA, IDA]);
    expect(await notices(plan)).toEqual([`asked ${DAN} dropped`, `asked ${IDA} sent`, `reminder ${IDA} sent`]);
  });

  it('is told what waits when it begins anew, if nobody could be told while it had ended', async () => {
    const { id } = await lendsTo(DAN);
    const plan = world.plan();
    await world.ask({ plan, needs: [named('l#1', IDA)] });
    await spread();
    await undelegate(world.deps, admin, id);
    await tell();
    expect(await notices(plan)).toEqual([`asked ${DAN} dropped`, `asked ${IDA} sent`]);
    await lendsTo(DAN);
    await tell();
    await tell();
    expect(await notices(plan)).toEqual([`asked ${DAN} sent`, `asked ${IDA} sent`]);
    expect(addresses()).toEqual([DAN, IDA]);
    // Once told, they are not told the same again.
    await spread();
    expect(await notices(plan)).toEqual([`asked ${DAN} sent`, `asked ${IDA} sent`]);
  });

  it('is told nothing where their word would not count', async () => {
    const eve = 'eve@acme.example';
    await world.operator(eve).catch(() => undefined);
    await lendsTo(eve);
    await db.tx((tx) => removeOperator(tx, eve), 'test.remove');
    const [plan, own, hers] = [world.plan(), world.plan(), world.plan()];
    await world.ask({ plan, needs: [named('l#1', IDA)] });
    await lendsTo(DAN);
    const requester = (principal: string) => ({ agent: 'copilot', principal, operator: null, preparer: null });
    await world.ask({ plan: own, needs: [named('l#1', IDA)], requester: requester(DAN) });
    await world.ask({ plan: hers, needs: [named('l#1', IDA)], requester: requester(IDA) });
    await spread();
    expect(await notices(plan)).toEqual([`asked ${DAN} due`, `asked ${IDA} due`]);
    expect(await notices(own)).toEqual([`asked ${IDA} due`]);
    expect(await notices(hers)).toEqual([]);
  });

  it('is told, too, where any approver may decide and the absent one is told', async () => {
    world.settings.current = { tell: [], people: new Map([['ida', { email: IDA, route: null }]]) };
    await lendsTo(DAN);
    const plan = world.plan();
    const requester = { agent: 'copilot', principal: null, operator: null, preparer: null };
    await world.ask({ plan, needs: [need('l#1')], requester });
    await spread();
    expect(await notices(plan)).toEqual([`asked ${DAN} due`, 'asked ida due']);
  });
});
