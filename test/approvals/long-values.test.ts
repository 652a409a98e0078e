import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApprovalPage } from '../../src/app/approvals/approval-page.ts';
import { createApprovalUseCases } from '../../src/app/approvals/approval-use-cases.ts';
import { shownPlan } from '../../src/app/approvals/plan-approvals.ts';
import { messageOf, toldApprovals, wholeApproval, type ShownPlan, type TellDeps } from '../../src/approvals/index.ts';
import { approvalsShow } from '../../src/cli/commands/approvals.ts';
import { roleIn } from '../../src/identity/index.ts';
import { addApprovalLink, addOperator, findOperator } from '../../src/store/index.ts';
import { startApi, type TestApi } from '../api/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { openLedgerServer, type LedgerServer } from '../write/ledger-server.ts';
import { openWriteStage } from '../write/stage.ts';
import { openApprovalWorld, type ApprovalWorld } from './fixture.ts';

/** What matters of a long value may stand at its end: whoever decides can read all of it. */
describe('a value that is long', () => {
  const open = openerOf('pglite');
  const END = 'pay it to XY12 3456';
  const was = `${'as it was. '.repeat(300)}old end`;
  const becomes = `${'Nothing of note. '.repeat(600)}${END}`;
  const key = `gto_${randomBytes(32).toString('base64url')}`;
  let world: ApprovalWorld;
  let api: TestApi;
  let server: LedgerServer;
  let shown: ShownPlan;
  let id = 0;

  beforeAll(async () => {
    const db = await open();
    [world, server] = await Promise.all([openApprovalWorld(db), openLedgerServer()]);
    const deps: TellDeps = {
      ...world.deps,
      publicUrl: 'http://127.0.0.1',
      slugOf: async () => world.slug,
      tell: async () => ({ status: 200, cause: null, waitMs: null }),
    };
    api = await startApi({
      approvals: createApprovalUseCases({ ...deps, revisions: { current: async () => null } }),
      approvalPage: createApprovalPage(deps),
      findOperator: async (bearer) => {
        const row = await findOperator(db, bearer);
        const role = roleIn(row?.role ?? '');
        return row === null || role === null ? null : { name: row.name, role };
      },
    });
    await db.tx(
      (tx) => addOperator(tx, { name: 'ann', role: 'approver', key, by: 'test', expiresAt: null }),
      'test.operator',
    );
    const stage = await openWriteStage(db, server);
    const wish = {
      object: 'Plain',
      operation: 'update',
      recordId: 'a',
      values: { name: becomes },
      before: { name: was },
    };
    shown = shownPlan(stage.plan([wish as Parameters<typeof stage.plan>[0][number]]));
    id = (await world.ask({ shown }))[0]?.id ?? 0;
  });
  afterAll(async () => {
    await api.stop();
    await server.stop();
  });

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${api.url}${path}`, { redirect: 'manual', headers });

  it('is shown whole over REST, which the console reads, and by the CLI', async () => {
    const answer = await get(`/v1/approvals/${String(id)}?tenant=${world.slug}`, { authorization: `Bearer ${key}` });
    expect(await answer.json()).toMatchObject({
      changes: [{ fields: [{ field: 'name', before: was, after: becomes }] }],
    });
    const lines: string[] = [];
    await approvalsShow.run({
      args: [String(id), '--tenant', world.slug],
      env: { GANTRY_PUBLIC_URL: api.url, GANTRY_OPERATOR_KEY: key },
      out: (line) => lines.push(line),
      untilAsked: () => Promise.resolve(),
    });
    expect(lines.join('\n')).toContain(`${was} -> ${becomes}`);
  });

  it('is shown whole on the page that decides, signed in and by a link', async () => {
    const token = randomBytes(32).toString('base64url');
    const link = { token, tenant: world.tenant, approval: id, person: 'ann', expiresAt: new Date('2999-01-01') };
    await world.db.tx((tx) => addApprovalLink(tx, link), 'test.link');
    const byLink = await (await get(`/approvals/link?token=${token}`)).text();
    const signedIn = await fetch(`${api.url}/approvals/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ key, to: '/approvals' }).toString(),
    });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const page = await (await get(`/approvals/${world.slug}/${String(id)}`, { cookie })).text();
    for (const text of [byLink, page]) {
      expect(text).toContain(`<del>${was}</del>`);
      expect(text).toContain(`<ins>${becomes}</ins>`);
    }
  });

  it('is cut in a message, which says how much is not in it, and where it is', async () => {
    const { row, about } = await wholeApproval(world.deps, world.tenant, id);
    const where = { id: 'm', tenant: world.slug, url: 'https://gantry.example', urlSays: 'Look', inPlace: [] };
    const lines = (change: Partial<ShownPlan['changes'][number]>): readonly string[] => {
      const changes = shown.changes.map((each) => ({ ...each, ...change }));
      return messageOf('asked', { ...about, shown: { ...shown, changes } }, row, where).lines;
    };
    const [, line = ''] = lines({});
    expect(line).not.toContain(END);
    expect(line).toContain(`(${(becomes.length - 200).toLocaleString('en')} more characters, shown on the page)`);
    expect(line.length).toBeLessThan(1_000);
    const field = (after: string) => ({ field: 'name', before: 'x', after });
    // As short as may be whole, and one more; half of a character is none.
    expect(lines({ fields: [field('y'.repeat(200))] })[1]).toMatch(/-> y{200}$/);
    expect(lines({ fields: [field(`${'y'.repeat(199)}😀`)] })[1]).toMatch(
      /-> y{199}… \(2 more characters, shown on the page\)$/,
    );
    // What turns the reading direction, or hides, is none of what is read.
    expect(lines({ fields: [field('abc\u202edef\u200bghi\u0007j')] })[1]).toMatch(/-> abc def ghi j$/);
    const many = lines({ fields: Array.from({ length: 30 }, () => field('z'.repeat(150))) })[1] ?? '';
    expect(many).toMatch(/… \(the rest is shown on the page\)$/);
    expect(many.length).toBeLessThan(2_100);
  });

  it('weighs on no list', async () => {
    const of = { decided: false, plan: null, limit: 10 };
    const listed = await toldApprovals(world.deps, world.tenant, of);
    expect(listed.map(({ row }) => row.id)).toContain(id);
    expect(JSON.stringify(listed)).not.toContain('Nothing of note.');
  });
});
