import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type AsUserPermissions,
  type ConnectorSession,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signInWithValues, startSandbox, type SandboxUser, type TestSandbox } from '../support/sandbox.ts';
import { permissionsOf } from './derived-access.ts';
import { odooSignIn, odooValues } from './odoo-sign-in.ts';
import { visibleAt } from './permissions-suite.ts';

const OBJECTS = ['res.partner', 'crm.lead', 'crm.stage', 'res.country', 'x_renewal'];

/** Two dialects: errors and arguments differ, what a user is shown does not. */
describe.each([
  { odooVersion: 19, every: 23 },
  { odooVersion: 14, every: 61 },
] as const)('permissions contract: odoo $odooVersion', ({ odooVersion, every }) => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'odoo');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  let objects: NativeObject[];
  let users: SandboxUser[];

  const asUser = async (user: SandboxUser): Promise<AsUserPermissions> => {
    const signedIn = await signInWithValues(connector, 'api_key', odooValues(sandbox, user));
    const { asUser: own } = permissionsOf(connector.open(signedIn.access));
    if (own === undefined) throw new Error('the session tells nothing of its user');
    return own;
  };
  const idsOf = async (own: AsUserPermissions, object: NativeObject): Promise<string[]> => {
    const ids: string[] = [];
    let after: string | null = null;
    for (let more = true; more;) {
      const page: { ids: readonly string[]; more: boolean } = await own.listIds(object, after);
      ids.push(...page.ids);
      after = page.ids.at(-1) ?? null;
      ({ more } = page);
    }
    return ids;
  };

  beforeAll(async () => {
    sandbox = await startSandbox('odoo', { scale: 6_000, company: 'globex', odooVersion });
    await sandbox.control('POST', 'sharing', { generate: { users: 200, seed: 7 } });
    ({ users } = await sandbox.control<{ users: SandboxUser[] }>('GET', 'health'));
    session = connector.open((await odooSignIn(sandbox, connector)).access);
    objects = await Promise.all(OBJECTS.map((name) => session.describeObject(name)));
  }, 300_000);
  afterAll(() => sandbox.stop());

  it('asks as the user, because nothing else tells', async () => {
    const permissions = permissionsOf(session);
    const facts = await permissions.readFacts(objects);
    for (const object of objects) {
      expect(permissions.strategyOf(object, facts)).toEqual({ kind: 'as_user' });
      const { records } = await session.readPage({ object, cursor: null });
      for (const record of records.slice(0, 3)) expect(permissions.audienceOf(object, record, facts)).toBeNull();
    }
    expect(permissions.readStandings).toBeUndefined();
    const listed = await permissions.listUsers?.(null);
    expect(listed?.users.length).toBeGreaterThan(150);
    expect(listed?.users.find(({ name }) => name === users[0]?.name)).toMatchObject({ active: true });
  });

  it('shows each user the records and fields that Odoo shows it', async () => {
    let [shown, hidden] = [0, 0];
    for (const user of users.filter(({ active }, at) => active && at % every === 3)) {
      const own = await asUser(user);
      const standing = await own.readStanding(objects);
      const there = await visibleAt(sandbox, user.username);
      for (const object of objects) {
        const { name } = object;
        const label = `${user.username} ${name}`;
        expect(standing.objects.has(name), label).toBe(there[name]?.readable);
        const ids = await idsOf(own, object);
        expect(ids.toSorted(), label).toEqual([...(there[name]?.ids ?? [])].toSorted());
        shown += ids.length;
        if (there[name]?.readable !== true) {
          hidden += 1;
          continue;
        }
        // The name beside a reference is ours; it goes with the reference.
        const known = object.fields
          .filter(({ nativeType }) => nativeType !== 'display_name')
          .map((field) => field.name);
        const fields = known.filter((field) => standing.objects.get(name)?.fields.has(field) === true);
        expect(fields, label).toEqual(known.filter((field) => there[name]?.fields.includes(field)));
      }
    }
    expect(shown).toBeGreaterThan(1_000);
    expect(hidden).toBeGreaterThan(0);
  }, 300_000);

  it('checks single records again after a rule, a group and a field have changed', async () => {
    const [partner, lead] = objects;
    const seller = users.find(({ active }, at) => active && at > 5);
    if (partner === undefined || lead === undefined || seller === undefined) throw new Error('nobody to ask as');
    const own = await asUser(seller);
    await sandbox.control('POST', 'sharing', {
      rule: { name: 'only companies', model: 'res.partner', domain: "[('is_company', '=', True)]" },
    });
    await sandbox.control('POST', 'sharing', { user: seller.username, addGroups: ['sales_team.group_sale_manager'] });
    await sandbox.control('POST', 'sharing', {
      field: { model: 'crm.lead', name: 'phone', groups: ['base.group_system'] },
    });
    const all = await idsOf(permissionsOf(session).asUser ?? own, partner);
    const asked = [...all.slice(0, 150), '99999999', 'no id at all'];
    const there = await visibleAt(sandbox, seller.username);
    const expected = new Set(there['res.partner']?.ids);
    expect(await own.visible(partner, asked)).toEqual(new Set(asked.filter((id) => expected.has(id))));
    const standing = await own.readStanding([partner, lead]);
    expect(standing.objects.get('crm.lead')?.fields.has('name')).toBe(true);
    expect(standing.objects.get('crm.lead')?.fields.has('phone')).toBe(false);
    await sandbox.control('POST', 'sharing', { removeRule: { name: 'only companies', model: 'res.partner' } });
  });
});
