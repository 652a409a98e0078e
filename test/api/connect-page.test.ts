import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csrfIn, openBrowser, type Browser } from '../connection/rig.ts';
import { startApi, type TestApi } from './fixture.ts';

describe('the pages of the connect page', () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    api = await startApi();
    browser = openBrowser(api.url);
    await browser.get('/connect?token=t1');
  });
  afterAll(() => api.stop());

  it('take the token out of the address before anything is shown', async () => {
    const fresh = openBrowser(api.url);
    const response = await fresh.get('/connect?token=t1');
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/connect');
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('set-cookie')).toBe('gantry_connect=t1; Path=/; HttpOnly; SameSite=Lax');
    expect(await response.text()).toBe('');
  });

  it.each(['/connect', '/connect/to/crm', '/connect/done'])(
    '%s: nothing runs, loads or frames, and hostile words are words',
    async (path) => {
      const response = await browser.get(path);
      const text = await response.text();
      expect(response.status).toBe(200);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('referrer-policy')).toBe('same-origin');
      expect(text).not.toMatch(/<script/i);
      expect(text).toContain('&#60;script&#62;');
      expect(text).not.toContain('t1"');
      // One style, inline and named by its hash; nothing from elsewhere.
      expect(text.match(/<style/g)).toHaveLength(1);
      expect(text).not.toMatch(/\b(?:src|style)=/);
    },
  );

  it('can be used by keyboard and read aloud: one heading, each field with its label, a main part', async () => {
    const text = await (await browser.get('/connect/to/crm')).text();
    expect(text).toContain('<html lang="en">');
    expect(text.match(/<main>/g)).toHaveLength(1);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    const ids = [...text.matchAll(/<(?:input|textarea)[^>]*\bid="([^"]+)"/g)].map((match) => match[1]);
    expect(ids).toEqual(['login_url', 'api_key-url', 'api_key-api_key']);
    for (const id of ids) expect(text).toContain(`<label for="${id ?? ''}">`);
    expect(text).toContain('name="viewport"');
    expect(text).toContain('prefers-color-scheme:dark');
  });

  it('leads forms to the provider that was named and nowhere else', async () => {
    const response = await browser.get('/connect/to/crm');
    expect(response.headers.get('content-security-policy')).toContain(
      "form-action 'self' https://login.salesforce.com;",
    );
    const page = await response.text();
    const sent = await browser.post('/connect/to/crm', { csrf: csrfIn(page), way: 'browser', login_url: '' });
    expect(sent.status).toBe(303);
    expect(sent.headers.get('location')).toBe('https://login.salesforce.com/authorize?state=s1');
    expect(api.done.at(-1)).toEqual({ use: 'page_browser', request: { integration: 'crm' } });
  });

  it('shows what was wrong beside the form, keeps what was typed, and never a secret', async () => {
    const csrf = csrfIn(await (await browser.get('/connect/to/crm')).text());
    const typed = { csrf, way: 'api_key', 'value.url': 'https://erp.example', 'value.api_key': 'wrong' };
    const refused = await browser.post('/connect/to/crm', typed);
    const text = await refused.text();
    expect(refused.status).toBe(422);
    expect(text).toContain('role="alert"');
    expect(text).toContain('credentials_refused');
    expect(text).toContain('value="https://erp.example"');
    expect(text).not.toContain('wrong');
    const secret = /<input[^>]*id="api_key-api_key"[^>]*>/.exec(text)?.[0] ?? '';
    expect(secret).toContain('type="password"');
    expect(secret).toContain('value=""');
    const taken = await browser.post('/connect/to/crm', { ...typed, 'value.api_key': 'right' });
    expect(taken.headers.get('location')).toBe('/connect/done');
    expect(api.done.at(-1)).toEqual({
      use: 'page_enter',
      request: { integration: 'crm', method: 'api_key', values: { url: 'https://erp.example', api_key: 'right' } },
    });
  });

  it('refuses forms from other sites, other types, and other hosts', async () => {
    const csrf = csrfIn(await (await browser.get('/connect/to/crm')).text());
    const send = (headers: Record<string, string>, body = new URLSearchParams({ csrf, way: 'browser' }).toString()) =>
      fetch(`${api.url}/connect/to/crm`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: 'gantry_connect=t1', 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body,
      });
    expect((await send({})).status).toBe(303);
    expect((await send({ 'sec-fetch-site': 'same-origin' })).status).toBe(303);
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await send({}, 'way=browser')).status).toBe(403);
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(400);
    expect((await send({ cookie: 'gantry_connect=other' })).status).toBe(403);
  });
});
