import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizeFields, DATA, pkce, signIn, submitLogin, type Tokens } from './org-client.ts';
import { startSharingOrg, type SharingOrg } from './sharing-client.ts';

/*
 * The request path against `visible`, which reads the specification
 * (docs/salesforce-sharing.md) record by record and shares no code with it.
 */
const OBJECTS = ['Account', 'Contact', 'Opportunity', 'Case', 'Lead', 'Campaign', 'Vertrag__c', 'Event', 'Task'];

let org: SharingOrg;
beforeAll(async () => {
  org = await startSharingOrg({ users: 200, seed: 11 });
});
afterAll(() => org.stop());

/** Numbers from 0 to below `bound`, the same ones in every run. */
function draws(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % bound;
  };
}

/** What is different for a user, by object: empty where nothing is. */
async function differences(username: string): Promise<readonly string[]> {
  const told = await org.told(username);
  const viewer = org.viewer(username);
  const found = await Promise.all(
    OBJECTS.map(async (object) => {
      const { readable = false, ids = [] } = told[object] ?? {};
      if (!readable) {
        const code = await viewer.refusal(`SELECT Id FROM ${object}`);
        return code === 'INVALID_TYPE' ? [] : [`${username} ${object}: ${String(code)}`];
      }
      const shown = await viewer.ids(object);
      const extra = [...shown].filter((id) => !ids.includes(id));
      const missing = ids.filter((id) => !shown.has(id));
      return [
        ...extra.map((id) => `${username} ${object} +${id}`),
        ...missing.map((id) => `${username} ${object} -${id}`),
      ];
    }),
  );
  return found.flat();
}

describe('an org of 200 users', () => {
  it('shows each of them what the specification says, no record more and none less', async () => {
    expect(org.org.sandbox.health.users).toHaveLength(200);
    const every = org.usernames.filter((_name, at) => at % 5 === 0);
    for (const username of every) expect(await differences(username), username).toEqual([]);
  });

  it('lets each of them sign in, and names them', async () => {
    const { users } = org.org.sandbox.health;
    const last = users.findLast((user) => user.active);
    if (last === undefined) throw new Error('nobody is active');
    const tokens = (await signIn(org.org.sandbox, last)).json as Tokens;
    const info = await org.org.get('/services/oauth2/userinfo', { token: tokens.access_token });
    expect(info.json).toMatchObject({ user_id: last.id, preferred_username: last.username });
    const [row] = await org.admin.rows(`SELECT Name, Email, IsActive, Profile.Name FROM User WHERE Id = '${last.id}'`);
    expect(row).toMatchObject({ Name: last.name, IsActive: true, Email: (info.json as { email: string }).email });
    const left = users.find((user) => !user.active);
    expect(
      (
        await submitLogin(org.org.sandbox, authorizeFields(org.org.sandbox, pkce().challenge), {
          username: left?.username ?? '',
          password: left?.password ?? '',
        })
      ).text,
    ).toContain('inactive');
    expect(await org.admin.rows('SELECT Id FROM User')).toHaveLength(200);
  });

  it('differs from user to user, and has every reason for sharing', async () => {
    const counts = await Promise.all(
      org.usernames.slice(0, 60).map(async (name) => (await org.viewer(name).ids('Account')).size),
    );
    expect(new Set(counts).size).toBeGreaterThan(15);
    const causes = await Promise.all(
      ['AccountShare', 'OpportunityShare', 'CaseShare', 'LeadShare', 'Vertrag__Share'].map(async (share) => {
        const rows = await org.admin.rows(`SELECT RowCause, COUNT(Id) FROM ${share} GROUP BY RowCause`);
        return [share, rows.map((row) => String(row['RowCause'])).toSorted()] as const;
      }),
    );
    expect(Object.fromEntries(causes)).toEqual({
      AccountShare: ['ImplicitParent', 'Manual', 'Owner', 'Rule', 'Team'],
      OpportunityShare: ['Manual', 'Owner', 'Rule', 'Team'],
      CaseShare: ['Manual', 'Owner', 'Rule', 'Team'],
      LeadShare: ['Manual', 'Owner', 'Rule'],
      Vertrag__Share: ['Manual', 'Owner', 'Projekt__c', 'Rule'],
    });
  });

  it('describes and answers only the fields that a user may read', async () => {
    const hidden = new Set<string>();
    for (const username of org.usernames.filter((_name, at) => at % 9 === 1)) {
      const told = await org.told(username);
      const viewer = org.viewer(username);
      for (const object of OBJECTS) {
        const answer = await viewer.get(`${DATA}/sobjects/${object}/describe`);
        const want = told[object];
        expect(answer.status, `${username} ${object}`).toBe(want?.readable === true ? 200 : 404);
        if (want?.readable !== true) continue;
        const names = (answer.json as { fields: { name: string }[] }).fields.map(({ name }) => name);
        expect(names, `${username} ${object}`).toEqual(want.fields);
        for (const field of ['Auftragswert__c', 'BillingStreet', 'MobilePhone', 'Monatswert__c'])
          if (await lacks(object, field, names)) hidden.add(`${username} ${object}.${field}`);
      }
    }
    expect(hidden.size).toBeGreaterThan(3);
    for (const place of hidden) {
      const [username = '', path = ''] = place.split(' ');
      const [object = '', field = ''] = path.split('.');
      for (const soql of [`SELECT ${field} FROM ${object}`, `SELECT Id FROM ${object} WHERE ${field} = null`])
        expect(await org.viewer(username).refusal(soql), `${username}: ${soql}`).toBe('INVALID_FIELD');
    }
  });

  it('keeps to it while records, owners, roles, groups, rules and shares change', async () => {
    const draw = draws(5);
    const pick = <Item>(items: readonly Item[]): Item => items[draw(items.length)] as Item;
    const records = await Promise.all(
      OBJECTS.map(async (object) => [object, [...(await org.admin.ids(object))]] as const),
    );
    const some = (object: string): string => pick(records.find(([name]) => name === object)?.[1] ?? []);
    const user = (): string => pick(org.usernames.slice(1));
    const role = (): string => `Vertrieb ${pick(['Nord', 'Süd', 'West'])} Team ${1 + draw(3)}`;
    const steps: readonly (() => Promise<unknown>)[] = [
      () => org.update('Account', some('Account'), { OwnerId: org.id(user()) }),
      () => org.update('Account', some('Account'), { Kundensegment__c: pick(['Enterprise', 'Mittelstand']) }),
      () => org.update('Opportunity', some('Opportunity'), { Vertriebsphase__c: pick(['Verhandlung', 'Angebot']) }),
      () => org.update('Opportunity', some('Opportunity'), { AccountId: some('Account'), OwnerId: org.id(user()) }),
      () => org.update('Case', some('Case'), { Priority: pick(['High', 'Low']), AccountId: some('Account') }),
      () => org.update('Contact', some('Contact'), { AccountId: pick([null, some('Account')]) }),
      () => org.update('Task', some('Task'), { WhatId: some('Opportunity') }),
      () => org.change({ user: user(), role: role() }),
      () => org.change({ user: user(), permissionSets: [pick(['Anfragen_alle', 'Chancen_lesen', 'Umsatz_sehen'])] }),
      () =>
        org.change({
          role: { name: role(), parent: `Vertrieb ${pick(['Nord', 'Süd', 'West'])}`, case: pick(['None', 'Read']) },
        }),
      () => org.change({ group: { name: `Gruppe ${draw(12)}`, add: [user()], includeBosses: draw(2) === 0 } }),
      () => org.change({ group: { name: `Gruppe ${6 + draw(6)}`, add: [{ group: `Gruppe ${draw(6)}` }] } }),
      () =>
        org.change({
          share: { object: 'Account', id: some('Account'), to: { group: `Gruppe ${draw(12)}` }, opportunity: 'Read' },
        }),
      () => org.change({ share: { object: 'Vertrag__c', id: some('Vertrag__c'), to: user(), reason: 'Projekt__c' } }),
      () => org.change({ team: { object: 'Account', id: some('Account'), user: user(), case: 'Read' } }),
      () =>
        org.change({
          rule: {
            name: 'Dringend',
            object: 'Case',
            where: [{ field: 'Priority', operator: 'equals', value: pick(['High', 'Low']) }],
            to: { role: role() },
          },
        }),
      () => org.change({ object: 'Vertrag__c', hierarchy: draw(2) === 0 }),
      () => org.change({ object: pick(['Opportunity', 'Case']), model: pick(['Private', 'Read', 'ReadWrite']) }),
      () => org.change({ object: 'Contact', model: pick(['Private', 'ControlledByParent', 'Read']) }),
    ];
    for (let turn = 0; turn < 3; turn += 1) {
      for (const step of steps) {
        await step();
        expect(await differences(user()), `turn ${turn}: ${step.toString()}`).toEqual([]);
      }
    }
  }, 300_000);
});

/** Whether a field that the object has is not among these. */
async function lacks(object: string, field: string, names: readonly string[]): Promise<boolean> {
  if (names.includes(field)) return false;
  const answer = await org.admin.get(`${DATA}/sobjects/${object}/describe`);
  return (answer.json as { fields: { name: string }[] }).fields.some(({ name }) => name === field);
}
