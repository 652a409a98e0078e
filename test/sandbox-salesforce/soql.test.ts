import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock, resolveOptions } from '../../sandbox/kit/index.ts';
import { createOrg } from '../../sandbox/salesforce/org.ts';
import { executeSoql } from '../../sandbox/salesforce/soql/execute.ts';
import { mutate } from '../../sandbox/salesforce/control/mutate.ts';
import { salesforceId } from '../../sandbox/world/index.ts';
import { startOrg, type OrgClient } from './org-client.ts';

let org: OrgClient;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.stop());

const ids = async (soql: string): Promise<unknown[]> => (await org.query(soql)).records.map((one) => one['Id']);

describe('what a query answers', () => {
  it('keeps the standard fields stale and the customer fields true', async () => {
    const { records } = await org.query(
      'SELECT StageName, Amount, Vertriebsphase__c, Auftragswert__c, Vertragsart__c, Verlaengerungsdatum__c FROM Opportunity',
    );
    expect(new Set(records.map((one) => one['StageName']))).toEqual(new Set(['Prospecting']));
    expect(records.every((one) => one['Amount'] === null && typeof one['Auftragswert__c'] === 'number')).toBe(true);
    expect(new Set(records.map((one) => one['Vertriebsphase__c'])).size).toBe(6);
    expect(
      records.every((one) => (one['Vertragsart__c'] === 'Verlängerung') === (one['Verlaengerungsdatum__c'] !== null)),
    ).toBe(true);
  });

  it('follows parents, several deep and polymorphic', async () => {
    const [event] = (
      await org.query('SELECT What.Name, What.Type, Who.Email, Owner.Name FROM Event WHERE WhoId != null LIMIT 1')
    ).records;
    expect(event).toMatchObject({
      What: { Type: 'Account' },
      Who: { attributes: { type: 'Contact' } },
      Owner: { attributes: { type: 'User' } },
    });
    const [contract] = (
      await org.query('SELECT Name, Opportunity__r.Account.Name, Konto__r.Name FROM Vertrag__c LIMIT 1')
    ).records;
    const nested = contract as unknown as { Konto__r: { Name: string }; Opportunity__r: { Account: { Name: string } } };
    expect(nested.Opportunity__r.Account.Name).toBe(nested.Konto__r.Name);
  });

  it('has one contract per won opportunity', async () => {
    const won = await org.query("SELECT COUNT() FROM Opportunity WHERE Vertriebsphase__c = 'Gewonnen'");
    expect((await org.query('SELECT COUNT() FROM Vertrag__c')).totalSize).toBe(won.totalSize);
  });

  it('groups and adds up', async () => {
    const { records } = await org.query(
      'SELECT AccountId, COUNT(Id) n, SUM(Auftragswert__c) FROM Opportunity GROUP BY AccountId',
    );
    const all = (await org.query('SELECT AccountId, Auftragswert__c FROM Opportunity')).records;
    const byAccount = new Map<unknown, unknown[]>();
    for (const one of all)
      byAccount.set(one['AccountId'], [...(byAccount.get(one['AccountId']) ?? []), one['Auftragswert__c']]);
    expect(records).toHaveLength(byAccount.size);
    for (const row of records) {
      const group = byAccount.get(row['AccountId']) ?? [];
      expect(row['n']).toBe(group.length);
      expect(row['expr0']).toBeCloseTo(
        group.reduce<number>((sum, one) => sum + Number(one), 0),
        2,
      );
    }
  });

  it('sorts picklists by their order, nulls first or last, and skips', async () => {
    const phases = (
      await org.query('SELECT Vertriebsphase__c FROM Opportunity ORDER BY Vertriebsphase__c')
    ).records.map((one) => one['Vertriebsphase__c']);
    expect([...new Set(phases)]).toEqual([
      'Qualifizierung',
      'Bedarfsanalyse',
      'Angebot',
      'Verhandlung',
      'Gewonnen',
      'Verloren',
    ]);
    const [first] = (await org.query('SELECT NextStep FROM Opportunity ORDER BY NextStep LIMIT 1')).records;
    const [last] = (await org.query('SELECT NextStep FROM Opportunity ORDER BY NextStep NULLS LAST LIMIT 1')).records;
    expect([first?.['NextStep'], typeof last?.['NextStep']]).toEqual([null, 'string']);
    const some = await ids('SELECT Id FROM Account ORDER BY Name, Id LIMIT 5');
    expect(await ids('SELECT Id FROM Account ORDER BY Name, Id LIMIT 3 OFFSET 2')).toEqual(some.slice(2));
  });

  it('compares as the platform does: without case, nulls unequal, LIKE with wild cards and escapes', async () => {
    const [account] = (await org.query('SELECT Id, Name FROM Account LIMIT 1')).records;
    const name = String(account?.['Name']);
    const quoted = name.toUpperCase().replace(/'/g, String.raw`\'`);
    if (!name.includes('ß'))
      expect(await ids(`SELECT Id FROM Account WHERE Name = '${quoted}'`)).toContain(account?.['Id']);
    const withNext = await org.query("SELECT COUNT() FROM Opportunity WHERE NextStep = 'no such step'");
    const without = await org.query("SELECT COUNT() FROM Opportunity WHERE NextStep != 'no such step'");
    expect(withNext.totalSize + without.totalSize).toBe(org.sandbox.health.counts['Opportunity']);
    const gmbh = (await org.query("SELECT Name FROM Account WHERE Name LIKE '%gmbh%'")).records;
    expect(gmbh.length).toBeGreaterThan(0);
    expect(gmbh.every((one) => String(one['Name']).includes('GmbH'))).toBe(true);
    expect((await org.query(String.raw`SELECT COUNT() FROM Account WHERE Name LIKE '%\%%'`)).totalSize).toBe(0);
  });

  it('understands date literals', async () => {
    const { records } = await org.query('SELECT CloseDate FROM Opportunity WHERE CloseDate = LAST_N_DAYS:30');
    expect(records.length).toBeGreaterThan(0);
    expect(
      records.every((one) => String(one['CloseDate']) >= '2026-01-30' && String(one['CloseDate']) <= '2026-03-01'),
    ).toBe(true);
  });

  it('retrieves one record whole or in part', async () => {
    const id = salesforceId('001', 3);
    const whole = (await org.get(`/services/data/v64.0/sobjects/Account/${id}`)).json as Record<string, unknown>;
    expect(whole).toMatchObject({
      Id: id,
      attributes: { type: 'Account' },
      BillingAddress: { city: whole['BillingCity'] },
    });
    const part = (await org.get(`/services/data/v64.0/sobjects/Account/${id.slice(0, 15)}?fields=Name`)).json;
    expect(part).toEqual({ attributes: whole['attributes'], Name: whole['Name'] });
  });
});

describe('what a query is refused for', () => {
  it.each([
    ['SELECT Id FROM Nothing', 'INVALID_TYPE', "sObject type 'Nothing' is not supported"],
    ['SELECT Id FROM DeploymentEvent__e', 'INVALID_TYPE', 'DeploymentEvent__e'],
    ['SELECT Id, Nothing__c FROM Account', 'INVALID_FIELD', "No such column 'Nothing__c' on entity 'Account'"],
    ['SELECT Id FROM Contact WHERE Konto__r.Name = null', 'INVALID_FIELD', "Didn't understand relationship 'Konto__r'"],
    ['SELECT IsDeleted FROM User', 'INVALID_FIELD', "No such column 'IsDeleted' on entity 'User'"],
    ["SELECT Id FROM Account WHERE Description = 'x'", 'INVALID_FIELD', "field 'Description' can not be filtered"],
    ['SELECT Id FROM Account ORDER BY Description', 'INVALID_FIELD', "field 'Description' can not be sorted"],
    [
      "SELECT Id FROM Account WHERE CreatedDate > '2024-01-01'",
      'INVALID_FIELD',
      'must be of type dateTime and should not be enclosed in quotes',
    ],
    [
      'SELECT Id FROM Account WHERE Name = 5',
      'INVALID_FIELD',
      'must be of type string and should be enclosed in quotes',
    ],
    ["SELECT Id FROM Account WHERE Id = 'x'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: x'],
    [
      "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
      'MALFORMED_QUERY',
      "unexpected token: 'OR'",
    ],
    ['SELECT Id FROM Account LIMIT', 'MALFORMED_QUERY', 'unexpected token'],
    ["SELECT Id FROM Account WHERE Name = 'open", 'MALFORMED_QUERY', 'string literal'],
    ['SELECT FIELDS(ALL) FROM Account', 'MALFORMED_QUERY', 'LIMIT of at most 200'],
    ['SELECT Name, COUNT(Id) FROM Account', 'MALFORMED_QUERY', 'must be grouped or aggregated'],
    ['SELECT Id FROM Account OFFSET 2001', 'NUMBER_OUTSIDE_VALID_RANGE', '2000'],
  ])('%s', async (soql, errorCode, message) => {
    const error = await org.refused(soql);
    expect([error.status, error.errorCode]).toEqual([400, errorCode]);
    expect(error.message).toContain(message);
  });

  it('says where', async () => {
    const { message } = await org.refused('SELECT Id, Nothing__c FROM Account');
    expect(message).toContain('ERROR at Row:1:Column:12\n');
    expect((await org.get('/services/data/v64.0/query')).json).toMatchObject([{ errorCode: 'MALFORMED_QUERY' }]);
    const long = await org.get(`/services/data/v64.0/query?q=${'x'.repeat(17_000)}`);
    expect(long.status).toBe(414);
  });
});

describe('narrowing', () => {
  it('never changes the answer: ranges and indexes agree with reading every row', () => {
    const options = resolveOptions({ scale: 2_000, anchor: new Date('2026-03-01T00:00:00Z') });
    const local = createOrg(options, createClock(options.anchor));
    const table = local.table('Opportunity');
    const rows = table.baseCount();
    for (let row = 5; row < rows; row += 37) {
      local.clock.advance(row % 3 === 0 ? 0 : 1_000);
      const id = table.id(row);
      if (row % 2 === 0)
        mutate(local, { op: 'update', object: 'Opportunity', id, fields: { AccountId: salesforceId('001', row % 7) } });
      else mutate(local, { op: 'delete', object: 'Opportunity', id });
    }
    const row = fc.nat({ max: rows + 20 });
    const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=');
    const stampOf = (at: number): string => new Date(table.stamp(Math.min(at, rows - 1))).toISOString();
    const leaf = fc.oneof(
      { weight: 4, arbitrary: fc.tuple(operator, row).map(([op, at]) => `Id ${op} '${salesforceId('006', at)}'`) },
      { weight: 4, arbitrary: fc.tuple(operator, row).map(([op, at]) => `SystemModstamp ${op} ${stampOf(at)}`) },
      fc
        .tuple(fc.constantFrom('=', '!='), fc.nat(20))
        .map(([op, at]) => `AccountId ${op} '${salesforceId('001', at)}'`),
      fc
        .array(row, { minLength: 1, maxLength: 4 })
        .map((list) => `Id IN (${list.map((at) => `'${salesforceId('006', at)}'`).join(', ')})`),
      fc.constantFrom(
        'IsDeleted = false',
        'IsDeleted = true',
        "Vertriebsphase__c = 'Gewonnen'",
        'Auftragswert__c > 10000',
      ),
    );
    const { condition } = fc.letrec<{ condition: string }>((tie) => ({
      condition: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc
          .tuple(fc.constantFrom('AND', 'OR'), tie('condition'), tie('condition'))
          .map(([joiner, a, b]) => `((${a}) ${joiner} (${b}))`),
        tie('condition').map((inner) => `(NOT (${inner}))`),
      ),
    }));
    const run = (where: string, order: string): readonly number[] => {
      const result = executeSoql(local, `SELECT Id FROM Opportunity WHERE ${where} ORDER BY ${order}`, true);
      return result.kind === 'rows' ? result.rows : [];
    };
    fc.assert(
      fc.property(condition, fc.constantFrom('Id', 'SystemModstamp, Id', 'Name, Id'), (where, order) => {
        // A doubly negated condition has no range and no index: every row is read.
        expect(run(where, order)).toEqual(run(`(NOT (NOT (${where})))`, order));
      }),
      { numRuns: 1_000, examples: [[`(Id = '${table.id(3)}') OR (Id = '${table.id(30)}')`, 'Id']] },
    );
  });
});
