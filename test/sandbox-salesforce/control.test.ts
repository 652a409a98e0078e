import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DATA, startOrg, type OrgClient } from './org-client.ts';

let org: OrgClient;
const folder = mkdtempSync(join(tmpdir(), 'sandbox-ledger-'));
const ledgerFile = join(folder, 'ledger.jsonl');
beforeAll(async () => {
  org = await startOrg({ ledger: ledgerFile });
});
afterAll(async () => {
  await org.stop();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await org.sandbox.control('DELETE', 'faults');
});

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly user: string | null;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly effects: readonly { readonly op: string; readonly object: string; readonly id: string }[];
}

const fault = (action: object, more: object = {}) =>
  org.sandbox.control('POST', 'faults', { match: { path: `${DATA}/query` }, action, ...more });
const countQuery = () => org.get(`${DATA}/query?q=${encodeURIComponent('SELECT COUNT() FROM Account')}`);

describe('mutations', () => {
  it('show up after the last stamp, with who and when', async () => {
    const [newest] = (
      await org.query('SELECT Id, SystemModstamp FROM Opportunity ORDER BY SystemModstamp DESC, Id DESC LIMIT 1')
    ).records;
    const [old] = (await org.query('SELECT Id FROM Opportunity LIMIT 1')).records;
    const id = String(old?.['Id']);
    await org.sandbox.mutate({
      op: 'update',
      object: 'Opportunity',
      id,
      fields: { Vertriebsphase__c: 'Verhandlung', Auftragswert__c: 12.5 },
    });
    const changed = await org.query(
      `SELECT Id, Vertriebsphase__c, Auftragswert__c, LastModifiedById FROM Opportunity WHERE SystemModstamp > ${String(newest?.['SystemModstamp'])} ORDER BY SystemModstamp, Id`,
    );
    expect(changed.records).toEqual([
      {
        attributes: expect.anything(),
        Id: id,
        Vertriebsphase__c: 'Verhandlung',
        Auftragswert__c: 12.5,
        LastModifiedById: org.admin.id,
      },
    ]);
  });

  it('create records that count, find their parent and can be deleted and restored', async () => {
    const before = (await org.query('SELECT COUNT() FROM Contact')).totalSize;
    const [account] = (await org.query('SELECT Id, Name FROM Account LIMIT 1')).records;
    const { id } = await org.sandbox.mutate({
      op: 'create',
      object: 'Contact',
      fields: { LastName: 'Müller', FirstName: 'Jürgen', AccountId: account?.['Id'] },
    });
    expect(id).toMatch(/^003\w{15}$/);
    const found = await org.query(
      `SELECT Id, Name, Account.Name FROM Contact WHERE AccountId = '${String(account?.['Id'])}' AND LastName = 'müller'`,
    );
    expect(found.records).toEqual([
      {
        attributes: expect.anything(),
        Id: id,
        Name: 'Jürgen Müller',
        Account: expect.objectContaining({ Name: account?.['Name'] }),
      },
    ]);
    await org.sandbox.mutate({ op: 'delete', object: 'Contact', id });
    expect((await org.query('SELECT COUNT() FROM Contact')).totalSize).toBe(before);
    expect((await org.get(`${DATA}/sobjects/Contact/${id}`)).json).toMatchObject([{ errorCode: 'ENTITY_IS_DELETED' }]);
    const gone = await org.query('SELECT Id, IsDeleted FROM Contact WHERE IsDeleted = true', { all: true });
    expect(gone.records.map((one) => [one['Id'], one['IsDeleted']])).toEqual([[id, true]]);
    await org.sandbox.mutate({ op: 'undelete', object: 'Contact', id });
    expect((await org.query('SELECT COUNT() FROM Contact')).totalSize).toBe(before + 1);
  });

  it('carry the time of the sandbox, which can be moved', async () => {
    await org.sandbox.control('POST', 'clock', { now: '2026-03-01T01:00:00Z' });
    const { record } = await org.sandbox.mutate({ op: 'create', object: 'Task', fields: { Subject: 'Anruf' } });
    expect(String(record?.['SystemModstamp'])).toMatch(/^2026-03-01T01:00:\d\d\.000\+0000$/);
  });

  it.each([
    ['an unknown field', { op: 'create', object: 'Contact', fields: { Nope: 1 } }, 'no field Nope'],
    ['a missing required field', { op: 'create', object: 'Contact', fields: {} }, 'REQUIRED_FIELD_MISSING'],
    [
      'a value outside a restricted picklist',
      { op: 'create', object: 'Account', fields: { Name: 'x', Kundenstatus__c: 'y' } },
      'does not fit',
    ],
    ['an unknown record', { op: 'delete', object: 'Contact', id: '0035g00000zzzzzAAA' }, 'no Contact'],
  ] as const)('are refused for %s', async (_name, change, message) => {
    await expect(org.sandbox.control('POST', 'mutate', change)).rejects.toThrow(message);
  });
});

describe('the ledger', () => {
  it('has every call and every change, in the file before the answer', async () => {
    const { id } = await org.sandbox.mutate({ op: 'create', object: 'Task', fields: { Subject: 'Ledger' } });
    await org.get(`${DATA}/sobjects/Task/${id}?fields=Id`);
    const { entries } = await org.sandbox.control<{ entries: Entry[] }>('GET', 'ledger?since=0&limit=100000');
    expect(entries.map((entry) => entry.seq)).toEqual(entries.map((_entry, at) => at + 1));
    expect(entries.at(-2)).toMatchObject({ kind: 'control', effects: [{ op: 'create', object: 'Task', id }] });
    expect(entries.at(-1)).toMatchObject({
      kind: 'call',
      user: org.admin.username,
      method: 'GET',
      path: `${DATA}/sobjects/Task/${id}`,
      status: 200,
    });
    const lines = readFileSync(ledgerFile, 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Entry)).toEqual(entries);
  });

  it('counts provider calls and not control calls', async () => {
    interface Calls {
      readonly total: number;
      readonly byPath: Readonly<Record<string, number>>;
    }
    const before = await org.sandbox.control<Calls>('GET', 'calls');
    await countQuery();
    await org.sandbox.control('GET', 'health');
    const after = await org.sandbox.control<Calls>('GET', 'calls');
    expect(after.total).toBe(before.total + 1);
    expect(after.byPath[`GET ${DATA}/query`]).toBe((before.byPath[`GET ${DATA}/query`] ?? 0) + 1);
  });

  it('is closed to browsers and other hosts', async () => {
    const answer = await fetch(`${org.sandbox.url}/__sandbox/health`, { headers: { origin: 'https://evil.example' } });
    expect(answer.status).toBe(403);
  });
});

describe('faults', () => {
  it('answer in the words of the platform, as often as asked, after some calls', async () => {
    await fault({ status: 503 }, { times: 2, after: 1 });
    const answers = [await countQuery(), await countQuery(), await countQuery(), await countQuery()];
    expect(answers.map((one) => one.status)).toEqual([200, 503, 503, 200]);
    expect(answers[1]?.json).toEqual([{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }]);
  });

  it('send headers and bodies of choice', async () => {
    await fault({ status: 429, headers: { 'retry-after': '7' }, body: { custom: true } });
    const answer = await countQuery();
    expect([answer.status, answer.headers.get('retry-after'), answer.json]).toEqual([429, '7', { custom: true }]);
  });

  it('send HTML with status 200', async () => {
    await fault({ html: true });
    const answer = await countQuery();
    expect([answer.status, answer.json]).toEqual([200, undefined]);
    expect(answer.text).toContain('<html>');
  });

  it('cut the answer short, or the connection before it', async () => {
    await fault({ truncateBytes: 10 });
    await expect(countQuery()).rejects.toThrow();
    await fault({ reset: true });
    await expect(countQuery()).rejects.toThrow();
    expect((await countQuery()).status).toBe(200);
  });

  it('match by method and by an expression over the query text', async () => {
    await org.sandbox.control('POST', 'faults', [
      { match: { method: 'POST' }, action: { status: 500 } },
      { match: { path: '/q=SELECT .* FROM Contact/' }, action: { status: 500 } },
    ]);
    expect((await countQuery()).status).toBe(200);
    expect((await org.get(`${DATA}/query?q=${encodeURIComponent('SELECT Id FROM Contact LIMIT 1')}`)).status).toBe(500);
  });

  it('delay the real answer', async () => {
    await fault({ delayMs: 300 });
    const started = performance.now();
    expect((await countQuery()).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(250);
  });
});

describe('limits', () => {
  it('are the documented ones and are told with each answer', async () => {
    const people = org.sandbox.health.users.filter((user) => (user as { active?: boolean }).active === true).length;
    const answer = await countQuery();
    expect(answer.headers.get('sforce-limit-info')).toMatch(new RegExp(`^api-usage=\\d+/${100_000 + people * 1_000}$`));
    const used = Number(/=(\d+)/.exec(answer.headers.get('sforce-limit-info') ?? '')?.[1]);
    expect((await org.get(`${DATA}/limits`)).json).toEqual({
      DailyApiRequests: { Max: 100_000 + people * 1_000, Remaining: 100_000 + people * 1_000 - used - 1 },
      DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
    });
  });

  it('refuse calls when the day is used up, until the window moves on', async () => {
    const { dailyApiRequests } = await org.sandbox.control<{ dailyApiRequests: number }>('POST', 'limits', {});
    await org.sandbox.control('POST', 'limits', { used: dailyApiRequests });
    const answer = await countQuery();
    expect([answer.status, answer.json]).toEqual([
      403,
      [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    ]);
    await org.sandbox.control('POST', 'limits', { used: 0, sessionTimeoutMs: 7_200_000 });
    expect((await countQuery()).status).toBe(200);
  });

  it('refuse calls beside too many long ones', async () => {
    await org.sandbox.control('POST', 'limits', { concurrentLongRequests: 1, longRequestMs: 0 });
    await fault({ delayMs: 30_000 });
    const stop = new AbortController();
    const slow = fetch(`${org.sandbox.url}${DATA}/query?q=x`, { signal: stop.signal }).catch(() => null);
    let answer = await org.get(`${DATA}/limits`);
    while (answer.status === 200) answer = await org.get(`${DATA}/limits`);
    expect([answer.status, (answer.json as { errorCode: string }[])[0]?.errorCode]).toEqual([
      403,
      'REQUEST_LIMIT_EXCEEDED',
    ]);
    await org.sandbox.control('POST', 'limits', { concurrentLongRequests: 25, longRequestMs: 20_000 });
    expect((await org.get(`${DATA}/limits`)).status).toBe(200);
    stop.abort();
    await slow;
  });
});
