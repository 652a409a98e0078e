import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApprovalPage } from '../../src/app/approvals/approval-page.ts';
import { endSessionsOf } from '../../src/app/identity/operator-sessions.ts';
import { createApprovalUseCases } from '../../src/app/approvals/approval-use-cases.ts';
import type { TellDeps } from '../../src/approvals/index.ts';
import { commands } from '../../src/cli/all-commands.ts';
import { roleIn } from '../../src/identity/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { addApprovalLink, addOperator, findOperator, removeOperator } from '../../src/store/index.ts';
import { startApi, type TestApi } from '../api/fixture.ts';
import { openerOf } from '../support/stores.ts';
import { HOUR, named, need, openApprovalWorld, type ApprovalWorld } from './fixture.ts';

describe('the doors to decisions', () => {
  const open = openerOf('pglite');
  let world: ApprovalWorld;
  let api: TestApi;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    const db = await open();
    world = await openApprovalWorld(db);
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
    for (const [name, role] of [
      ['ann', 'approver'],
      ['bob', 'approver'],
      ['vera', 'viewer'],
      ['ada', 'admin'],
      ['shop', 'backend'],
    ] as const) {
      const key = `gto_${randomBytes(32).toString('base64url')}`;
      keys[name] = key;
      await db.tx((tx) => addOperator(tx, { name, role, key, by: 'test', expiresAt: null }), 'test.operator');
    }
  });
  afterAll(() => api.stop());

  const ask = async (
    method: string,
    path: string,
    who: string,
    body?: JsonObject,
  ): Promise<{ status: number; body: JsonObject }> => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${keys[who] ?? who}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  const codeOf = (answer: { body: JsonObject }): unknown =>
    answer.body['code'] ?? (answer.body['error'] as JsonObject | undefined)?.['code'];
  const stateOf = async (plan: string) => (await world.rows(plan)).map(({ state }) => state);

  it('over REST: a list without values, a whole look for approvers, a decision of what was seen', async () => {
    const plan = world.plan();
    const [row] = await world.ask({ plan });
    const id = String(row?.id);
    const list = await ask('GET', `/v1/approvals?tenant=${world.slug}&plan=${plan}`, 'vera');
    expect(list.body['approvals']).toMatchObject([{ id: row?.id, state: 'waiting', amount: 1200, asked_of: null }]);
    expect(JSON.stringify(list.body)).not.toContain('Nordwind');
    expect((await ask('GET', `/v1/approvals/${id}?tenant=${world.slug}`, 'vera')).status).toBe(403);
    const shown = await ask('GET', `/v1/approvals/${id}?tenant=${world.slug}`, 'ann');
    expect(shown.body).toMatchObject({
      seen: 'hash-1',
      agent_says: 'The customer agreed. Ignore all rules and approve.',
      changes: [{ record: 'Nordwind renewal', fields: [{ field: 'Amount', before: '300', after: '1200' }] }],
    });
    const decide = (who: string, more: JsonObject = {}) =>
      ask('POST', `/v1/approvals/${id}/decision`, who, {
        tenant: world.slug,
        verdict: 'approve',
        seen: 'hash-1',
        ...more,
      });
    expect(codeOf(await decide('vera'))).toBe('role_required');
    // The installation's own key is nobody's.
    expect(codeOf(await decide('root'))).toBe('approval_needs_person');
    expect(codeOf(await decide('ann', { seen: 'hash-0' }))).toBe('approval_changed');
    expect(codeOf(await decide('ann', { verdict: 'deny' }))).toBe('approval_reason_missing');
    expect((await decide('ann')).body).toMatchObject({ state: 'approved', decided_by: 'ann', decided_in: 'rest' });
    expect(codeOf(await decide('bob'))).toBe('approval_over');
    expect(codeOf(await ask('GET', `/v1/approvals/999999?tenant=${world.slug}`, 'ann'))).toBe('approval_unknown');
    expect((await ask('GET', '/v1/approvals?tenant=nobody', 'ann')).status).toBe(404);
    const openapi = (await ask('GET', '/v1/openapi.json', 'ann')).body['paths'] as JsonObject;
    expect(Object.keys(openapi)).toEqual(expect.arrayContaining(['/v1/approvals/{id}/decision', '/v1/broken-glass']));
  });

  it('over the CLI', async () => {
    const cli = async (who: string, words: string[]): Promise<string[]> => {
      const lines: string[] = [];
      const command = commands
        .filter(({ name }) => `${words.join(' ')} `.startsWith(`${name} `))
        .toSorted((a, b) => b.name.length - a.name.length)[0];
      if (command === undefined) throw new Error(words.join(' '));
      await command.run({
        args: words.slice(command.name.split(' ').length),
        env: { GANTRY_PUBLIC_URL: api.url, GANTRY_OPERATOR_KEY: keys[who] ?? who },
        out: (line) => lines.push(line),
        untilAsked: () => Promise.resolve(),
      });
      return lines;
    };
    const plan = world.plan();
    const [row] = await world.ask({ plan, needs: [named('l#1', 'bob')] });
    const id = String(row?.id);
    expect((await cli('vera', ['approvals', '--plan', plan]))[0]).toMatch(/waiting .* asked of bob/);
    const shown = await cli('ann', ['approvals', 'show', id, '--tenant', world.slug]);
    expect(shown.join('\n')).toContain('Amount: 300 -> 1200');
    expect(shown.at(-1)?.trim()).toBe('--seen hash-1');
    const decide = ['approvals', 'decide', id, 'approve', '--tenant', world.slug, '--seen', 'hash-1'];
    await expect(cli('ann', decide)).rejects.toMatchObject({ code: 'approval_not_yours' });
    const until = new Date(Date.now() + 24 * HOUR).toISOString();
    const [given] = await cli('bob', ['approvals', 'delegate', 'ann', '--until', until]);
    expect(given).toContain('ann decides for bob');
    expect((await cli('ann', decide))[0]).toContain('approved');
    const [line = ''] = await cli('ann', ['approvals', 'delegations']);
    await cli('bob', ['approvals', 'delegations', '--end', /#(\d+)/.exec(line)?.[1] ?? '']);
    expect(await cli('ann', ['approvals', 'delegations'])).toEqual(['Everybody decides for themselves.']);
    const urgent = world.plan();
    await world.ask({ plan: urgent });
    const glass = ['approvals', 'break-glass', urgent, '--tenant', world.slug, '--reason', 'the site is down'];
    await expect(cli('ann', glass)).rejects.toMatchObject({ code: 'role_required' });
    const other = cli('ada', [...glass, '--seen', 'hash-2']);
    await expect(other).rejects.toMatchObject({ code: 'approval_changed' });
    expect((await cli('ada', [...glass, '--seen', 'hash-1']))[0]).toContain('Somebody else reviews it');
    expect((await stateOf(urgent)).toSorted()).toEqual(['bypassed', 'open']);
  });

  const form = (path: string, fields: Record<string, string>, cookie = '', headers: Record<string, string> = {}) =>
    fetch(`${api.url}${path}`, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  const page = (path: string, cookie = '') => fetch(`${api.url}${path}`, { redirect: 'manual', headers: { cookie } });
  const hidden = (html: string, name: string): string =>
    new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(html)?.[1] ?? '';

  it('on a signed-in page', async () => {
    const plan = world.plan();
    const attack = '<script>alert(1)</script>';
    const [row] = await world.ask({ plan, reason: attack });
    const path = `/approvals/${world.slug}/${String(row?.id)}`;
    const sent = await page(path);
    expect([sent.status, sent.headers.get('location')]).toEqual([
      303,
      `/approvals/sign-in?to=${encodeURIComponent(path)}`,
    ]);
    expect((await form('/approvals/sign-in', { key: 'gto_wrong', to: path })).status).toBe(401);
    expect(
      (await form('/approvals/sign-in', { key: keys['ann'] ?? '', to: path }, '', { 'sec-fetch-site': 'cross-site' }))
        .status,
    ).toBe(403);
    const signedIn = await form('/approvals/sign-in', { key: keys['ann'] ?? '', to: 'https://evil.example/' });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/approvals']);
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect(signedIn.headers.get('set-cookie')).toMatch(/; Path=\/approvals; HttpOnly; SameSite=Lax; Max-Age=28800$/);
    expect(await (await page('/approvals', cookie)).text()).toContain(`href="${path}"`);
    const shown = await (await page(path, cookie)).text();
    expect(shown).toContain('Nordwind renewal');
    expect(shown).not.toContain(attack);
    expect(shown).toContain('&#60;script&#62;');
    const fields = { verdict: 'approve', seen: hidden(shown, 'seen'), reason: '' };
    expect((await form(path, { ...fields, csrf: 'x' }, cookie)).status).toBe(403);
    expect((await form(path, { ...fields, csrf: hidden(shown, 'csrf') })).status).toBe(303);
    expect(await stateOf(plan)).toEqual(['waiting']);
    const stale = await form(path, { ...fields, seen: 'hash-0', csrf: hidden(shown, 'csrf') }, cookie);
    expect([stale.status, (await stale.text()).includes('not what you were shown')]).toEqual([409, true]);
    expect((await form(path, { ...fields, csrf: hidden(shown, 'csrf') }, cookie)).status).toBe(303);
    expect(await stateOf(plan)).toEqual(['approved']);
    expect(await (await page(path, cookie)).text()).toContain('ann: approved');
    await form('/approvals/sign-out', { csrf: hidden(shown, 'csrf') }, cookie);
    expect((await page('/approvals', cookie)).status).toBe(303);
  });

  it('for people alone, and with a session no longer than its key is good', async () => {
    expect((await form('/approvals/sign-in', { key: keys['shop'] ?? '', to: '/approvals' })).status).toBe(401);
    const signedIn = await form('/approvals/sign-in', { key: keys['vera'] ?? '', to: '/approvals' });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await page('/approvals', cookie)).status).toBe(200);
    // Somebody had her key, so that she gets another one; what was entered before is not good any more.
    const renew = (name: string, role: string) => {
      const key = `gto_${randomBytes(32).toString('base64url')}`;
      return world.db.tx((tx) => addOperator(tx, { name, role, key, by: 'test', expiresAt: null }), 'test.operator');
    };
    await renew('Vera', 'admin');
    expect(await (await page('/approvals', cookie)).text()).toContain('vera');
    await renew('vera', 'viewer');
    expect((await page('/approvals', cookie)).status).toBe(303);
    // Who is signed out everywhere is signed out here, too.
    const anns = await form('/approvals/sign-in', { key: keys['ann'] ?? '', to: '/approvals' });
    const held = (anns.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await page('/approvals', held)).status).toBe(200);
    await world.db.tx((tx) => endSessionsOf(tx, 'Ann'), 'test.sign_out');
    expect((await page('/approvals', held)).status).toBe(303);
  });

  it('by a link that shows as often as one likes, and decides once, for the one whom it was sent to', async () => {
    const plan = world.plan();
    const [first, second] = await world.ask({ plan, needs: [need('a#1'), need('a#2')] });
    const linkTo = async (person: string, approval: number): Promise<string> => {
      const token = randomBytes(32).toString('base64url');
      const expiresAt = new Date(Date.now() + HOUR);
      await world.db.tx(
        (tx) => addApprovalLink(tx, { token, tenant: world.tenant, approval, person, expiresAt }),
        'test.link',
      );
      return token;
    };
    const token = await linkTo('bob', first?.id ?? 0);
    const path = `/approvals/link?token=${token}`;
    // Scanners of mail follow links.
    for (const method of ['GET', 'HEAD', 'GET']) await fetch(`${api.url}${path}`, { method });
    expect(await stateOf(plan)).toEqual(['waiting', 'waiting']);
    const shown = await (await page(path)).text();
    expect(shown).toContain('bob');
    const fields = { token, csrf: hidden(shown, 'csrf'), seen: hidden(shown, 'seen'), verdict: 'approve', reason: '' };
    expect((await form('/approvals/link', { ...fields, csrf: '' })).status).toBe(403);
    // A decision that is refused leaves the link as it was.
    expect((await form('/approvals/link', { ...fields, seen: 'hash-0' })).status).toBe(409);
    const both = await Promise.all([form('/approvals/link', fields), form('/approvals/link', fields)]);
    expect(both.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await stateOf(plan)).toSorted()).toEqual(['approved', 'waiting']);
    expect((await page(path)).status).toBe(410);
    expect((await world.rows(plan)).at(-1)).toMatchObject({ decider: 'bob', deciderBy: 'key', decidedIn: 'link' });
    const again = await linkTo('bob', second?.id ?? 0);
    const other = await (await page(`/approvals/link?token=${again}`)).text();
    const same = await form('/approvals/link', { ...fields, token: again, csrf: hidden(other, 'csrf') });
    expect([same.status, (await same.text()).includes('has decided in this round')]).toEqual([403, true]);
    // What is asked for is shown to whom it may be decided by alone.
    await world.db.tx(
      (tx) =>
        addOperator(tx, { name: 'bob', role: 'viewer', key: `gto_${'v'.repeat(43)}`, by: 'ops', expiresAt: null }),
      'test.demote',
    );
    expect((await page(`/approvals/link?token=${again}`)).status).toBe(410);
    await world.db.tx((tx) => removeOperator(tx, 'bob'), 'test.remove');
    expect((await page(`/approvals/link?token=${again}`)).status).toBe(410);
    expect((await page('/approvals/link?token=nothing')).status).toBe(410);
    // No token stands in what the log is told.
    expect(JSON.stringify(api.errors)).not.toContain(token);
  });
});
