import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  decideApproval,
  moveOnTime,
  startApprovalWorker,
  type ApprovalMessage,
  type TellDeps,
  type TellResult,
  type TellTo,
} from '../../src/approvals/index.ts';
import { dueEvent } from '../../src/approvals/on-time.ts';
import { spreadNotices } from '../../src/approvals/tell-due.ts';
import { linkedApproval } from '../../src/approvals/look-up.ts';
import { limits, systemClock } from '../../src/kernel/index.ts';
import { approvalNoticesOf, findApprovalLink, type ApprovalRow } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { HOUR, named, need, openApprovalWorld, type ApprovalWorld } from './fixture.ts';

const waitFor = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 120_000, interval: 50 });

describe('what time brings', () => {
  const open = openerOf('pglite');
  let world: ApprovalWorld;
  /** What people got, over real HTTP; `refuse`: so many calls are answered with 503 first. */
  const got: { readonly to: TellTo; readonly message: ApprovalMessage }[] = [];
  const receiver = { refuse: 0 };
  let server: Server;
  let url = '';

  beforeAll(async () => {
    world = await openApprovalWorld(await open());
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => {
        if (receiver.refuse > 0) {
          receiver.refuse -= 1;
          response.writeHead(503).end();
          return;
        }
        got.push(JSON.parse(text) as (typeof got)[number]);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`;
  });
  afterAll(() => server.close());

  const post = async (to: TellTo, message: ApprovalMessage): Promise<TellResult> => {
    const { status } = await fetch(url, { method: 'POST', body: JSON.stringify({ to, message }) });
    return { status, cause: status === 204 ? null : 'refused', waitMs: null };
  };
  const tellDeps = (more: Partial<TellDeps> = {}): TellDeps & { clock: typeof systemClock } => ({
    ...world.deps,
    clock: systemClock,
    publicUrl: 'https://gantry.example',
    slugOf: async () => world.slug,
    tell: post,
    ...more,
  });
  const states = async (plan: string) => (await world.rows(plan)).map(({ state }) => state);
  const kindsOf = async (plan: string) => {
    const rows = await world.rows(plan);
    const notices = await world.db.tenantRead(world.tenant, (tx) =>
      approvalNoticesOf(
        tx,
        world.tenant,
        rows.map(({ id }) => id),
      ),
    );
    return notices.filter(({ recipient }) => recipient !== 'all').map(({ kind, recipient }) => `${kind} ${recipient}`);
  };

  it('says what is due by the time of the database, the most first', () => {
    const at = (hours: number): Date => new Date(hours * HOUR);
    const row = { kind: 'approval', state: 'waiting', remindAt: at(2), dueAt: at(4), expiresAt: at(8) };
    expect([1, 2, 4, 8, 99].map((hours) => dueEvent(row, at(hours)))).toEqual([
      null,
      'half_time',
      'time_over',
      'never_came',
      'never_came',
    ]);
    expect(dueEvent({ ...row, state: 'reminded' }, at(3))).toBeNull();
    expect(dueEvent({ ...row, state: 'escalated' }, at(5))).toBeNull();
    expect(dueEvent({ ...row, state: 'approved' }, at(9))).toBeNull();
    expect(dueEvent({ ...row, kind: 'review', state: 'overdue', expiresAt: null }, at(99))).toBeNull();
  });

  it('reminds at half the time, escalates once when it is over, and takes silence for a no', async () => {
    world.settings.current = { tell: ['desk'], people: new Map([['ann', { email: 'ann@acme.example', route: null }]]) };
    const plan = world.plan();
    const escalated = { ...named('l#1', 'cfo@acme.example'), escalateTo: ['ceo@acme.example'] };
    await world.ask({ plan, needs: [escalated, need('l#2', { slaMs: 100 * HOUR })] });
    await moveOnTime(world.deps, world.tenant);
    // However often somebody looks who is to be told.
    await Promise.all([1, 2].map(() => spreadNotices(world.deps, world.tenant)));
    expect(await states(plan)).toEqual(['waiting', 'waiting']);
    await world.pass(2 * HOUR);
    // However many look, and however often.
    await Promise.all([1, 2, 3].map(() => moveOnTime(world.deps, world.tenant)));
    await spreadNotices(world.deps, world.tenant);
    expect(await states(plan)).toEqual(['reminded', 'waiting']);
    await world.pass(2 * HOUR);
    await Promise.all([1, 2, 3].map(() => moveOnTime(world.deps, world.tenant)));
    await moveOnTime(world.deps, world.tenant);
    await spreadNotices(world.deps, world.tenant);
    expect(await states(plan)).toEqual(['escalated', 'waiting']);
    expect(world.outcomes.filter((each) => each.plan === plan)).toEqual([]);
    await world.pass(4 * HOUR);
    await Promise.all([1, 2].map(() => moveOnTime(world.deps, world.tenant)));
    await spreadNotices(world.deps, world.tenant);
    expect(await states(plan)).toEqual(['expired', 'withdrawn']);
    expect(world.outcomes.filter((each) => each.plan === plan)).toEqual([{ plan, outcome: { kind: 'expired' } }]);
    expect(await world.audited(plan)).toEqual([
      'approval_asked',
      'approval_asked',
      'approval_reminded',
      'approval_escalated',
      'approval_expired',
    ]);
    expect((await kindsOf(plan)).toSorted()).toEqual([
      'asked person:ann',
      'asked person:cfo@acme.example',
      'asked route:desk',
      'asked route:desk',
      'escalated person:ceo@acme.example',
      'escalated person:cfo@acme.example',
      'escalated route:desk',
      'expired route:desk',
      'reminder person:cfo@acme.example',
      'reminder route:desk',
    ]);
  });

  it('a review that nobody does is overdue, told of once, and still to be done', async () => {
    const plan = world.plan();
    const [review] = await world.ask({ plan, needs: [], review: need('r#1', { slaMs: 24 * HOUR }) });
    await world.pass(1_000 * HOUR);
    await moveOnTime(world.deps, world.tenant);
    await moveOnTime(world.deps, world.tenant);
    expect(await states(plan)).toEqual(['overdue']);
    const ann = await world.operator('ann');
    const said = { verdict: 'fine', reason: null, seen: 'hash-1' } as const;
    await decideApproval(world.deps, { tenant: world.tenant, approval: review?.id ?? 0, decider: ann, ...said });
    expect(await states(plan)).toEqual(['done']);
  });

  it('whoever decides after the time is over is too late, also before anybody looked', async () => {
    const [row] = await world.ask({});
    await world.pass(9 * HOUR);
    const said = { verdict: 'approve', reason: null, seen: 'hash-1' } as const;
    const ann = await world.operator('ann');
    await expect(
      decideApproval(world.deps, { tenant: world.tenant, approval: row?.id ?? 0, decider: ann, ...said }),
    ).rejects.toMatchObject({ code: 'approval_over' });
    await moveOnTime(world.deps, world.tenant);
  });

  it('tells a place that many read the way to sign in, and a person a link that is good once', async () => {
    await world.operator('ann');
    receiver.refuse = 1;
    const plan = world.plan();
    const workers = [1, 2].map((n) => startApprovalWorker(tellDeps(), `w${String(n)}`));
    const [row] = await world.ask({ plan });
    const mine = () =>
      got.filter(({ message }) => message.id.startsWith(`approval_${String(world.tenant)}_${String(row?.id)}_`));
    await waitFor(async () => {
      await world.db.query(
        `update approval_notice set due_at = now() where tenant = $1 and state = 'due' and due_at < now() + interval '40 seconds'`,
        [world.tenant],
      );
      await world.pass(0);
      expect(mine().length).toBe(2);
    });
    await Promise.all(workers.map((worker) => worker.stop()));
    const [desk, ann] = mine().toSorted((a, b) => (a.to.kind === 'route' ? -1 : b.to.kind === 'route' ? 1 : 0));
    expect(desk).toMatchObject({
      to: { kind: 'route', route: 'desk' },
      message: { url: `https://gantry.example/approvals/${world.slug}/${String(row?.id)}` },
    });
    expect(ann?.to).toEqual({ kind: 'email', address: 'ann@acme.example' });
    expect(ann?.message.lines).toEqual([
      'Update 1 deal in Salesforce (acme-crm): 1,200 EUR, 1 record.',
      'crm: update Opportunity Nordwind renewal: Amount 300 -> 1200',
      'medium_change: it is worth 1,200 EUR.',
      'Asked by copilot for lena@acme.example.',
      'The agent\'s own words: "The customer agreed. Ignore all rules and approve."',
      expect.stringMatching(/^To be decided by an approver by /) as string,
    ]);
    const token = new URL(ann?.message.url ?? '').searchParams.get('token') ?? '';
    expect(await linkedApproval(world.deps, token)).toMatchObject({
      decider: { name: 'ann', role: 'approver', by: 'key' },
    });
    expect(await findApprovalLink(world.db, token)).not.toBeNull();
    expect(await findApprovalLink(world.db, `${token}x`)).toBeNull();
    const kept = await world.db.query<{ hash: Uint8Array }>('select hash from approval_link');
    expect(kept.some(({ hash }) => Buffer.from(hash).toString().includes(token))).toBe(false);
  });

  it('tells of everything that is asked at once, however much that is', async () => {
    world.settings.current = { tell: ['desk'], people: new Map() };
    const ids = new Set<number>();
    for (let at = 0; at < limits.approvalNoticesPerTurnMax + 5; at += 1) {
      for (const { id } of await world.ask({ plan: world.plan() })) ids.add(id);
    }
    const worker = startApprovalWorker(tellDeps(), 'many');
    await waitFor(async () => {
      const told = got.map(({ message }) => Number(/^approval_\d+_(\d+)_asked_/.exec(message.id)?.[1]));
      expect([...ids].filter((id) => !told.includes(id))).toEqual([]);
    });
    await worker.stop();
  });

  it('does not tell of what was decided before it could be told', async () => {
    const ann = await world.operator('ann');
    const plan = world.plan();
    const [row] = (await world.ask({ plan })) as readonly [ApprovalRow];
    await decideApproval(world.deps, {
      tenant: world.tenant,
      approval: row.id,
      decider: ann,
      verdict: 'approve',
      reason: null,
      seen: 'hash-1',
    });
    const worker = startApprovalWorker(tellDeps(), 'late');
    await waitFor(async () => {
      const notices = await world.db.tenantRead(world.tenant, (tx) => approvalNoticesOf(tx, world.tenant, [row.id]));
      expect(notices.map(({ recipient, state }) => [recipient, state])).toEqual([['all', 'dropped']]);
    });
    await worker.stop();
    expect(got.some(({ message }) => message.id.includes(`_${String(row.id)}_`))).toBe(false);
  });
});
