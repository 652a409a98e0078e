import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditAppender } from '../../src/audit/index.ts';
import { systemRandom, tenantId } from '../../src/kernel/index.ts';
import { openIdentityStage, type IdentityStage } from '../identity/stage.ts';

describe('a browser that is signed in', () => {
  let stage: IdentityStage;
  const keys: Record<string, string> = {};

  beforeAll(async () => {
    stage = await openIdentityStage();
    for (const [name, role] of [
      ['vera', 'viewer'],
      ['otto', 'operator'],
    ] as const) {
      const made = await stage.ask('POST', '/v1/operators', stage.operatorKey, { body: { name, role } });
      keys[name] = String(made.body['key']);
    }
  }, 300_000);
  afterAll(() => stage.stop());

  const own = { 'gantry-console': '1', 'sec-fetch-site': 'same-origin' };
  const signIn = async (key: string, headers: object = own) =>
    stage.ask('POST', '/v1/console/session', null, { body: { key }, headers });
  const cookieOf = async (key: string): Promise<string> => {
    const { status, headers } = await signIn(key);
    expect(status).toBe(200);
    return (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  };
  const get = (path: string, headers: object) => stage.ask('GET', path, null, { headers });

  it('asks what its operator may ask, and says so itself', async () => {
    const refused = await signIn('gto_wrong');
    expect([refused.status, refused.body['code']]).toEqual([401, 'console_sign_in_refused']);
    // Agents have no console.
    expect((await signIn(stage.keys.get('copilot') ?? '')).status).toBe(401);
    const { body, headers } = await signIn(keys['vera'] ?? '');
    expect(body).toEqual({ name: 'vera', role: 'viewer', person: true });
    expect(headers.get('set-cookie')).toMatch(
      /^gantry_console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=28800$/,
    );
    const cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await get('/v1/tenants', { ...own, cookie })).body).toEqual({
      tenants: [{ tenant: 'acme' }, { tenant: 'globex' }],
    });
    expect((await get('/v1/console/session', { ...own, cookie })).body).toMatchObject({ name: 'vera' });
    const audit = await get('/v1/audit?tenant=acme', { ...own, cookie });
    expect([audit.status, audit.body['code']]).toEqual([403, 'role_required']);
    // The one key of the installation is an admin, and nobody.
    expect((await signIn(stage.operatorKey)).body).toMatchObject({ role: 'admin', person: false });
    // What is presented beside the cookie counts.
    const beside = await stage.ask('GET', '/v1/audit?tenant=acme', keys['otto'] ?? null, { headers: { cookie } });
    expect(beside.status).toBe(200);
    // No agent's address takes it.
    expect((await get('/v1/tools', { ...own, cookie })).status).toBe(401);
  });

  it.each([
    ['no header of the console', { 'sec-fetch-site': 'same-origin' }],
    ['another site', { 'gantry-console': '1', 'sec-fetch-site': 'cross-site' }],
    ['another host of the same site', { 'gantry-console': '1', 'sec-fetch-site': 'same-site' }],
    ['another origin', { 'gantry-console': '1', origin: 'https://evil.example' }],
    ['a frame without an origin', { 'gantry-console': '1', origin: 'null' }],
  ])('is not used by others: %s', async (_name, headers) => {
    const cookie = await cookieOf(keys['otto'] ?? '');
    for (const [method, path] of [
      ['GET', '/v1/audit?tenant=acme'],
      ['POST', '/v1/switches'],
      ['DELETE', '/v1/console/session'],
    ] as const) {
      const body = method === 'POST' ? { body: { tenant: 'acme', mode: 'stop_writes', reason: 'x' } } : {};
      const answer = await stage.ask(method, path, null, { ...body, headers: { ...headers, cookie } });
      expect([path, answer.status, answer.body['code']]).toEqual([path, 403, 'console_request_foreign']);
    }
    expect((await signIn(keys['otto'] ?? '', headers)).status).toBe(403);
    expect((await get('/v1/switches?tenant=acme', { ...own, cookie })).body['switches']).toEqual([]);
  });

  it('is signed out by itself, with its key, and with its time', async () => {
    const cookie = await cookieOf(keys['vera'] ?? '');
    const other = await cookieOf(keys['vera'] ?? '');
    const status = async (held: string) => (await get('/v1/console/session', { ...own, cookie: held })).status;
    expect([await status(cookie), await status(other)]).toEqual([200, 200]);
    await stage.ask('DELETE', '/v1/console/session', null, { headers: { ...own, cookie } });
    expect([await status(cookie), await status(other)]).toEqual([401, 200]);
    // The database keeps neither key nor session.
    const rows = JSON.stringify(await stage.gantry.db.query('select * from oauth_item'));
    for (const secret of [keys['vera'] ?? '', other.split('=')[1] ?? '']) expect(rows).not.toContain(secret);
    // Who is signed out is so in every browser, also where a key was entered; the key stays good, and others stay in.
    const ottos = await cookieOf(keys['otto'] ?? '');
    const signedOut = await stage.ask('POST', '/v1/operators/Vera/sign-out', stage.operatorKey, { body: {} });
    expect(signedOut.status).toBe(200);
    expect([await status(other), await status(ottos)]).toEqual([401, 200]);
    const again = await cookieOf(keys['vera'] ?? '');
    expect(await status(again)).toBe(200);
    // Another role takes the key, and the session with it.
    await stage.ask('POST', '/v1/operators', stage.operatorKey, { body: { name: 'vera', role: 'operator' } });
    await expect.poll(() => status(again)).toBe(401);
    const late = await cookieOf(keys['otto'] ?? '');
    await stage.gantry.db.query(`update oauth_item set expires_at = now() - interval '1 s'`);
    expect(await status(late)).toBe(401);
  });

  it('is told what has changed, of one customer, and of nothing else', async () => {
    const cookie = await cookieOf(keys['otto'] ?? '');
    const follow = async (tenant: string) => {
      const response = await fetch(`${stage.url}/v1/console/events?tenant=${tenant}`, { headers: { ...own, cookie } });
      const seen = { text: '' };
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const read = async (): Promise<void> => {
        for (;;) {
          const next = await reader?.read();
          if (next === undefined || next.done) return;
          seen.text += next.value;
        }
      };
      const ended = read().catch(() => undefined);
      return { status: response.status, seen, stop: async () => (await reader?.cancel(), ended) };
    };
    expect((await follow('nobody')).status).toBe(404);
    const [acme, again, globex] = [await follow('acme'), await follow('acme'), await follow('globex')];
    await expect.poll(() => [acme, again, globex].every(({ seen }) => seen.text.includes('event: ready'))).toBe(true);
    const [row] = await stage.gantry.db.query<{ id: number }>(`select id from tenant where slug = 'acme'`);
    const id = tenantId(row?.id ?? 0);
    const append = auditAppender(systemRandom);
    const entry = {
      kind: 'configuration_changed' as const,
      actor: { kind: 'gantry' as const },
      subject: {},
      reason: null,
      amount: null,
      detail: {},
    };
    await stage.gantry.db.tenantTx(id, (tx) => append(tx, id, [entry]), 'test.append');
    await expect.poll(() => acme.seen.text).toContain('event: audit_grew');
    await expect.poll(() => again.seen.text).toContain('event: audit_grew');
    await stage.ask('POST', '/v1/switches', keys['otto'] ?? null, {
      body: { tenant: 'acme', mode: 'stop_writes', reason: 'look' },
    });
    await expect.poll(() => acme.seen.text).toContain('event: connections_changed');
    expect(acme.seen.text).not.toContain('look');
    expect(acme.seen.text).not.toContain('approvals_changed');
    expect(globex.seen.text).not.toMatch(/_changed|_grew/);
    for (const each of [acme, again, globex]) await each.stop();
  });

  it('loads nothing but the console’s own files', async () => {
    const page = await fetch(`${stage.url}/console`, { redirect: 'manual' });
    expect([page.status, page.headers.get('location')]).toEqual([308, '/console/']);
    for (const path of ['/console/assets/..%2f..%2fpackage.json', '/console/assets/none.js', '/console/package.json']) {
      expect([path, (await fetch(`${stage.url}${path}`)).status]).toEqual([path, 404]);
    }
    const index = await fetch(`${stage.url}/console/`);
    // 503 says how to build it, where it is not.
    expect([200, 503]).toContain(index.status);
    expect(index.headers.get('content-security-policy')).toMatch(/^default-src 'none'; .*frame-ancestors 'none'/);
  });
});
