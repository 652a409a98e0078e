import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adminOf } from '../../sandbox/client/index.ts';
import { DATA, startOrg, type OrgClient, type QueryPage } from './org-client.ts';

let org: OrgClient;
let admin: ReturnType<typeof adminOf>;
beforeAll(async () => {
  org = await startOrg();
  admin = adminOf(org.sandbox);
});
afterAll(() => org.stop());

const rows = async (soql: string): Promise<QueryPage['records']> => {
  const answer = await org.get(`${DATA}/query?q=${encodeURIComponent(soql)}`);
  if (answer.status !== 200) throw new Error(`${soql}: ${answer.text}`);
  return (answer.json as QueryPage).records;
};
const control = (name: string, body: object): Promise<{ ids: string[] }> => org.sandbox.control('POST', name, body);

describe('who is shown what', () => {
  it('is told by profile, role, permission sets and organization-wide defaults', async () => {
    const [user] = await rows(`SELECT Profile.Name, UserRole.Name FROM User WHERE Username = '${admin.username}'`);
    expect(user).toMatchObject({ Profile: { Name: 'System Administrator' }, UserRole: { Name: 'Sales' } });
    const [set, ...others] = await rows(
      `SELECT PermissionSet.PermissionsViewAllData, PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment WHERE Assignee.Username = '${admin.username}'`,
    );
    expect(others).toEqual([]);
    expect(set).toMatchObject({ PermissionSet: { PermissionsViewAllData: true, IsOwnedByProfile: true } });
    const model = "SELECT InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName = 'Lead'";
    expect(await rows(model)).toMatchObject([{ InternalSharingModel: 'ReadWrite' }]);
    await control('sharing', { object: 'Lead', model: 'Private' });
    expect(await rows(model)).toMatchObject([{ InternalSharingModel: 'Private' }]);
  });

  it('leaves an owner its own records of a private object, and whoever sees all data everything', async () => {
    const contacts = async (): Promise<number> => (await rows('SELECT Id FROM Contact')).length;
    const all = await contacts();
    const { id } = await org.sandbox.mutate({ op: 'create', object: 'Contact', fields: { LastName: 'Eigen' } });
    await control('sharing', { object: 'Contact', model: 'Private' });
    expect(await contacts()).toBe(all + 1);
    await control('sharing', { user: admin.username, profile: 'Standard User' });
    const own = await rows('SELECT Id, OwnerId FROM Contact');
    expect(own.length).toBeLessThan(all);
    expect(own.map((row) => row['Id'])).toContain(id);
    expect(new Set(own.map((row) => row['OwnerId']))).toEqual(new Set([admin.id]));
    const other = (await rows('SELECT Id FROM Account ORDER BY Id LIMIT 1'))[0]?.['Id'];
    await control('sharing', { user: admin.username, restrict: { object: 'Account', ids: [other] } });
    expect((await org.get(`${DATA}/sobjects/Account/${String(other)}`)).status).toBe(404);
    await control('sharing', { user: admin.username, permissionSets: ['Integration'], unrestrict: 'Account' });
    expect(await contacts()).toBe(all + 1);
    expect((await org.get(`${DATA}/sobjects/Account/${String(other)}`)).status).toBe(200);
  });
});

describe('a transaction that commits late', () => {
  it('shows its records after its time, with the stamp of when they were made', async () => {
    const { ids } = await control('commit', {
      object: 'Campaign',
      fields: { Name: 'Spät #' },
      count: 3,
      visibleAfterMs: 90_000,
    });
    const shown = () => rows("SELECT Id, Name, SystemModstamp FROM Campaign WHERE Name LIKE 'Spät%'");
    expect(ids).toHaveLength(3);
    expect(await shown()).toEqual([]);
    await control('clock', { advanceMs: 89_000 });
    const { id } = await org.sandbox.mutate({ op: 'create', object: 'Campaign', fields: { Name: 'Späteste' } });
    await control('clock', { advanceMs: 2_000 });
    const found = await shown();
    expect(found.map((row) => row['Name'])).toEqual(['Spät 0', 'Spät 1', 'Spät 2', 'Späteste']);
    const stampOf = (at: number): number => Date.parse(String(found[at]?.['SystemModstamp']).replace('+0000', 'Z'));
    expect(stampOf(0)).toBe(stampOf(2));
    expect(stampOf(3) - stampOf(0)).toBeGreaterThanOrEqual(88_000);
    expect(found[3]?.['Id']).toBe(id);
  });
});
