import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browse } from '../../sandbox/client/index.ts';
import { assertion, newKeyPair } from './assertion.ts';
import { loadJsforce, type Connection, type Jsforce } from './jsforce-client.ts';
import { startOrg, type OrgClient } from './org-client.ts';

const VERSION = '64.0';
let org: OrgClient;
let conn: Connection;
let jsforce: Jsforce;
beforeAll(async () => {
  org = await startOrg({ scale: 20_000 });
  jsforce = await loadJsforce();
  conn = connection({ accessToken: org.tokens.access_token });
});
afterAll(() => org.stop());

function connection(more: object): Connection {
  return new jsforce.Connection({ instanceUrl: org.sandbox.url, version: VERSION, ...more });
}

function oauth2(more: object = {}) {
  const { clientId, clientSecret, loginUrl } = org.sandbox.app;
  return new jsforce.OAuth2({ loginUrl, clientId, clientSecret, redirectUri: org.sandbox.redirectUri, ...more });
}

describe('signing in with jsforce', () => {
  it('by web server flow with PKCE, and again with the refresh token when the session is over', async () => {
    const flow = oauth2({ useVerifier: true });
    const signed = connection({ oauth2: flow });
    const address = flow.getAuthorizationUrl({ scope: 'api refresh_token', code_challenge_method: 'S256' });
    const back = await browse(address, org.sandbox.redirectUri, org.admin);
    const user = await signed.authorize(back.searchParams.get('code') ?? '');
    expect(user.id).toBe(org.admin.id);
    expect(signed.refreshToken).toBeTruthy();
    const before = signed.accessToken;
    await org.sandbox.control('POST', 'revoke', { accessOnly: true });
    expect((await signed.query('SELECT Id FROM Account LIMIT 1')).totalSize).toBe(1);
    expect(signed.accessToken).not.toBe(before);
    conn = signed;
  });

  it('by JWT bearer flow', async () => {
    const key = newKeyPair();
    await org.sandbox.control('POST', 'connected-app', { certificate: key.pem, preauthorized: [org.admin.username] });
    const signed = connection({ oauth2: new jsforce.OAuth2({ loginUrl: org.sandbox.url }) });
    const grant_type = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const user = await signed.authorize({ grant_type, assertion: await assertion(org, key.privateKey) });
    expect([user.id, user.organizationId]).toEqual([org.admin.id, expect.stringMatching(/^00D/)]);
    expect(signed.refreshToken).toBeFalsy();
    expect(await signed.identity()).toMatchObject({ user_id: org.admin.id, username: org.admin.username });
    const stolen = assertion(org, newKeyPair().privateKey);
    await expect(signed.authorize({ grant_type, assertion: await stolen })).rejects.toMatchObject({
      name: 'invalid_grant',
      message: 'invalid assertion',
    });
  });
});

describe('reading with jsforce', () => {
  it('pages through a query by queryMore', async () => {
    const total = org.sandbox.health.counts['Contact'] ?? 0;
    expect(total).toBeGreaterThan(2_000);
    let page = await conn.query('SELECT Id, Account.Name FROM Contact');
    const ids = page.records.map((one) => one.Id);
    while (!page.done) {
      page = await conn.queryMore(page.nextRecordsUrl ?? '');
      ids.push(...page.records.map((one) => one.Id));
    }
    expect([new Set(ids).size, page.totalSize]).toEqual([total, total]);
    const fetched = await conn.query('SELECT Id FROM Contact', { autoFetch: true, maxFetch: 100_000 });
    expect(fetched.records).toHaveLength(total);
  });

  it('builds queries, retrieves records and reads errors', async () => {
    const found = await conn
      .sobject('Opportunity')
      .find({ Vertriebsphase__c: 'Gewonnen', Auftragswert__c: { $gt: 1_000 } }, ['Id', 'Name', 'Account.Name'])
      .sort({ Name: 1 })
      .limit(5);
    expect(found).toHaveLength(5);
    const record = await conn.sobject('Opportunity').retrieve(String(found[0]?.Id));
    expect(record).toMatchObject({
      Id: found[0]?.Id,
      Name: found[0]?.['Name'],
      RecordTypeId: expect.stringMatching(/^012/),
    });
    await expect(conn.query('SELECT Nope FROM Account')).rejects.toMatchObject({ errorCode: 'INVALID_FIELD' });
    await expect(conn.sobject('Account').retrieve('0015g00000zzzzzAAA')).rejects.toMatchObject({
      errorCode: 'NOT_FOUND',
    });
  });

  it('describes one object and all of them', async () => {
    const account = await conn.describe('Account');
    expect(account.recordTypeInfos.map((type) => type.name)).toContain('Interessent');
    const field = account.fields.find((one) => one.name === 'Vertriebsgebiet__c');
    expect(field).toMatchObject({ controllerName: 'Region__c', dependentPicklist: true, restrictedPicklist: true });
    const { sobjects } = await conn.describeGlobal();
    expect(sobjects.map((one) => one.name)).toEqual(expect.arrayContaining(['Vertrag__c', 'RecordType']));
    expect((await conn.limits())['DailyApiRequests']?.Remaining).toBeGreaterThan(0);
  });

  it('reads through bulk query jobs', async () => {
    const total = org.sandbox.health.counts['Opportunity'] ?? 0;
    conn.bulk2.pollInterval = 20;
    const stream = await conn.bulk2.query('SELECT Id, Name, Account.Name, Auftragswert__c FROM Opportunity');
    const rows = (await stream.toArray()) as Record<string, string>[];
    expect(rows).toHaveLength(total);
    const json = await conn.query('SELECT Id, Name, Account.Name, Auftragswert__c FROM Opportunity LIMIT 200');
    expect(rows.slice(0, 200)).toEqual(
      json.records.map((one) => ({
        Id: one.Id,
        Name: one['Name'],
        'Account.Name': (one['Account'] as { Name: string }).Name,
        Auftragswert__c: expect.toSatisfy((text: string) => Number(text) === one['Auftragswert__c']),
      })),
    );
    await expect(conn.bulk2.query('SELECT BillingAddress FROM Account')).rejects.toMatchObject({
      errorCode: 'API_ERROR',
      message: 'Selecting compound data not supported in Bulk Query',
    });
  });

  it('sees failed jobs, deletes them, and cannot abort what is over', async () => {
    const jobs = `/services/data/v${VERSION}/jobs/query`;
    const known = async () => (await conn.request<{ records: { id: string }[] }>(jobs)).records.map((one) => one.id);
    const before = await known();
    await org.sandbox.control('POST', 'bulk', { fail: 2 });
    await expect(conn.bulk2.query('SELECT Id FROM Account')).rejects.toThrow('Query job failed to complete');
    const body = { operation: 'query', query: 'SELECT Id FROM Account' };
    const { id } = await conn.requestPost<{ id: string }>(jobs, body);
    const job = conn.bulk2.job('query', { id });
    await expect(job.poll(20, 10_000)).rejects.toThrow('Query job failed to complete');
    expect(await job.check()).toMatchObject({
      state: 'Failed',
      errorMessage: expect.stringContaining('QUERY_TIMEOUT'),
    });
    await expect(job.abort()).rejects.toMatchObject({ errorCode: 'INVALIDJOBSTATE' });
    await job.delete();
    await expect(job.check()).rejects.toMatchObject({ errorCode: 'NOT_FOUND' });
    expect(await known()).toEqual(before);
  });

  it('asks the Tooling API', async () => {
    const rules = await conn.tooling.query(
      'SELECT ValidationName, EntityDefinition.QualifiedApiName FROM ValidationRule WHERE Active = true',
    );
    expect(rules.records.map((one) => one['ValidationName'])).toContain('Abschlussgrund_Pflicht');
    const described = await conn.tooling.describe('ValidationRule');
    expect(described.fields.map((field) => field.name)).toContain('ErrorDisplayField');
  });
});
