import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFilesFor, readConfig, version } from '../../src/app/index.ts';
import { systemRandom } from '../../src/kernel/index.ts';

describe('settings from the environment', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gantry-config-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  const read = (env: Record<string, string>): ReturnType<typeof readConfig> =>
    readConfig({ GANTRY_DATA_DIR: join(dir, 'data'), ...env }, systemRandom);

  it('need none for trying: loopback, embedded, a key of its own that stays', async () => {
    const config = await read({});
    expect(config).toMatchObject({
      databaseUrl: null,
      host: '127.0.0.1',
      port: 7070,
      publicUrl: 'http://127.0.0.1:7070',
      operatorKey: null,
    });
    expect(config.masterKey).toHaveLength(32);
    expect((await read({})).masterKey).toEqual(config.masterKey);
    const file = join(dir, 'data', 'master.key');
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await readFile(file, 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  });

  it('open as many lens files as the memory has room for, or as they are told', async () => {
    expect([1_024, 4_096, 8_192, 65_536].map(openFilesFor)).toEqual([64, 163, 327, 1_024]);
    expect((await read({})).lensOpenMax).toBeGreaterThanOrEqual(64);
    expect((await read({ GANTRY_LENS_OPEN_MAX: '3' })).lensOpenMax).toBe(3);
    for (const wrong of ['0', '2.5', 'many', '10001']) {
      await expect(read({ GANTRY_LENS_OPEN_MAX: wrong })).rejects.toMatchObject({
        code: 'config_invalid',
        details: { where: 'GANTRY_LENS_OPEN_MAX' },
      });
    }
  });

  it('refuse a key file that others can read', async () => {
    await read({});
    await chmod(join(dir, 'data', 'master.key'), 0o644);
    await expect(read({})).rejects.toMatchObject({ code: 'vault_key_invalid' });
  });

  it('must name one master key where several processes share a database', async () => {
    await expect(read({ DATABASE_URL: 'postgres://127.0.0.1/x' })).rejects.toMatchObject({
      code: 'config_invalid',
      details: { where: 'GANTRY_MASTER_KEY' },
    });
    const key = Buffer.alloc(32, 7).toString('base64');
    const config = await read({ DATABASE_URL: 'postgres://127.0.0.1/x', GANTRY_MASTER_KEY: key });
    expect(Buffer.from(config.masterKey)).toEqual(Buffer.alloc(32, 7));
    await expect(read({ GANTRY_MASTER_KEY: 'c2hvcnQ=' })).rejects.toMatchObject({ code: 'vault_key_invalid' });
  });

  it('hold an OAuth app per integration', async () => {
    const config = await read({
      GANTRY_APP_CRM_CLIENT_ID: 'id',
      GANTRY_APP_CRM_CLIENT_SECRET: 'secret',
      GANTRY_APP_EU_CRM_CLIENT_ID: 'eu',
      GANTRY_APP_EU_CRM_LOGIN_URL: 'https://acme.example/',
    });
    expect(config.oauthApps.get('crm')).toEqual({ clientId: 'id', clientSecret: 'secret', loginUrl: '' });
    expect(config.oauthApps.get('eu_crm')).toEqual({
      clientId: 'eu',
      clientSecret: '',
      loginUrl: 'https://acme.example',
    });
    await expect(read({ GANTRY_APP_CRM_CLIENT_SECRET: 'x' })).rejects.toMatchObject({
      details: { where: 'GANTRY_APP_CRM_CLIENT_ID' },
    });
  });

  it.each(['http', '-1', '70000', '7.5'])('refuse %s as a port', async (port) => {
    await expect(read({ GANTRY_PORT: port })).rejects.toMatchObject({ details: { where: 'GANTRY_PORT' } });
  });

  it('know their version', async () => {
    const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(version).toBe(manifest.version);
  });
});
