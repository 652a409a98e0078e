import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from './fixture.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const ask = (key: string, method: string, path: string, body?: object): Promise<Response> =>
  fetch(`${api.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const said = { note: null, by: null };
const calls: [string, string, object | undefined, string, object][] = [
  [
    'POST',
    '/v1/connections/crm/objects/Sales%20Order/pause',
    { tenant: 'acme', note: 'audit', by: 'ann' },
    'pause_object',
    { tenant: 'acme', connection: 'crm', object: 'Sales Order', note: 'audit', by: 'ann' },
  ],
  [
    'POST',
    '/v1/connections/crm/objects/Account/resume',
    { tenant: 'acme' },
    'resume_object',
    { tenant: 'acme', connection: 'crm', object: 'Account', ...said },
  ],
  [
    'POST',
    '/v1/connections/crm/objects/Account/backfill',
    { tenant: 'acme', days: 'all' },
    'backfill_object',
    { tenant: 'acme', connection: 'crm', object: 'Account', days: 'all', ...said },
  ],
  [
    'GET',
    '/v1/comparisons?tenant=acme&object=Account',
    undefined,
    'list_comparisons',
    { tenant: 'acme', connection: null, object: 'Account', limit: 100 },
  ],
  ['GET', '/v1/held-deletions?tenant=acme', undefined, 'list_held', { tenant: 'acme' }],
  [
    'POST',
    '/v1/held-deletions/accept',
    { tenant: 'acme', connection: 'crm', object: 'Account' },
    'accept_held',
    { tenant: 'acme', connection: 'crm', object: 'Account', ...said },
  ],
  [
    'POST',
    '/v1/held-deletions/dismiss',
    { tenant: 'acme', connection: 'crm', object: 'Account', by: 'bo' },
    'dismiss_held',
    { tenant: 'acme', connection: 'crm', object: 'Account', note: null, by: 'bo' },
  ],
  [
    'GET',
    '/v1/dead-letters?tenant=acme&connection=crm&limit=5',
    undefined,
    'list_letters',
    { tenant: 'acme', connection: 'crm', object: null, limit: 5 },
  ],
  ['GET', '/v1/dead-letters/7?tenant=acme', undefined, 'show_letter', { tenant: 'acme', letter: 7 }],
  [
    'POST',
    '/v1/dead-letters/replay',
    { tenant: 'acme', letter: 7 },
    'replay_letters',
    { tenant: 'acme', letter: 7, ...said },
  ],
  [
    'POST',
    '/v1/dead-letters/replay',
    { tenant: 'acme', connection: 'crm', object: 'Account' },
    'replay_letters',
    { tenant: 'acme', connection: 'crm', object: 'Account', ...said },
  ],
  [
    'DELETE',
    '/v1/dead-letters/7?tenant=acme&note=a%20test',
    undefined,
    'drop_letter',
    { tenant: 'acme', letter: 7, note: 'a test', by: null },
  ],
  ['GET', '/v1/dead-events?tenant=acme', undefined, 'list_events', { tenant: 'acme', connection: null, limit: 100 }],
  [
    'POST',
    '/v1/dead-events/replay',
    { tenant: 'acme', connection: 'crm' },
    'replay_events',
    { tenant: 'acme', connection: 'crm', event: null, ...said },
  ],
  [
    'POST',
    '/v1/dead-events/drop',
    { tenant: 'acme', connection: 'crm', event: 'e1', note: 'why' },
    'drop_events',
    { tenant: 'acme', connection: 'crm', event: 'e1', note: 'why', by: null },
  ],
  [
    'GET',
    '/v1/quarantine?tenant=acme&field=Phone',
    undefined,
    'quarantine_groups',
    { tenant: 'acme', connection: null, object: null, field: 'Phone', limit: 100 },
  ],
  [
    'GET',
    '/v1/quarantine?tenant=acme&values=true&limit=5',
    undefined,
    'quarantine_values',
    { tenant: 'acme', connection: null, object: null, field: null, limit: 5 },
  ],
  [
    'POST',
    '/v1/quarantine/replay',
    { tenant: 'acme', connection: 'crm', read: true },
    'replay_quarantine',
    { tenant: 'acme', connection: 'crm', object: null, read: true, ...said },
  ],
  ['GET', '/v1/operator-acts?tenant=acme', undefined, 'list_acts', { tenant: 'acme', connection: null, limit: 100 }],
];

describe('the doors of sync', () => {
  it.each(calls)('%s %s %j is for operators only, and does %s', async (method, path, body, use, request) => {
    const before = api.done.length;
    for (const key of ['full', 'nope']) expect((await ask(key, method, path, body)).status).toBe(401);
    expect(api.done.length).toBe(before);
    expect((await ask('root', method, path, body)).ok).toBe(true);
    expect(api.done.at(-1)).toEqual({ use, request });
  });

  it.each<[string, string, object | undefined, string]>([
    ['POST', '/v1/connections/crm/objects/Account/pause', { tenant: 'acme', reason: 'x' }, 'reason'],
    ['POST', '/v1/connections/crm/objects/Account/backfill', { tenant: 'acme', days: 'some' }, 'days'],
    ['POST', '/v1/dead-letters/replay', { tenant: 'acme' }, 'connection'],
    ['POST', '/v1/dead-letters/replay', { tenant: 'acme', letter: 1, connection: 'crm' }, 'letter'],
    ['DELETE', '/v1/dead-letters/7?tenant=acme', undefined, 'note'],
    ['POST', '/v1/dead-events/drop', { tenant: 'acme', connection: 'crm' }, 'note'],
    ['GET', '/v1/quarantine?tenant=acme&values=maybe', undefined, 'values'],
    ['GET', '/v1/quarantine?tenant=acme&limit=0', undefined, 'limit'],
    ['GET', '/v1/held-deletions', undefined, 'tenant'],
    ['POST', '/v1/dead-letters/replay', { tenant: 'acme', letter: 3_000_000_000 }, 'letter'],
    // What no text of the database can hold, in bodies and in queries.
    ['POST', '/v1/dead-letters/replay', { tenant: '\0', letter: 7 }, 'tenant'],
    ['POST', '/v1/dead-letters/replay', { tenant: 'acme', connection: 'c\0' }, 'connection'],
    ['POST', '/v1/dead-events/replay', { tenant: 'acme', connection: 'crm', event: 'e\0' }, 'event'],
    ['POST', '/v1/dead-events/drop', { tenant: 'acme', connection: 'crm', event: 'e\0', note: 'x' }, 'event'],
    ['POST', '/v1/dead-events/drop', { tenant: 'acme', connection: 'crm', note: 'a\0b' }, 'note'],
    ['POST', '/v1/connections/crm/pause', { tenant: 'acme', note: 'a\0b' }, 'note'],
    ['POST', '/v1/connections/crm/sync', { tenant: 'acme', objects: ['\0'] }, 'body'],
    ['POST', '/v1/connections/%00/pause', { tenant: 'acme' }, 'url'],
    ['GET', '/v1/dead-letters?tenant=%00', undefined, 'tenant'],
    ['GET', '/v1/alerts?tenant=%00', undefined, 'tenant'],
    ['GET', '/v1/subscriptions?tenant=a%00', undefined, 'tenant'],
    ['GET', '/v1/budgets?tenant=%00', undefined, 'tenant'],
    ['GET', '/v1/quarantine?tenant=acme&field=%00', undefined, 'field'],
    ['GET', '/v1/operator-acts?tenant=acme&connection=%00', undefined, 'connection'],
    ['DELETE', '/v1/dead-letters/7?tenant=acme&note=%00', undefined, 'note'],
  ])('%s %s %j is refused, and told where it is wrong', async (method, path, body, where) => {
    const before = api.done.length;
    const answer = await ask('root', method, path, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'bad_request', where });
    expect(api.done.length).toBe(before);
  });

  it('refuses a body that is nested without end, before anybody walks it', async () => {
    const before = api.done.length;
    const nested = (levels: number): unknown => Array.from({ length: levels }).reduce((inner) => ({ not: inner }), {});
    const path = '/v1/connections/crm/objects/Account/pause';
    const answer = await ask('root', 'POST', path, { tenant: 'acme', note: nested(4_000) });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'bad_request', where: 'body', fix: 'Send it flatter.' });
    expect(api.done.length).toBe(before);
  });

  it('takes a backslash before `u0000` for what it is, and `%2500` as well', async () => {
    const note = String.raw`C:\u0000 \\u0000`;
    const path = '/v1/connections/crm/objects/Account/pause';
    expect((await ask('root', 'POST', path, { tenant: 'acme', note })).ok).toBe(true);
    expect(api.done.at(-1)).toMatchObject({ request: { note } });
    expect((await ask('root', 'GET', '/v1/quarantine?tenant=acme&field=%2500')).ok).toBe(true);
    expect(api.done.at(-1)).toMatchObject({ request: { field: '%00' } });
  });

  it('knows letters by numbers only', async () => {
    expect((await ask('root', 'GET', '/v1/dead-letters/x1?tenant=acme')).status).toBe(404);
  });
});
