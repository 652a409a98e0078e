import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OAuthApp } from '../../src/connectors/index.ts';
import { adminOf, browse, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { csrfIn, openBrowser, startLifeRig, type Browser, type LifeRig } from './rig.ts';

/** The connect page as somebody of the customer uses it, in a browser without scripts, over real HTTP. */
describe('the connect page', { timeout: 300_000 }, () => {
  let rig: LifeRig;
  beforeAll(async () => {
    rig = await startLifeRig();
  }, 300_000);
  afterAll(() => rig.stop());

  const link = async (more: object = {}): Promise<{ token: string; url: string }> => {
    const made = await rig.ask('POST', '/v1/connect-tokens', { tenant: 'acme', ...more });
    expect(made.status).toBe(201);
    return { token: String(made.body['token']), url: String(made.body['url']) };
  };
  const opened = async (url: string): Promise<{ browser: Browser; page: Response; text: string }> => {
    const browser = openBrowser(rig.url);
    const page = await browser.follow(await browser.get(url));
    return { browser, page, text: await page.text() };
  };
  /** From the consent page through the provider's own pages and back. */
  const signInBy = async (browser: Browser, integration: string, sandbox: TestSandbox): Promise<Response> => {
    const page = await (await browser.get(`/connect/to/${integration}`)).text();
    const sent = await browser.post(`/connect/to/${integration}`, { csrf: csrfIn(page), way: 'browser' });
    expect(sent.status).toBe(303);
    const back = await browse(sent.headers.get('location') ?? '', `${rig.url}/oauth/callback`, adminOf(sandbox));
    return browser.get(back.href);
  };

  it('offers the systems of the link, says in plain words what will be read, and connects by a sign-in', async () => {
    const { url, token } = await link({
      integrations: ['crm', 'support'],
      return_url: 'https://app.example.com/settings?tab=crm',
    });
    const { browser, page, text } = await opened(url);
    // The token is in a cookie that no script reads, and in no address any more.
    expect(page.url).toBe(`${rig.url}/connect`);
    expect(browser.cookies.get('gantry_connect')).toBe(token);
    expect(text).not.toContain(token);
    expect(text).toContain('/connect/to/crm');
    expect(text).toContain('/connect/to/support');
    expect(text).not.toContain('/connect/to/calendar');

    const consent = await (await browser.get('/connect/to/crm')).text();
    expect(consent).toContain('Deal (Opportunity): all of them, then what changes, every 5 minutes');
    expect(consent).toMatch(/What it will write<\/h2>\s*<p>Records that fit Opportunity\.<\/p>/);
    expect(consent).toContain('Who can end it');
    expect(consent).toContain('refresh_token');
    expect(consent).not.toContain(token);

    const back = await signInBy(browser, 'crm', rig.crm);
    const done = await browser.follow(back);
    const result = await done.text();
    expect(done.url).toBe(`${rig.url}/connect/done`);
    expect(result).toContain('Salesforce is connected');
    expect(result).toContain('https://app.example.com/settings?tab=crm&#38;status=connected&#38;connection=crm');
    expect(await rig.connection('crm')).toMatchObject({ state: 'working' });
    const listed = await rig.ask('GET', '/v1/connect-tokens?tenant=acme');
    expect(listed.body).toMatchObject({ connect_tokens: [{ state: 'used', connection: 'crm' }] });
  });

  it('is good for one connection: a used link shows what came of it and takes no second one', async () => {
    const { url } = await link({ integrations: ['crm', 'support'] });
    const { browser } = await opened(url);
    await browser.follow(await signInBy(browser, 'crm', rig.crm));
    const again = await browser.follow(await browser.get('/connect'));
    expect(again.url).toBe(`${rig.url}/connect/done`);
    const refused = await browser.get('/connect/to/support');
    expect(refused.status).toBe(401);
    expect(await refused.text()).toContain('has been used');
  });

  it('of two sign-ins that were begun with one link, keeps the first', async () => {
    const { url } = await link({ integrations: ['crm', 'support'] });
    const { browser } = await opened(url);
    const page = await (await browser.get('/connect/to/support')).text();
    const sent = await browser.post('/connect/to/support', { csrf: csrfIn(page), way: 'browser' });
    const second = await browse(sent.headers.get('location') ?? '', `${rig.url}/oauth/callback`, adminOf(rig.support));
    await browser.follow(await signInBy(browser, 'crm', rig.crm));
    const late = await browser.get(second.href);
    expect(late.status).toBe(401);
    expect(await late.text()).toContain('connect_token_invalid');
    expect(await rig.connection('support')).not.toMatchObject({ state: 'working' });
  });

  it('A5: signs in again after the provider ended the grant, and refuses another account, naming both', async () => {
    const other = await startSandbox('zendesk', {
      scale: 2_000,
      company: 'globex',
      redirectUris: [`${rig.url}/oauth/callback`],
    });
    try {
      const first = await opened((await link({ integration: 'support' })).url);
      await first.browser.follow(await signInBy(first.browser, 'support', rig.support));
      const { account } = await rig.connection('support');

      const { url } = await link({ integration: 'support', connection: 'support' });
      const { browser, text } = await opened(url);
      expect(text).toContain('again');
      expect(text).toContain(String(account));
      // Of several customers' accounts, the person signs in to the wrong one.
      const apps = rig.gantry.config.oauthApps as Map<string, OAuthApp>;
      apps.set('support', other.app);
      const refused = await signInBy(browser, 'support', other);
      apps.set('support', rig.support.app);
      expect(refused.status).toBe(409);
      const words = await refused.text();
      expect(words).toContain(`belongs to ${String(account)}, not to Globex`);
      expect(words).toContain('href="/connect"');
      expect(rig.events).toContainEqual(expect.objectContaining({ kind: 'connection_account_refused' }));
      expect(await rig.connection('support')).toMatchObject({ account, state: 'working' });
      // The link was not used up by that.
      const done = await browser.follow(await signInBy(browser, 'support', rig.support));
      expect(done.url).toBe(`${rig.url}/connect/done`);
    } finally {
      await other.stop();
    }
  });

  it('takes a form only from its own page, and a way back only in the browser that left', async () => {
    const { url } = await link({ integration: 'crm' });
    const { browser } = await opened(url);
    const page = await (await browser.get('/connect/to/crm')).text();
    for (const csrf of ['', 'x', `${csrfIn(page)}x`]) {
      const refused = await browser.post('/connect/to/crm', { csrf, way: 'browser' });
      expect(refused.status).toBe(403);
    }
    const sent = await browser.post('/connect/to/crm', { csrf: csrfIn(page), way: 'browser' });
    const back = await browse(sent.headers.get('location') ?? '', `${rig.url}/oauth/callback`, adminOf(rig.crm));
    const stranger = await openBrowser(rig.url).get(back.href);
    expect(stranger.status).toBe(400);
    expect(await stranger.text()).toContain('oauth_state_invalid');
  });

  it('ends with the link: revoked, unknown, or without a cookie', async () => {
    const { url } = await link({ integration: 'crm' });
    const { browser } = await opened(url);
    const { body } = await rig.ask('GET', '/v1/connect-tokens?tenant=acme');
    const [newest] = body['connect_tokens'] as { id: string }[];
    expect((await rig.ask('DELETE', `/v1/connect-tokens/${String(newest?.id)}?tenant=acme`)).status).toBe(200);
    expect((await browser.get('/connect/to/crm')).status).toBe(401);
    expect((await openBrowser(rig.url).get('/connect?token=made-up')).status).toBe(401);
    expect((await openBrowser(rig.url).get('/connect')).status).toBe(401);
    expect((await rig.ask('DELETE', `/v1/connect-tokens/${String(newest?.id)}?tenant=acme`)).status).toBe(404);
  });

  it('expires by the database’s time', async () => {
    const { url } = await link({ integration: 'crm', expires_in_s: 60 });
    const { browser } = await opened(url);
    await rig.gantry.db.query(
      `update connect_token set expires_at = expires_at - interval '61 seconds' where used_at is null`,
    );
    const late = await browser.get('/connect/to/crm');
    expect(late.status).toBe(401);
    expect(await late.text()).toContain('has expired');
  });

  it('sends people back to allowed origins only, and is asked for by operators only', async () => {
    for (const url of [
      'https://evil.example/x',
      'https://app.example.com.evil.example',
      'javascript:alert(1)',
      'http://app.example.com/',
    ]) {
      const refused = await rig.ask('POST', '/v1/connect-tokens', { tenant: 'acme', return_url: url });
      expect(refused).toMatchObject({ status: 422, body: { code: 'connect_return_refused' } });
    }
    const unknown = await rig.ask('POST', '/v1/connect-tokens', { tenant: 'acme', integration: 'crmm' });
    expect(unknown).toMatchObject({ status: 404, body: { suggestions: ['crm'] } });
    expect((await rig.ask('POST', '/v1/connect-tokens', { tenant: 'acme', expires_in_s: 3_601 })).status).toBe(400);
    const stranger = await fetch(`${rig.url}/v1/connect-tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'acme' }),
    });
    expect(stranger.status).toBe(401);
  });

  it('keeps tokens as hashes, and out of the log', async () => {
    const { token, url } = await link({ integration: 'crm' });
    const { browser } = await opened(url);
    await browser.get('/connect/to/nothing');
    const rows = await rig.gantry.db.query<{ all: string }>('select t::text as all from connect_token t');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rig.events)).not.toContain(token);
    expect(rig.events.some((event) => event.kind === 'request_failed' && event.path === '/connect/to/nothing')).toBe(
      true,
    );
  });
});
