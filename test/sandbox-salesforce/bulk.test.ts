import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { javaDouble } from '../../sandbox/salesforce/bulk/csv.ts';
import { bulkClient, rowsOf, type BulkClient, type JobInfo } from './bulk-client.ts';
import { DATA, signIn, startOrg, type OrgClient, type Tokens } from './org-client.ts';

const LONG_SESSION = { sessionTimeoutMs: 365 * 86_400_000 };
let org: OrgClient;
let bulk: BulkClient;
beforeAll(async () => {
  // A queue and a pace that real time does not get through: only the control API moves jobs on.
  org = await startOrg({}, { ...LONG_SESSION, bulkQueueMs: 3_600_000, bulkRecordsPerSecond: 0.01 });
  bulk = bulkClient(org);
});
afterAll(() => org.stop());

const advance = (ms: number) => org.sandbox.control('POST', 'clock', { advanceMs: ms });

describe('a query job', () => {
  it('waits, reads and is done by the clock', async () => {
    const created = await bulk.create('SELECT Id, Name FROM Account');
    expect(created).toEqual({
      id: expect.stringMatching(/^750\w{15}$/),
      operation: 'query',
      object: 'Account',
      createdById: org.admin.id,
      createdDate: expect.stringMatching(/\.000\+0000$/),
      systemModstamp: created['createdDate'],
      state: 'UploadComplete',
      concurrencyMode: 'Parallel',
      contentType: 'CSV',
      apiVersion: 64,
      lineEnding: 'LF',
      columnDelimiter: 'COMMA',
    });
    expect((await bulk.results(created.id)).status).toBe(204);
    await advance(3_600_000);
    const running = await bulk.info(created.id);
    expect(running).toMatchObject({ state: 'InProgress', numberRecordsProcessed: 0, retries: 0, jobType: 'V2Query' });
    const refused = await bulk.send('DELETE', `/${created.id}`);
    expect([refused.status, refused.json]).toEqual([
      400,
      [
        {
          message: 'Error encountered when deleting the job because the job is not terminated',
          errorCode: 'API_ERROR',
        },
      ],
    ]);
    const total = org.sandbox.health.counts['Account'] ?? 0;
    const done = await bulk.finish(created.id);
    expect(done).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: total,
      totalProcessingTime: total * 100_000,
      isPkChunkingSupported: true,
    });
    expect(rowsOf((await bulk.results(created.id)).text)).toHaveLength(total);
    expect((await bulk.send('DELETE', `/${created.id}`)).status).toBe(204);
    expect((await bulk.send('GET', `/${created.id}`)).status).toBe(404);
  });

  it('can be aborted while it is not over, and then has no results', async () => {
    const { id } = await bulk.create('SELECT Id FROM Contact');
    const aborted = await bulk.send('PATCH', `/${id}`, { state: 'Aborted' });
    expect([aborted.status, (aborted.json as JobInfo).state]).toEqual([200, 'Aborted']);
    expect((await bulk.finish(id)).state).toBe('Aborted');
    expect((await bulk.results(id)).status).toBe(204);
    const again = await bulk.send('PATCH', `/${id}`, { state: 'Aborted' });
    expect([again.status, again.json]).toEqual([
      400,
      [{ message: 'Aborting already Aborted Job not allowed', errorCode: 'INVALIDJOBSTATE' }],
    ]);
  });

  it('fails when told to, and when its field goes while it waits', async () => {
    await org.sandbox.control('POST', 'bulk', { fail: 1, message: 'INTERNAL: out of luck' });
    const first = await bulk.finish((await bulk.create('SELECT Id FROM Contact')).id);
    expect([first.state, first.errorMessage]).toEqual(['Failed', 'INTERNAL: out of luck']);
    await org.sandbox.control('POST', 'schema', { object: 'Contact', add: { name: 'Kurz__c', type: 'string' } });
    const waiting = await bulk.create('SELECT Id, Kurz__c FROM Contact');
    await org.sandbox.control('POST', 'schema', { object: 'Contact', remove: 'Kurz__c' });
    const second = await bulk.finish(waiting.id);
    expect([second.state, second.errorMessage]).toEqual(['Failed', expect.stringContaining('INVALID_FIELD')]);
  });

  it('keeps what it read, whatever changes afterwards, and misses what came too late', async () => {
    const [deal] = (await org.query('SELECT Id, NextStep FROM Opportunity LIMIT 1')).records;
    const id = String(deal?.['Id']);
    const set = (NextStep: string) =>
      org.sandbox.mutate({ op: 'update', object: 'Opportunity', id, fields: { NextStep } });
    await set('vorher');
    const job = await bulk.create('SELECT Id, NextStep FROM Opportunity');
    await set('wartend');
    await advance(3_600_000);
    await set('danach');
    const fields = { Name: 'zu spät', StageName: 'Prospecting', CloseDate: '2026-03-31' };
    const late = await org.sandbox.mutate({ op: 'create', object: 'Opportunity', fields });
    await org.sandbox.mutate({ op: 'delete', object: 'Opportunity', id: late.id });
    await bulk.finish(job.id);
    const rows = rowsOf((await bulk.results(job.id)).text);
    expect(rows.find((row) => row['Id'] === id)).toEqual({ Id: id, NextStep: 'wartend' });
    expect(rows.find((row) => row['Id'] === late.id)).toBeUndefined();
  });

  it('goes seven days after its end', async () => {
    const { id } = await bulk.create('SELECT Id FROM User');
    await bulk.finish(id);
    await advance(7 * 86_400_000 - 1_200_000);
    expect((await bulk.info(id)).state).toBe('JobComplete');
    await advance(2_400_000);
    expect((await bulk.results(id)).status).toBe(404);
  });
});

describe('results', () => {
  let fresh: OrgClient;
  let jobs: BulkClient;
  beforeAll(async () => {
    fresh = await startOrg({}, { ...LONG_SESSION, bulkQueueMs: 0, bulkRecordsPerSecond: 1e9 });
    jobs = bulkClient(fresh);
  });
  afterAll(() => fresh.stop());
  const run = async (query: string, more: object = {}): Promise<JobInfo> =>
    jobs.finish((await jobs.create(query, more)).id);

  it('come in sets by locator, each with its header, the same set when asked twice', async () => {
    const job = await run('SELECT Id FROM Contact');
    const total = job.numberRecordsProcessed ?? 0;
    const ids: string[] = [];
    let locator = '';
    for (let sets = 0; locator !== 'null' && sets < 10; sets += 1) {
      const path = `?maxRecords=99${locator === '' ? '' : `&locator=${locator}`}`;
      const set = await jobs.results(job.id, path);
      expect(set.headers.get('content-type')).toBe('text/csv');
      expect((await jobs.results(job.id, path)).text).toBe(set.text);
      const rows = rowsOf(set.text);
      expect(set.headers.get('sforce-numberofrecords')).toBe(String(rows.length));
      ids.push(...rows.map((row) => row['Id'] ?? ''));
      locator = set.headers.get('sforce-locator') ?? '';
    }
    expect([ids.length, new Set(ids).size, locator]).toEqual([total, total, 'null']);
    expect((await jobs.results(job.id, '?locator=MQ1')).json).toMatchObject([{ errorCode: 'INVALID_QUERY_LOCATOR' }]);
    expect((await jobs.results(job.id, '?maxRecords=0')).status).toBe(400);
  });

  it('spell values as Java and CSV do', async () => {
    const name = 'Anführung "quer", Semikolon; `Backtick`\nzweite Zeile ^ | ';
    const { id } = await fresh.sandbox.mutate({
      op: 'create',
      object: 'Opportunity',
      fields: { Name: name, StageName: 'Prospecting', CloseDate: '2026-03-31', Auftragswert__c: 98_765_432.5 },
    });
    const soql = `SELECT Id, Name, Auftragswert__c, Probability, IsDeleted, CloseDate, CreatedDate, Amount, Owner.Name FROM Opportunity WHERE Id = '${id}'`;
    const [json] = (await fresh.query(soql)).records;
    for (const [delimiter, sign] of [
      ['COMMA', ','],
      ['SEMICOLON', ';'],
      ['PIPE', '|'],
      ['CARET', '^'],
      ['BACKQUOTE', '`'],
      ['TAB', '\t'],
    ] as const) {
      const job = await run(soql, { columnDelimiter: delimiter, lineEnding: 'CRLF' });
      const { text } = await jobs.results(job.id);
      expect(text.startsWith(`"Id"${sign}"Name"${sign}`)).toBe(true);
      expect(text.endsWith('"\r\n')).toBe(true);
      expect(rowsOf(text, sign)).toEqual([
        {
          Id: id,
          Name: name,
          Auftragswert__c: '9.87654325E7',
          Probability: '',
          IsDeleted: 'false',
          CloseDate: '2026-03-31',
          CreatedDate: String(json?.['CreatedDate']).replace('+0000', 'Z'),
          Amount: '',
          'Owner.Name': (json?.['Owner'] as { Name: string } | undefined)?.Name,
        },
      ]);
    }
  });

  it.each([
    [0, '0.0'],
    [100, '100.0'],
    [-12.5, '-12.5'],
    [9_999_999.99, '9999999.99'],
    [10_000_000, '1.0E7'],
    [16_147_805_824_397, '1.6147805824397E13'],
    [0.001, '0.001'],
    [0.00012, '1.2E-4'],
  ])('write %d as %s', (value, text) => {
    expect(javaDouble(value)).toBe(text);
    expect(Number(text)).toBe(value);
  });

  it('agree with the query resource, whole numbers and deleted records included', async () => {
    const [victim] = (await fresh.query('SELECT Id FROM Account LIMIT 1')).records;
    await fresh.sandbox.mutate({ op: 'delete', object: 'Account', id: String(victim?.['Id']) });
    const soql = 'SELECT Id, Name, NumberOfEmployees, IsDeleted FROM Account';
    for (const all of [false, true]) {
      const job = await run(soql, { operation: all ? 'queryAll' : 'query' });
      const wanted = (await fresh.query(soql, { all })).records.map((one) => ({
        Id: one['Id'],
        Name: one['Name'],
        NumberOfEmployees: String(one['NumberOfEmployees']),
        IsDeleted: String(one['IsDeleted']),
      }));
      expect(rowsOf((await jobs.results(job.id)).text)).toEqual(wanted);
      expect(wanted.some((one) => one.IsDeleted === 'true')).toBe(all);
    }
  });

  it('are a header alone when nothing matches', async () => {
    const job = await run("SELECT Id, Name FROM Account WHERE Name = 'no such name'");
    const set = await jobs.results(job.id);
    expect([set.text, set.headers.get('sforce-numberofrecords'), set.headers.get('sforce-locator')]).toEqual([
      '"Id","Name"\n',
      '0',
      'null',
    ]);
  });

  it('are for whoever made the job; admins see that it exists', async () => {
    const user = fresh.sandbox.health.users.find(
      (one) => one.role === 'user' && (one as { active?: boolean }).active === true,
    );
    const tokens = (await signIn(fresh.sandbox, user!)).json as Tokens;
    const made = await jobs.send('POST', '', { operation: 'query', query: 'SELECT Id FROM User' }, tokens.access_token);
    const { id } = made.json as JobInfo;
    expect((await jobs.finish(id)).state).toBe('JobComplete');
    expect((await jobs.results(id)).status).toBe(404);
    const own = await jobs.send('GET', `/${id}/results`, undefined, tokens.access_token);
    expect(rowsOf(own.text).length).toBeGreaterThan(0);
    const others = (await jobs.create('SELECT Id FROM User')).id;
    expect((await jobs.send('GET', `/${others}`, undefined, tokens.access_token)).status).toBe(404);
    const list = (await jobs.send('GET', '', undefined, tokens.access_token)).json as { records: JobInfo[] };
    expect(list.records.map((job) => job.id)).toEqual([id]);
  });

  it('are listed in pages', async () => {
    for (let made = 0; made < 1_001; made += 91)
      await Promise.all(Array.from({ length: 91 }, () => jobs.create('SELECT Id FROM Organization')));
    interface List {
      readonly done: boolean;
      readonly nextRecordsUrl: string | null;
      readonly records: readonly JobInfo[];
    }
    const first = (await jobs.send('GET', '?jobType=V2Query')).json as List;
    expect([first.done, first.records.length]).toEqual([false, 1_000]);
    const rest = (await fresh.get(first.nextRecordsUrl ?? '')).json as List;
    expect([rest.done, rest.nextRecordsUrl]).toEqual([true, null]);
    expect(new Set([...first.records, ...rest.records].map((job) => job.id)).size).toBe(
      first.records.length + rest.records.length,
    );
    expect((await jobs.send('GET', '?jobType=Classic')).json).toMatchObject({ done: true, records: [] });
  });
});

describe('what a query job is refused for', () => {
  it.each([
    ['SELECT BillingAddress FROM Account', 'API_ERROR', 'Selecting compound data not supported in Bulk Query'],
    ['SELECT COUNT() FROM Account', 'API_ERROR', 'Aggregate'],
    ['SELECT OwnerId, COUNT(Id) FROM Account GROUP BY OwnerId', 'API_ERROR', 'Aggregate'],
    ['SELECT Id FROM Account OFFSET 5', 'API_ERROR', 'OFFSET'],
    ['SELECT Id, (SELECT Id FROM Contacts) FROM Account', 'API_ERROR', 'Aggregate Relationships not supported in Bulk'],
    ['SELECT Id FROM FlowDefinitionView', 'INVALIDENTITY', 'is not supported by the Bulk API'],
    ['SELECT Id FROM Nothing', 'INVALID_TYPE', "sObject type 'Nothing' is not supported"],
    ['SELECT Nothing__c FROM Account', 'INVALID_FIELD', "No such column 'Nothing__c'"],
    ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD', 'can not be filtered'],
    ['SELECT Id FROM', 'MALFORMED_QUERY', 'unexpected token'],
    ['', 'INVALIDJOB', 'No query'],
  ])('%s', async (query, errorCode, message) => {
    const answer = await bulk.send('POST', '', { operation: 'query', query });
    expect([answer.status, answer.json]).toEqual([400, [{ errorCode, message: expect.stringContaining(message) }]]);
  });

  it.each([
    [{ operation: 'insert', query: 'SELECT Id FROM Account' }, 'INVALIDJOB'],
    [{ operation: 'query', query: 'SELECT Id FROM Account', contentType: 'XML' }, 'INVALIDJOB'],
    [{ operation: 'query', query: 'SELECT Id FROM Account', columnDelimiter: 'toString' }, 'JSON_PARSER_ERROR'],
    [{ operation: 'query', query: 'SELECT Id FROM Account', lineEnding: 'CR' }, 'JSON_PARSER_ERROR'],
    ['not an object', 'JSON_PARSER_ERROR'],
  ])('%j', async (body, errorCode) => {
    const answer = await bulk.send('POST', '', body);
    expect([answer.status, answer.json]).toEqual([400, [{ errorCode, message: expect.any(String) }]]);
  });

  it('too many in a day, until the window moves on', async () => {
    const more = await startOrg({}, { ...LONG_SESSION, dailyBulkQueryJobs: 2 });
    const jobs = bulkClient(more);
    for (let at = 0; at < 2; at += 1) await jobs.create('SELECT Id FROM User');
    const third = await jobs.send('POST', '', { operation: 'query', query: 'SELECT Id FROM User' });
    expect([third.status, third.json]).toEqual([
      400,
      [{ message: 'Max bulk v2 query jobs (2) per 24 hrs has been reached (3)', errorCode: 'LIMIT_EXCEEDED' }],
    ]);
    expect((await more.get(`${DATA}/limits`)).json).toMatchObject({ DailyBulkV2QueryJobs: { Max: 2, Remaining: 0 } });
    await more.sandbox.control('POST', 'clock', { advanceMs: 86_400_000 });
    expect((await jobs.create('SELECT Id FROM User')).state).toBe('UploadComplete');
    await more.stop();
  });
});
