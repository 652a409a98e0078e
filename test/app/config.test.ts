import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, inspect } from 'node:util';
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

  it('keep the audit for six months or longer', async () => {
    expect(await read({})).toMatchObject({ auditKeepDays: 190, planKeepDays: 190 });
    const longer = { GANTRY_AUDIT_KEEP_DAYS: '400' };
    expect((await read(longer)).planKeepDays).toBe(400);
    expect((await read({ ...longer, GANTRY_PLAN_KEEP_DAYS: '401' })).planKeepDays).toBe(401);
    await expect(read({ ...longer, GANTRY_PLAN_KEEP_DAYS: '399' })).rejects.toMatchObject({
      code: 'config_invalid',
      details: { where: 'GANTRY_PLAN_KEEP_DAYS' },
    });
    expect((await read({ GANTRY_AUDIT_KEEP_DAYS: '183' })).auditKeepDays).toBe(183);
    await expect(read({ GANTRY_AUDIT_KEEP_DAYS: '182' })).rejects.toMatchObject({
      code: 'config_invalid',
      message: 'The audit has to be kept for at least 183 days, and "182" is less.',
      details: { where: 'GANTRY_AUDIT_KEEP_DAYS' },
    });
    for (const wrong of ['200.5', 'long', '36501', '-1']) {
      await expect(read({ GANTRY_AUDIT_KEEP_DAYS: wrong })).rejects.toMatchObject({ code: 'config_invalid' });
    }
  });

  it('name the public keys of former master keys', async () => {
    const [one, other] = ['1f'.repeat(32), 'e2'.repeat(32)];
    expect((await read({})).auditPublicKeys).toEqual([]);
    const { auditPublicKeys = [] } = await read({ GANTRY_AUDIT_PUBLIC_KEYS: `${one}, ${other}` });
    expect(auditPublicKeys.map((key) => Buffer.from(key).toString('hex'))).toEqual([one, other]);
    for (const wrong of ['1f', `${one}.${other}`, 'x'.repeat(64)]) {
      await expect(read({ GANTRY_AUDIT_PUBLIC_KEYS: wrong })).rejects.toMatchObject({
        code: 'config_invalid',
        details: { where: 'GANTRY_AUDIT_PUBLIC_KEYS' },
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
    expect(config.oauthApps.get('crm')).toMatchObject({ clientId: 'id', clientSecret: 'secret', loginUrl: '' });
    expect(config.oauthApps.get('eu_crm')).toMatchObject({
      clientId: 'eu',
      clientSecret: '',
      loginUrl: 'https://acme.example',
    });
    await expect(read({ GANTRY_APP_CRM_CLIENT_SECRET: 'x' })).rejects.toMatchObject({
      details: { where: 'GANTRY_APP_CRM_CLIENT_ID' },
    });
  });

  it('show no secret when they are printed or made JSON of, in part, in whole or as a copy', async () => {
    const master = Buffer.alloc(32, 0xc7);
    const other = Buffer.alloc(32, 0xd8);
    const secrets = {
      DATABASE_URL: 'postgres://gantry:canary-database@127.0.0.1:1/x',
      GANTRY_OPERATOR_KEY: 'canary-operator',
      GANTRY_OUTBOUND_PROXY: 'http://proxy:canary-proxy@127.0.0.1:2',
      GANTRY_APP_CRM_CLIENT_SECRET: 'canary-app',
      GANTRY_ALERT_OPS_URL: 'https://chat.example/services/canary-channel',
      GANTRY_ALERT_OPS_SECRET: `whsec_${Buffer.from('canary-signature-of-32-bytes-----').toString('base64')}`,
      GANTRY_SMTP_URL: 'smtp://mailer:canary-mail@mail.example:587',
    };
    const config = await read({
      ...secrets,
      GANTRY_MASTER_KEY: master.toString('base64'),
      GANTRY_OTHER_MASTER_KEYS: other.toString('base64'),
      GANTRY_APP_CRM_CLIENT_ID: 'shown-id',
      GANTRY_SMTP_FROM: 'g@example.com',
    });
    const { alertTargets, oauthApps } = config;
    // All of them are there, for whoever needs them.
    expect(config).toMatchObject({
      databaseUrl: secrets.DATABASE_URL,
      operatorKey: secrets.GANTRY_OPERATOR_KEY,
      outboundProxy: secrets.GANTRY_OUTBOUND_PROXY,
    });
    expect(oauthApps.get('crm')?.clientSecret).toBe(secrets.GANTRY_APP_CRM_CLIENT_SECRET);
    expect(alertTargets?.urls.get('ops')).toBe(secrets.GANTRY_ALERT_OPS_URL);
    expect(alertTargets?.secrets.get('ops')).toBe(secrets.GANTRY_ALERT_OPS_SECRET);
    expect(alertTargets?.mail?.password).toBe('canary-mail');
    const copy = { ...config, port: 1, alertTargets: { ...alertTargets }, app: { ...oauthApps.get('crm') } };
    for (const given of [config, copy, { cause: config }, [copy], oauthApps, alertTargets, alertTargets?.mail]) {
      const options = { depth: Infinity, showHidden: true, maxArrayLength: null, maxStringLength: null };
      for (const told of [JSON.stringify(given), inspect(given, options), format('%o %O %s', given, given, given)]) {
        expect(told).not.toContain('canary');
        expect(told).not.toContain(secrets.GANTRY_ALERT_OPS_SECRET.slice(6));
        // Bytes are printed in hex, or one by one.
        expect(told).not.toMatch(/c7[ ,]?c7|d8[ ,]?d8|199,\s*199|216,\s*216/);
        expect(told).not.toContain(master.toString('base64').slice(0, 12));
      }
    }
    const told = inspect(config, { depth: Infinity });
    expect(told).toContain('[redacted]');
    expect(told).toContain('shown-id');
    expect(JSON.parse(JSON.stringify(copy))).toMatchObject({ port: 1, host: '127.0.0.1', operatorKey: '[redacted]' });
    expect(JSON.parse(JSON.stringify(await read({})))).toMatchObject({ operatorKey: null, databaseUrl: null });
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
