import { afterEach, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom, type Clock, type ErrorCode } from '../../src/kernel/index.ts';
import { json, raw, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';

/** Real time, but nobody waits between attempts. */
const impatient: Clock = { ...systemClock, sleep: async () => {} };
const odoo = requireConnector(connectorRegistry({ clock: impatient, random: systemRandom }), 'odoo');
const apiKey = odoo.credentials[0];

let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const DIALECTS = ['json2', 'jsonrpc', 'xmlrpc'] as const;
type Name = (typeof DIALECTS)[number];

async function sessionWith(dialect: Name, answer: Answer): Promise<ConnectorSession> {
  server = await scriptServer(answer);
  const token = { accessToken: 'k3y', generation: 1, context: { dialect, database: 'globex', uid: '7', major: '18' } };
  const refused = new GantryError('connection_reauth_required', { message: 'refused' });
  return odoo.open({ apiUrl: server.url, token: async () => token, renew: () => Promise.reject(refused) });
}

/** An error of the server in the spelling of each dialect. */
interface Failure {
  readonly exception: string;
  readonly message: string;
  readonly status: number;
  /** Of /xmlrpc/2; the rest is 1, with a traceback. */
  readonly faultCode?: number;
}

function spelled(dialect: Name, { exception, message, status, faultCode }: Failure): Answer {
  const debug = `Traceback (most recent call last):\n  File "/odoo/x.py", line 1\n${exception}: ${message}\n`;
  const facts = { name: exception, message, arguments: [message], context: {}, debug };
  if (dialect === 'json2') return json(facts, status);
  if (dialect === 'jsonrpc') {
    return json({ jsonrpc: '2.0', id: 1, error: { code: 200, message: 'Odoo Server Error', data: facts } });
  }
  const text = faultCode === undefined ? debug : message;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return raw(
    `<?xml version='1.0'?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>` +
      `${String(faultCode ?? 1)}</int></value></member><member><name>faultString</name><value><string>${escaped}` +
      `</string></value></member></struct></value></fault></methodResponse>`,
    200,
    { 'content-type': 'text/xml' },
  );
}

const failures: [Failure, ErrorCode][] = [
  [
    { exception: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey', status: 401 },
    'connection_reauth_required',
  ],
  [
    { exception: 'odoo.exceptions.AccessDenied', message: 'Access Denied', status: 403, faultCode: 3 },
    'connection_reauth_required',
  ],
  [
    { exception: 'odoo.http.SessionExpiredException', message: 'Session expired', status: 403 },
    'connection_reauth_required',
  ],
  [
    { exception: 'odoo.exceptions.AccessError', message: 'You are not allowed to access', status: 403, faultCode: 4 },
    'upstream_forbidden',
  ],
  [
    { exception: 'odoo.exceptions.MissingError', message: 'Record does not exist', status: 404 },
    'upstream_object_missing',
  ],
  [
    { exception: 'werkzeug.exceptions.NotFound', message: "the model 'x' does not exist", status: 404 },
    'upstream_object_missing',
  ],
  [
    { exception: 'odoo.exceptions.UserError', message: "Object x doesn't exist", status: 422, faultCode: 2 },
    'upstream_object_missing',
  ],
  [
    {
      exception: 'psycopg2.OperationalError',
      message: 'connection failed: FATAL:  database "nope" does not exist',
      status: 500,
    },
    'upstream_object_missing',
  ],
  [
    { exception: 'builtins.ValueError', message: "Invalid field 'x_gone' on model 'res.partner'", status: 500 },
    'upstream_schema_changed',
  ],
  [
    { exception: 'psycopg2.errors.SerializationFailure', message: 'could not serialize access', status: 500 },
    'upstream_unavailable',
  ],
  [{ exception: 'psycopg2.errors.QueryCanceled', message: 'statement timeout', status: 500 }, 'upstream_unavailable'],
  [
    { exception: 'psycopg2.pool.PoolError', message: 'The Connection Pool Is Full', status: 500 },
    'upstream_rate_limited',
  ],
  [
    { exception: 'psycopg2.OperationalError', message: 'server closed the connection', status: 500 },
    'upstream_unavailable',
  ],
  [
    { exception: 'odoo.exceptions.ValidationError', message: 'Wrong value', status: 422, faultCode: 2 },
    'upstream_refused',
  ],
  [
    { exception: 'odoo.exceptions.UserError', message: 'Please configure', status: 422, faultCode: 2 },
    'upstream_refused',
  ],
  [
    { exception: 'builtins.TypeError', message: "missing a required argument: 'domain'", status: 422 },
    'upstream_refused',
  ],
  [{ exception: 'builtins.MemoryError', message: '', status: 500 }, 'upstream_too_large'],
  [{ exception: 'acme.addons.Surprise', message: 'boom', status: 500 }, 'upstream_unavailable'],
];

describe.each(DIALECTS)('odoo over %s', (dialect) => {
  it.each(failures)('tells apart $exception: $message', async (failure, code) => {
    const session = await sessionWith(dialect, spelled(dialect, failure));
    const error: unknown = await session.countRecords('res.partner').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    // Upstream text never gets into ours.
    if (failure.message !== '') expect(JSON.stringify((error as GantryError).toBody())).not.toContain(failure.message);
  });

  it.each([
    ['upstream_rate_limited', raw('slow down', 429, { 'retry-after': '3000' })],
    ['upstream_unavailable', raw('<html>Bad gateway</html>', 502)],
    ['upstream_malformed', raw('<html>Log in</html>', 200)],
    ['upstream_object_missing', raw('', 303, { location: '/web/login' })],
    ['upstream_too_large', raw('too large', 413)],
  ] as const)('raises %s for what stands in front of Odoo', async (code, answer) => {
    const session = await sessionWith(dialect, answer);
    await expect(session.countRecords('res.partner')).rejects.toMatchObject({ code });
  });

  it('puts no name into an address that is not a model', async () => {
    const session = await sessionWith(dialect, json([]));
    await expect(session.countRecords('../../web')).rejects.toMatchObject({ code: 'upstream_object_missing' });
    expect(server?.requests).toEqual([]);
  });
});

const rpcResult = (result: unknown): Answer => json({ jsonrpc: '2.0', id: 1, result });
const xmlResult = (value: string): Answer =>
  raw(`<?xml version='1.0'?><methodResponse><params><param><value>${value}</value></param></params></methodResponse>`);
const notThere = raw('<html>404</html>', 404);

/** A server of one version: what it answers at which address. */
function versioned(at: Readonly<Record<string, Answer>>): Answer {
  return (request, response, body) => {
    const answer = at[request.url ?? ''] ?? notThere;
    answer(request, response, body);
  };
}

const byService =
  (version: Answer, authenticate: Answer): Answer =>
  (request, response, body) => {
    const answer = body.includes('authenticate') ? authenticate : version;
    answer(request, response, body);
  };

const seventeen = { server_version: '17.0', server_version_info: [17, 0, 0, 'final', 0, ''], protocol_version: 1 };
const fourteenXml =
  '<struct><member><name>server_version_info</name><value><array><data><value><int>14</int></value></data></array></value></member></struct>';

describe('odoo sign-in', () => {
  const values = { database: 'globex', login: 'bot', api_key: 'k3y' };
  const signIn = async (answer: Answer, more: Readonly<Record<string, string>> = {}): Promise<unknown> => {
    server = await scriptServer(answer);
    const done = apiKey?.signIn(null, { ...values, url: server.url, ...more });
    return done?.catch((error: unknown) => error);
  };

  it('speaks JSON-2 from 19 on', async () => {
    const nineteen = versioned({
      '/web/version': json({ version_info: [19, 0, 0, 'final', 0, ''], version: '19.0' }),
      '/json/2/res.users/context_get': json({ lang: 'en_US', tz: 'UTC', uid: 7 }),
    });
    expect(await signIn(nineteen)).toMatchObject({
      accessToken: 'k3y',
      apiUrl: server?.url,
      context: { dialect: 'json2', database: 'globex', uid: '7', major: '19' },
    });
    expect(server?.requests.map((request) => request.authorization)).toEqual(['', 'bearer k3y']);
  });

  it('speaks JSON-RPC before 19, also where an unknown address shows a website', async () => {
    const old = versioned({
      '/web/version': raw('<html>Welcome</html>', 200),
      '/jsonrpc': byService(rpcResult(seventeen), rpcResult(9)),
    });
    expect(await signIn(old)).toMatchObject({ context: { dialect: 'jsonrpc', uid: '9', major: '17' } });
  });

  it('speaks XML-RPC where nothing else is let through, or is asked for', async () => {
    const xml = byService(xmlResult(fourteenXml), xmlResult('<int>9</int>'));
    expect(await signIn(versioned({ '/xmlrpc/2/common': xml }))).toMatchObject({
      context: { dialect: 'xmlrpc', uid: '9', major: '14' },
    });
    await server?.stop();
    const both = versioned({ '/jsonrpc': rpcResult(seventeen), '/xmlrpc/2/common': xml });
    expect(await signIn(both, { protocol: 'xmlrpc' })).toMatchObject({ context: { dialect: 'xmlrpc', major: '17' } });
  });

  it.each([
    ['credentials_refused', 'no Odoo answers', {}, versioned({})],
    [
      'credentials_refused',
      'the key is wrong',
      {},
      versioned({ '/jsonrpc': byService(rpcResult(seventeen), rpcResult(false)) }),
    ],
    ['bad_request', 'RPC lacks the user', { login: '' }, versioned({ '/jsonrpc': rpcResult(seventeen) })],
    ['bad_request', 'the protocol is none', { protocol: 'soap' }, versioned({})],
    ['credentials_refused', 'a key cannot be sent', { api_key: 'k\n3y' }, versioned({})],
    ['credentials_refused', 'a database cannot be sent', { database: 'glo bex' }, versioned({})],
  ])('raises %s where %s', async (code, _, more, answer) => {
    const error = await signIn(answer, more);
    expect(error).toMatchObject({ code });
    expect(JSON.stringify((error as GantryError).toBody())).not.toContain('3y');
  });

  it('raises credentials_refused for a key that JSON-2 does not take', async () => {
    const unauthorized = { name: 'werkzeug.exceptions.Unauthorized', message: 'Invalid apikey', arguments: [] };
    const nineteen = versioned({
      '/web/version': json({ version_info: ['saas~19', 2, 0, 'final', 0, ''] }),
      '/json/2/res.users/context_get': json(unauthorized, 401),
    });
    expect(await signIn(nineteen)).toMatchObject({ code: 'credentials_refused' });
  });
});

/** JSON-2 by model and method; whatever else is asked for is not there. */
const methods = (answers: Readonly<Record<string, unknown>>): Answer =>
  versioned(Object.fromEntries(Object.entries(answers).map(([name, body]) => [`/json/2/${name}`, json(body)])));

describe('odoo discovery', () => {
  const model = (name: string, more: object = {}): object => ({ model: name, name, state: 'base', ...more });

  it('lists as replicable what the user may read', async () => {
    const session = await sessionWith(
      'json2',
      methods({
        'ir.model/search_read': [
          model('res.partner'),
          model('hr.payslip'),
          model('x_contract', { state: 'manual' }),
          model('portal.mixin'),
          model('ir.cron'),
        ],
        'ir.model/get_available_models': ['res.partner', 'x_contract', 'portal.mixin', 'ir.cron'].map((name) => ({
          model: name,
          display_name: name,
        })),
      }),
    );
    const replicable = (await session.listObjects()).filter((object) => object.replicable);
    expect(replicable.map((object) => object.name)).toEqual(['res.partner', 'x_contract']);
    expect(replicable.map((object) => object.custom)).toEqual([false, true]);
  });

  it('requires what has no default and no computation', async () => {
    const required = { type: 'char', required: true, readonly: false, store: true };
    const session = await sessionWith(
      'json2',
      methods({
        'res.partner/fields_get': {
          id: { type: 'integer', readonly: true, store: true },
          name: { ...required, string: 'Name' },
          lang: required,
          slug: { ...required, depends: ['name'] },
          score: { type: 'float', digits: [16, 3], store: true },
          shown: { type: 'char', store: false },
          line_ids: { type: 'one2many', relation: 'x_line', store: true },
        },
        'res.partner/default_get': { lang: 'en_US' },
        'ir.model/search_read': [{ name: 'Contact', state: 'base' }],
      }),
    );
    const object = await session.describeObject('res.partner');
    expect(object.fields.map((field) => field.name)).toEqual(['id', 'name', 'lang', 'slug', 'score']);
    expect(object.fields.filter((field) => field.required).map((field) => field.name)).toEqual(['name']);
    expect(object.fields.at(-1)).toMatchObject({ type: 'decimal', scale: 3 });
    // Constraints and automations were not to be had: no rules, and no failure.
    expect(object.rules).toBeUndefined();
    expect(object.linkTemplate).toBe(`${server?.url ?? ''}/odoo/res.partner/{id}`);
  });
});
