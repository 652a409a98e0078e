import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectAgent } from '../../examples/renewals/demo/agent.ts';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator, type Operator } from '../../examples/renewals/stage/operator.ts';
import { gantry, serve, type Env, type ServerProcess } from '../e2e/server-process.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';

export const example = fileURLToPath(new URL('../../examples/renewals', import.meta.url));

/** One customer with a Salesforce and a Zendesk, and processes of Gantry on whatever database they are given. */
export interface RehearsalStage {
  readonly crm: TestSandbox;
  readonly support: TestSandbox;
  readonly url: string;
  readonly env: Env;
  readonly operator: Operator;
  /** A data directory that is deleted in the end. */
  directory(): Promise<string>;
  /** `gantry serve` at the stage's address. */
  serve(databaseUrl: string, dataDir: string, ...words: string[]): Promise<ServerProcess>;
  /** Applies the example, makes tenant acme and a key of its agent. */
  setUp(databaseUrl: string): Promise<string>;
  /** Rows of one question of the agent's. */
  ask(key: string, question: Readonly<Record<string, unknown>>): Promise<readonly unknown[][]>;
  close(): Promise<void>;
}

export async function openRehearsalStage(): Promise<RehearsalStage> {
  const cleanUp: (() => Promise<unknown>)[] = [];
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const redirectUris = [`${url}/oauth/callback`];
  const [crm, support] = await Promise.all([
    startSandbox('salesforce', { scale: 2_000, redirectUris }),
    startSandbox('zendesk', { scale: 2_000, redirectUris }),
  ]);
  const operatorKey = randomBytes(24).toString('base64url');
  const env = {
    GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
    GANTRY_OPERATOR_KEY: operatorKey,
    GANTRY_PORT: String(port),
    GANTRY_LOG_LEVEL: 'silent',
    ...appOf('CRM', crm),
    ...appOf('SUPPORT', support),
  };
  const directory = async (): Promise<string> => {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-rehearsal-'));
    cleanUp.push(() => rm(dir, { recursive: true, force: true }));
    return dir;
  };
  return {
    crm,
    support,
    url,
    env,
    operator: createOperator({ url, operatorKey, tenant: 'acme' }),
    directory,
    serve: async (databaseUrl, dataDir, ...words) => {
      const server = await serve({ ...env, DATABASE_URL: databaseUrl, GANTRY_DATA_DIR: dataDir }, ...words);
      cleanUp.push(() => server.kill());
      return server;
    },
    async setUp(databaseUrl) {
      const own = { ...env, DATABASE_URL: databaseUrl, GANTRY_DATA_DIR: await directory() };
      await done(own, 'apply', example);
      await done(own, 'tenant', 'create', 'acme');
      return (await done(own, 'key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot')).trim();
    },
    async ask(key, question) {
      const agent = await connectAgent(url, key);
      try {
        const { failed, content } = await agent.call('query_records', question);
        if (failed) throw new Error(`the question was refused: ${JSON.stringify(content)}`);
        return (content as { rows: unknown[][] }).rows;
      } finally {
        await agent.close();
      }
    },
    async close() {
      for (const clean of cleanUp.toReversed()) await clean();
      await Promise.all([crm.stop(), support.stop()]);
    },
  };
}

async function done(env: Env, ...words: string[]): Promise<string> {
  const { code, out, err } = await gantry(env, ...words);
  if (code !== 0) throw new Error(`gantry ${words.join(' ')} ended with ${String(code)}: ${err}`);
  return out;
}

const appOf = (name: string, { app, url }: TestSandbox): Env => ({
  [`GANTRY_APP_${name}_CLIENT_ID`]: app.clientId,
  [`GANTRY_APP_${name}_CLIENT_SECRET`]: app.clientSecret,
  [`GANTRY_APP_${name}_LOGIN_URL`]: url,
});
