import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadJsforce, type Connection } from './jsforce-client.ts';
import { DATA, startOrg, type Answer, type OrgClient } from './org-client.ts';
import { askedFor, codes, lastSeq, since, tokenOf, write, type Effect } from './write-client.ts';

let org: OrgClient;
let conn: Connection;
let account: string;
beforeAll(async () => {
  org = await startOrg();
  const jsforce = await loadJsforce();
  conn = new jsforce.Connection({
    instanceUrl: org.sandbox.url,
    version: '64.0',
    accessToken: org.tokens.access_token,
  });
  account = String((await org.query('SELECT Id FROM Account LIMIT 1')).records[0]?.['Id']);
});
afterAll(() => org.stop());
afterEach(async () => {
  await org.sandbox.control('DELETE', 'fail');
  await org.sandbox.control('DELETE', 'faults');
});

const post = (object: string, fields: object, more = {}): Promise<Answer> =>
  write(org, 'POST', `/sobjects/${object}`, fields, more);
const created = async (object: string, fields: object): Promise<string> => {
  const answer = await post(object, fields);
  expect(answer.text).toContain('"success":true');
  return (answer.json as { id: string }).id;
};
const valueOf = async (object: string, id: string, field: string): Promise<unknown> =>
  (await org.query(`SELECT ${field} FROM ${object} WHERE Id = '${id}'`)).records[0]?.[field];

describe('single records', () => {
  it('are made, changed, named by external ids and deleted, each an effect of the caller', async () => {
    const seq = await lastSeq(org);
    const fields = { LastName: 'Weber', AccountId: account, Gantry_Key__c: 'w-1' };
    const made = await post('Contact', fields, { headers: { 'x-request-id': 'r-1' } });
    expect([made.status, made.json]).toEqual([201, { id: expect.any(String), success: true, errors: [] }]);
    const { id } = made.json as { id: string };
    expect(made.headers.get('location')).toBe(`${DATA}/sobjects/Contact/${id}`);
    expect((await write(org, 'PATCH', `/sobjects/Contact/${id}`, { Title: 'CFO' })).status).toBe(204);
    const upsert = (value: string, body: object): Promise<Answer> =>
      write(org, 'PATCH', `/sobjects/Contact/Gantry_Key__c/${value}`, body);
    const again = await upsert('w-1', { Title: 'CEO' });
    expect([again.status, again.json]).toEqual([200, { id, success: true, errors: [], created: false }]);
    const fresh = await upsert('w-2', { LastName: 'Neu', Account: { Kundennummer__c: 'none' } });
    expect(codes(fresh)).toEqual(['INVALID_FIELD']);
    const number = await valueOf('Account', account, 'Kundennummer__c');
    const second = await upsert('w-2', { LastName: 'Neu', Account: { Kundennummer__c: number } });
    expect([second.status, second.json]).toMatchObject([201, { created: true }]);
    const other = (second.json as { id: string }).id;
    expect(await valueOf('Contact', other, 'AccountId')).toBe(account);
    expect((await org.get(`${DATA}/sobjects/Contact/Gantry_Key__c/w-1`)).json).toMatchObject({ Id: id, Title: 'CEO' });
    expect((await upsert('w-3', { Gantry_Key__c: 'w-3' })).text).toContain('should not be specified');
    expect((await write(org, 'PATCH', '/sobjects/Contact/Gantry_Key__c/w-9?updateOnly=true', {})).status).toBe(404);
    expect((await write(org, 'DELETE', `/sobjects/Contact/${id}`, null)).status).toBe(204);
    const gone = await write(org, 'PATCH', `/sobjects/Contact/${id}`, { Title: 'x' });
    expect([gone.status, codes(gone)]).toEqual([404, ['ENTITY_IS_DELETED']]);

    const entries = (await since(org, seq)).filter(({ effects }) => effects.length > 0);
    expect(entries.map(({ user, effects }) => [user, effects[0]?.op, effects[0]?.id, effects[0]?.marker])).toEqual([
      [org.admin.username, 'create', id, 'w-1'],
      [org.admin.username, 'update', id, undefined],
      [org.admin.username, 'update', id, 'w-1'],
      [org.admin.username, 'create', other, 'w-2'],
      [org.admin.username, 'delete', id, undefined],
    ]);
    expect([entries[0]?.request, entries[0]?.effects[0]?.fields]).toEqual(['r-1', fields]);
  });

  it('are changed only if nobody changed them since', async () => {
    const id = await created('Contact', { LastName: 'Bedingt' });
    const path = `/sobjects/Contact/${id}`;
    const stamp = Date.parse(String(await valueOf('Contact', id, 'SystemModstamp')).replace('+0000', 'Z'));
    const at = (ms: number): object => ({ headers: { 'if-unmodified-since': new Date(ms).toUTCString() } });
    expect((await write(org, 'PATCH', path, { Title: 'a' }, at(stamp - 1_000))).status).toBe(412);
    expect((await write(org, 'PATCH', path, { Title: 'b' }, at(stamp + 3_600_000))).status).toBe(204);
    const bad = await write(org, 'PATCH', path, { Title: 'c' }, { headers: { 'if-unmodified-since': 'soon' } });
    expect(bad.status).toBe(400);
    expect(await valueOf('Contact', id, 'Title')).toBe('b');
  });

  it.each([
    ['Contact', {}, 'REQUIRED_FIELD_MISSING', ['LastName']],
    ['Contact', { LastName: 'x', Nope__c: 1 }, 'INVALID_FIELD', undefined],
    ['Contact', { LastName: 'x', Name: 'y' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Name']],
    ['Contact', { LastName: 'x'.repeat(81) }, 'STRING_TOO_LONG', ['LastName']],
    ['Contact', { LastName: 'x', Email: 'nobody' }, 'INVALID_EMAIL_ADDRESS', ['Email']],
    ['Contact', { LastName: 'x', Birthdate: '31.12.1990' }, 'JSON_PARSER_ERROR', undefined],
    ['Contact', { LastName: 'x', AccountId: 'abc' }, 'MALFORMED_ID', ['AccountId']],
    ['Contact', { LastName: 'x', AccountId: '0035g0000000001AAA' }, 'FIELD_INTEGRITY_EXCEPTION', ['AccountId']],
    ['Contact', { LastName: 'x', AccountId: '0015g0000zzzzzz' }, 'INVALID_CROSS_REFERENCE_KEY', []],
    ['Account', { Name: 'x', NumberOfEmployees: 1e9 }, 'NUMBER_OUTSIDE_VALID_RANGE', ['NumberOfEmployees']],
    ['Account', { Name: 'x', Kundenstatus__c: 'Fast' }, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', ['Kundenstatus__c']],
    // Of the record type that the org gives to new accounts.
    [
      'Account',
      { Name: 'x', Kundenstatus__c: 'Interessent' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      ['Kundenstatus__c'],
    ],
    ['Account', { Name: 'x', RecordTypeId: '0125g0zzzzzzzzz' }, 'INVALID_CROSS_REFERENCE_KEY', ['RecordTypeId']],
    ['Account', { Name: 'x', Kundenstatus__c: 'Aktiv' }, 'FIELD_CUSTOM_VALIDATION_EXCEPTION', ['Kundennummer__c']],
  ] as const)('of %s with %j are refused: %s', async (object, fields, code, named) => {
    const seq = await lastSeq(org);
    const answer = await post(object, fields);
    expect([answer.status, codes(answer)]).toEqual([400, [code]]);
    if (named !== undefined) expect((answer.json as { fields: unknown }[])[0]?.fields).toEqual(named);
    expect(await askedFor(org, seq, object)).toEqual([]);
  });

  it('with a value that another record has are refused, until that one is gone', async () => {
    const first = await created('Contact', { LastName: 'a', Gantry_Key__c: 'Twice' });
    const second = await post('Contact', { LastName: 'b', Gantry_Key__c: 'tWICE' });
    expect(codes(second)).toEqual(['DUPLICATE_VALUE']);
    expect(second.text).toContain(`duplicate value found: Gantry_Key__c duplicates value on record with id: ${first}`);
    await write(org, 'DELETE', `/sobjects/Contact/${first}`, null);
    await created('Contact', { LastName: 'c', Gantry_Key__c: 'Twice' });
    await org.sandbox.control('POST', 'duplicate-rules', {
      rules: [{ object: 'Contact', field: 'Email', action: 'alert' }],
    });
    await created('Contact', { LastName: 'd', Email: 'doppelt@example.com' });
    const alike = { LastName: 'e', Email: 'Doppelt@example.com' };
    expect(codes(await post('Contact', alike))).toEqual(['DUPLICATES_DETECTED']);
    const insisting = { headers: { 'sforce-duplicate-rule-header': 'allowSave=true' } };
    expect((await post('Contact', alike, insisting)).status).toBe(201);
  });

  it('that are named by a value of several answer with all of them', async () => {
    await org.sandbox.control('POST', 'schema', {
      object: 'Lead',
      add: { name: 'Quelle__c', type: 'string', length: 40, externalId: true },
    });
    const ids = [1, 2].map(() => created('Lead', { LastName: 'x', Company: 'y', Quelle__c: 'Messe' }));
    const answer = await write(org, 'PATCH', '/sobjects/Lead/Quelle__c/Messe', { Company: 'z' });
    expect(answer.status).toBe(300);
    expect(answer.json).toEqual((await Promise.all(ids)).toSorted().map((id) => `${DATA}/sobjects/Lead/${id}`));
  });
});

describe('rights', () => {
  it('to objects, fields and records refuse what they do not allow', async () => {
    const user = org.sandbox.health.users.find(({ role, active }) => role === 'user' && active)!;
    const token = await tokenOf(org, user.username);
    const foreign = await created('Contact', { LastName: 'Fremd' });
    const as = (method: string, path: string, body: unknown): Promise<Answer> =>
      write(org, method, path, body, { token });
    const permit = (input: object): Promise<unknown> =>
      org.sandbox.control('POST', 'permissions', { user: user.username, ...input });

    expect((await as('PATCH', `/sobjects/Contact/${foreign}`, { Title: 'x' })).status).toBe(204);
    const removal = await as('DELETE', `/sobjects/Contact/${foreign}`, null);
    expect([removal.status, codes(removal)]).toEqual([403, ['INSUFFICIENT_ACCESS_OR_READONLY']]);
    const given = await as('PATCH', `/sobjects/Contact/${foreign}`, { OwnerId: user.id });
    expect(codes(given)).toEqual(['INSUFFICIENT_ACCESS_OR_READONLY']);
    const own = (await as('POST', '/sobjects/Contact', { LastName: 'Eigen' })).json as { id: string };
    expect(await valueOf('Contact', own.id, 'OwnerId')).toBe(user.id);
    expect((await as('DELETE', `/sobjects/Contact/${own.id}`, null)).status).toBe(204);

    await permit({ readOnly: { object: 'Contact', field: 'Title' }, hide: { object: 'Contact', field: 'Department' } });
    await permit({ deny: { object: 'Account', op: 'create' } });
    expect(codes(await as('PATCH', `/sobjects/Contact/${foreign}`, { Title: 'y' }))).toEqual([
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    ]);
    expect(codes(await as('PATCH', `/sobjects/Contact/${foreign}`, { Department: 'y' }))).toEqual(['INVALID_FIELD']);
    expect(codes(await as('POST', '/sobjects/Account', { Name: 'x' }))).toEqual(['INVALID_TYPE_FOR_OPERATION']);
    const described = (await org.get(`${DATA}/sobjects/Contact/describe`, { token })).json as {
      fields: { name: string; updateable: boolean }[];
    };
    expect(described.fields.find(({ name }) => name === 'Title')?.updateable).toBe(false);

    await org.sandbox.control('POST', 'sharing', { object: 'Opportunity', model: 'Private' });
    const [hidden] = (await org.query(`SELECT Id FROM Opportunity WHERE OwnerId != '${user.id}' LIMIT 1`)).records;
    const unseen = `/sobjects/Opportunity/${String(hidden?.['Id'])}`;
    expect((await as('PATCH', unseen, { NextStep: 'x' })).status).toBe(404);
    await org.sandbox.control('POST', 'sharing', {
      share: { object: 'Opportunity', id: hidden?.['Id'], to: user.username, access: 'Read' },
    });
    expect(codes(await as('PATCH', unseen, { NextStep: 'x' }))).toEqual(['INSUFFICIENT_ACCESS_OR_READONLY']);
    await org.sandbox.control('POST', 'sharing', {
      share: { object: 'Opportunity', id: hidden?.['Id'], to: user.username, access: 'Edit' },
    });
    expect((await as('PATCH', unseen, { NextStep: 'x' })).status).toBe(204);
    await org.sandbox.control('POST', 'sharing', { object: 'Opportunity', model: 'ReadWrite' });
  });
});

describe('what the org does by itself', () => {
  const effectsOf = async (work: () => Promise<unknown>): Promise<readonly Effect[]> => {
    const seq = await lastSeq(org);
    await work();
    return (await since(org, seq)).flatMap(({ effects }) => effects);
  };

  it('follows a win with a contract, once, and tells the ERP of every save', async () => {
    const fields = { Name: 'Neu', StageName: 'Prospecting', CloseDate: '2026-03-01', AccountId: account };
    const id = await created('Opportunity', { ...fields, Auftragswert__c: 1200 });
    const path = `/sobjects/Opportunity/${id}`;
    const refused = await write(org, 'PATCH', path, { Vertriebsphase__c: 'Gewonnen' });
    expect(codes(refused)).toEqual(['FIELD_CUSTOM_VALIDATION_EXCEPTION']);
    const win = { Vertriebsphase__c: 'Gewonnen', Abschlussgrund__c: 'Preis' };
    const effects = await effectsOf(() => write(org, 'PATCH', path, win));
    expect(effects.map(({ op, object, cause }) => [op, object, cause])).toEqual([
      ['update', 'Opportunity', undefined],
      ['send', 'Warenwirtschaft', 'OpportunityWarenwirtschaft'],
      ['create', 'Vertrag__c', 'Vertrag_anlegen_bei_Gewinn'],
    ]);
    const contracts = await org.query(
      `SELECT Konto__c, Ende__c, Monatswert__c, Status__c FROM Vertrag__c WHERE Opportunity__c = '${id}'`,
    );
    expect(contracts.records).toMatchObject([
      { Konto__c: account, Ende__c: '2027-02-28', Monatswert__c: 100, Status__c: 'Entwurf' },
    ]);
    const again = await effectsOf(() => write(org, 'PATCH', path, { NextStep: 'Rechnung' }));
    expect(again.map(({ object }) => object)).toEqual(['Opportunity', 'Warenwirtschaft']);
  });

  it('finds the territory of an address before the save, and a known website', async () => {
    const fields = { Name: 'Ort', Kundennummer__c: 'K-ort', Website: 'https://ort.example' };
    const address = { BillingCountry: 'Österreich', BillingPostalCode: '1010' };
    const id = await created('Account', { ...fields, ...address });
    expect(await valueOf('Account', id, 'Vertriebsgebiet__c')).toBe('Österreich');
    const twin = await post('Account', { ...fields, Kundennummer__c: 'K-ort2' });
    expect([codes(twin), twin.text]).toEqual([['FIELD_CUSTOM_VALIDATION_EXCEPTION'], expect.stringContaining(id)]);
  });

  it('deletes what belongs to a record, and keeps one that others need', async () => {
    const id = await created('Account', { Name: 'Weg', Kundennummer__c: 'K-weg' });
    const contact = await created('Contact', { LastName: 'Mit', AccountId: id });
    const effects = await effectsOf(() => write(org, 'DELETE', `/sobjects/Account/${id}`, null));
    expect(effects.map((one) => [one.object, one.id, one.cause])).toEqual([
      ['Account', id, undefined],
      ['Contact', contact, 'cascade'],
    ]);
    const [contract] = (await org.query('SELECT Konto__c FROM Vertrag__c LIMIT 1')).records;
    const kept = await write(org, 'DELETE', `/sobjects/Account/${String(contract?.['Konto__c'])}`, null);
    expect(codes(kept)).toEqual(['DELETE_FAILED']);
  });
});

describe('collections', () => {
  const contacts = (names: readonly (string | null)[]): object[] =>
    names.map((LastName, at) => ({
      attributes: { type: 'Contact' },
      LastName,
      Gantry_Key__c: `c-${names.length}-${at}`,
    }));
  const many = (method: string, path: string, records: readonly object[] | null, allOrNone = false): Promise<Answer> =>
    write(org, method, `/composite/sobjects${path}`, records === null ? null : { allOrNone, records });

  it('give each record its own result, or take all back', async () => {
    const seq = await lastSeq(org);
    const mixed = await many('POST', '', contacts(['a', null, 'c']));
    expect(mixed.json).toMatchObject([
      { success: true, errors: [] },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }] },
      { success: true, errors: [] },
    ]);
    expect(await askedFor(org, seq, 'Contact')).toHaveLength(2);
    const before = (await org.query('SELECT COUNT() FROM Contact')).totalSize;
    const none = await many('POST', '', contacts(['a', 'b', null, 'd']), true);
    expect((none.json as { errors: { statusCode: string }[] }[]).map(({ errors }) => errors[0]?.statusCode)).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
      'REQUIRED_FIELD_MISSING',
      'ALL_OR_NONE_OPERATION_ROLLED_BACK',
    ]);
    expect((await org.query('SELECT COUNT() FROM Contact')).totalSize).toBe(before);
    expect(await askedFor(org, seq, 'Contact')).toHaveLength(2);
    // The keys of what was taken back are free.
    const retried = await many('POST', '', contacts(['a', 'b', 'c', 'd']), true);
    expect(retried.json).toMatchObject(Array.from({ length: 4 }, () => ({ success: true })));
  });

  it('upsert by external id, and take at most 200', async () => {
    const names = Array.from({ length: 200 }, (_empty, at) => `n${at}`);
    const path = '/Contact/Gantry_Key__c';
    const first = (await many('PATCH', path, contacts(names))).json as { id: string; created: boolean }[];
    expect(first.every(({ created: isNew }) => isNew)).toBe(true);
    const second = (await many('PATCH', path, contacts(names))).json as typeof first;
    expect(second).toEqual(first.map(({ id }) => ({ id, success: true, errors: [], created: false })));
    const over = await many('POST', '', contacts([...names, 'more']));
    expect([over.status, codes(over)]).toEqual([400, ['EXCEEDED_ID_LIMIT']]);
    const ids = first.slice(0, 3).map(({ id }) => id);
    expect((await many('DELETE', `?ids=${ids.join(',')}`, null)).json).toMatchObject(
      ids.map((id) => ({ id, success: true })),
    );
  });

  it('lock single records on demand', async () => {
    const [a, b] = await Promise.all(['a', 'b'].map((LastName) => created('Contact', { LastName })));
    await org.sandbox.control('POST', 'fail', { object: 'Contact', ids: [a], times: 1, error: 'UNABLE_TO_LOCK_ROW' });
    const update = (): Promise<Answer> =>
      many(
        'PATCH',
        '',
        [a, b].map((id) => ({ attributes: { type: 'Contact' }, id, Title: 'x' })),
      );
    const locked = {
      success: false,
      errors: [{ statusCode: 'UNABLE_TO_LOCK_ROW', message: expect.stringContaining(a!) }],
    };
    expect((await update()).json).toMatchObject([locked, { id: b, success: true }]);
    expect((await update()).json).toMatchObject([{ success: true }, { success: true }]);
  });

  it('take effect although their answer is lost, or later', async () => {
    const seq = await lastSeq(org);
    const path = `${DATA}/composite/sobjects`;
    await org.sandbox.control('POST', 'faults', { match: { path }, action: { reset: true, applied: true } });
    await expect(many('POST', '', contacts(['lost1']))).rejects.toThrow();
    expect(await askedFor(org, seq, 'Contact')).toMatchObject([{ marker: 'c-1-0' }]);
    await org.sandbox.control('POST', 'faults', { match: { path }, action: { late: 'hold', status: 503 } });
    expect((await many('POST', '', contacts(['late1', 'late2', 'late3', 'late4', 'late5']))).status).toBe(503);
    expect(await askedFor(org, seq, 'Contact')).toHaveLength(1);
    expect(await org.sandbox.control('POST', 'faults/release', {})).toEqual({ released: 1 });
    expect(await askedFor(org, seq, 'Contact')).toHaveLength(6);
    expect((await since(org, seq)).at(-1)).toMatchObject({ kind: 'background', method: 'POST', path });
  });
});

describe('jsforce', () => {
  it('writes single records and lists, and reads what was refused', async () => {
    const sobject = conn.sobject('Contact');
    const one = await sobject.create({ LastName: 'js' });
    expect(one.success).toBe(true);
    expect(await sobject.update({ Id: String(one.id), Title: 'dev' })).toMatchObject({ id: one.id, success: true });
    const key = 'Gantry_Key__c';
    expect(await sobject.upsert({ Gantry_Key__c: 'js-1', LastName: 'up' }, key)).toMatchObject({ success: true });
    const list = await sobject.create([{ LastName: 'l1' }, {}, { LastName: 'l3' }]);
    expect(list.map(({ success }) => success)).toEqual([true, false, true]);
    const ids = list.flatMap(({ id }) => (id === undefined ? [] : [id]));
    expect(await sobject.destroy(ids)).toMatchObject(ids.map((id) => ({ id, success: true })));
    await expect(sobject.create({})).rejects.toMatchObject({ errorCode: 'REQUIRED_FIELD_MISSING' });
    await expect(sobject.destroy(ids[0]!)).rejects.toMatchObject({ errorCode: 'ENTITY_IS_DELETED' });
  });
});
