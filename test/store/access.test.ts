import { beforeAll, expect, it } from 'vitest';
import {
  beginAccess,
  classMembers,
  confirmShares,
  doubtShares,
  internClasses,
  keepShares,
  linkPrincipal,
  lockAccess,
  readClasses,
  readStream,
  setOwnClasses,
  setParents,
  settleClasses,
  sharesNamed,
  storeStatements,
  unlistedShares,
  visibleClasses,
  type AccessKey,
  type Db,
  type Tx,
} from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { ingest, makeStream, tombstone, version, type TestStream } from './fixtures.ts';

describeEachStore('access classes', (open) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });
  const fresh = async (): Promise<{ at: TestStream; key: AccessKey }> => {
    count += 1;
    const at = await makeStream(db, `classes-${String(count)}`);
    const stream = await db.tenantRead(at.tenant, (tx) => readStream(tx, at.tenant, at.stream));
    const key = { tenant: at.tenant, connection: stream!.connection };
    await db.tenantTx(at.tenant, (tx) => beginAccess(tx, key, 'not_read'));
    return { at, key };
  };
  const locked = <Result>(key: AccessKey, work: (tx: Tx) => Promise<Result>): Promise<Result> =>
    db.tenantTx(key.tenant, async (tx) => {
      await lockAccess(tx, key);
      return work(tx);
    });
  const aclOf = async (at: TestStream): Promise<Record<string, number | null>> => {
    const rows = await db.query<{ id: string; acl: number | null }>(
      'select ext_id as id, acl from record where tenant = $1 order by ext_id',
      [at.tenant],
    );
    return Object.fromEntries(rows.map(({ id, acl }) => [id, acl]));
  };

  it('are one number for one audience, in whatever order it comes, also of two who ask at once', async () => {
    const { key } = await fresh();
    const audiences = [['b', 'a'], [], ['a', 'b', 'a'], ['a']];
    const both = await Promise.all([
      locked(key, (tx) => internClasses(tx, key, audiences)),
      locked(key, (tx) => internClasses(tx, key, [...audiences, ['c']])),
    ]);
    const [ab = 0, nobody = 0, again, a = 0] = both[0];
    expect(again).toBe(ab);
    expect(both[1].slice(0, 4)).toEqual(both[0]);
    expect(new Set([...both[0], ...both[1]]).size).toBe(4);
    const members = await db.tenantRead(key.tenant, (tx) => classMembers(tx, key, [ab, nobody, a]));
    expect([members.get(ab), members.get(nobody), members.get(a)]).toEqual([['a', 'b'], undefined, ['a']]);
    const visible = (...grantees: string[]) => db.tenantRead(key.tenant, (tx) => visibleClasses(tx, key, grantees));
    expect(await visible('a', 'x')).toEqual([ab, a].toSorted((one, other) => one - other));
    expect(await visible('b')).toEqual([ab]);
    expect(await visible()).toEqual([]);
  });

  it('follow the record’s own part as it is written, and nothing that is older', async () => {
    const { at } = await fresh();
    const owned = (id: string, n: number, acl: number | null, when: number | null = null) => ({
      ...version(id, { n }, when),
      acl,
    });
    await ingest(db, at, [owned('a', 1, 7, 10), owned('b', 1, null, 10)]);
    expect(await aclOf(at)).toEqual({ a: 7, b: null });
    await ingest(db, at, [owned('a', 2, 8, 20)]);
    expect(await aclOf(at)).toEqual({ a: 8, b: null });
    await ingest(db, at, [owned('a', 3, 9, 15)]);
    expect(await aclOf(at)).toEqual({ a: 8, b: null });
    await ingest(db, at, [owned('a', 4, 8, 30)], { forgetAccess: true });
    expect(await aclOf(at)).toEqual({ a: null, b: null });
    await ingest(db, at, [owned('a', 5, 9, 40), owned('b', 2, 9, 40)]);
    await ingest(db, at, [tombstone('b', 50)]);
    // Whoever was shown it may hear that it is gone.
    expect(await aclOf(at)).toEqual({ a: 9, b: 9 });
    const past = await db.query('select ext_id as id, ver, acl from record_history where tenant = $1 order by 1, 2', [
      at.tenant,
    ]);
    expect(past).toEqual([
      { id: 'a', ver: 1, acl: 7 },
      { id: 'a', ver: 2, acl: 8 },
      { id: 'a', ver: 3, acl: null },
      { id: 'b', ver: 1, acl: null },
      { id: 'b', ver: 2, acl: 9 },
    ]);
  });

  it('are what own part, shares by name and parents come to, down the line of those that follow', async () => {
    const { at, key } = await fresh();
    await ingest(
      db,
      at,
      ['p', 'c', 'g', 'x'].map((id) => version(id, { id })),
    );
    const [u1 = 0, u2 = 0] = await locked(key, (tx) => internClasses(tx, key, [['u1'], ['u2']]));
    const membersOf = async (): Promise<Record<string, readonly string[] | null>> => {
      const rows = await aclOf(at);
      const known = await db.tenantRead(at.tenant, (tx) =>
        classMembers(
          tx,
          key,
          Object.values(rows).filter((acl) => acl !== null),
        ),
      );
      return Object.fromEntries(
        Object.entries(rows).map(([id, acl]) => [id, acl === null ? null : (known.get(acl) ?? [])]),
      );
    };
    const settle = (ids: string[], work: (tx: Tx) => Promise<unknown>): Promise<void> =>
      locked(key, async (tx) => {
        await work(tx);
        await settleClasses(tx, key, at.stream, ids);
      });
    const share = (id: string, recordId: string, grantee: string) => ({ id, recordId, grantee });
    const page =
      (present: ReturnType<typeof share>[], ended: string[] = [], askedAt = new Date()) =>
      (tx: Tx) =>
        keepShares(tx, at, { present, ended, askedAt });

    await settle(['p', 'c', 'g', 'x'], async (tx) => {
      await setOwnClasses(
        tx,
        at,
        new Map([
          ['p', u1],
          ['g', u2],
        ]),
      );
      await setParents(
        tx,
        at,
        ['c', 'g'],
        [
          { id: 'c', parentStream: at.stream, parentId: 'p' },
          { id: 'g', parentStream: at.stream, parentId: 'c' },
          { id: 'g', parentStream: sharesNamed, parentId: 'name' },
        ],
      );
    });
    expect(await membersOf()).toEqual({ c: ['u1'], g: ['u1', 'u2'], p: ['u1'], x: null });
    await settle(['p', 'g', 'x'], page([share('s1', 'p', 'u3'), share('s2', 'name', 'u4'), share('s3', 'x', 'u5')]));
    expect(await membersOf()).toEqual({ c: ['u1', 'u3'], g: ['u1', 'u2', 'u3', 'u4'], p: ['u1', 'u3'], x: null });

    const begun = await db.tenantRead(at.tenant, async (tx) => tx.now);
    await settle(['p'], (tx) => doubtShares(tx, at, ['p']));
    expect(await membersOf()).toMatchObject({ c: ['u1'], g: ['u1', 'u2', 'u4'], p: ['u1'] });
    // What was listed, or asked for, before the doubt says nothing.
    await settle(['p'], async (tx) => {
      await confirmShares(tx, at, ['s1'], begun);
      await page([share('s1', 'p', 'u3')], [], begun)(tx);
    });
    expect(await membersOf()).toMatchObject({ p: ['u1'] });
    const later = new Date(begun.getTime() + 60_000);
    await settle(['p'], (tx) => confirmShares(tx, at, ['s1'], later));
    expect(await membersOf()).toMatchObject({ p: ['u1', 'u3'], c: ['u1', 'u3'] });
    const unlisted = await db.tenantRead(at.tenant, (tx) => unlistedShares(tx, at, later, 10));
    expect(unlisted.map(({ id }) => id)).toEqual(['s2', 's3']);
    await settle(['g'], page([], ['s2']));
    expect(await membersOf()).toMatchObject({ g: ['u1', 'u2', 'u3'] });
  });

  it('start from nothing where a name is linked to somebody else', async () => {
    const { key } = await fresh();
    const link = (sourceUser: string, team: string) =>
      db.tenantTx(key.tenant, (tx) =>
        linkPrincipal(tx, key, {
          principal: 'ada',
          sourceUser,
          sourceName: null,
          attributes: { team },
          linkedBy: 'op',
        }),
      );
    const ids = () => db.query<{ id: number }>('select id from principal_link where tenant = $1', [key.tenant]);
    await link('7', 'north');
    const [first] = await ids();
    await db.query(
      `insert into standing (tenant, connection, principal, state, grantees) values ($1, $2, 'ada', 'fresh', '{x}')`,
      [key.tenant, key.connection],
    );
    await link('7', 'south');
    expect(await ids()).toEqual([first]);
    expect(await db.query('select 1 from standing where tenant = $1', [key.tenant])).toHaveLength(1);
    await link('8', 'south');
    expect((await ids())[0]?.id).not.toBe(first?.id);
    expect(await db.query('select 1 from standing where tenant = $1', [key.tenant])).toEqual([]);
  });

  it('are looked up record by record, whatever the database knows of the tables', async () => {
    const { at } = await fresh();
    await ingest(
      db,
      at,
      Array.from({ length: 1000 }, (_, index) => version(`r${String(index)}`, { index })),
    );
    for (const name of ['classes', 'parts', 'docs'] as const) {
      const text = storeStatements['accessRecordsSql']?.[name] ?? '';
      const rows = await db.tenantTx(at.tenant, (tx) =>
        tx.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${text}`, [at.tenant, at.stream, '["r1"]']),
      );
      const plan = rows.map((row) => row['QUERY PLAN'].trim());
      const scans = plan.flatMap((line, index) =>
        /Scan.* on (record|share|access_parent)\b/.test(line) ? [index] : [],
      );
      expect(scans.length).toBeGreaterThan(0);
      for (const index of scans)
        expect(`${name} ${plan.slice(index, index + 3).join(' ')}`).toMatch(/Index Cond: .*ext_id = /);
    }
    const classes = await db.tenantRead(at.tenant, (tx) => readClasses(tx, at, ['r1', 'nobody']));
    expect([...classes.keys()]).toEqual(['r1']);
  });
});
