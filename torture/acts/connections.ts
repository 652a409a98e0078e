import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asked, command, request, systemOf, untilDone, work, type Act, type CommandAct } from './act.ts';
import { connectSystem } from '../stage/open-stage.ts';
import { odooValues } from '../stage/systems.ts';
import { adminOf } from '../../sandbox/client/index.ts';
import type { Scene } from '../scene.ts';

/** A customer whose connections come and go; the checker does not look at it. */
const SPARE = 'spare';

async function spareTenant({ stage }: Scene): Promise<void> {
  await stage.command(['tenant', 'create', SPARE]);
}

/** Signed in anew each time: what ends with it is not what the others read by. */
async function spareConnection(scene: Scene, integration: 'crm' | 'erp'): Promise<void> {
  await spareTenant(scene);
  await untilDone(() => {
    const system = systemOf(scene, integration);
    return connectSystem(scene.stage, { ...system, tenant: SPARE });
  }, 6);
}

const life = (act: 'pause' | 'resume' | 'revoke', integration: string) => (scene: Scene) =>
  asked(scene, 'POST', `/v1/connections/${integration}/${act}`, { tenant: SPARE, note: 'rehearsal' });

async function revoked(scene: Scene): Promise<void> {
  await spareConnection(scene, 'crm');
  await life('revoke', 'crm')(scene);
}

async function deleted(scene: Scene): Promise<void> {
  await spareConnection(scene, 'crm');
  await asked(scene, 'DELETE', `/v1/connections/crm?tenant=${SPARE}&note=rehearsal`);
}

/** A person declines on the provider's page. */
async function declined(scene: Scene): Promise<void> {
  const body = { tenant: 'acme', integration: 'crm' };
  const { authorize_url } = await asked(scene, 'POST', '/v1/connections', body);
  const state = new URL(String(authorize_url)).searchParams.get('state') ?? '';
  const query = new URLSearchParams({ state, error: 'access_denied' });
  await fetch(`${scene.stage.url}/oauth/callback?${query.toString()}`);
}

const signIn = (integration: string) => async (scene: Scene) =>
  connectSystem(scene.stage, systemOf(scene, integration));

/** A user whose app somebody approved before: no page, no code. */
async function signInByKeyPair(scene: Scene): Promise<void> {
  await spareTenant(scene);
  const username = adminOf(systemOf(scene, 'crm').sandbox).username;
  await asked(scene, 'POST', '/v1/connections', {
    tenant: SPARE,
    integration: 'crm',
    connection: 'crm_by_key',
    method: 'jwt_bearer',
    values: { username, private_key: scene.stage.appKey },
  });
}

/** A sign-in of the spare customer ends in some days, and nobody can renew it but a person: told by whoever starts next. */
async function ending(scene: Scene): Promise<void> {
  await spareConnection(scene, 'erp');
  await scene.stage.sql(
    `update credential c set ends_at = now() + interval '2 days', end_told_at = null, renewable = false, ended_at = null
     from tenant t where t.id = c.tenant and t.slug = $1`,
    [SPARE],
  );
  scene.stage.workers[0]?.signal('SIGTERM');
}

async function revokedToken(scene: Scene): Promise<void> {
  await asked(scene, 'POST', '/v1/connect-tokens', { tenant: 'acme', integration: 'crm' });
  const { tokens } = await asked(scene, 'GET', '/v1/connect-tokens?tenant=acme');
  const [token] = tokens as { id: string | number }[];
  await asked(scene, 'DELETE', `/v1/connect-tokens/${String(token?.id)}?tenant=acme`);
}

const user = (scene: Scene) =>
  asked(scene, 'POST', '/v1/connections/erp/users/7', {
    tenant: 'globex',
    method: 'api_key',
    values: odooValues(systemOf(scene, 'erp')),
  });

async function userLeaves(scene: Scene): Promise<void> {
  await user(scene).catch(() => undefined);
  await asked(scene, 'DELETE', '/v1/connections/erp/users/7?tenant=globex');
}

/** The provider ends the grant itself; afterwards somebody signs in again. */
const ended = {
  run: async (scene: Scene) => void (await systemOf(scene, 'crm').sandbox.control('POST', 'revoke', {})),
  calm: async (scene: Scene) => void (await untilDone(() => signIn('crm')(scene), 30)),
};

async function keyToRevoke({ stage }: Scene, word: string): Promise<readonly string[]> {
  await stage.command(['key', 'create', '--tenant', 'acme', '--agent', 'checker', '--label', `revoke-${word}`]);
  const { out } = await stage.command(['key', 'list', '--tenant', 'acme']);
  const line = out.split('\n').find((each) => each.includes(`revoke-${word}`));
  return ['key', 'revoke', line?.trim().split(/\s+/)[0] ?? 'none', '--tenant', 'acme'];
}

/** Nothing that changes what is read. */
async function overlay({ stage }: Scene, word: string): Promise<readonly string[]> {
  const file = join(stage.dir, 'overlay.yaml');
  writeFileSync(file, `tenant: acme\nwhy: rehearsal ${word}\n`);
  return ['overlay', 'set', '--tenant', 'acme', file];
}

/** A database of its own beside the others, with nothing in it. */
async function emptyDatabase({ stage }: Scene, word: string): Promise<Readonly<Record<string, string>>> {
  const name = `empty_${word.replaceAll(/\W/g, '_')}`;
  const there = await stage.sql('select from pg_database where datname = $1', [name]);
  if (there.length === 0) await stage.sql(`create database ${name}`);
  const url = new URL(stage.postgres.url);
  url.pathname = `/${name}`;
  return { DATABASE_URL: url.href };
}

/** Who signs in, how that fares, and what is set up: connections, vault, tenants, keys, revisions. */
export const connectionActs: readonly (Act | CommandAct)[] = [
  work('ordinary work', ['connection.record_health', 'app.housekeep', 'connection.record_discovery'], async () => {}),
  work(
    'tokens that end',
    ['connection.begin_renewal', 'connection.keep_tokens', 'connection.renewal_turn'],
    async (scene) => void (await systemOf(scene, 'crm').sandbox.control('POST', 'revoke', { accessOnly: true })),
  ),
  work(
    'refusals',
    ['connection.record_limited'],
    (scene) => systemOf(scene, 'crm').proxy.plan({ share: 1, kinds: ['limited'], times: 8 }),
    { calm: (scene) => systemOf(scene, 'crm').proxy.calm() },
  ),
  request(
    'a sign-in',
    ['connection.start_connect', 'connection.keep_state', 'connection.take_state', 'connection.keep_grant'],
    signIn('crm'),
  ),
  request('a sign-in by a key pair', ['connector.assertion'], signInByKeyPair),
  work('a sign-in that will end', ['connection.tell_end'], ending, { apart: true, patienceMs: 6_000 }),
  request('a key entered', ['connection.keep_credentials', 'connection.record_discovery'], signIn('erp')),
  request('a sign-in declined', ['connection.abandon_state', 'connection.abandon'], declined),
  request('a connect link', ['connection.add_connect_token'], (scene) =>
    asked(scene, 'POST', '/v1/connect-tokens', { tenant: 'acme', integration: 'crm' }),
  ),
  request('a connect link taken back', ['connection.revoke_connect_token'], revokedToken),
  request("a user's own key", ['connection.keep_user_sign_in'], user),
  request('a user who leaves', ['connection.forget_user_sign_in'], userLeaves),
  request('a pause', ['connection.act'], async (scene) => {
    await spareConnection(scene, 'erp');
    await life('pause', 'erp')(scene);
    await life('resume', 'erp')(scene);
  }),
  work(
    'a revocation',
    ['connection.finish_revocation', 'connection.destroy_credentials', 'connector.revoke', 'inbox.forget_address'],
    revoked,
    {
      patienceMs: 6_000,
    },
  ),
  work(
    'a deletion',
    ['connection.bury', 'connection.purge', 'connection.pass_purge', 'connection.claim_chore'],
    deleted,
    {
      patienceMs: 6_000,
    },
  ),
  request('a rotation of keys', ['vault.rotate', 'connection.reseal'], (scene) =>
    asked(scene, 'POST', '/v1/vault/rotate', { data_keys: true }),
  ),
  work('a grant that ends', ['connection.end_grant', 'connection.probed'], ended.run, {
    calm: ended.calm,
    patienceMs: 6_000,
  }),
  command('tenant create', ['app.add_tenant'], 'tenant', 'create', 't%'),
  command('key create', ['app.add_key'], 'key', 'create', '--tenant', 'acme', '--agent', 'checker', '--label', '%'),
  { name: 'key revoke', host: 'command', places: ['app.revoke_key'], words: keyToRevoke },
  {
    name: 'apply',
    host: 'command',
    places: ['app.apply_revision'],
    words: async ({ root }) => ['apply', `${root}/torture/project`],
  },
  {
    name: 'overlay set',
    host: 'command',
    places: ['app.store_overlay'],
    words: overlay,
  },
  command('vault rotate', ['vault.rotate', 'connection.reseal'], 'vault', 'rotate', '--data-keys'),
  {
    name: 'an empty database',
    host: 'command',
    places: ['store.migrate'],
    words: async () => ['tenant', 'list'],
    env: emptyDatabase,
  },
];
