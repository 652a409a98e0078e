import { describe, expect, it } from 'vitest';
import { createDraw } from '../../security/differential/draw.ts';
import { writeInSalesforce, type VendorWrite } from '../../security/differential/writing/vendor-write.ts';
import type { AccessFacts, Cursor, NativeRecord, Standing } from '../../src/connectors/index.ts';
import { factsOf, type ObjectFacts } from '../../src/connectors/salesforce/access/facts.ts';
import { audienceOf, strategyOf } from '../../src/connectors/salesforce/access/sharing-model.ts';
import type { NativeField, NativeObject } from '../../src/schema/index.ts';
import { deriveAccess, permissionsOf } from './derived-access.ts';
import { permissionsContract, sessionAs, visibleAt, type PermissionStage } from './permissions-suite.ts';
import { expectSameRights, rightOf } from './write-rights-suite.ts';

/** Enterprise Edition: 100,000 calls a day, and 1,000 for each of the users' licences (Developer Limits and Allocations Quick Reference). */
const CALLS_A_DAY = 100_000 + 200 * 1_000;
const DAY_MIN = 24 * 60;

const usernameOf = async (stage: PermissionStage, id: string): Promise<string> => {
  const { users } = await stage.sandbox.control<{ users: { id: string; username: string }[] }>('GET', 'health');
  return users.find((user) => user.id === id)?.username ?? '';
};

/** Somebody who is active, reads the object and does not see all of it. */
function ordinary(stage: PermissionStage, object: string, skip = 0): Standing {
  const found = [...stage.standings.values()].filter((each) => each.objects.get(object)?.seesAll === false);
  const standing = found[skip];
  if (standing === undefined) throw new Error(`nobody sees ${object} in part`);
  return standing;
}

/** What is derived of one user now equals what the sandbox shows it now. `anew`: these objects, with facts as they are now. */
async function expectSame(stage: PermissionStage, user: string, anew?: readonly NativeObject[]): Promise<void> {
  const objects = anew ?? stage.objects;
  const derived = anew === undefined ? stage.derived : await deriveAccess(stage.session, anew);
  await derived.refreshShares();
  const [standing] = (await stage.permissions.readStandings?.([user], objects, derived.facts)) ?? [];
  const alone = await stage.permissions.fieldsShownTo?.(user, objects, derived.facts);
  const there = await visibleAt(stage.sandbox, user);
  for (const { name, fields } of objects) {
    const shown = standing === undefined ? [] : derived.shownTo(standing, name);
    expect(shown.toSorted(), name).toEqual([...(there[name]?.ids ?? [])].toSorted());
    const known = fields.map((field) => field.name).filter((field) => there[name]?.fields.includes(field));
    expect([...(standing?.objects.get(name)?.fields ?? [])].toSorted(), name).toEqual(known.toSorted());
    // Asked for alone, without anything else of the org.
    expect([...(alone?.get(name) ?? [])].toSorted(), name).toEqual(known.toSorted());
  }
}

/** Fields of which some are read-only for some, and some lead to other records. */
const writable: Readonly<Record<string, readonly string[]>> = {
  Account: ['Phone', 'AnnualRevenue', 'BillingCity', 'Name', 'OwnerId'],
  Contact: ['Title', 'MobilePhone', 'LastName', 'AccountId'],
  Opportunity: ['NextStep', 'Probability', 'Name', 'OwnerId', 'AccountId'],
  Case: ['Subject', 'Priority', 'AccountId'],
  Lead: ['Phone', 'Title', 'LastName'],
  Task: ['Subject', 'WhatId'],
  Event: ['Subject'],
  Vertrag__c: ['Monatswert__c'],
};

const NUMBERS = new Set(['AnnualRevenue', 'Probability', 'Monatswert__c']);
const valueOf = (field: string): number | string => (NUMBERS.has(field) ? 5 : field === 'Priority' ? 'High' : 'x');

function newOf(object: string, account: string): VendorWrite['values'] {
  switch (object) {
    case 'Account':
      return { Name: 'New', Phone: '1' };
    case 'Contact':
      return { LastName: 'New', AccountId: account };
    case 'Lead':
      return { LastName: 'New', Company: 'New' };
    case 'Case':
      return { Subject: 'New', AccountId: account };
    case 'Task':
      return { Subject: 'New', WhatId: account };
    case 'Vertrag__c':
      return { Monatswert__c: 5 };
    case 'Event':
      return { Subject: 'New' };
    default:
      return { Name: 'New' };
  }
}

permissionsContract(
  {
    provider: 'salesforce',
    start: { scale: 2_000 },
    objects: ['Account', 'Contact', 'Opportunity', 'Case', 'Lead', 'Task', 'Event', 'User', 'Vertrag__c'],
    stranger: '005000000000999AAA',
    everyNth: 8,
    standingCallsMax: 12,
  },
  (stage) => {
    it('costs two hundred users at most a twentieth of the daily calls', async () => {
      const { admin, permissions, objects, derived, standingCalls } = stage();
      const shared = objects.filter((each) => permissions.strategyOf(each, derived.facts).kind === 'shares');
      const callsOf = async (work: () => Promise<unknown>): Promise<number> => {
        const before = admin.calls.length;
        await work();
        return admin.calls.length - before;
      };
      const facts = await callsOf(() => permissions.readFacts(objects));
      const places = new Map<string, Cursor | null>();
      for (const object of shared) {
        const page = await permissions.readShares?.(object, null, derived.facts);
        places.set(object.name, page?.cursor ?? null);
      }
      const shares = await callsOf(async () => {
        for (const object of shared)
          await permissions.readShares?.(object, places.get(object.name) ?? null, derived.facts);
      });
      const lists = await callsOf(async () => {
        for (const object of shared) await permissions.listShareIds?.(object, null);
      });
      // As often as they are asked for: standings and changed shares every five minutes, the rest every ten.
      const inADay = (standingCalls + shares) * (DAY_MIN / 5) + (facts + lists) * (DAY_MIN / 10);
      expect(inADay).toBeLessThanOrEqual(CALLS_A_DAY / 20);
    });

    it('finds out by asking about one user whether a custom object grants by hierarchies', async () => {
      const { sandbox, session, permissions } = stage();
      const contract = await session.describeObject('Vertrag__c');
      const ownerOf = async (): Promise<string | undefined> => {
        const facts = await permissions.readFacts([contract]);
        const record = { id: 'a0X000000000001', modifiedAt: null, deleted: false, values: { OwnerId: '005X' } };
        return permissions.audienceOf(contract, record, facts)?.grantees[0];
      };
      expect(await ownerOf()).toBe('line:005X');
      await sandbox.control('POST', 'sharing', { object: 'Vertrag__c', model: 'Private', hierarchy: false });
      expect(await ownerOf()).toBe('user:005X');
      await expectSame(stage(), ordinary(stage(), 'Vertrag__c').user, [contract]);

      const before = await permissions.readShares?.(contract, null, stage().derived.facts);
      const facts = await permissions.readFacts([contract]);
      const anew = permissions.readShares?.(contract, before?.cursor ?? null, facts);
      await expect(anew).rejects.toMatchObject({ code: 'cursor_expired' });
      await sandbox.control('POST', 'sharing', { object: 'Vertrag__c', model: 'Private', hierarchy: true });
    });

    it.each([true, false])('sees shares come and go (removed ones stay in sight: %s)', async (keepRemoved) => {
      const { sandbox, objects, derived } = stage();
      await sandbox.control('POST', 'sharing', { shares: { keepRemoved } });
      const standing = ordinary(stage(), 'Opportunity', keepRemoved ? 3 : 4);
      const to = { user: await usernameOf(stage(), standing.user) };
      const isShown = (object: string, id: string): boolean => derived.shownTo(standing, object).includes(id);
      const hidden = (object: string): string =>
        derived.records.get(object)?.find((id) => !isShown(object, id)) ?? 'all are shown';
      const [account, opportunity] = [hidden('Account'), hidden('Opportunity')];
      await sandbox.control('POST', 'sharing', { share: { object: 'Account', id: account, to, access: 'Read' } });
      await sandbox.control('POST', 'sharing', {
        share: { object: 'Opportunity', id: opportunity, to, access: 'Read' },
      });
      await derived.refreshShares();
      expect([isShown('Account', account), isShown('Opportunity', opportunity)]).toEqual([true, true]);
      await sandbox.control('POST', 'sharing', { unshare: { object: 'Account', id: account, to } });
      await sandbox.control('POST', 'sharing', { unshare: { object: 'Opportunity', id: opportunity, to } });
      // What stays in sight is told of at once; of the rest only the list tells.
      await derived.refreshShares(keepRemoved ? 'unlisted' : 'listed');
      expect([isShown('Account', account), isShown('Opportunity', opportunity)]).toEqual([false, false]);
      const there = await visibleAt(sandbox, standing.user);
      for (const { name } of objects) {
        expect(derived.shownTo(standing, name).toSorted(), name).toEqual([...(there[name]?.ids ?? [])].toSorted());
      }
    });

    it('follows another role, a group, a permission set, a hidden field and the end of a user', async () => {
      const { sandbox } = stage();
      const standing = ordinary(stage(), 'Account', 7);
      const user = await usernameOf(stage(), standing.user);
      const change = (what: object): Promise<unknown> => sandbox.control('POST', 'sharing', what);
      await change({ group: { name: 'Prüfung', members: [{ user }], includeBosses: true } });
      await change({
        permissionSet: {
          name: 'Nur_Fälle',
          objects: { Case: 'viewAll', Lead: 'none' },
          hideFields: { Case: ['Priority'] },
        },
      });
      await change({ user, role: null, groups: ['Prüfung'], permissionSets: ['Nur_Fälle'] });
      await expectSame(stage(), standing.user);
      await change({ user, active: false });
      const { permissions, objects, derived } = stage();
      const [gone] = (await permissions.readStandings?.([standing.user], objects, derived.facts)) ?? [];
      expect(gone).toEqual({ user: standing.user, active: false, grantees: [], objects: new Map() });
      expect(await permissions.fieldsShownTo?.(standing.user, objects, derived.facts)).toEqual(new Map());
    });

    it('gives records of a queue to those above its members only where the queue does', async () => {
      const { sandbox, session } = stage();
      const lead = await session.describeObject('Lead');
      const [boss] = [...stage().standings.values()]
        .filter(({ objects: rights }) => rights.get('Lead')?.seesAll === false)
        .toSorted((one, other) => other.grantees.length - one.grantees.length);
      if (boss === undefined) throw new Error('nobody sees leads in part');
      await expectSame(stage(), boss.user, [lead]);
      const queue = (includeBosses: boolean): object => ({
        group: { name: 'Neue Leads', type: 'Queue', includeBosses },
      });
      await sandbox.control('POST', 'sharing', queue(false));
      await expectSame(stage(), boss.user, [lead]);
      await sandbox.control('POST', 'sharing', queue(true));
    });

    it('finds the same as the user itself, with the user’s own token', async () => {
      const { objects, derived } = stage();
      const standing = ordinary(stage(), 'Opportunity', 11);
      const { asUser } = permissionsOf(await sessionAs(stage(), await usernameOf(stage(), standing.user)));
      const own = await asUser?.readStanding(objects);
      expect(own?.user).toBe(standing.user);
      for (const object of objects) {
        const { name } = object;
        expect(own?.objects.get(name)?.fields, name).toEqual(standing.objects.get(name)?.fields);
        if (!standing.objects.has(name)) continue;
        const expected = new Set(derived.shownTo(standing, name));
        const ids = derived.records.get(name)?.slice(0, 150) ?? [];
        expect(await asUser?.visible(object, ids), name).toEqual(new Set(ids.filter((id) => expected.has(id))));
        const page = await asUser?.listIds(object, null);
        expect(new Set(page?.ids), name).toEqual(expected);
      }
    });

    it('says of every write what Salesforce answers to the user itself', async () => {
      const { sandbox, standings, derived } = stage();
      const draw = createDraw(5);
      const idOf = (object: string, shown: readonly string[]): string =>
        draw.pick(draw.chance(70) && shown.length > 0 ? shown : (derived.records.get(object) ?? []));
      const people = draw.some(
        [...standings.values()].filter(({ active }) => active),
        30,
      );
      const total = { may: 0, mayNot: 0 };
      for (const standing of people) {
        const there = await visibleAt(sandbox, standing.user);
        const shown = (object: string): readonly string[] => there[object]?.ids ?? [];
        const writes = draw.some(Object.keys(writable), 5).flatMap((object): VendorWrite[] => {
          const recordId = idOf(object, shown(object));
          const fields = draw.some(writable[object] ?? [], 1 + draw.below(2));
          const account = idOf('Account', shown('Account'));
          return [
            {
              object,
              operation: 'update',
              recordId,
              values: Object.fromEntries(
                fields.map((name) => [name, { AccountId: account, OwnerId: standing.user }[name] ?? valueOf(name)]),
              ),
            },
            { object, operation: 'create', recordId: null, values: newOf(object, account) },
            { object, operation: 'delete', recordId, values: {} },
          ];
        });
        const writer = { id: standing.user, username: await usernameOf(stage(), standing.user) };
        const counts = await expectSameRights(stage(), writeInSalesforce, writer, writes);
        total.may += counts.may;
        total.mayNot += counts.mayNot;
      }
      expect(total.may).toBeGreaterThan(60);
      expect(total.mayNot).toBeGreaterThan(60);
    }, 300_000);

    it('knows of nobody what only the user itself is told, and nobody who is not there', async () => {
      const { derived } = stage();
      const [admin] = [...stage().standings.values()].filter(({ objects }) => objects.get('Account')?.seesAll === true);
      const [id = ''] = derived.records.get('Account') ?? [];
      const change: VendorWrite = { object: 'Account', operation: 'update', recordId: id, values: { Phone: '1' } };
      expect(await rightOf(stage(), admin?.user ?? '', { ...change, values: { RecordTypeId: id } })).toMatchObject({
        kind: 'unknown',
      });
      expect(await rightOf(stage(), '005000000000999AAA', change)).toBeNull();
      expect(await rightOf(stage(), 'nobody', change)).toBeNull();
      const user: VendorWrite = { object: 'User', operation: 'update', recordId: '005', values: { Title: 'x' } };
      expect((await rightOf(stage(), ordinary(stage(), 'Account').user, user))?.kind).toBe('unknown');
    });

    it('says which permission is missing, instead of deriving from half of it', async () => {
      const standing = ordinary(stage(), 'Account', 20);
      const { readFacts } = permissionsOf(await sessionAs(stage(), await usernameOf(stage(), standing.user)));
      await expect(readFacts(stage().objects)).rejects.toMatchObject({
        code: 'access_source_refused',
        details: { message: expect.stringContaining('View All Data') },
      });
    });
  },
);

describe('salesforce: audiences by organization-wide default', () => {
  const field = (name: string): NativeField => ({
    name,
    label: name,
    type: 'string',
    nativeType: 'string',
    nullable: true,
    custom: false,
    writable: false,
  });
  const objectNamed = (name: string): NativeObject => ({
    name,
    label: name,
    custom: false,
    idField: 'Id',
    linkTemplate: null,
    fields: ['Id', 'OwnerId', 'AccountId'].map(field),
  });
  const plain: ObjectFacts = {
    model: 'Private',
    share: { object: 'XShare', parent: 'XId' },
    accountLevel: null,
    hierarchy: true,
    parents: [],
    owned: true,
    prefix: null,
    tag: null,
    restricted: false,
    open: ['Id'],
    parts: {},
  };
  const factsWith = (name: string, facts: Partial<ObjectFacts>): AccessFacts => ({
    hash: 'x',
    data: factsOf({ [name]: { ...plain, ...facts } }),
  });
  const recordWith = (values: NativeRecord['values'], deleted = false): NativeRecord => ({
    id: 'r1',
    modifiedAt: null,
    deleted,
    values,
  });
  const owned = recordWith({ OwnerId: '005A', AccountId: '001B' });

  it.each<[string, string, Partial<ObjectFacts>, NativeRecord, unknown]>([
    ['owner and those above', 'Lead', {}, owned, { grantees: ['line:005A'] }],
    ['owner alone', 'X__c', { hierarchy: false }, owned, { grantees: ['user:005A'] }],
    ['a queue', 'Lead', { hierarchy: false }, recordWith({ OwnerId: '00GQ' }), { grantees: ['group:00GQ'] }],
    ['public', 'Lead', { model: 'Read' }, owned, { grantees: ['everyone'] }],
    [
      'public, about which activities are',
      'Lead',
      { model: 'ReadWrite', tag: 'Lead' },
      owned,
      { grantees: ['Lead/everyone'] },
    ],
    [
      'given with the account',
      'Case',
      { accountLevel: 'CaseAccessLevel' },
      owned,
      { grantees: ['line:005A'], sharesOf: 'Account/001B' },
    ],
    [
      'by its parent',
      'Contact',
      { model: 'ControlledByParent', parents: [{ field: 'AccountId', object: 'Account' }] },
      owned,
      { grantees: [], sameAs: [{ object: 'Account', id: '001B' }] },
    ],
    [
      'a contact of no account',
      'Contact',
      { model: 'Read' },
      recordWith({ OwnerId: '005A' }),
      { grantees: ['user:005A'] },
    ],
    [
      'two parents at once',
      'Y__c',
      {
        model: 'ControlledByParent',
        parents: [
          { field: 'AccountId', object: 'Account' },
          { field: 'OwnerId', object: 'User' },
        ],
      },
      owned,
      null,
    ],
    ['a restriction rule', 'Lead', { restricted: true, model: 'Read' }, owned, null],
    ['rules of its own', 'ContentVersion', { model: 'ReadWrite' }, owned, null],
    ['an event', 'Event', { model: 'ControlledByParent' }, owned, { grantees: ['line:005A'] }],
    [
      'a private event',
      'Event',
      { model: 'ControlledByParent' },
      recordWith({ OwnerId: '005A', IsPrivate: true }),
      { grantees: ['user:005A'] },
    ],
    ['a default that nobody knows', 'Lead', { model: 'HideDetails' }, owned, null],
    ['no owner', 'Lead', {}, recordWith({}), null],
    ['deleted', 'Lead', { model: 'Read' }, recordWith({}, true), null],
    ['a user, itself', 'User', { owned: false, share: null }, recordWith({}), { grantees: ['line:r1'] }],
  ])('%s', (_, name, facts, record, expected) => {
    expect(audienceOf(objectNamed(name), record, factsWith(name, facts))).toEqual(expected);
    const { kind } = strategyOf(objectNamed(name), factsWith(name, facts));
    if (kind === 'none') expect(expected).toBeNull();
  });

  it('knows nothing by facts of another version', () => {
    const facts = factsWith('Lead', { model: 'Read' });
    const old = { ...facts, data: { ...facts.data, version: 0 } };
    expect(audienceOf(objectNamed('Lead'), owned, old)).toBeNull();
    expect(strategyOf(objectNamed('Lead'), old).kind).toBe('none');
  });
});
