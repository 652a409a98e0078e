import { beforeAll, describe, expect, it } from 'vitest';
import type { StreamRights } from '../../src/access/index.ts';
import { limits, systemClock } from '../../src/kernel/index.ts';
import { doubtStanding, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { accessStage, type AccessStage, type World } from './access-stage.ts';

describe('shares that ended without a word', () => {
  const open = openerOf('pglite');
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });

  /** u2 is shown a3 by a share with its group, and nobody but the list of all shares tells of its end. */
  const settled = async (prepare: (world: World) => void = () => undefined): Promise<AccessStage> => {
    count += 1;
    const stage = await accessStage(db, `share-lists-${String(count)}`);
    const { world } = stage;
    world.accounts.set('a1', { owner: 'u1' }).set('a3', { owner: 'u3' });
    world.contacts.set('c1', { account: 'a1' });
    world.shares.set('s1', { recordId: 'a3', grantee: 'group:g', at: (world.at += 1) });
    prepare(world);
    for (const object of ['Account', 'Contact']) await stage.ingest(object);
    await stage.turn();
    return stage;
  };
  const account = async (stage: AccessStage): Promise<StreamRights | undefined> =>
    (await stage.rights('p-u2')).streams.get(stage.streams['Account']!);
  const ageMs = async (stage: AccessStage, since: Date): Promise<number> => {
    const rights = await account(stage);
    return rights?.kind === 'known' ? rights.asOf.getTime() - since.getTime() : NaN;
  };
  const endShare = async ({ world }: AccessStage): Promise<Date> => {
    world.shares.delete('s1');
    const at = systemClock.now();
    await systemClock.sleep(5);
    return at;
  };

  it('count for no longer than answers say: rights are as old as the last whole list', async () => {
    const stage = await settled();
    expect(await stage.shown('p-u2', 'Account')).toEqual(['a3']);
    const endedAt = await endShare(stage);
    stage.world.list = 'fails';
    await stage.turn();
    expect(await stage.shown('p-u2', 'Account')).toEqual(['a3']);
    expect(await ageMs(stage, endedAt)).toBeLessThanOrEqual(0);
    // Whoever waits for newer rights has the list read again, however new the last one is.
    stage.world.list = 'whole';
    await stage.turn();
    expect(await stage.shown('p-u2', 'Account')).toEqual([]);
    expect(await ageMs(stage, endedAt)).toBeGreaterThan(0);
  });

  it('are not taken for there by a list that began before their end', async () => {
    const stage = await settled((world) => {
      for (const id of ['s2', 's3']) world.shares.set(id, { recordId: 'a1', grantee: 'user:u3', at: (world.at += 1) });
    });
    stage.world.list = 'breaks_off';
    await stage.turn();
    const endedAt = await endShare(stage);
    stage.world.list = 'whole';
    await stage.turn();
    expect(await stage.shown('p-u2', 'Account')).toEqual([]);
    expect(await ageMs(stage, endedAt)).toBeGreaterThan(0);
  });

  it('are told by pages where there is no list', async () => {
    const stage = await settled((world) => (world.list = 'absent'));
    expect(await stage.shown('p-u2', 'Account')).toEqual(['a3']);
    const endedAt = await endShare(stage);
    stage.world.ended.push({ id: 's1', at: (stage.world.at += 1) });
    await stage.turn();
    expect(await stage.shown('p-u2', 'Account')).toEqual([]);
    expect(await ageMs(stage, endedAt)).toBeGreaterThan(0);
  });

  it('leave an object in doubt until a list that began after the doubt', async () => {
    const stage = await settled();
    const { tenant, connection } = stage;
    const doubted = { tenant, connection, principal: 'p-u2', object: 'Account' };
    await db.tenantTx(tenant, (tx) => doubtStanding(tx, doubted));
    stage.world.list = 'fails';
    await stage.turn();
    expect(await account(stage)).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
    stage.world.list = 'whole';
    await stage.turn();
    expect(await account(stage)).toMatchObject({ kind: 'known' });
  });

  it('are in doubt where the record changes hands, also what was given with it to records below', async () => {
    const given = { recordId: 'Account/a1', grantee: 'user:u3', at: 0 };
    const stage = await settled((world) => (world.given = new Map([['g1', given]])));
    const { world } = stage;
    expect(await stage.shown('p-u3', 'Contact')).toEqual(['c1']);
    world.accounts.set('a1', { owner: 'u2' });
    await stage.ingest('Account', ['a1']);
    expect(await stage.shown('p-u3', 'Contact')).toEqual([]);
    // This one outlived the change.
    await stage.turn();
    expect(await stage.shown('p-u3', 'Contact')).toEqual(['c1']);
  });

  it('are found by every second turn, which one in between does not put off', async () => {
    const stage = await settled();
    const dueMs = async (): Promise<number> => {
      const [row] = await db.query<{ ms: number }>(
        'select (extract(epoch from due_at - now()) * 1000)::float8 as ms from access_turn where tenant = $1',
        [stage.tenant],
      );
      return row?.ms ?? Infinity;
    };
    /** As if nothing had been read for so long. */
    const pass = async (ms: number): Promise<void> => {
      const params = [stage.tenant, ms];
      const back = (name: string): string => `${name} = ${name} - $2::int * interval '1 millisecond'`;
      const own = ['facts_at', 'standings_at', 'sampled_at'].map(back).join(', ');
      await db.query(`update access_connection set ${own} where tenant = $1`, params);
      const streams = ['settled_at', 'shares_at', 'listed_at'].map(back).join(', ');
      await db.query(`update access_stream set ${streams} where tenant = $1`, params);
    };
    await endShare(stage);
    await pass(limits.accessRefreshMs / 2);
    await stage.ordinaryTurn();
    expect(await dueMs()).toBeLessThanOrEqual(limits.accessRefreshMs / 2);
    await pass(limits.accessRefreshMs / 2);
    await stage.ordinaryTurn();
    expect(await stage.shown('p-u2', 'Account')).toEqual(['a3']);
    await pass(limits.accessRefreshMs);
    await stage.ordinaryTurn();
    expect(await stage.shown('p-u2', 'Account')).toEqual([]);
  });
});
