import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validForBitmap } from '../../sandbox/salesforce/schema/dependent-picklist.ts';
import { DATA, signIn, startOrg, type OrgClient, type Tokens } from './org-client.ts';

interface TypeInfo {
  readonly recordTypeId: string;
  readonly developerName: string;
  readonly name: string;
  readonly active: boolean;
  readonly available: boolean;
  readonly defaultRecordTypeMapping: boolean;
  readonly master: boolean;
}

interface Entry {
  readonly value: string;
  readonly validFor: string | readonly number[] | null;
}

interface Field {
  readonly name: string;
  readonly controllerName: string | null;
  readonly dependentPicklist: boolean;
  readonly picklistValues: readonly Entry[];
}

interface Picklist {
  readonly controllerValues: Readonly<Record<string, number>>;
  readonly values: readonly Entry[];
  readonly url: string;
}

let org: OrgClient;
let userToken: string;
beforeAll(async () => {
  org = await startOrg();
  const user = org.sandbox.health.users.find(
    (one) => one.role === 'user' && (one as { active?: boolean }).active === true,
  );
  userToken = ((await signIn(org.sandbox, user!)).json as Tokens).access_token;
});
afterAll(() => org.stop());

const typesOf = async (object: string, token?: string): Promise<readonly TypeInfo[]> => {
  const answer = await org.get(`${DATA}/sobjects/${object}/describe`, token === undefined ? {} : { token });
  return (answer.json as { recordTypeInfos: TypeInfo[] }).recordTypeInfos;
};
const fieldOf = async (object: string, name: string): Promise<Field> => {
  const { fields } = (await org.get(`${DATA}/sobjects/${object}/describe`)).json as { fields: Field[] };
  return fields.find((field) => field.name === name)!;
};
const picklistsOf = async (object: string, type: string): Promise<Readonly<Record<string, Picklist>>> => {
  const answer = await org.get(`${DATA}/ui-api/object-info/${object}/picklist-values/${type}`);
  return (answer.json as { picklistFieldValues: Record<string, Picklist> }).picklistFieldValues;
};
const texts = (list: Picklist | undefined): readonly string[] => (list?.values ?? []).map((entry) => entry.value);

describe('record types', () => {
  it('are described beside the master, inactive ones too, with a default', async () => {
    const types = await typesOf('Opportunity');
    expect(types.map((type) => [type.developerName, type.active, type.available])).toEqual([
      ['Master', true, true],
      ['Neugeschaeft', true, true],
      ['Verlaengerung', true, true],
      ['Erweiterung', true, true],
      ['Pilotprojekt', false, false],
    ]);
    expect(types.filter((type) => type.defaultRecordTypeMapping).map((type) => type.developerName)).toEqual([
      'Neugeschaeft',
    ]);
    expect(await typesOf('Contact')).toMatchObject([{ master: true, defaultRecordTypeMapping: true }]);
  });

  it('are offered by profile', async () => {
    const partner = (types: readonly TypeInfo[]) => types.find((type) => type.developerName === 'Partner');
    expect(partner(await typesOf('Account'))).toMatchObject({ active: true, available: true });
    expect(partner(await typesOf('Account', userToken))).toMatchObject({ active: true, available: false });
  });

  it('are records, and each record of the object has one that fits it', async () => {
    const { records } = await org.query(
      'SELECT Id, DeveloperName, SobjectType, IsActive FROM RecordType ORDER BY SobjectType, DeveloperName',
    );
    expect(records.filter((one) => one['SobjectType'] === 'Account').map((one) => one['DeveloperName'])).toEqual([
      'Interessent',
      'Kunde',
      'Partner',
    ]);
    const deals = await org.query('SELECT RecordType.Name, Vertragsart__c FROM Opportunity');
    expect(deals.records.every((one) => (one['RecordType'] as { Name: string }).Name === one['Vertragsart__c'])).toBe(
      true,
    );
    const some = await org.query("SELECT COUNT() FROM Opportunity WHERE RecordType.DeveloperName = 'Verlaengerung'");
    const same = await org.query("SELECT COUNT() FROM Opportunity WHERE Vertragsart__c = 'Verlängerung'");
    expect(some.totalSize).toBe(same.totalSize);
  });

  it('offer picklist values that every record keeps to, its dependent ones as well', async () => {
    for (const [object, names] of [
      ['Account', ['Kundenstatus__c', 'Type', 'Region__c', 'Vertriebsgebiet__c']],
      ['Opportunity', ['Vertragsart__c', 'StageName', 'Vertriebsphase__c', 'Abschlussgrund__c']],
    ] as const) {
      const { records } = await org.query(`SELECT RecordTypeId, ${names.join(', ')} FROM ${object}`);
      const lists = new Map<string, Readonly<Record<string, Picklist>>>();
      for (const type of await typesOf(object))
        lists.set(type.recordTypeId, await picklistsOf(object, type.recordTypeId));
      for (const record of records) {
        for (const name of names) {
          const value = record[name];
          if (value === null) continue;
          const list = lists.get(String(record['RecordTypeId']))?.[name];
          const entry = list?.values.find((one) => one.value === value);
          expect(entry, `${object}.${name} ${String(value)}`).toBeDefined();
          const { controllerName } = await fieldCached(object, name);
          if (controllerName === null) continue;
          expect(entry?.validFor).toContain(list?.controllerValues[String(record[controllerName])]);
        }
      }
    }
  });

  it('change when an admin changes them', async () => {
    const change = (more: object) =>
      org.sandbox.control('POST', 'record-types', { object: 'Opportunity', developerName: 'Erweiterung', ...more });
    const type = (await typesOf('Opportunity')).find((one) => one.developerName === 'Erweiterung');
    await change({ label: 'Ausbau', picklists: { LeadSource: ['Web', 'Other'], StageName: null } });
    expect((await typesOf('Opportunity')).find((one) => one.developerName === 'Erweiterung')?.name).toBe('Ausbau');
    const lists = await picklistsOf('Opportunity', type?.recordTypeId ?? '');
    expect(texts(lists['LeadSource'])).toEqual(['Web', 'Other']);
    expect(texts(lists['StageName'])).toContain('Qualification');
    await change({ active: false });
    const [row] = (await org.query("SELECT Name, IsActive FROM RecordType WHERE DeveloperName = 'Erweiterung'"))
      .records;
    expect(row).toMatchObject({ Name: 'Ausbau', IsActive: false });
    await expect(change({ picklists: { LeadSource: ['Nope'] } })).rejects.toThrow(/must be some of/);
    await expect(change({ developerName: 'Nope' })).rejects.toThrow(/no record type/);
  });

  it('are chosen by default where nobody chooses', async () => {
    const { id } = await org.sandbox.mutate({ op: 'create', object: 'Account', fields: { Name: 'Ohne Typ AG' } });
    const [row] = (await org.query(`SELECT RecordType.DeveloperName FROM Account WHERE Id = '${id}'`)).records;
    expect(row?.['RecordType']).toMatchObject({ DeveloperName: 'Kunde' });
  });
});

const known = new Map<string, Field>();
async function fieldCached(object: string, name: string): Promise<Field> {
  const found = known.get(`${object}.${name}`) ?? (await fieldOf(object, name));
  known.set(`${object}.${name}`, found);
  return found;
}

describe('dependent picklists', () => {
  /** As the Object Reference tells clients to read the bits. */
  const isValidFor = (bitmap: string, place: number): boolean => {
    const byte = Buffer.from(bitmap, 'base64')[place >> 3] ?? 0;
    return (byte & (0x80 >> (place % 8))) !== 0;
  };

  it('say in bits with which values they may be chosen', async () => {
    const region = await fieldOf('Account', 'Region__c');
    const territory = await fieldOf('Account', 'Vertriebsgebiet__c');
    expect([territory.dependentPicklist, territory.controllerName, region.dependentPicklist]).toEqual([
      true,
      'Region__c',
      false,
    ]);
    expect(region.picklistValues.every((entry) => entry.validFor === null)).toBe(true);
    const table = Object.fromEntries(
      region.picklistValues.map((one, place) => [
        one.value,
        territory.picklistValues
          .filter((entry) => isValidFor(String(entry.validFor), place))
          .map((entry) => entry.value),
      ]),
    );
    expect(table).toEqual({
      DACH: ['DE Nord', 'DE Süd', 'Österreich', 'Schweiz', 'Schlüsselkunden'],
      Westeuropa: ['Frankreich', 'Benelux', 'Großbritannien', 'Schlüsselkunden'],
      Südeuropa: ['Italien', 'Schlüsselkunden'],
      Nordamerika: ['USA Ost', 'USA West', 'Schlüsselkunden'],
    });
  });

  it('say it in places through the UI API, also when the record type offers less', async () => {
    const types = await typesOf('Account');
    const { Vertriebsgebiet__c: list } = await picklistsOf('Account', types[1]?.recordTypeId ?? '');
    expect(list?.controllerValues).toEqual({ DACH: 0, Westeuropa: 1, Südeuropa: 2, Nordamerika: 3 });
    expect(list?.values.find((entry) => entry.value === 'Italien')?.validFor).toEqual([2]);
    expect(list?.values.find((entry) => entry.value === 'Schlüsselkunden')?.validFor).toEqual([0, 1, 2, 3]);
    const one = await org.get(list?.url ?? '');
    expect(one.json).toMatchObject({
      url: list?.url,
      values: list?.values,
      eTag: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  it('have bits for any number of values', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(200)), (places) => {
        const bitmap = validForBitmap(places);
        expect(bitmap).not.toContain('=');
        for (let place = 0; place <= 210; place += 1) expect(isValidFor(bitmap, place)).toBe(places.includes(place));
      }),
    );
  });
});

describe('object info', () => {
  it('tells fields, record types and what depends on what', async () => {
    const info = (await org.get(`${DATA}/ui-api/object-info/account`)).json as Record<string, unknown> & {
      fields: Record<string, Record<string, unknown>>;
      recordTypeInfos: Record<string, TypeInfo>;
    };
    expect(info).toMatchObject({
      apiName: 'Account',
      dependentFields: { Region__c: { Vertriebsgebiet__c: {} } },
      nameFields: ['Name'],
    });
    const master = (await typesOf('Account'))[1];
    expect(info['defaultRecordTypeId']).toBe(master?.recordTypeId);
    expect(info.recordTypeInfos['012000000000000AAA']).toMatchObject({ master: true, name: 'Master' });
    expect(info.fields['Name']).toMatchObject({ required: true, dataType: 'String' });
    expect(info.fields['OwnerId']).toMatchObject({ required: false, referenceToInfos: [{ apiName: 'User' }] });
    expect(info.fields['Vertriebsgebiet__c']).toMatchObject({ controllingFields: ['Region__c'] });
    const contract = (await org.get(`${DATA}/ui-api/object-info/Vertrag__c`)).json as typeof info;
    expect(contract.fields['Konto__c']).toMatchObject({ required: true, reference: true });
  });

  it.each([
    ['Nothing', 'INVALID_TYPE', 'Object Nothing is not supported in UI API'],
    ['DeploymentEvent__e', 'INVALID_TYPE', 'not supported in UI API'],
    ['Account/picklist-values/0125g000000zzzzAAA', 'INVALID_PARAMETER_VALUE', 'Invalid record type'],
    ['Account/picklist-values/012', 'INVALID_PARAMETER_VALUE', 'Invalid record type'],
    ['Account/picklist-values/012000000000000AAA/Name', 'INVALID_FIELD', 'not a picklist'],
  ])('is refused for %s', async (path, errorCode, message) => {
    const answer = await org.get(`${DATA}/ui-api/object-info/${path}`);
    expect([answer.status, answer.json]).toEqual([400, [{ errorCode, message: expect.stringContaining(message) }]]);
  });
});
