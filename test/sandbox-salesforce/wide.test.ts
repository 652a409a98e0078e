import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bulkClient, rowsOf } from './bulk-client.ts';
import { DATA, startOrg, type OrgClient, type QueryPage } from './org-client.ts';

interface Described {
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly custom: boolean;
    readonly length: number;
  }[];
}

let org: OrgClient;
let columns: Described['fields'];
beforeAll(async () => {
  org = await startOrg({ wide: 500, longTexts: true }, { bulkQueueMs: 0, bulkRecordsPerSecond: 1e9 });
  columns = ((await org.get(`${DATA}/sobjects/Wide_Object__c/describe`)).json as Described).fields;
});
afterAll(() => org.stop());

describe('the wide object', () => {
  it('has as many custom fields as asked for, of many types, and at least 5,000 records', () => {
    const custom = columns.filter((column) => column.custom);
    expect(custom).toHaveLength(500);
    expect(new Set(custom.map((column) => column.type))).toEqual(
      new Set(['string', 'picklist', 'currency', 'double', 'date', 'boolean', 'datetime', 'textarea', 'reference']),
    );
    expect(org.sandbox.health.counts['Wide_Object__c']).toBe(5_000);
  });

  it('gives all of its columns, by query and by bulk, the same in both', async () => {
    const names = columns.map((column) => column.name).filter((name) => name !== 'Notiz__c' && name !== 'Verlauf__c');
    const soql = `SELECT ${names.join(', ')} FROM Wide_Object__c`;
    const page = await org.query(soql, { batchSize: 200 });
    expect([page.totalSize, page.records.length]).toEqual([5_000, 200]);
    const bulk = bulkClient(org);
    const job = await bulk.finish((await bulk.create(soql)).id);
    const set = await bulk.results(job.id, '?maxRecords=200');
    expect(set.headers.get('sforce-locator')).not.toBe('null');
    const numbers = new Set(['currency', 'double']);
    const types = new Map(columns.map((column) => [column.name, column.type]));
    for (const [at, row] of rowsOf(set.text).entries()) {
      const record = page.records[at] ?? {};
      const wanted = names.map((name) => {
        const value = record[name];
        if (value === null) return [name, ''];
        if (numbers.has(types.get(name) ?? '')) return [name, Number(value)];
        return [name, types.get(name) === 'datetime' ? String(value).replace('+0000', 'Z') : String(value)];
      });
      const given = names.map((name) => {
        const value = row[name] ?? '';
        return [name, value !== '' && numbers.has(types.get(name) ?? '') ? Number(value) : value];
      });
      expect(given).toEqual(wanted);
      expect(row['Id']).toMatch(/^a9W\w{15}$/);
    }
  });

  it('is found by account and by time like any other', async () => {
    const [record] = (await org.query('SELECT Id, Konto__c, SystemModstamp FROM Wide_Object__c LIMIT 1 OFFSET 700'))
      .records;
    const siblings = await org.query(
      `SELECT Id, Konto__c FROM Wide_Object__c WHERE Konto__c = '${String(record?.['Konto__c'])}'`,
    );
    expect(siblings.records.map((one) => one['Id'])).toContain(record?.['Id']);
    expect(siblings.records).toHaveLength(5_000 / (org.sandbox.health.counts['Account'] ?? 1));
    const later = await org.query(
      `SELECT COUNT() FROM Wide_Object__c WHERE SystemModstamp >= ${String(record?.['SystemModstamp'])}`,
    );
    expect(later.totalSize).toBe(4_300);
  });

  it('has bounds', async () => {
    await expect(startOrg({ wide: 5 })).rejects.toThrow('--wide must be a whole number from 10 to 800, not "5"');
    await expect(startOrg({ wide: 801 })).rejects.toThrow('--wide');
  });

  it('is there only when asked for', async () => {
    const plain = await startOrg();
    expect((await plain.refused('SELECT Id FROM Wide_Object__c')).errorCode).toBe('INVALID_TYPE');
    expect((await plain.refused('SELECT Angebotstext__c FROM Opportunity')).errorCode).toBe('INVALID_FIELD');
    await plain.stop();
  });
});

describe('long texts', () => {
  it('are on some records, up to 100 kB, and survive CSV', async () => {
    for (const [object, name] of [
      ['Wide_Object__c', 'Verlauf__c'],
      ['Opportunity', 'Angebotstext__c'],
    ] as const) {
      const soql = `SELECT Id, ${name} FROM ${object}`;
      const texts = new Map<string, string>();
      let total = 0;
      for (let page: QueryPage | null = await org.query(soql); page !== null;) {
        total += page.records.length;
        for (const one of page.records) if (one[name] !== null) texts.set(String(one['Id']), String(one[name]));
        page = page.nextRecordsUrl === undefined ? null : ((await org.get(page.nextRecordsUrl)).json as QueryPage);
      }
      expect(texts.size).toBeGreaterThan(0);
      expect(texts.size).toBeLessThan(total / 10);
      const sizes = [...texts.values()].map((text) => Buffer.byteLength(text));
      expect(Math.max(...sizes)).toBeGreaterThan(50_000);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(100_000);
      const bulk = bulkClient(org);
      const job = await bulk.finish((await bulk.create(soql)).id);
      const rows = rowsOf((await bulk.results(job.id)).text);
      expect(rows).toHaveLength(total);
      const wrong = rows.filter((row) => row[name] !== (texts.get(row['Id'] ?? '') ?? ''));
      expect(wrong.map((row) => [row['Id'], row[name]?.length, texts.get(row['Id'] ?? '')?.length])).toEqual([]);
    }
    expect(columns.find((column) => column.name === 'Verlauf__c')).toMatchObject({ type: 'textarea', length: 131_072 });
  });
});
