/**
 * Run by the suite as a process of its own, with everything that it writes
 * caught: a whole service at its most talkative, with a secret of each kind.
 * Tells its parent the secrets and what it found of them, and then dies of an
 * error that nobody catches.
 */
import { randomBytes } from 'node:crypto';
import { openStage } from '../../examples/renewals/stage/open-stage.ts';
import { authCall } from '../../src/connectors/kit/auth-call.ts';
import { routeRoles } from '../../src/api/route-roles.ts';
import { ask } from '../stage/ask.ts';
import { dumpOf } from './dump.ts';
import { recordCalls } from './record-calls.ts';
import type { Held } from './run.ts';

const dataDir = process.argv[2] ?? '';
const masterKey = randomBytes(32);
const random = (): string => `ZQ${randomBytes(24).toString('base64url')}`;

const recording = recordCalls();
const stage = await openStage({
  scale: 2_000,
  seed: 5,
  dataDir,
  databaseUrl: null,
  port: 0,
  logLevel: 'trace',
  whole: true,
  masterKey,
});
const { acme, globex, gantry, url, operatorKey } = stage;
if (globex === null) throw new Error('the stage is not whole');
await acme.connectAll();
await globex.connectAll();

const operator = (method: string, path: string, body?: unknown) => ask({ url }, operatorKey, method, path, body);
const keys = [await acme.keyFor('renewals-copilot'), await globex.keyFor('support-intern')];
const shownOnce: string[] = [];
const once = async (
  path: string,
  body: object,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  const made = await operator('POST', path, { tenant: 'acme', ...body });
  if (made.status >= 300) throw new Error(`${path}: ${made.text}`);
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = new RegExp(`"${name}"\\s*:\\s*"([^"]+)"`).exec(made.text)?.[1];
    if (value === undefined) throw new Error(`${path} has no ${name}: ${made.text.slice(0, 200)}`);
    found[name] = value;
  }
  shownOnce.push(made.text);
  return found;
};
const subscription = await once(
  '/v1/subscriptions',
  { agent: 'renewals-copilot', object: 'account', url: 'https://receiver.example/hook' },
  ['secret'],
);
const connect = await once('/v1/connect-tokens', { integration: 'crm' }, ['token']);
const webhookSecret = random();
shownOnce.push(
  (await operator('POST', '/v1/connections/support/webhook', { tenant: 'acme', secret: webhookSecret })).text,
);

// Sign-ins of each kind that fail: what was entered is in no error and no log.
const entered: Readonly<Record<string, string>> = {
  api_key: random(),
  private_key: `-----BEGIN PRIVATE KEY-----\n${random()}\n-----END PRIVATE KEY-----`,
};
const odoo = globex.systems.get('erp');
await operator('POST', '/v1/connections', {
  tenant: 'globex',
  integration: 'erp',
  connection: 'second',
  method: 'api_key',
  values: { url: odoo?.url ?? '', database: 'none', login: 'nobody', api_key: entered['api_key'] },
});
await operator('POST', '/v1/connections', {
  tenant: 'acme',
  integration: 'crm',
  connection: 'second',
  method: 'jwt_bearer',
  values: { username: 'nobody@acme.example', private_key: entered['private_key'] },
});
await operator('POST', '/v1/connections', {
  tenant: 'acme',
  integration: 'crm',
  method: 'api_key',
  values: { key: entered['api_key'] },
});

// Providers that repeat what they were sent, and grants that end.
const echo = [...recording.tokens].join(' ');
for (const { systems } of [acme, globex]) {
  for (const system of systems.values()) {
    for (const status of [400, 401, 500]) {
      await system.control('POST', 'faults', {
        match: { path: '/' },
        times: 2,
        action: { status, body: { error: echo, message: echo } },
      });
    }
  }
}
for (const slug of ['crm', 'support', 'calendar']) await acme.operator.sync(slug).catch(() => undefined);
await globex.operator.sync('erp').catch(() => undefined);
await new Promise((resolve) => {
  setTimeout(resolve, 3_000);
});

// Every page that an operator has, every answer to an agent, and refusals.
for (const route of Object.keys(routeRoles)) {
  const [method = '', path = ''] = route.split(' ');
  if (method !== 'GET' || path.startsWith('/v1/events')) continue;
  const address = path.replace(':tenant', 'acme').replace(':slug', 'crm').replace(/:\w+/g, '1');
  await operator('GET', `${address}?tenant=acme`);
}
for (const [path, body] of [
  ['/v1/tools/list_connections', {}],
  ['/v1/describe', { names: ['account'], detail: 'full' }],
  ['/v1/sql', { sql: "select getenv('GANTRY_MASTER_KEY')" }],
  ['/v1/query', { object: 'account', limit: 200 }],
] as const) {
  for (const key of [...keys, random()]) await ask({ url }, key, 'POST', path, body);
}

const apps = [...acme.systems.values(), ...globex.systems.values()].map((system) => system.app.clientSecret);
const odooKey = odoo?.health.users.map((user) => user.apiKey ?? '').find((key) => key !== '') ?? '';
const secrets: Record<string, string> = {
  'master key (base64)': masterKey.toString('base64'),
  'master key (base64url)': masterKey.toString('base64url'),
  'master key (hex)': masterKey.toString('hex'),
  'operator key': operatorKey,
  'secret of a subscription': subscription['secret'] ?? '',
  'token of a connect link': connect['token'] ?? '',
  'secret of a webhook': webhookSecret,
  'API key of Odoo': odooKey,
  'API key that was refused': entered['api_key'] ?? '',
  'private key that was refused': (entered['private_key'] ?? '').split('\n')[1] ?? '',
};
for (const [at, key] of keys.entries()) secrets[`agent key ${String(at)}`] = key;
for (const [at, secret] of apps.filter((text) => text !== '').entries())
  secrets[`client secret ${String(at)}`] = secret;
for (const [at, token] of [...recording.tokens].entries()) secrets[`provider token ${String(at)}`] = token;

const answers = recording.calls
  .filter((call) => call.url.startsWith(url) && !shownOnce.includes(call.text))
  .map((call) => `${String(call.status)} ${call.url.replaceAll(connect['token'] ?? '-', '')} ${call.text}`);
const dump = await dumpOf(gantry.db);
await gantry.lens.catchUp((await gantry.callers.find(keys[0] ?? ''))?.caller.tenant ?? (1 as never));
const told: Held = { secrets, answers: answers.length, places: { answers: answers.join('\n'), database: dump } };
await new Promise<void>((resolve) => {
  process.send?.(told, () => resolve());
});
await stage.close();
// What a crash writes: an error of ours that nobody catches, out of a call that carried secrets.
const [token] = recording.tokens;
const lost = await authCall({
  title: 'the login service',
  url: new URL('http://127.0.0.1:9/token'),
  headers: { authorization: `Bearer ${token ?? ''}` },
  body: { as: 'form', fields: { client_secret: apps.find((text) => text !== '') ?? '', refresh_token: token ?? '' } },
}).catch((error: unknown) => error);
throw Object.assign(new Error('the end of a process', { cause: lost }), { lost });
