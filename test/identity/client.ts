import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import { csrfIn } from '../connection/rig.ts';

/** What a desktop client remembers, and where its user is sent. */
export interface ClientMemory {
  readonly provider: OAuthClientProvider;
  /** Addresses that the user's browser was sent to. */
  readonly sentTo: URL[];
  readonly tokens: () => { readonly access_token: string; readonly refresh_token?: string | undefined } | undefined;
}

/** A stock MCP client's side of OAuth: a program on the user's machine, with an id that it was given. */
export function clientMemory(clientId: string, redirect = 'http://127.0.0.1:49152/callback'): ClientMemory {
  const sentTo: URL[] = [];
  let tokens: Awaited<ReturnType<OAuthClientProvider['tokens']>>;
  let verifier = '';
  const provider: OAuthClientProvider = {
    redirectUrl: redirect,
    clientMetadata: { client_name: 'Test desk', redirect_uris: [redirect] },
    clientInformation: () => ({ client_id: clientId }),
    tokens: () => tokens,
    saveTokens: (next) => {
      tokens = next;
    },
    redirectToAuthorization: (url) => {
      sentTo.push(url);
    },
    saveCodeVerifier: (next) => {
      verifier = next;
    },
    codeVerifier: () => verifier,
  };
  return { provider, sentTo, tokens: () => tokens };
}

/** A browser without scripts that keeps cookies by their path, as the sign-in pages need it. */
export interface Browser {
  get(address: string): Promise<Response>;
  /** What a cookie holds, whatever its path. */
  held(name: string): string | undefined;
  post(address: string, form: Readonly<Record<string, string>>, headers?: object): Promise<Response>;
  /** On to wherever the server sends it, as long as that is the same server. */
  follow(response: Response): Promise<Response>;
}

export function openBrowser(origin: string): Browser {
  const jar = new Map<string, { readonly name: string; readonly path: string; readonly value: string }>();
  const send = async (address: string, init: RequestInit): Promise<Response> => {
    const url = new URL(address, origin);
    const cookie = [...jar.values()]
      .filter(({ path }) => `${url.pathname}/`.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const headers = { ...(init.headers as Record<string, string>), ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(url, { ...init, redirect: 'manual', headers });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const path = attributes.find((each) => /^path=/i.test(each))?.slice(5) ?? '/';
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      if (value === '') jar.delete(`${name} ${path}`);
      else jar.set(`${name} ${path}`, { name, path, value });
    }
    return response;
  };
  const get = (address: string): Promise<Response> => send(address, {});
  return {
    get,
    held: (name) => [...jar.values()].find((cookie) => cookie.name === name)?.value,
    post: (address, form, headers = {}) =>
      send(address, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
        body: new URLSearchParams(form).toString(),
      }),
    follow: async (response) => {
      let at = response;
      for (let hops = 0; at.status === 303 && hops < 8; hops += 1) {
        const next = new URL(at.headers.get('location') ?? '', origin);
        if (next.origin !== origin) return at;
        at = await get(next.href);
      }
      return at;
    },
  };
}

export interface Person {
  readonly organisation: string;
  readonly user: string;
  readonly password: string;
}

/** A person at the browser: signs in with a password where asked, and allows what the client wants. Where it ends. */
export async function signInAs(
  url: string,
  address: string,
  person: Person | null,
  browser: Browser = openBrowser(url),
): Promise<{ readonly back: URL; readonly pages: readonly string[]; readonly browser: Browser }> {
  const pages: string[] = [];
  let at = await browser.follow(await browser.get(address));
  for (let step = 0; at.status === 200 && step < 4; step += 1) {
    const page = await at.text();
    pages.push(page);
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? '';
    const csrf = csrfIn(page);
    const form = person !== null && action.endsWith('/password') ? { csrf, ...person } : { csrf, way: 'allow' };
    at = await browser.follow(await browser.post(action, form));
  }
  if (at.status !== 303) throw new Error(`ended at ${at.status}: ${await at.text()}`);
  return { back: new URL(at.headers.get('location') ?? ''), pages, browser };
}
