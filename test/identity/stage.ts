import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createAgentKey, createTenant, openGantry, readConfig, type Gantry } from '../../src/app/index.ts';
import { systemRandom, type JsonObject } from '../../src/kernel/index.ts';

/** Agents of every kind, and nothing connected: who may come in is asked here, not what is found. */
const project = (edits: readonly (readonly [string, string])[] = []): string =>
  edits.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`the project has no ${from}`);
      return text.replace(from, to);
    },
    `gantry: 1
project: desk
title: Renewals desk
agents:
  robot:
    title: Night robot
    owner: ida@acme.example
    grant: { tools: [search_catalog, list_connections] }
  copilot:
    title: Desk copilot
    owner: ida@acme.example
    acts_for: both
    redirect_uris: [http://127.0.0.1/callback]
    clients: [https://client.example/*, app-0042]
    grant: { tools: [search_catalog, list_connections] }
  clerk:
    title: Clerk
    acts_for: users
    grant: { tools: [search_catalog] }
  fenced:
    title: Fenced
    acts_for: both
    ip_allow: [203.0.113.0/24]
    grant: { tools: [search_catalog] }
`,
  );

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  readonly headers: Headers;
}

export interface IdentityStage {
  readonly gantry: Gantry;
  readonly url: string;
  readonly operatorKey: string;
  readonly dataDir: string;
  /** By agent's name, at acme. */
  readonly keys: ReadonlyMap<string, string>;
  /** A key of an agent of globex. */
  readonly globexKey: string;
  ask(method: string, path: string, bearer: string | null, more?: { body?: object; headers?: object }): Promise<Answer>;
  /** Applies the project with these texts in place of others. */
  apply(edits: readonly (readonly [string, string])[], allowBreaking?: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  /** YAML of identity providers, with the stage's address. */
  readonly identity?: (url: string) => string;
  readonly env?: Readonly<Record<string, string>>;
}

export async function openIdentityStage({ identity, env = {} }: StageOptions = {}): Promise<IdentityStage> {
  const [port, dataDir] = await Promise.all([freePort(), mkdtemp(join(tmpdir(), 'gantry-identity-'))]);
  const url = `http://127.0.0.1:${String(port)}`;
  const operatorKey = randomBytes(24).toString('base64url');
  const file = join(dataDir, 'identity.yaml');
  if (identity !== undefined) await writeFile(file, identity(url));
  const config = await readConfig(
    {
      GANTRY_DATA_DIR: dataDir,
      GANTRY_PORT: String(port),
      GANTRY_OPERATOR_KEY: operatorKey,
      ...(identity === undefined ? {} : { GANTRY_IDENTITY: file }),
      ...env,
    },
    systemRandom,
  );
  const gantry = await openGantry({ config, emit: () => undefined });
  const apply: IdentityStage['apply'] = async (edits, allowBreaking = []) => {
    const files = new Map([['gantry.yaml', project(edits)]]);
    await gantry.revisions.apply({ files, author: 'test', message: 'test', allowBreaking });
  };
  await apply([]);
  for (const tenant of ['acme', 'globex']) await createTenant(gantry.db, tenant);
  const deps = { db: gantry.db, revisions: gantry.revisions, random: systemRandom };
  const keyOf = (tenant: string, agent: string): Promise<string> =>
    createAgentKey(deps, { tenant, agent, label: 'test', expiresInDays: null });
  const keys = new Map<string, string>();
  for (const agent of ['robot', 'copilot', 'clerk', 'fenced']) keys.set(agent, await keyOf('acme', agent));
  const globexKey = await keyOf('globex', 'copilot');
  await gantry.openDoors();
  return {
    gantry,
    url,
    operatorKey,
    dataDir,
    keys,
    globexKey,
    apply,
    ask: async (method, path, bearer, { body, headers = {} } = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          'content-type': 'application/json',
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        body: text.startsWith('{') ? (JSON.parse(text) as JsonObject) : { text },
        headers: response.headers,
      };
    },
    stop: async () => {
      await gantry.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
