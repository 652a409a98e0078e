import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DATA } from './org-client.ts';
import { startSharingOrg, type SharingOrg } from './sharing-client.ts';

/*
 * Rule by rule as docs/salesforce-sharing.md numbers them, each with what
 * Salesforce documents as the outcome: nothing here is worked out by the
 * sandbox itself.
 */
let org: SharingOrg;
const PEOPLE = { boss: 1, lead: 2, rep: 3, peer: 4, other: 5, loner: 6 } as const;
type Person = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as readonly Person[];
const name = (person: Person): string => org.viewer(PEOPLE[person]).username;
const id = (person: Person): string => org.id(PEOPLE[person]);

beforeAll(async () => {
  org = await startSharingOrg();
  for (const role of [
    { name: 'Leitung', parent: null },
    { name: 'Region', parent: 'Leitung' },
    { name: 'Team', parent: 'Region' },
    { name: 'Fremd', parent: null },
  ])
    await org.change({ role });
  const roles = { boss: 'Leitung', lead: 'Region', rep: 'Team', peer: 'Team', other: 'Fremd', loner: null } as const;
  for (const person of NAMES) await org.change({ user: name(person), role: roles[person] });
  for (const object of ['Account', 'Opportunity', 'Case', 'Lead', 'Vertrag__c'])
    await org.change({ object, model: 'Private' });
  await org.change({ object: 'Contact', model: 'ControlledByParent' });
  await org.change({ object: 'Task', model: 'Private' });
});
afterAll(() => org.stop());

/** Who is shown a record, asked by id, by query and by count. */
async function who(object: string, record: string): Promise<readonly Person[]> {
  const shown = await Promise.all(
    NAMES.map(async (person) => {
      const viewer = org.viewer(PEOPLE[person]);
      const [answer, rows, count] = await Promise.all([
        viewer.get(`${DATA}/sobjects/${object}/${record}`),
        viewer.rows(`SELECT Id FROM ${object} WHERE Id = '${record}'`),
        viewer.get(`${DATA}/query?q=${encodeURIComponent(`SELECT COUNT() FROM ${object} WHERE Id = '${record}'`)}`),
      ]);
      const found = answer.status === 200;
      expect([answer.status, rows.length, (count.json as { totalSize: number }).totalSize], person).toEqual(
        found ? [200, 1, 1] : [404, 0, 0],
      );
      if (!found) expect(answer.json).toMatchObject([{ errorCode: 'NOT_FOUND' }]);
      return found ? [person] : [];
    }),
  );
  return shown.flat();
}

const account = (owner: Person, fields: object = {}): Promise<string> =>
  org.create('Account', { Name: 'Muster AG', OwnerId: id(owner), ...fields });
const deal = (owner: Person, AccountId: string, fields: object = {}): Promise<string> =>
  org.create('Opportunity', {
    Name: 'X',
    StageName: 'Prospecting',
    CloseDate: '2026-05-01',
    OwnerId: id(owner),
    AccountId,
    ...fields,
  });
const contract = (owner: Person): Promise<string> =>
  account('loner').then((Konto__c) => org.create('Vertrag__c', { OwnerId: id(owner), Konto__c }));
const causes = async (share: string, parent: string, record: string): Promise<readonly string[]> =>
  (await org.admin.rows(`SELECT RowCause, UserOrGroupId FROM ${share} WHERE ${parent} = '${record}'`)).map((row) =>
    String(row['RowCause']),
  );

describe('ownership, hierarchy and defaults', () => {
  it('a private record is shown to its owner and to the roles above, to no peer and no stranger', async () => {
    expect(await who('Account', await account('rep'))).toEqual(['boss', 'lead', 'rep']);
    expect(await who('Account', await account('lead'))).toEqual(['boss', 'lead']);
    expect(await who('Account', await account('loner'))).toEqual(['loner']);
  });

  it('a custom object may leave the hierarchy out, a standard one may not', async () => {
    const record = await contract('rep');
    expect(await who('Vertrag__c', record)).toEqual(['boss', 'lead', 'rep']);
    await org.change({ object: 'Vertrag__c', hierarchy: false });
    expect(await who('Vertrag__c', record)).toEqual(['rep']);
    await org.change({ object: 'Vertrag__c', hierarchy: true });
    await expect(org.change({ object: 'Lead', hierarchy: false })).rejects.toThrow(/always/);
  });

  it('public read shows everybody, and view all of the object as well', async () => {
    const lead = await org.create('Lead', { LastName: 'L', Company: 'C', OwnerId: id('rep') });
    await org.change({ permissionSet: { name: 'Alle_Leads', objects: { Lead: 'viewAll' } } });
    await org.change({ user: name('other'), permissionSets: ['Alle_Leads'] });
    expect(await who('Lead', lead)).toEqual(['boss', 'lead', 'rep', 'other']);
    await org.change({ user: name('other'), permissionSets: [] });
    await org.change({ object: 'Lead', model: 'Read' });
    expect(await who('Lead', lead)).toEqual(NAMES);
    await org.change({ object: 'Lead', model: 'Private' });
  });

  it('queues own cases: members see them, through groups and roles as well, and who stands above a member', async () => {
    await org.change({ group: { name: 'Innen', members: [name('other')] } });
    await org.change({ group: { name: 'Eingang', type: 'Queue', members: [name('rep'), { group: 'Innen' }] } });
    const { groups } = (await org.change({})) as { groups: { id: string; name: string; type: string }[] };
    const queue = groups.find((group) => group.type === 'Queue')?.id;
    const record = await org.create('Case', { Subject: 'S', OwnerId: queue });
    expect(await who('Case', record)).toEqual(['boss', 'lead', 'rep', 'other']);
    const flag = "SELECT DoesIncludeBosses FROM Group WHERE Type = 'Queue'";
    expect(await org.admin.rows(flag)).toMatchObject([{ DoesIncludeBosses: true }]);
    await org.change({ group: { name: 'Eingang', type: 'Queue', includeBosses: false } });
    expect(await who('Case', record)).toEqual(['rep', 'other']);
    expect(await org.admin.rows(flag)).toMatchObject([{ DoesIncludeBosses: false }]);
    const [owner] = await org.admin.rows(`SELECT Owner.Name, Owner.Type FROM Case WHERE Id = '${record}'`);
    expect(owner?.['Owner']).toMatchObject({ Name: 'Eingang', Type: 'Group' });
  });
});

describe('sharing beyond ownership', () => {
  it('a group passes up to the people above its members only where it grants access by hierarchies', async () => {
    const record = await account('loner');
    await org.change({ group: { name: 'Kern', members: [name('peer')], includeBosses: false } });
    await org.change({ share: { object: 'Account', id: record, to: { group: 'Kern' } } });
    expect(await who('Account', record)).toEqual(['peer', 'loner']);
    await org.change({ group: { name: 'Kern', includeBosses: true } });
    expect(await who('Account', record)).toEqual(['boss', 'lead', 'peer', 'loner']);
  });

  it('roles, and roles with subordinates, can be shared with', async () => {
    const [one, two] = [await account('loner'), await account('loner')];
    await org.change({ share: { object: 'Account', id: one, to: { role: 'Region' } } });
    await org.change({ share: { object: 'Account', id: two, to: { roleAndSubordinates: 'Region' } } });
    expect(await who('Account', one)).toEqual(['boss', 'lead', 'loner']);
    expect(await who('Account', two)).toEqual(['boss', 'lead', 'rep', 'peer', 'loner']);
  });

  it('an owner-based rule follows the owner, a criteria-based one the values', async () => {
    await org.change({ rule: { name: 'Besitz', object: 'Account', from: { role: 'Fremd' }, to: { role: 'Team' } } });
    const record = await account('other');
    expect(await who('Account', record)).toEqual(['boss', 'lead', 'rep', 'peer', 'other']);
    await org.update('Account', record, { OwnerId: id('loner') });
    expect(await who('Account', record)).toEqual(['loner']);
    const where = [{ field: 'Kundensegment__c', operator: 'equals', value: 'Enterprise' }];
    await org.change({ rule: { name: 'Werte', object: 'Account', where, to: { role: 'Fremd' } } });
    expect(await who('Account', record)).toEqual(['loner']);
    await org.update('Account', record, { Kundensegment__c: 'Enterprise' });
    expect(await who('Account', record)).toEqual(['other', 'loner']);
    await org.update('Account', record, { Kundensegment__c: 'Mittelstand' });
    expect(await who('Account', record)).toEqual(['loner']);
    for (const removeRule of ['Besitz', 'Werte']) await org.change({ removeRule });
  });

  it('shares by hand and teams end when the owner changes, those of programs do not', async () => {
    const record = await contract('rep');
    await org.change({ share: { object: 'Vertrag__c', id: record, to: name('other') } });
    await org.change({ share: { object: 'Vertrag__c', id: record, to: name('peer'), reason: 'Projekt__c' } });
    expect(await who('Vertrag__c', record)).toEqual(['boss', 'lead', 'rep', 'peer', 'other']);
    await org.update('Vertrag__c', record, { OwnerId: id('loner') });
    expect(await who('Vertrag__c', record)).toEqual(['boss', 'lead', 'peer', 'loner']);
    const mine = await account('rep');
    await org.change({ team: { object: 'Account', id: mine, user: name('other') } });
    expect(await who('Account', mine)).toContain('other');
    expect(await causes('AccountShare', 'AccountId', mine)).toEqual(['Owner', 'Team']);
    await org.update('Account', mine, { OwnerId: id('loner') });
    expect(await who('Account', mine)).toEqual(['loner']);
  });
});

describe('accounts and what is below them', () => {
  it('access to a deal gives its account to read, and not the other way round', async () => {
    const parent = await account('loner');
    const child = await deal('rep', parent);
    expect(await who('Account', parent)).toEqual(['boss', 'lead', 'rep', 'loner']);
    expect(await who('Opportunity', child)).toEqual(['boss', 'lead', 'rep']);
    expect((await causes('AccountShare', 'AccountId', parent)).toSorted()).toEqual(['ImplicitParent', 'Owner']);
    await org.remove('Opportunity', child);
    expect(await who('Account', parent)).toEqual(['loner']);
  });

  it('the role of the account’s owner says what the owner sees below, and no share row tells of it', async () => {
    const parent = await account('other');
    const child = await deal('loner', parent);
    expect(await who('Opportunity', child)).toEqual(['loner']);
    await org.change({ role: { name: 'Fremd', opportunity: 'Read' } });
    expect(await who('Opportunity', child)).toEqual(['other', 'loner']);
    expect(await causes('OpportunityShare', 'OpportunityId', child)).toEqual(['Owner']);
    const level = `SELECT OpportunityAccessLevel FROM AccountShare WHERE AccountId = '${parent}' AND RowCause = 'Owner'`;
    expect((await org.admin.rows(level))[0]).toMatchObject({ OpportunityAccessLevel: 'Read' });
    await org.change({ shares: { implicitChild: true } });
    expect(await causes('OpportunityShare', 'OpportunityId', child)).toEqual(['Owner', 'ImplicitChild']);
    await org.change({ shares: { implicitChild: false } });
    await org.change({ role: { name: 'Fremd', opportunity: 'None' } });
    expect(await who('Opportunity', child)).toEqual(['loner']);
  });

  it('contacts go with their account; view all of accounts does not reach them; one without account is its owner’s', async () => {
    const parent = await account('rep');
    const contact = await org.create('Contact', { LastName: 'K', AccountId: parent, OwnerId: id('rep') });
    expect(await who('Contact', contact)).toEqual(['boss', 'lead', 'rep']);
    await org.change({ permissionSet: { name: 'Alle_Konten', objects: { Account: 'viewAll' } } });
    await org.change({ user: name('peer'), permissionSets: ['Alle_Konten'] });
    expect(await who('Account', parent)).toContain('peer');
    expect(await who('Contact', contact)).toEqual(['boss', 'lead', 'rep']);
    await org.change({ user: name('peer'), permissionSets: [] });
    const lonely = await org.create('Contact', { LastName: 'P', OwnerId: id('rep') });
    expect(await who('Contact', lonely)).toEqual(['rep']);
    const elsewhere = await org.create('Contact', { LastName: 'E', AccountId: parent, OwnerId: id('other') });
    expect(await who('Account', parent)).toEqual(['boss', 'lead', 'rep', 'other']);
    expect(await who('Contact', elsewhere)).toEqual(['boss', 'lead', 'rep', 'other']);
  });

  it('tasks are shown to owner, hierarchy, and whoever reads what they are about', async () => {
    const [rep, other] = [await account('rep'), await account('other')];
    const task = await org.create('Task', { Subject: 'Call', OwnerId: id('peer'), WhatId: other });
    expect(await who('Task', task)).toEqual(['boss', 'lead', 'peer', 'other']);
    const contact = await org.create('Contact', { LastName: 'K', AccountId: rep, OwnerId: id('rep') });
    const call = await org.create('Task', { Subject: 'Call', OwnerId: id('loner'), WhoId: contact });
    expect(await who('Task', call)).toEqual(['boss', 'lead', 'rep', 'loner']);
  });
});

describe('objects and fields', () => {
  it('an object without the right to read does not exist: no list, no describe, no query, no parent, no shares', async () => {
    await org.change({ profile: { name: 'Ohne', objects: { Opportunity: 'none' } } });
    await org.change({ user: name('loner'), profile: 'Ohne' });
    const viewer = org.viewer(PEOPLE.loner);
    expect(await viewer.refusal('SELECT Id FROM Opportunity')).toBe('INVALID_TYPE');
    expect(await viewer.refusal('SELECT Id FROM OpportunityShare')).toBe('INVALID_TYPE');
    expect(await viewer.refusal('SELECT Opportunity__r.Name FROM Vertrag__c')).toBe('INVALID_FIELD');
    expect((await viewer.get(`${DATA}/sobjects/Opportunity/describe`)).status).toBe(404);
    const listed = (await viewer.get(`${DATA}/sobjects`)).json as { sobjects: { name: string }[] };
    expect(listed.sobjects.map((one) => one.name)).not.toContain('Opportunity');
    expect(listed.sobjects.map((one) => one.name)).toContain('AccountShare');
    await org.change({ user: name('loner'), profile: 'Standard User' });
  });

  it('a hidden field exists nowhere; a part of an address goes with the whole; a permission set gives it back', async () => {
    const hideFields = { Account: ['BillingAddress', 'Phone'], Opportunity: ['Auftragswert__c'] };
    await org.change({ profile: { name: 'Teilweise', hideFields } });
    await org.change({ user: name('rep'), profile: 'Teilweise' });
    const parent = await account('rep', { Phone: '1', BillingCity: 'Ulm' });
    const viewer = org.viewer(PEOPLE.rep);
    for (const soql of [
      'SELECT Phone FROM Account',
      "SELECT Id FROM Account WHERE Phone = '1'",
      'SELECT Id FROM Account ORDER BY Phone',
      'SELECT COUNT(Id) FROM Account GROUP BY Phone',
      'SELECT MAX(Auftragswert__c) FROM Opportunity',
      'SELECT Account.Phone FROM Contact',
      'SELECT Id FROM Contact WHERE Account.BillingCity = null',
    ])
      expect(await viewer.refusal(soql), soql).toBe('INVALID_FIELD');
    const whole = (await viewer.get(`${DATA}/sobjects/Account/${parent}`)).json as object;
    expect(whole).toHaveProperty('Name');
    for (const field of ['Phone', 'BillingAddress', 'BillingCity']) expect(whole).not.toHaveProperty(field);
    const info = (await viewer.get(`${DATA}/ui-api/object-info/Account`)).json as { fields: object };
    expect(Object.keys(info.fields)).not.toContain('Phone');
    const all = (await viewer.rows(`SELECT FIELDS(STANDARD) FROM Account WHERE Id = '${parent}'`))[0] ?? {};
    expect(all).not.toHaveProperty('BillingCity');
    await org.change({ permissionSet: { name: 'Telefon', showFields: { Account: ['Phone'] } } });
    await org.change({ user: name('rep'), permissionSets: ['Telefon'] });
    expect(await viewer.rows(`SELECT Phone FROM Account WHERE Id = '${parent}'`)).toMatchObject([{ Phone: '1' }]);
    await org.change({ user: name('rep'), profile: 'Standard User', permissionSets: [] });
  });

  it('says so in ObjectPermissions and FieldPermissions, to those who may view setup', async () => {
    for (const object of ['FieldPermissions', 'ObjectPermissions', 'PermissionSet', 'PermissionSetAssignment'])
      expect(await org.viewer(PEOPLE.rep).refusal(`SELECT Id FROM ${object}`), object).toBe('INVALID_TYPE');
    const [set] = await org.admin.rows("SELECT Id FROM PermissionSet WHERE Profile.Name = 'Teilweise'");
    const parent = `ParentId = '${String(set?.['Id'])}' AND SobjectType = 'Account'`;
    const fields = await org.admin.rows(`SELECT Field FROM FieldPermissions WHERE ${parent}`);
    const names = fields.map((row) => String(row['Field']));
    expect(names).toContain('Account.Website');
    for (const field of ['Phone', 'BillingAddress', 'BillingCity', 'Name', 'OwnerId', 'CreatedDate', 'Id'])
      expect(names).not.toContain(`Account.${field}`);
    const permissionable = async (object: string): Promise<readonly string[]> => {
      const answer = await org.admin.get(`${DATA}/sobjects/${object}/describe`);
      const described = (answer.json as { fields: { name: string; permissionable: boolean }[] }).fields;
      return described.filter((one) => one.permissionable).map((one) => one.name);
    };
    // What a profile that hides nothing has rows for is what field-level security can be set for.
    const whole = await org.admin.rows(
      "SELECT Field FROM FieldPermissions WHERE Parent.Profile.Name = 'Standard User' AND SobjectType = 'Account'",
    );
    expect(whole.map((row) => row['Field'])).toEqual((await permissionable('Account')).map((one) => `Account.${one}`));
    expect(await permissionable('User')).toEqual([]);
    const rights = 'SELECT Id, PermissionsRead, PermissionsViewAllRecords FROM ObjectPermissions';
    expect(await org.admin.rows(`${rights} WHERE ${parent}`)).toMatchObject([
      { PermissionsRead: true, PermissionsViewAllRecords: false },
    ]);
    const everything = await org.admin.rows(
      `${rights} WHERE Parent.Profile.Name = 'System Administrator' AND SobjectType = 'Account'`,
    );
    expect(everything).toMatchObject([{ Id: expect.stringMatching(/^000/), PermissionsViewAllRecords: true }]);
  });

  it('counts, groups, parents and bulk jobs know nothing of what is hidden', async () => {
    const parent = await account('other', { Name: 'Verborgen' });
    await org.create('Vertrag__c', { OwnerId: id('rep'), Konto__c: parent });
    const viewer = org.viewer(PEOPLE.rep);
    const rows = await viewer.rows(`SELECT Konto__c, Konto__r.Name FROM Vertrag__c WHERE Konto__c = '${parent}'`);
    expect(rows).toMatchObject([{ Konto__c: parent, Konto__r: null }]);
    const grouped = await viewer.rows("SELECT Name, COUNT(Id) n FROM Account WHERE Name = 'Verborgen' GROUP BY Name");
    expect(grouped).toEqual([]);
    const shown = (await viewer.ids('Account')).size;
    const counted = (await viewer.get(`${DATA}/limits/recordCount?sObjects=Account`)).json as {
      sObjects: { count: number }[];
    };
    expect(counted.sObjects[0]?.count).toBe(shown);
    expect((await org.admin.ids('Account')).size).toBeGreaterThan(shown);
    expect((await org.bulk(viewer, 'SELECT Id FROM Account')).size).toBe(shown);
  });
});

describe('what tells of it', () => {
  it('UserRecordAccess: of one user, without restriction rules, only records that the asking one reads', async () => {
    const [mine, theirs] = [await account('rep'), await account('other')];
    const ask = (viewer: SharingOrg['admin'], user: Person): Promise<readonly object[]> =>
      viewer.rows(
        `SELECT RecordId, HasReadAccess, MaxAccessLevel FROM UserRecordAccess WHERE UserId = '${id(user)}' AND RecordId IN ('${mine}', '${theirs}')`,
      );
    expect(await ask(org.admin, 'lead')).toMatchObject([
      { RecordId: mine, HasReadAccess: true, MaxAccessLevel: 'All' },
      { RecordId: theirs, HasReadAccess: false, MaxAccessLevel: 'None' },
    ]);
    expect(await ask(org.viewer(PEOPLE.rep), 'lead')).toMatchObject([{ RecordId: mine, HasReadAccess: true }]);
    await org.change({ user: name('lead'), restrict: { object: 'Account', ids: [mine] } });
    expect(await who('Account', mine)).toEqual(['boss', 'rep']);
    expect(await ask(org.admin, 'lead')).toMatchObject([{ HasReadAccess: true }, { HasReadAccess: false }]);
    await org.change({ user: name('lead'), unrestrict: 'Account' });
    const many = Array.from({ length: 201 }, () => `'${mine}'`).join(', ');
    const asked = `SELECT RecordId FROM UserRecordAccess WHERE UserId = '${id('rep')}' AND RecordId IN (${many})`;
    expect(await org.admin.refusal(asked)).toBe('EXCEEDED_ID_LIMIT');
    expect(await org.admin.refusal('SELECT RecordId FROM UserRecordAccess')).toBe('MALFORMED_QUERY');
  });

  it('share rows tell when they came and went, to readers of the feed', async () => {
    const record = await account('rep');
    const feed = (all: boolean) =>
      org.admin.rows(
        `SELECT Id, UserOrGroupId, IsDeleted, LastModifiedDate FROM AccountShare WHERE AccountId = '${record}' AND RowCause = 'Manual' ORDER BY LastModifiedDate, Id`,
        all,
      );
    await org.org.sandbox.control('POST', 'clock', { advanceMs: 60_000 });
    await org.change({ share: { object: 'Account', id: record, to: name('other') } });
    const [given] = await feed(true);
    expect(given).toMatchObject({ UserOrGroupId: id('other'), IsDeleted: false });
    await org.org.sandbox.control('POST', 'clock', { advanceMs: 60_000 });
    await org.change({ unshare: { object: 'Account', id: record, to: name('other') } });
    expect(await feed(false)).toEqual([]);
    const [ended] = await feed(true);
    expect(ended).toMatchObject({ Id: given?.['Id'], IsDeleted: true });
    expect(Date.parse(stamp(ended)) - Date.parse(stamp(given))).toBeGreaterThanOrEqual(59_000);
    await org.change({ share: { object: 'Account', id: record, to: name('other') } });
    const again = await feed(true);
    expect(again.map((row) => row['IsDeleted'])).toEqual([true, false]);
    expect(again[1]?.['Id']).not.toBe(given?.['Id']);
    await org.change({ shares: { keepRemoved: false } });
    expect(await feed(true)).toHaveLength(1);
    await org.change({ shares: { keepRemoved: true } });
  });

  it('groups, members and roles can be read by everybody, and who is above whom follows from them', async () => {
    const viewer = org.viewer(PEOPLE.rep);
    const roles = await viewer.rows("SELECT Name, ParentRole.Name FROM UserRole WHERE Name = 'Team'");
    expect(roles).toMatchObject([{ ParentRole: { Name: 'Region' } }]);
    const types = await viewer.rows("SELECT Type, Related.Name FROM Group WHERE Related.Name = 'Region'");
    expect(types.map((row) => String(row['Type'])).toSorted()).toEqual([
      'Role',
      'RoleAndSubordinates',
      'RoleAndSubordinatesInternal',
    ]);
    const members = await viewer.rows("SELECT UserOrGroupId FROM GroupMember WHERE Group.Name = 'Eingang'");
    expect(members.map((row) => String(row['UserOrGroupId']).slice(0, 3)).toSorted()).toEqual(['005', '00G']);
    const model = await viewer.rows(
      "SELECT InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName = 'Contact'",
    );
    expect(model).toMatchObject([{ InternalSharingModel: 'ControlledByParent' }]);
  });

  it('whoever leaves is shown nothing any more', async () => {
    const viewer = org.viewer(7);
    expect(await viewer.refusal('SELECT Id FROM Account')).toBeNull();
    await org.change({ user: viewer.username, active: false });
    expect((await viewer.get(`${DATA}/sobjects`)).status).toBe(401);
  });
});

const stamp = (row: Readonly<Record<string, unknown>> | undefined): string =>
  String(row?.['LastModifiedDate']).replace('+0000', 'Z');
