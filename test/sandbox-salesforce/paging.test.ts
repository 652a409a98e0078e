import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { longId, parseSalesforceId, salesforceId } from '../../sandbox/world/index.ts';
import { DATA, startOrg, type OrgClient, type QueryPage } from './org-client.ts';

let org: OrgClient;
beforeAll(async () => {
  org = await startOrg({ scale: 1_000_000 });
});
afterAll(() => org.stop());

describe('ids', () => {
  it('carry the published checksum', () => {
    expect(longId('001A0000006Vm9u')).toBe('001A0000006Vm9uIAC');
    expect(longId('012000000000000')).toBe('012000000000000AAA');
  });

  it('sort like their indexes and can be read back', () => {
    const indexes = [0, 1, 61, 62, 3_843, 3_844, 999_999, 5_000_000_000];
    const ids = indexes.map((index) => salesforceId('006', index));
    expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids);
    expect(ids.map((id) => parseSalesforceId(id)?.index)).toEqual(indexes);
    expect(ids.map((id) => parseSalesforceId(id.slice(0, 15))?.index)).toEqual(indexes);
    expect(parseSalesforceId(`${ids[0]?.slice(0, 15)}AAB`)).toBeNull();
  });
});

describe('a million records', () => {
  it('page by query locator in batches of 2,000, the same page when asked twice', async () => {
    const first = await org.query('SELECT Id FROM Contact');
    expect(first.totalSize).toBe(org.sandbox.health.counts['Contact']);
    expect(first.records).toHaveLength(2_000);
    const second = (await org.get(first.nextRecordsUrl ?? '')).json as QueryPage;
    const again = (await org.get(first.nextRecordsUrl ?? '')).json as QueryPage;
    expect(again).toEqual(second);
    expect(new Set([...first.records, ...second.records].map((one) => one['Id'])).size).toBe(4_000);
  });

  it('page by (SystemModstamp, Id) without loss or repeat, also where many records share a second', async () => {
    const total = org.sandbox.health.counts['Opportunity'] ?? 0;
    const middle = salesforceId('006', Math.floor(total * 0.3) - 1_500);
    const [start] = (await org.query(`SELECT SystemModstamp FROM Opportunity WHERE Id = '${middle}'`)).records;
    let at = { stamp: String(start?.['SystemModstamp']), id: middle };
    const ids: string[] = [];
    const stamps: string[] = [];
    for (let page = 0; page < 4; page += 1) {
      const { records } = await org.query(
        `SELECT Id, SystemModstamp FROM Opportunity WHERE SystemModstamp > ${at.stamp} OR (SystemModstamp = ${at.stamp} AND Id > '${at.id}') ORDER BY SystemModstamp, Id LIMIT 2000`,
        { all: true },
      );
      ids.push(...records.map((one) => String(one['Id'])));
      stamps.push(...records.map((one) => String(one['SystemModstamp'])));
      at = { stamp: stamps.at(-1) ?? '', id: ids.at(-1) ?? '' };
    }
    const from = (parseSalesforceId(middle)?.index ?? 0) + 1;
    expect(ids).toEqual(Array.from({ length: 8_000 }, (_empty, offset) => salesforceId('006', from + offset)));
    expect(stamps.toSorted()).toEqual(stamps);
    // The world has a block of records with one stamp here: a cursor by time alone would fail.
    const sizes = new Map<string, number>();
    for (const stamp of stamps) sizes.set(stamp, (sizes.get(stamp) ?? 0) + 1);
    const largest = Math.max(...sizes.values());
    expect(largest).toBeGreaterThan(2_000);
  });

  it('counts, looks up by account and by id without reading everything', async () => {
    expect((await org.query('SELECT COUNT() FROM Opportunity')).totalSize).toBe(
      org.sandbox.health.counts['Opportunity'],
    );
    const account = salesforceId('001', 4_321);
    const contacts = await org.query(`SELECT Id, AccountId, Account.Name FROM Contact WHERE AccountId = '${account}'`);
    expect(contacts.totalSize).toBeGreaterThan(0);
    expect(contacts.records.every((one) => one['AccountId'] === account)).toBe(true);
    const short = await org.query(`SELECT Id FROM Account WHERE Id IN ('${account.slice(0, 15)}')`);
    expect(short.records.map((one) => one['Id'])).toEqual([account]);
  });
});

describe('batches', () => {
  it('have the size that was asked for, at least 200', async () => {
    const page = await org.query('SELECT Id FROM Contact LIMIT 900', { batchSize: 500 });
    expect([page.records.length, page.totalSize, page.done]).toEqual([500, 900, false]);
    expect((await org.query('SELECT Id FROM Contact LIMIT 900', { batchSize: 1 })).records).toHaveLength(200);
  });

  it('end when a user opens an eleventh query', async () => {
    const first = await org.query('SELECT Id FROM Account');
    for (let more = 0; more < 10; more += 1) await org.query('SELECT Id FROM Account');
    const answer = await org.get(first.nextRecordsUrl ?? '');
    expect([answer.status, answer.json]).toEqual([
      400,
      [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }],
    ]);
    expect((await org.get(`${DATA}/query/nonsense`)).json).toMatchObject([{ errorCode: 'INVALID_QUERY_LOCATOR' }]);
  });
});
