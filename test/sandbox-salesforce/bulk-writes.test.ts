import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadJsforce } from './jsforce-client.ts';
import { DATA, startOrg, type Answer, type OrgClient } from './org-client.ts';
import { askedFor, codes, lastSeq, since, write } from './write-client.ts';

let org: OrgClient;
beforeAll(async () => {
  org = await startOrg({}, { bulkQueueMs: 0 });
});
afterAll(() => org.stop());

interface Job {
  readonly id: string;
  readonly state: string;
  readonly numberRecordsProcessed: number;
  readonly numberRecordsFailed: number;
  readonly errorMessage?: string;
}

const job = async (id: string): Promise<Job> => (await org.get(`${DATA}/jobs/ingest/${id}`)).json as Job;
const lines = async (id: string, which: string): Promise<readonly string[]> =>
  (await org.get(`${DATA}/jobs/ingest/${id}/${which}`)).text.trim().split('\n');

async function open(about: object): Promise<string> {
  const answer = await write(org, 'POST', '/jobs/ingest', about);
  expect(answer.json).toMatchObject({ state: 'Open', contentType: 'CSV' });
  return (answer.json as Job).id;
}

async function start(about: object, csv: string): Promise<string> {
  const id = await open(about);
  expect((await write(org, 'PUT', `/jobs/ingest/${id}/batches`, csv)).status).toBe(201);
  await write(org, 'PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  return id;
}

async function finished(id: string): Promise<Job> {
  await expect.poll(async () => (await job(id)).state).toMatch(/JobComplete|Failed|Aborted/);
  return job(id);
}

const keyed = (count: number, at = 0): string[] =>
  Array.from({ length: count }, (_empty, row) => `k-${at + row},Name ${row}`);

describe('ingest jobs', () => {
  it('insert, upsert, update and delete, with a result for each row and effects nobody waits for', async () => {
    const seq = await lastSeq(org);
    const insert = await start(
      { object: 'Contact', operation: 'insert' },
      `Gantry_Key__c,LastName\n${keyed(50).join('\n')}\n`,
    );
    // The ledger fills although nobody asks for the job.
    await expect.poll(() => askedFor(org, seq, 'Contact')).toHaveLength(50);
    const entries = (await since(org, seq)).filter(({ kind }) => kind === 'background');
    expect(entries[0]).toMatchObject({ user: org.admin.username, path: `${DATA}/jobs/ingest/${insert}` });
    expect(await finished(insert)).toMatchObject({ numberRecordsProcessed: 50, numberRecordsFailed: 0 });
    const [head, first] = await lines(insert, 'successfulResults');
    expect(head).toBe('"sf__Id","sf__Created","Gantry_Key__c","LastName"');
    expect(first).toMatch(/^"003\w{15}","true","k-0","Name 0"$/);
    const id = first!.slice(1, 19);

    const upsert = await start(
      { object: 'Contact', operation: 'upsert', externalIdFieldName: 'Gantry_Key__c' },
      `Gantry_Key__c,LastName,Title\nk-0,"A ""B"", C",#N/A\nk-new,Neu,\nk-1,,nothing\n,x,y\n`,
    );
    expect(await finished(upsert)).toMatchObject({ numberRecordsProcessed: 4, numberRecordsFailed: 1 });
    expect((await lines(upsert, 'successfulResults')).map((line) => line.split(',')[1])).toEqual([
      '"sf__Created"',
      '"false"',
      '"true"',
      '"false"',
    ]);
    expect((await lines(upsert, 'failedResults'))[1]).toBe(
      '"","MISSING_ARGUMENT:Gantry_Key__c not specified: --","","x","y"',
    );
    expect((await org.query(`SELECT LastName FROM Contact WHERE Id = '${id}'`)).records).toMatchObject([
      { LastName: 'A "B", C' },
    ]);

    const update = await start(
      { object: 'Contact', operation: 'update', lineEnding: 'CRLF', columnDelimiter: 'SEMICOLON' },
      `Id;Birthdate\r\n${id};1990-01-31\r\n${id};31.1.1990\r\n003000;1990-01-31\r\n`,
    );
    expect(await finished(update)).toMatchObject({ numberRecordsProcessed: 3, numberRecordsFailed: 2 });
    const [, wrong, unknown] = await lines(update, 'failedResults');
    expect(wrong).toContain(
      '"INVALID_TYPE_ON_FIELD_IN_RECORD:Birthdate: value not of required type: 31.1.1990:Birthdate --"',
    );
    expect(unknown).toContain('MALFORMED_ID');
    const removal = await start({ object: 'Contact', operation: 'delete' }, `Id\n${id}\n${id}\n`);
    expect(await finished(removal)).toMatchObject({ numberRecordsProcessed: 2, numberRecordsFailed: 1 });
    expect((await lines(removal, 'failedResults'))[1]).toBe(
      `"${id}","ENTITY_IS_DELETED:entity is deleted: --","${id}"`,
    );
    expect(await askedFor(org, seq, 'Contact')).toHaveLength(50 + 3 + 1 + 1);
  });

  it('fail as a whole for what cannot be read, and stop where they are told', async () => {
    const insert = { object: 'Contact', operation: 'insert' };
    const unknown = await start(insert, 'LastName,Nope__c\nx,y\n');
    expect(await finished(unknown)).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Nope__c',
    });
    const endings = await finished(await start(insert, 'LastName\r\nx\r\n'));
    expect(endings.errorMessage).toContain('LineEnding is invalid on user data');
    await org.sandbox.control('POST', 'bulk', { failIngest: 1, afterRows: 2 });
    const half = await start(insert, 'LastName\na\nb\nc\nd\n');
    expect(await finished(half)).toMatchObject({ state: 'Failed', numberRecordsProcessed: 2 });
    expect(await lines(half, 'unprocessedrecords')).toEqual(['"LastName"', '"c"', '"d"']);

    // One record in a second: there is time to abort.
    await org.sandbox.control('POST', 'limits', { bulkWritesPerSecond: 0 });
    const stopped = await start(insert, 'LastName\na\nb\n');
    await expect.poll(async () => (await job(stopped)).state).toBe('InProgress');
    expect((await write(org, 'DELETE', `/jobs/ingest/${stopped}`, null)).status).toBe(400);
    await write(org, 'PATCH', `/jobs/ingest/${stopped}`, { state: 'Aborted' });
    await org.sandbox.control('POST', 'limits', { bulkWritesPerSecond: 5_000 });
    expect(await lines(stopped, 'unprocessedrecords')).toHaveLength(3);
    expect((await write(org, 'DELETE', `/jobs/ingest/${stopped}`, null)).status).toBe(204);
  });

  it('are refused for what cannot be', async () => {
    const refused = async (about: object): Promise<readonly string[]> =>
      codes(await write(org, 'POST', '/jobs/ingest', about));
    expect(await refused({ object: 'Contact', operation: 'upsert' })).toEqual(['INVALIDJOB']);
    expect(await refused({ object: 'Contact', operation: 'upsert', externalIdFieldName: 'Title' })).toEqual([
      'INVALIDJOB',
    ]);
    expect(await refused({ object: 'Contact', operation: 'merge' })).toEqual(['INVALIDJOB']);
    expect(await refused({ object: 'Nothing', operation: 'insert' })).toEqual(['INVALIDENTITY']);
    const id = await open({ object: 'Contact', operation: 'insert' });
    const upload = (): Promise<Answer> => write(org, 'PUT', `/jobs/ingest/${id}/batches`, 'LastName\nx\n');
    expect([(await upload()).status, codes(await upload())]).toEqual([201, ['INVALIDJOBSTATE']]);
  });

  it('fail a part of their rows on demand', async () => {
    await org.sandbox.control('POST', 'fail', { object: 'Contact', share: 0.3, seed: 7, error: 'UNABLE_TO_LOCK_ROW' });
    const id = await start(
      { object: 'Contact', operation: 'insert' },
      `Gantry_Key__c,LastName\n${keyed(200, 1_000).join('\n')}\n`,
    );
    const done = await finished(id);
    await org.sandbox.control('DELETE', 'fail');
    expect(done.numberRecordsFailed).toBeGreaterThan(40);
    expect(done.numberRecordsFailed).toBeLessThan(80);
    const failed = await lines(id, 'failedResults');
    expect(failed).toHaveLength(done.numberRecordsFailed + 1);
    expect(failed[1]).toContain('UNABLE_TO_LOCK_ROW:unable to obtain exclusive access');
  });
});

describe('jsforce', () => {
  it('loads a job and reads its results', async () => {
    const jsforce = await loadJsforce();
    const conn = new jsforce.Connection({
      instanceUrl: org.sandbox.url,
      version: '64.0',
      accessToken: org.tokens.access_token,
    });
    conn.bulk2.pollInterval = 50;
    const results = await conn.bulk2.loadAndWaitForResults({
      object: 'Contact',
      operation: 'insert',
      input: [{ LastName: 'Bulk', Title: 'a' }, { Title: 'b' }],
    });
    expect(results.successfulResults).toMatchObject([{ sf__Created: 'true', LastName: 'Bulk' }]);
    expect(results.failedResults).toMatchObject([{ sf__Error: expect.stringContaining('REQUIRED_FIELD_MISSING') }]);
    expect(results.unprocessedRecords).toEqual([]);
  });
});

describe('an org without the external id for programs', () => {
  it('has none on any object', async () => {
    const bare = await startOrg({ withoutMarker: true });
    try {
      const answer = await write(bare, 'POST', '/sobjects/Contact', { LastName: 'x', Gantry_Key__c: 'y' });
      expect(codes(answer)).toEqual(['INVALID_FIELD']);
    } finally {
      await bare.stop();
    }
  });
});
