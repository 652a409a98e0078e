import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { connectAgent } from '../../examples/renewals/demo/agent.ts';
import { freePort } from '../../examples/renewals/stage/free-port.ts';
import { createOperator } from '../../examples/renewals/stage/operator.ts';
import { gantryOf, serve, serveOf, type Env } from '../e2e/server-process.ts';
import { startSandbox } from '../support/sandbox.ts';
import { freshDatabase } from '../support/stores.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The last version that knew one step of the schema only. */
const oldVersion = '001a4199135ef9642a0d5d17ca5b3b559cc9ba92';

/** A shallow clone does not have it. */
const hasOldVersion = ((): boolean => {
  try {
    execFileSync('git', ['cat-file', '-e', `${oldVersion}^{commit}`], { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** docs/operating.md, "Upgrade". */
describe.skipIf(!hasOldVersion)(`version ${oldVersion.slice(0, 7)} and this one on one database`, () => {
  const cleanUp: (() => Promise<unknown>)[] = [];
  afterAll(async () => {
    for (const clean of cleanUp.toReversed()) await clean();
  });

  async function directory(): Promise<string> {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-upgrade-'));
    cleanUp.push(() => rm(dir, { recursive: true, force: true }));
    return dir;
  }

  it('both answer and both sync, before and after the schema moved on', async () => {
    const tree = await directory();
    execFileSync('sh', ['-c', 'git archive "$1" | tar -x -C "$2"', 'sh', oldVersion, tree], { cwd: root });
    await symlink(join(root, 'node_modules'), join(tree, 'node_modules'));
    const oldProgram = join(tree, 'bin/gantry.js');
    const [oldPort, newPort] = [await freePort(), await freePort()];
    const [oldUrl, newUrl] = [oldPort, newPort].map((port) => `http://127.0.0.1:${String(port)}`) as [string, string];
    const crm = await startSandbox('salesforce', { redirectUris: [`${oldUrl}/oauth/callback`] });
    cleanUp.push(() => crm.stop());
    const database = await freshDatabase();
    cleanUp.push(database.drop);
    const operatorKey = randomBytes(24).toString('base64url');
    const env = {
      DATABASE_URL: database.url,
      GANTRY_MASTER_KEY: randomBytes(32).toString('base64'),
      GANTRY_OPERATOR_KEY: operatorKey,
      GANTRY_LOG_LEVEL: 'silent',
      GANTRY_APP_CRM_CLIENT_ID: crm.app.clientId,
      GANTRY_APP_CRM_CLIENT_SECRET: crm.app.clientSecret,
      GANTRY_APP_CRM_LOGIN_URL: crm.url,
    };
    const own = async (port: number): Promise<Env> => ({
      ...env,
      GANTRY_DATA_DIR: await directory(),
      GANTRY_PORT: String(port),
    });

    const commands = await own(0);
    const old = (...words: string[]) => gantryOf(oldProgram, commands, ...words);
    expect(await old('apply', join(tree, 'examples/renewals'))).toMatchObject({ code: 0 });
    expect(await old('tenant', 'create', 'acme')).toMatchObject({ code: 0 });
    const made = await old('key', 'create', '--tenant', 'acme', '--agent', 'renewals-copilot');
    const before = await serveOf(oldProgram, await own(oldPort));
    cleanUp.push(() => before.kill());
    const operator = createOperator({ url: oldUrl, operatorKey, tenant: 'acme' });
    await operator.connect('crm', crm);
    await operator.loaded(['crm']);

    const namesAt = async (url: string): Promise<unknown> => {
      const agent = await connectAgent(url, made.out.trim());
      try {
        const { content } = await agent.call('query_records', {
          object: 'account',
          fields: ['name'],
          filter: { field: 'name', op: 'starts_with', value: 'Upgrade' },
          sort: [{ field: 'name' }],
        });
        return (content as { rows: unknown[][] }).rows.map(([name]) => name);
      } finally {
        await agent.close();
      }
    };
    const both = async (): Promise<unknown> => [await namesAt(oldUrl), await namesAt(newUrl)];
    const create = (Name: string) => crm.mutate({ op: 'create', object: 'Account', fields: { Name } });

    const after = await serve(await own(newPort));
    cleanUp.push(() => after.kill());
    await create('Upgrade 1');
    await operator.sync('crm', ['Account']);
    await expect.poll(both, { timeout: 120_000 }).toEqual([['Upgrade 1'], ['Upgrade 1']]);

    // The old one alone: it takes over what the new one had, on the new schema.
    expect(await after.stop()).toBe(0);
    await create('Upgrade 2');
    await operator.sync('crm', ['Account']);
    await expect.poll(() => namesAt(oldUrl), { timeout: 120_000 }).toEqual(['Upgrade 1', 'Upgrade 2']);

    // And the new one alone.
    const again = await serve(await own(newPort));
    cleanUp.push(() => again.kill());
    expect(await before.stop()).toBe(0);
    await create('Upgrade 3');
    await createOperator({ url: newUrl, operatorKey, tenant: 'acme' }).sync('crm', ['Account']);
    await expect.poll(() => namesAt(newUrl), { timeout: 120_000 }).toEqual(['Upgrade 1', 'Upgrade 2', 'Upgrade 3']);
  }, 300_000);
});
