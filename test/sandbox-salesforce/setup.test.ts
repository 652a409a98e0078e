import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SandboxUser } from '../../sandbox/client/index.ts';
import { DATA, signIn, startOrg, type Answer, type OrgClient, type QueryPage, type Tokens } from './org-client.ts';

let org: OrgClient;
let user: SandboxUser;
let userToken: string;
beforeAll(async () => {
  org = await startOrg();
  user = org.sandbox.health.users.find((one) => one.role === 'user' && (one as { active?: boolean }).active === true)!;
  userToken = ((await signIn(org.sandbox, user)).json as Tokens).access_token;
});
afterAll(() => org.stop());

const ask = (soql: string, token?: string): Promise<Answer> =>
  org.get(`${DATA}/tooling/query?q=${encodeURIComponent(soql)}`, token === undefined ? {} : { token });
const rows = async (soql: string): Promise<QueryPage['records']> => {
  const answer = await ask(soql);
  if (answer.status !== 200) throw new Error(`${soql}: ${answer.text}`);
  return (answer.json as QueryPage).records;
};

describe('validation rules', () => {
  it('are told with object, message and field', async () => {
    const rules = await rows(
      "SELECT Id, ValidationName, Active, EntityDefinition.QualifiedApiName, ErrorMessage, ErrorDisplayField FROM ValidationRule WHERE EntityDefinition.QualifiedApiName = 'Opportunity' AND Active = true ORDER BY ValidationName",
    );
    expect(rules.map((rule) => rule['ValidationName'])).toEqual([
      'Abschlussgrund_Pflicht',
      'Auftragswert_nicht_negativ',
      'Verlaengerungsdatum_Pflicht',
    ]);
    expect(rules[0]).toEqual({
      attributes: {
        type: 'ValidationRule',
        url: `${DATA}/tooling/sobjects/ValidationRule/${String(rules[0]?.['Id'])}`,
      },
      Id: expect.stringMatching(/^03d\w{15}$/),
      ValidationName: 'Abschlussgrund_Pflicht',
      Active: true,
      EntityDefinition: expect.objectContaining({ QualifiedApiName: 'Opportunity' }),
      ErrorMessage: 'Bitte einen Abschlussgrund angeben.',
      ErrorDisplayField: 'Abschlussgrund__c',
    });
    const all = await rows('SELECT ValidationName, Active, EntityDefinitionId FROM ValidationRule');
    expect(all.filter((rule) => rule['Active'] === false)).toHaveLength(1);
    const custom = all.find((rule) => rule['ValidationName'] === 'Ende_nach_Beginn');
    expect(custom?.['EntityDefinitionId']).toMatch(/^01I\w{12}$/);
  });

  it('give their formula one at a time', async () => {
    const [rule] = await rows(
      "SELECT FullName, Metadata FROM ValidationRule WHERE ValidationName = 'Kundennummer_Pflicht'",
    );
    expect(rule).toMatchObject({
      FullName: 'Account.Kundennummer_Pflicht',
      Metadata: {
        active: true,
        errorConditionFormula: 'AND(NOT(ISPICKVAL(Kundenstatus__c, "Interessent")), ISBLANK(Kundennummer__c))',
        errorMessage: 'Kunden brauchen eine Kundennummer.',
      },
    });
    const many = await ask('SELECT Metadata FROM ValidationRule');
    expect([many.status, many.json]).toEqual([
      400,
      [
        {
          errorCode: 'MALFORMED_QUERY',
          message:
            'When retrieving results with Metadata or FullName fields, the query qualifications must specify no more than one row for retrieval. Result size: 6',
        },
      ],
    ]);
    expect((await ask("SELECT Id FROM ValidationRule WHERE Metadata = 'x'")).json).toMatchObject([
      { errorCode: 'INVALID_FIELD' },
    ]);
  });

  it('hold for every record of the world, and say what they would refuse', async () => {
    for (const [object, fields] of [
      [
        'Opportunity',
        ['Vertriebsphase__c', 'Vertragsart__c', 'Abschlussgrund__c', 'Verlaengerungsdatum__c', 'Auftragswert__c'],
      ],
      ['Account', ['Kundenstatus__c', 'Kundennummer__c']],
      ['Vertrag__c', ['Beginn__c', 'Ende__c']],
    ] as const) {
      const { records } = await org.query(`SELECT Id, ${fields.join(', ')} FROM ${object} LIMIT 40`);
      for (const record of records) {
        const check = await org.sandbox.control('POST', 'validate', { object, id: record['Id'], fields: {} });
        expect(check, `${object} ${String(record['Id'])}`).toEqual({ errors: [] });
      }
    }
    const [won] = (await org.query("SELECT Id FROM Opportunity WHERE Vertriebsphase__c = 'Gewonnen' LIMIT 1")).records;
    const fields = { Abschlussgrund__c: null, Auftragswert__c: -1 };
    expect(await org.sandbox.control('POST', 'validate', { object: 'Opportunity', id: won?.['Id'], fields })).toEqual({
      errors: [
        {
          message: 'Bitte einen Abschlussgrund angeben.',
          errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
          fields: ['Abschlussgrund__c'],
        },
        {
          message: 'Der Auftragswert darf nicht negativ sein.',
          errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
          fields: ['Auftragswert__c'],
        },
      ],
    });
    const contract = { object: 'Vertrag__c', fields: { Beginn__c: '2026-02-01', Ende__c: '2026-01-31' } };
    expect(await org.sandbox.control('POST', 'validate', contract)).toMatchObject({ errors: [{ fields: [] }] });
  });
});

describe('automations', () => {
  it('tell which flows run on which object', async () => {
    const { records } = await org.query(
      "SELECT ApiName, Label, TriggerType, RecordTriggerType, TriggerObjectOrEventId, TriggerObjectOrEvent.QualifiedApiName, ActiveVersionId FROM FlowDefinitionView WHERE IsActive = true AND TriggerType IN ('RecordAfterSave', 'RecordBeforeSave') ORDER BY ApiName",
    );
    expect(
      records.map((one) => [
        one['ApiName'],
        (one['TriggerObjectOrEvent'] as { QualifiedApiName: string }).QualifiedApiName,
      ]),
    ).toEqual([
      ['Vertrag_Ablauf_melden', 'Vertrag__c'],
      ['Vertrag_anlegen_bei_Gewinn', 'Opportunity'],
      ['Vertriebsgebiet_aus_Adresse', 'Account'],
    ]);
    const [old] = (
      await org.query('SELECT ApiName, ActiveVersionId, IsOutOfDate FROM FlowDefinitionView WHERE IsActive = false')
    ).records;
    expect(old).toMatchObject({ ApiName: 'Case_Eskalation_alt', ActiveVersionId: null });
    const stale = await org.query('SELECT ApiName FROM FlowDefinitionView WHERE IsOutOfDate = true');
    expect(stale.records.map((one) => one['ApiName'])).toEqual(['Vertriebsgebiet_aus_Adresse']);
  });

  it('have versions, of which one may be active', async () => {
    const [version] = await rows(
      "SELECT Id, VersionNumber, Status, Metadata, Definition.DeveloperName FROM Flow WHERE Status = 'Active' AND Definition.DeveloperName = 'Vertriebsgebiet_aus_Adresse'",
    );
    expect(version).toMatchObject({
      VersionNumber: 2,
      Metadata: { start: { object: 'Account', triggerType: 'RecordBeforeSave' } },
    });
    const [definition] = await rows(
      "SELECT ActiveVersionId, LatestVersion.Status FROM FlowDefinition WHERE DeveloperName = 'Vertriebsgebiet_aus_Adresse'",
    );
    expect(definition).toMatchObject({ ActiveVersionId: version?.['Id'], LatestVersion: { Status: 'Draft' } });
    expect(
      await rows("SELECT Id FROM Flow WHERE Definition.DeveloperName = 'Case_Eskalation_alt' AND Status = 'Active'"),
    ).toEqual([]);
  });

  it('include Apex triggers with what they run on', async () => {
    const triggers = await rows(
      'SELECT Name, Status, TableEnumOrId, EntityDefinition.QualifiedApiName, UsageBeforeInsert, UsageAfterUpdate FROM ApexTrigger ORDER BY Name',
    );
    expect(
      triggers.map((one) => [one['Name'], one['Status'], one['UsageBeforeInsert'], one['UsageAfterUpdate']]),
    ).toEqual([
      ['AccountDublettenpruefung', 'Active', true, false],
      ['ContactNewsletterAlt', 'Inactive', false, false],
      ['OpportunityWarenwirtschaft', 'Active', false, true],
    ]);
  });
});

describe('without the permission to view setup', () => {
  it('the objects of setup do not exist', async () => {
    for (const soql of ['SELECT Id FROM ValidationRule', 'SELECT Id FROM Flow', 'SELECT Id FROM ApexTrigger']) {
      const name = soql.split(' ').at(-1) ?? '';
      const answer = await ask(soql, userToken);
      expect([answer.status, answer.json]).toEqual([
        400,
        [{ errorCode: 'INVALID_TYPE', message: expect.stringContaining(`sObject type '${name}' is not supported.`) }],
      ]);
    }
    const view = `${DATA}/query?q=${encodeURIComponent('SELECT ApiName FROM FlowDefinitionView')}`;
    expect((await org.get(view, { token: userToken })).json).toMatchObject([{ errorCode: 'INVALID_TYPE' }]);
    const global = (await org.get(`${DATA}/sobjects`, { token: userToken })).json as { sobjects: { name: string }[] };
    const names = global.sobjects.map((object) => object.name);
    expect(names).toContain('RecordType');
    expect(names).not.toContain('FlowDefinitionView');
    expect((await org.get(`${DATA}/tooling/sobjects`, { token: userToken })).json).toMatchObject({ sobjects: [] });
  });

  it('can be given and taken', async () => {
    const change = (viewSetup: boolean) =>
      org.sandbox.control('POST', 'permissions', { user: user.username, viewSetup });
    await change(true);
    expect((await ask('SELECT Id FROM ValidationRule', userToken)).status).toBe(200);
    await change(false);
    expect((await ask('SELECT Id FROM ValidationRule', userToken)).status).toBe(400);
    await expect(org.sandbox.control('POST', 'permissions', { user: 'nobody', viewSetup: true })).rejects.toThrow(
      /wants/,
    );
  });
});

describe('field-level security', () => {
  const permit = (more: object) => org.sandbox.control('POST', 'permissions', { user: user.username, ...more });
  const asUser = (path: string) => org.get(`${DATA}${path}`, { token: userToken });
  const query = (soql: string) => asUser(`/query?q=${encodeURIComponent(soql)}`);
  const namesOf = async (): Promise<readonly string[]> =>
    ((await asUser('/sobjects/Opportunity/describe')).json as { fields: { name: string }[] }).fields.map(
      (one) => one.name,
    );

  it('hides a field from one user wherever it could show, and from nobody else', async () => {
    const secret = { object: 'Opportunity', field: 'Auftragswert__c' };
    const [deal] = (await org.query('SELECT Id FROM Opportunity LIMIT 1')).records;
    await permit({ hide: secret });
    expect(await namesOf()).not.toContain('Auftragswert__c');
    expect(await namesOf()).toContain('Vertriebsphase__c');
    for (const soql of [
      'SELECT Auftragswert__c FROM Opportunity',
      'SELECT Id FROM Opportunity WHERE Auftragswert__c > 1',
      'SELECT Opportunity__r.Auftragswert__c FROM Vertrag__c',
      'SELECT Id FROM Opportunity ORDER BY Auftragswert__c',
    ]) {
      expect((await query(soql)).json, soql).toMatchObject([{ errorCode: 'INVALID_FIELD' }]);
    }
    const [all] = ((await query('SELECT FIELDS(ALL) FROM Opportunity LIMIT 1')).json as QueryPage).records;
    expect(all).not.toHaveProperty('Auftragswert__c');
    expect((await asUser(`/sobjects/Opportunity/${String(deal?.['Id'])}`)).json).not.toHaveProperty('Auftragswert__c');
    const info = (await asUser('/ui-api/object-info/Opportunity')).json as { fields: object };
    expect(info.fields).not.toHaveProperty('Auftragswert__c');
    expect((await org.query('SELECT Auftragswert__c FROM Opportunity LIMIT 1')).records).toHaveLength(1);
    await permit({ show: secret });
    expect(await namesOf()).toContain('Auftragswert__c');
  });

  it('leaves what is required', async () => {
    await expect(permit({ hide: { object: 'Opportunity', field: 'StageName' } })).rejects.toThrow(/required/);
    await expect(permit({ hide: { object: 'Opportunity', field: 'Nope' } })).rejects.toThrow(/no field/);
  });
});

describe('the Tooling API', () => {
  it('describes its objects and keeps the data apart', async () => {
    const described = (await org.get(`${DATA}/tooling/sobjects/ValidationRule/describe`)).json as {
      fields: { name: string; type: string }[];
    };
    expect(described.fields.find((field) => field.name === 'Metadata')?.type).toBe('complexvalue');
    expect((await ask('SELECT Id FROM Account')).json).toMatchObject([{ errorCode: 'INVALID_TYPE' }]);
    expect((await ask('SELECT COUNT() FROM ValidationRule')).json).toMatchObject({ totalSize: 6 });
    const entities = await rows(
      "SELECT QualifiedApiName, KeyPrefix, IsCustomSetting FROM EntityDefinition WHERE QualifiedApiName = 'Vertrag__c'",
    );
    expect(entities).toMatchObject([{ KeyPrefix: 'a0X', IsCustomSetting: false }]);
  });

  it('counts records of objects, for whoever plans a load', async () => {
    const { counts } = org.sandbox.health;
    expect((await org.get(`${DATA}/limits/recordCount?sObjects=Account,Contact,Nothing`)).json).toEqual({
      sObjects: [
        { count: counts['Account'], name: 'Account' },
        { count: counts['Contact'], name: 'Contact' },
      ],
    });
  });
});
