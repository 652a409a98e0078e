import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import facts from '../../sandbox/salesforce/facts/custom-fields.json' with { type: 'json' };
import { DATA, startOrg, type OrgClient } from './org-client.ts';

interface Field {
  readonly name: string;
  readonly type: string;
  readonly custom: boolean;
  readonly picklistValues: readonly { readonly value: string }[];
  readonly referenceTo: readonly string[];
  readonly [property: string]: unknown;
}

interface Described {
  readonly name: string;
  readonly keyPrefix: string;
  readonly fields: readonly Field[];
  readonly childRelationships: readonly {
    readonly childSObject: string;
    readonly field: string;
    readonly relationshipName: string | null;
  }[];
  readonly recordTypeInfos: readonly { readonly recordTypeId: string }[];
}

let org: OrgClient;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.stop());

const read = async (object: string): Promise<Described> =>
  (await org.get(`${DATA}/sobjects/${object}/describe`)).json as Described;
const fieldOf = async (object: string, name: string): Promise<Field | undefined> =>
  (await read(object)).fields.find((field) => field.name === name);

describe('versions and resources', () => {
  it('lists versions without a token and refuses others', async () => {
    const versions = (await org.get('/services/data', { token: '' })).json as { version: string }[];
    expect(versions.map((one) => one.version)).toEqual(['60.0', '61.0', '62.0', '63.0', '64.0']);
    expect((await org.get('/services/data/v59.0/sobjects')).json).toEqual([
      { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
    ]);
    expect((await org.get('/services/data/v60.0/sobjects')).status).toBe(200);
  });
});

describe('describeGlobal', () => {
  it('lists standard, custom and packaged objects with distinct key prefixes', async () => {
    const { sobjects } = (await org.get(`${DATA}/sobjects`)).json as {
      sobjects: (Described & { custom: boolean; queryable: boolean })[];
    };
    const names = sobjects.map((object) => object.name);
    expect(names).toEqual(
      expect.arrayContaining(['Account', 'Contact', 'Opportunity', 'Event', 'User', 'Lead', 'Task', 'Vertrag__c']),
    );
    const packaged = Object.keys(facts).filter((name) => name !== 'Activity');
    expect(names).toEqual(expect.arrayContaining(packaged));
    expect(new Set(sobjects.map((object) => object.keyPrefix)).size).toBe(sobjects.length);
    expect(sobjects.filter((object) => !object.queryable).map((object) => object.name)).toEqual([
      'DeploymentEvent__e',
      'Manufacturing_Event__e',
    ]);
  });
});

describe('describe', () => {
  it('shows every field of the public packages with its type', async () => {
    const types: Record<string, string> = {
      Text: 'string',
      Checkbox: 'boolean',
      Lookup: 'reference',
      MasterDetail: 'reference',
      Picklist: 'picklist',
      Currency: 'currency',
      Number: 'double',
      LongTextArea: 'textarea',
      DateTime: 'datetime',
      MultiselectPicklist: 'multipicklist',
    };
    let seen = 0;
    for (const [object, wanted] of Object.entries(facts)) {
      if (object === 'Activity') continue;
      const shown = new Map((await read(object)).fields.map((field) => [field.name, field]));
      for (const fact of wanted as { name: string; type: string; values?: string[] }[]) {
        const field = shown.get(fact.name);
        expect(field?.type, `${object}.${fact.name}`).toBe(types[fact.type] ?? field?.type);
        if (fact.values !== undefined) expect(field?.picklistValues.map((one) => one.value)).toEqual(fact.values);
        seen += field === undefined ? 0 : 1;
      }
    }
    const total = Object.values(facts).reduce((sum, list) => sum + list.length, 0);
    expect(seen).toBe(total - facts.Activity.length);
    expect(total).toBe(1_231);
  });

  it('describes the customer fields in German', async () => {
    expect(await fieldOf('Opportunity', 'Auftragswert__c')).toMatchObject({
      label: 'Auftragswert',
      type: 'currency',
      precision: 16,
      scale: 2,
      custom: true,
      nillable: true,
    });
    expect((await fieldOf('Opportunity', 'Vertriebsphase__c'))?.picklistValues.map((one) => one.value)).toContain(
      'Verhandlung',
    );
    expect(await fieldOf('Account', 'Kundennummer__c')).toMatchObject({
      externalId: true,
      unique: true,
      idLookup: true,
    });
    expect(await fieldOf('Vertrag__c', 'Konto__c')).toMatchObject({
      referenceTo: ['Account'],
      relationshipName: 'Konto__r',
    });
    expect(await fieldOf('Event', 'WhoId')).toMatchObject({
      referenceTo: ['Contact', 'Lead'],
      polymorphicForeignKey: true,
    });
  });

  it('lists children and record types, and knows that users cannot be deleted', async () => {
    const account = await read('account');
    expect(account.childRelationships).toContainEqual(
      expect.objectContaining({ childSObject: 'Vertrag__c', field: 'Konto__c', relationshipName: 'Vertraege__r' }),
    );
    expect(account.recordTypeInfos[0]?.recordTypeId).toBe('012000000000000AAA');
    expect(await fieldOf('User', 'IsDeleted')).toBeUndefined();
    expect((await org.get(`${DATA}/sobjects/Nothing/describe`)).json).toEqual([
      { message: 'The requested resource does not exist', errorCode: 'NOT_FOUND' },
    ]);
  });

  it('follows the admin: fields come, go and are renamed with their values', async () => {
    await org.sandbox.control('POST', 'schema', {
      object: 'Account',
      add: { name: 'Branche__c', type: 'picklist', picklistValues: ['A', { value: 'B' }] },
    });
    expect((await fieldOf('Account', 'Branche__c'))?.picklistValues.map((one) => one.value)).toEqual(['A', 'B']);
    const before = (await org.query('SELECT Kundensegment__c FROM Account LIMIT 1')).records[0]?.['Kundensegment__c'];
    await org.sandbox.control('POST', 'schema', {
      object: 'Account',
      change: { name: 'Kundensegment__c', newName: 'Segment__c', label: 'Segment' },
    });
    expect((await org.query('SELECT Segment__c FROM Account LIMIT 1')).records[0]?.['Segment__c']).toBe(before);
    await org.sandbox.control('POST', 'schema', { object: 'Account', remove: 'Branche__c' });
    expect((await org.refused('SELECT Branche__c FROM Account')).errorCode).toBe('INVALID_FIELD');
    await expect(org.sandbox.control('POST', 'schema', { object: 'Account', remove: 'Name' })).rejects.toThrow(
      /standard field/,
    );
  });
});
