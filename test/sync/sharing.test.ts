import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectorRegistry, requireConnector } from '../../src/connectors/index.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { listSweepReports, readSweep, type Db, type SweepKey } from '../../src/store/index.ts';
import { acceptDeletions, dismissDeletions } from '../../src/sync/index.ts';
import { openerOf } from '../support/stores.ts';
import { adminOf, signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { syncHarness, type SyncHarness } from './harness.ts';
import { truthOf } from './truth.ts';

describe('S13: the connected user is shown less than before', () => {
  const open = openerOf('postgres');
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let all = 0;
  let user = '';
  let key: SweepKey;

  beforeAll(async () => {
    [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
    harness = await syncHarness(db, sandbox, ['Contact'], { slug: 'sharing' });
    user = adminOf(sandbox).username;
    for (const LastName of ['Eigen', 'Auch eigen', 'Noch einer'])
      await sandbox.mutate({ op: 'create', object: 'Contact', fields: { LastName } });
    expect((await harness.run('Contact')).error).toBeNull();
    all = (await harness.records('Contact')).size;
    key = { tenant: harness.tenant, stream: (await harness.stream('Contact')).id };
  });
  afterAll(() => sandbox.stop());

  const sharing = (input: object): Promise<unknown> => sandbox.control('POST', 'sharing', input);
  const aDayPasses = (): Promise<unknown> =>
    db.tenantTx(harness.tenant, (tx) =>
      tx.query(
        `update sweep set ended_at = ended_at - interval '25 hours', held_at = held_at - interval '25 hours'
         where tenant = $1`,
        [harness.tenant],
      ),
    );
  const shown = async (): Promise<number> => (await truthOf(harness, 'Contact', [])).size;
  const here = async (): Promise<number> => (await harness.records('Contact')).size;
  const compare = async (): Promise<void> => {
    await aDayPasses();
    expect((await harness.run('Contact')).error).toBeNull();
  };
  const said = async (): Promise<string | undefined> => (await harness.stream('Contact')).lastError?.code;

  it.each([
    [
      'another profile',
      () => sharing({ user, profile: 'Standard User' }),
      () => sharing({ user, profile: 'System Administrator' }),
    ],
    [
      'a private default',
      () => sharing({ object: 'Contact', model: 'Private' }),
      () => sharing({ object: 'Contact', model: 'ReadWrite' }),
    ],
    ['another role', () => sharing({ user, role: 'Support' }), () => sharing({ user, role: 'Sales' })],
    ['a group', () => sharing({ user, groups: ['Deal_Desk'] }), () => sharing({ user, groups: [] })],
    [
      'a permission set',
      () => sharing({ user, permissionSets: ['Sales_Reports'] }),
      () => sharing({ user, permissionSets: [] }),
    ],
  ])('%s is told by the hash of what the user is given, and so is the way back', async (_, give, takeBack) => {
    const hash = () => harness.target.session.grantsHash?.();
    const before = await hash();
    expect(await hash()).toBe(before);
    await give();
    expect(await hash()).not.toBe(before);
    await takeBack();
    expect(await hash()).toBe(before);
  });

  it('loses nothing when the org becomes private for it, however often it is compared, and says what is held', async () => {
    await sharing({ object: 'Contact', model: 'Private' });
    await sharing({ user, profile: 'Standard User' });
    expect(await shown()).toBeLessThan(all);
    for (let day = 1; day <= 3; day += 1) {
      await compare();
      expect(await here()).toBe(all);
      expect(await said()).toBe('sync_deletions_held');
    }
    const held = await db.tenantRead(harness.tenant, (tx) => readSweep(tx, key));
    expect(held?.held).toMatchObject({ missing: all - (await shown()), grantsChanged: true });
    await sharing({ user, profile: 'System Administrator' });
    await compare();
    expect(await said()).toBeUndefined();
    expect(await here()).toBe(all);
  });

  it('a record that is deleted meanwhile goes by its own tombstone, and no other with it', async () => {
    await sharing({ user, profile: 'Standard User' });
    const owned = [...(await truthOf(harness, 'Contact', [])).keys()];
    const [gone = ''] = owned;
    await sandbox.mutate({ op: 'delete', object: 'Contact', id: gone });
    await compare();
    expect((await harness.records('Contact')).has(gone)).toBe(false);
    expect(await here()).toBe(all - 1);
    all -= 1;
  });

  it('is forgotten, or carried out, when somebody who looked says so', async () => {
    expect(await said()).toBe('sync_deletions_held');
    const reports = async () => db.tenantRead(harness.tenant, (tx) => listSweepReports(tx, { ...key, limit: 1 }));
    expect(await db.tenantTx(harness.tenant, (tx) => dismissDeletions(tx, key))).toBe(true);
    expect(await said()).toBeUndefined();
    expect(await reports()).toMatchObject([{ kind: 'held', held: 0, deleted: 0 }]);
    expect(await here()).toBe(all);
    expect(await db.tenantTx(harness.tenant, (tx) => dismissDeletions(tx, key))).toBe(false);
    // What the user might see before is still known: the next comparison holds it again.
    await compare();
    expect(await said()).toBe('sync_deletions_held');
    const accepted = await db.tenantTx(harness.tenant, (tx) => acceptDeletions(tx, key));
    expect(accepted).toEqual({ deleted: all - (await shown()) });
    expect(await here()).toBe(await shown());
  });

  it('many that vanish though nothing tells of it are held as well, and some few are believed', async () => {
    const few = [...(await harness.records('Contact')).keys()].slice(0, 2);
    await sharing({ user, profile: 'System Administrator' });
    await sharing({ object: 'Contact', model: 'ReadWrite' });
    await compare();
    all = await shown();
    expect(await here()).toBe(all);
    // A restriction rule, of which users without a look into setup are not told.
    await sharing({ user, restrict: { object: 'Contact', ids: few } });
    await compare();
    await compare();
    expect(await here()).toBe(all - few.length);
    expect(await said()).toBeUndefined();
    await sharing({ user, unrestrict: 'Contact' });
    await compare();
    expect(await here()).toBe(all);
    const many = [...(await harness.records('Contact')).keys()].slice(0, Math.max(101, Math.ceil(all / 2)));
    await sharing({ user, restrict: { object: 'Contact', ids: many } });
    await compare();
    expect(await here()).toBe(all);
    expect(await said()).toBe('sync_deletions_held');
    await sharing({ user, unrestrict: 'Contact' });
    await compare();
    expect(await said()).toBeUndefined();
  });

  it('another user of the same org sees its own records only, and has a hash of its own', async () => {
    await sharing({ object: 'Contact', model: 'Private' });
    const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'salesforce');
    const other = sandbox.health.users.find(({ role, active }) => role === 'user' && active);
    if (other === undefined) throw new Error('no other user');
    const signedIn = await signIn(sandbox, connector, other);
    const session = connector.open(signedIn.access);
    const object = await session.describeObject('Contact');
    const { ids } = (await session.listStamps?.(object, null)) ?? { ids: [] };
    expect(ids.length).toBeLessThan(all);
    expect(new Set(ids)).toEqual(new Set((await truthOf({ signedIn }, 'Contact', [])).keys()));
    expect(await session.grantsHash?.()).not.toBe(await harness.target.session.grantsHash?.());
  });
});
