import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector, type ConnectorSession } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { connectorContract, readAll } from './contract-suite.ts';

connectorContract({
  provider: 'salesforce',
  scale: 36_000,
  prepare: async () => {},
  objects: ['Account', 'Contact', 'Opportunity', 'Event', 'User'],
  main: {
    object: 'Contact',
    create: { LastName: 'Neu' },
    update: { LastName: 'Geändert' },
    field: 'LastName',
    value: 'Geändert',
  },
  readPath: '/services/data/v62.0/queryAll',
  cursorGone: { status: 400, body: [{ message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' }] },
  tokenLifeMs: 3 * 3_600_000,
});

describe('salesforce: what a customised org adds', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'salesforce');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  beforeAll(async () => {
    sandbox = await startSandbox('salesforce', { scale: 2_000 });
    session = connector.open((await signIn(sandbox, connector)).access);
  });
  afterAll(() => sandbox.stop());

  it('names the org by its 18-character id', async () => {
    expect((await session.identify()).accountId).toMatch(/^00D\w{15}$/);
  });

  it('discovers custom fields with their types, values and targets', async () => {
    const opportunity = await session.describeObject('Opportunity');
    const field = (name: string): unknown => opportunity.fields.find((candidate) => candidate.name === name);
    expect(field('Auftragswert__c')).toMatchObject({ type: 'decimal', scale: 2, custom: true, nativeType: 'currency' });
    expect(field('Vertriebsphase__c')).toMatchObject({ type: 'enum', custom: true });
    expect(JSON.stringify(field('Vertriebsphase__c'))).toContain('Gewonnen');
    expect(field('Verlaengerungsdatum__c')).toMatchObject({ type: 'date' });
    expect(field('AccountId')).toMatchObject({ type: 'reference', references: ['Account'] });
    const account = await session.describeObject('Account');
    expect(account.fields.find((candidate) => candidate.name === 'Kundennummer__c')).toMatchObject({ unique: true });
    expect(
      account.fields.filter((candidate) => ['address', 'location', 'base64'].includes(candidate.nativeType)),
    ).toEqual([]);
  });

  it('includes custom objects', async () => {
    const objects = await session.listObjects();
    expect(objects.find((object) => object.name === 'Vertrag__c')).toMatchObject({ custom: true, replicable: true });
    expect(objects.length).toBeGreaterThan(50);
    const contract = await session.describeObject('Vertrag__c');
    const { records } = await readAll(session, contract, null);
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBe(await session.countRecords('Vertrag__c'));
  });

  it('discovers record types with the values that each allows', async () => {
    const { recordTypes = [], fields } = await session.describeObject('Opportunity');
    expect(recordTypes.length).toBeGreaterThan(1);
    expect(recordTypes.filter((type) => type.default)).toHaveLength(1);
    expect(recordTypes.map(({ name }) => name)).not.toContain('Master');
    const narrowed = recordTypes.filter(({ values }) => Object.keys(values).length > 0);
    expect(narrowed.length).toBeGreaterThan(0);
    for (const { values } of narrowed) {
      for (const [name, allowed] of Object.entries(values)) {
        const own = fields.find((field) => field.name === name)?.values?.map(({ value }) => value) ?? [];
        expect(own).toEqual(expect.arrayContaining([...allowed]));
        expect(allowed.length).toBeLessThan(own.length);
      }
    }
  });

  it('discovers validation rules, flows and triggers, with what people are told', async () => {
    const { rules = [] } = await session.describeObject('Opportunity');
    const kinds = new Set(rules.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['validation', 'automation']));
    for (const rule of rules.filter(({ kind }) => kind === 'validation')) expect(rule.message).toMatch(/\w/);
    expect(rules.some(({ condition }) => condition?.includes('after insert') === true)).toBe(true);
  });

  it('asks for the rules of all objects once, not once per object', async () => {
    const signedIn = await signIn(sandbox, connector);
    const own = connector.open(signedIn.access);
    await Promise.all(['Account', 'Opportunity', 'Contact', 'Account'].map((name) => own.describeObject(name)));
    expect(signedIn.calls.filter(({ path }) => path.endsWith('/tooling/query'))).toHaveLength(2);
    const before = signedIn.calls.length;
    await own.describeObject('Opportunity');
    expect(signedIn.calls.length).toBe(before + 1);
  });

  it('leaves rules out for a user who may not see the setup', async () => {
    const user = sandbox.health.users.find(({ role }) => !role.toLowerCase().includes('admin'));
    const own = connector.open((await signIn(sandbox, connector, user)).access);
    const account = await own.describeObject('Account');
    expect(account.rules).toBeUndefined();
    expect(account.fields.length).toBeGreaterThan(5);
  });

  it('knows what a new record cannot be without, and which picklist depends on which', async () => {
    const opportunity = await session.describeObject('Opportunity');
    const required = opportunity.fields.filter((field) => field.required === true).map(({ name }) => name);
    expect(required).toEqual(expect.arrayContaining(['Name', 'StageName', 'CloseDate']));
    // The system fills these in.
    expect(required).not.toEqual(expect.arrayContaining(['Id']));
    expect(required).not.toContain('OwnerId');
    expect(required).not.toContain('IsDeleted');
    const account = await session.describeObject('Account');
    expect(account.fields.find(({ name }) => name === 'Vertriebsgebiet__c')).toMatchObject({
      controlledBy: 'Region__c',
    });
    const contract = await session.describeObject('Vertrag__c');
    const lookups = contract.fields.filter((field) => field.required === true && field.type === 'reference');
    expect(lookups.length).toBeGreaterThan(0);
  });

  it('reads objects with more fields than one address can name', async () => {
    const before = await session.describeObject('Vertrag__c');
    const added = Array.from({ length: 260 }, (_, index) => `Zusatzangabe_zum_Vertrag_${String(index)}__c`);
    for (const name of added) {
      const add = { name, label: name, type: 'string', length: 80, custom: true, nillable: true };
      await sandbox.control('POST', 'schema', { object: 'Vertrag__c', add });
    }
    const wide = await session.describeObject('Vertrag__c');
    expect(wide.fields).toHaveLength(before.fields.length + added.length);
    const id = (await readAll(session, before, null)).records[0]?.id ?? '';
    await sandbox.mutate({ op: 'update', object: 'Vertrag__c', id, fields: { [added.at(-1) ?? '']: 'ganz hinten' } });
    const { records } = await readAll(session, wide, null);
    expect(records.length).toBe(await session.countRecords('Vertrag__c'));
    expect(records.find((record) => record.id === id)?.values).toMatchObject({ [added.at(-1) ?? '']: 'ganz hinten' });
    expect(Object.keys(records[0]?.values ?? {})).toHaveLength(wide.fields.length);
  });

  it('asks for a new discovery when a field is gone', async () => {
    const object = await session.describeObject('Event');
    await sandbox.control('POST', 'schema', { object: 'Event', remove: 'Besprechungsart__c' });
    await expect(session.readPage({ object, cursor: null })).rejects.toMatchObject({ code: 'upstream_schema_changed' });
    const renewed = await session.describeObject('Event');
    expect((await session.readPage({ object: renewed, cursor: null })).records.length).toBeGreaterThan(0);
  });

  it('puts the daily quota down as used up, with a time to come back', async () => {
    const action = {
      status: 403,
      body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    };
    await sandbox.control('POST', 'faults', { match: { path: '/services/data' }, times: 1, action });
    const started = Date.now();
    const error: unknown = await session.listObjects().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'upstream_rate_limited', details: { data: { class: 'quota_exhausted' } } });
    const { retryAt } = (error as { details: { retryAt: Date } }).details;
    expect(retryAt.getTime()).toBeGreaterThanOrEqual(started + 900_000);
  });
});
