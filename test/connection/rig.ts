import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import {
  createAgentKey,
  createTenant,
  openGantry,
  readConfig,
  type Gantry,
  type GantryEvent,
} from '../../src/app/index.ts';
import { systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import { readProject } from '../../src/manifest/index.ts';
import { adminOf, browse, startSandbox, type TestSandbox } from '../support/sandbox.ts';

const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/** A whole server with the example project, a customised Salesforce and a Zendesk, all over real HTTP. */
export interface LifeRig {
  readonly gantry: Gantry;
  readonly url: string;
  readonly tenant: string;
  readonly crm: TestSandbox;
  readonly support: TestSandbox;
  readonly events: GantryEvent[];
  /** For the commands that ask a server. */
  readonly env: Readonly<Record<string, string>>;
  /** As the operator. */
  ask(method: string, path: string, body?: object): Promise<Answer>;
  /** As an agent of the tenant. */
  agent(tool: string, args: object): Promise<JsonObject>;
  connection(slug: string): Promise<JsonObject>;
  /** Signs in as a person, by an operator's address. */
  signIn(integration: 'crm' | 'support', sandbox?: TestSandbox): Promise<void>;
  /** Resolves when the connection's objects are loaded and the lens has them. */
  loaded(slug: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startLifeRig(): Promise<LifeRig> {
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const redirectUris = [`${url}/oauth/callback`];
  const [crm, support, dataDir] = await Promise.all([
    startSandbox('salesforce', { scale: 2_000, redirectUris }),
    startSandbox('zendesk', { scale: 2_000, redirectUris }),
    mkdtemp(join(tmpdir(), 'gantry-life-')),
  ]);
  const operatorKey = randomBytes(24).toString('base64url');
  const env = {
    GANTRY_DATA_DIR: dataDir,
    GANTRY_PORT: String(port),
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_CONNECT_RETURN_ORIGINS: 'https://app.example.com',
    ...appOf('CRM', crm),
    ...appOf('SUPPORT', support),
  };
  const events: GantryEvent[] = [];
  const gantry = await openGantry({
    config: await readConfig(env, systemRandom),
    emit: (event) => void events.push(event),
  });
  await gantry.revisions.apply({ files: await readProject(example), author: 'test', message: 'first' });
  await createTenant(gantry.db, 'acme');
  const key = await createAgentKey(
    { db: gantry.db, revisions: gantry.revisions, random: systemRandom },
    { tenant: 'acme', agent: 'renewals-copilot', label: 'test', expiresInDays: null },
  );
  await gantry.openDoors();
  gantry.startWorker();

  const send = async (bearer: string, method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JsonObject };
  };
  const ask = (method: string, path: string, body?: object): Promise<Answer> => send(operatorKey, method, path, body);
  const connection = async (slug: string): Promise<JsonObject> =>
    (await ask('GET', `/v1/connections/${slug}?tenant=acme`)).body;
  return {
    gantry,
    url,
    tenant: 'acme',
    crm,
    support,
    events,
    env: { GANTRY_PUBLIC_URL: url, GANTRY_OPERATOR_KEY: operatorKey },
    ask,
    connection,
    agent: async (tool, args) => (await send(key, 'POST', `/v1/tools/${tool}`, args)).body,
    signIn: async (integration, sandbox = integration === 'crm' ? crm : support) => {
      const started = await ask('POST', '/v1/connections', { tenant: 'acme', integration });
      const back = await browse(String(started.body['authorize_url']), `${url}/oauth/callback`, adminOf(sandbox));
      const page = await fetch(back);
      expect(page.status, await page.text()).toBe(200);
    },
    loaded: async (slug) => {
      await expect
        .poll(async () => objectsOf(await connection(slug)).every(({ backfill }) => backfill === 'complete'), {
          timeout: 120_000,
          interval: 150,
        })
        .toBe(true);
    },
    stop: async () => {
      await gantry.close();
      await Promise.all([crm.stop(), support.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const appOf = (name: string, { app }: TestSandbox): Record<string, string> => ({
  [`GANTRY_APP_${name}_CLIENT_ID`]: app.clientId,
  [`GANTRY_APP_${name}_CLIENT_SECRET`]: app.clientSecret,
  [`GANTRY_APP_${name}_LOGIN_URL`]: app.loginUrl,
});

/** None while there are none: a connection without objects is not loaded. */
export function objectsOf(connection: JsonObject): JsonObject[] {
  const objects = (connection['objects'] ?? []) as Json[];
  return objects.length === 0 ? [{ backfill: 'none' }] : (objects as JsonObject[]);
}

/** A browser without scripts: cookies, forms and redirects. */
export interface Browser {
  readonly cookies: Map<string, string>;
  get(path: string): Promise<Response>;
  post(path: string, form: Readonly<Record<string, string>>): Promise<Response>;
  /** As `get` or `post`, and then wherever the server sends it, as long as that is the same server. */
  follow(response: Response): Promise<Response>;
}

export function openBrowser(origin: string): Browser {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, origin), {
      ...init,
      redirect: 'manual',
      headers: { ...init.headers, ...(cookie === '' ? {} : { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
    }
    return response;
  };
  const get = (path: string): Promise<Response> => send(path, {});
  return {
    cookies,
    get,
    post: (path, form) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
    follow: async (response) => {
      let at = response;
      for (let hops = 0; at.status === 303 && hops < 5; hops += 1) {
        const next = new URL(at.headers.get('location') ?? '', origin);
        if (next.origin !== origin) return at;
        at = await get(next.href);
      }
      return at;
    },
  };
}

/** The hidden proof in the first form of a page. */
export const csrfIn = (page: string): string => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
