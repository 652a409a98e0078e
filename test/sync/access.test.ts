import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/index.ts';
import { readChanges, unlinkPrincipal, type Db } from '../../src/store/index.ts';
import { describeEachStore } from '../support/stores.ts';
import { judgeOf } from '../../src/sync/access/judge.ts';
import { accessStage, isShown, objects, users, type AccessStage } from './access-stage.ts';

const all = ['Account', 'Contact', 'Note'] as const;

it('shows nobody by a rule whose fields were set aside, whatever its other fields say', () => {
  const rule = { owner: 'Owner', team: 'Team', territory: null };
  const judge = judgeOf({ strategy: 'rule', rule }, objects['Account']!, null, null);
  const record = { id: 'a1', srcAt: null, docText: '{"Team":"north"}' };
  if (judge.kind !== 'by_record') throw new Error('rules are judged by the record');
  expect(judge.audienceOf(record, ['Secret'])).toEqual({ grantees: ['team:north'] });
  expect(judge.audienceOf(record, ['Owner'])).toBeNull();
});

describeEachStore('learning who is shown what', (open, kind) => {
  let db: Db;
  let count = 0;
  beforeAll(async () => {
    db = await open();
  });

  const fresh = async (): Promise<AccessStage> => {
    count += 1;
    const stage = await accessStage(db, `access-${String(count)}`);
    const { world } = stage;
    world.accounts.set('a1', { owner: 'u1' }).set('a2', { owner: 'u2' }).set('a3', { owner: 'u3' });
    world.contacts.set('c1', { account: 'a1' }).set('c2', { account: 'a2' });
    world.notes
      .set('n1', { text: 'one', shownTo: new Set(['u1']) })
      .set('n2', { text: 'two', shownTo: new Set(['u1', 'u3']) });
    world.shares.set('s1', { recordId: 'a3', grantee: 'group:g', at: (world.at += 1) });
    return stage;
  };
  const settled = async (): Promise<AccessStage> => {
    const stage = await fresh();
    for (const object of all) await stage.ingest(object);
    await stage.turn();
    return stage;
  };
  const expectTruth = async ({ world, shown }: AccessStage): Promise<void> => {
    const truth = { Account: world.accounts, Contact: world.contacts, Note: world.notes };
    for (const user of users) {
      for (const object of all) {
        const wanted = [...truth[object].keys()].filter((id) => isShown(world, user, object, id)).toSorted();
        expect([user, object, await shown(`p-${user}`, object)]).toEqual([user, object, wanted]);
      }
    }
  };
  const live = ({ tenant }: AccessStage) =>
    db.query<{ stream: number; id: string; acl: number | null }>(
      'select stream, ext_id as id, acl from record where tenant = $1 and not deleted order by stream, ext_id',
      [tenant],
    );

  it('finds what the system shows each user, of records that were kept before anybody was linked', async () => {
    const stage = await fresh();
    for (const object of all) await stage.ingest(object);
    expect((await live(stage)).map(({ acl }) => acl)).toEqual([null, null, null, null, null, null, null]);
    for (const object of all) expect(await stage.shown('p-u1', object)).toEqual([]);
    await stage.turn();
    await expectTruth(stage);
    expect(stage.events.filter((event) => event.kind !== 'access_read')).toEqual([]);
    const { streams } = await stage.rights('p-u2');
    expect([...streams.values()].map((rights) => (rights.kind === 'known' ? rights.by : rights.reason))).toEqual([
      'shares',
      'record',
      'as_user',
    ]);
    const account = streams.get(stage.streams['Account']!);
    expect(account?.kind === 'known' && account.fields).toEqual(new Set(['Owner']));
    // Equal audiences are one number: u2's own, and what follows it.
    const rows = new Map((await live(stage)).map(({ id, acl }) => [id, acl]));
    expect([rows.get('c1'), rows.get('c2')]).toEqual([rows.get('a1'), rows.get('a2')]);
  });

  it('shows a changed record at once to whom it belongs, and to nobody by what was before', async () => {
    const stage = await settled();
    const { world } = stage;
    // a3 was shared with the group; it goes to u2, and the system ends the share with that.
    world.accounts.set('a3', { owner: 'u2' });
    world.shares.delete('s1');
    await stage.ingest('Account', ['a3']);
    expect(await stage.shown('p-u2', 'Account')).toEqual(['a2', 'a3']);
    expect(await stage.shown('p-u1', 'Account')).toEqual(['a1']);
    expect(await stage.shown('p-u3', 'Account')).toEqual([]);
    await stage.turn();
    await expectTruth(stage);
    // A share that outlives the change of owner counts again once the list of all shares has it.
    world.shares.set('s2', { recordId: 'a1', grantee: 'user:u3', at: (world.at += 1) });
    await stage.turn();
    expect(await stage.shown('p-u3', 'Contact')).toEqual(['c1']);
    world.accounts.set('a1', { owner: 'u2' });
    await stage.ingest('Account', ['a1']);
    expect(await stage.shown('p-u3', 'Account')).toEqual([]);
    expect(await stage.shown('p-u3', 'Contact')).toEqual([]);
    await stage.turn();
    await expectTruth(stage);
    expect(await stage.shown('p-u3', 'Contact')).toEqual(['c1']);
    // What nobody could tell when it came is shown to nobody, until somebody asked.
    world.notes.set('n1', { text: 'changed', shownTo: new Set(['u2']) });
    await stage.ingest('Note', ['n1']);
    for (const user of users) expect(await stage.shown(`p-${user}`, 'Note')).not.toContain('n1');
    await stage.turn();
    await expectTruth(stage);
  });

  it('shows nobody a record of which the value that decides was set aside, until it is put right', async () => {
    const stage = await settled();
    const { world } = stage;
    const everybody = async (object: string): Promise<string[][]> =>
      Promise.all(users.map((user) => stage.shown(`p-${user}`, object)));
    // Without an owner it would be everybody's.
    world.accounts.set('a1', { owner: '' });
    await stage.ingest('Account', ['a1'], { unfit: ['Owner'] });
    expect((await everybody('Account')).flat()).not.toContain('a1');
    expect((await everybody('Contact')).flat()).not.toContain('c1');
    // Nor where all is worked out anew, unless something else decides then.
    for (const isPublic of [true, false]) {
      world.isPublic = isPublic;
      await stage.turn();
      const shown = (await everybody('Account')).filter((ids) => ids.includes('a1'));
      expect(shown).toHaveLength(isPublic ? 3 : 0);
    }
    // It has no owner indeed: the same content, with nothing set aside.
    await stage.ingest('Account', ['a1']);
    await expectTruth(stage);
    await stage.ingest('Account', ['a1'], { unfit: ['Owner'] });
    expect((await everybody('Account')).flat()).not.toContain('a1');
    expect((await everybody('Contact')).flat()).not.toContain('c1');
    // Put right by somebody who cannot tell what follows: it is worked out a moment later.
    await stage.ingest('Account', ['a1'], { permissions: null });
    expect((await everybody('Account')).flat()).not.toContain('a1');
    await stage.turn();
    await expectTruth(stage);
    // What does not decide takes nothing away.
    await stage.ingest('Account', ['a1'], { unfit: ['Secret'] });
    await expectTruth(stage);
  });

  it('takes away what is lost by its class alone: nothing is deleted, and it is no change of the record', async () => {
    const stage = await settled();
    const { world, tenant } = stage;
    const before = await live(stage);
    const [head] = await db.query<{ seq: number }>('select seq from change_head where tenant = $1', [tenant]);
    const seq = head?.seq ?? 0;
    world.shares.delete('s1');
    world.notes.get('n2')?.shownTo.delete('u3');
    await stage.turn();
    await expectTruth(stage);
    const after = await live(stage);
    expect(after.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const differing = after.filter(({ id, acl }) => before.find((row) => row.id === id)?.acl !== acl);
    expect(differing.map(({ id }) => id)).toEqual(['a3', 'n2']);
    const changes = await db.query('select ext_id as id, op::text, ver from change where tenant = $1 and seq > $2', [
      tenant,
      seq,
    ]);
    expect(changes).toEqual([
      { id: 'a3', op: 'a', ver: 0 },
      { id: 'n2', op: 'a', ver: 0 },
    ]);
    const page = await db.tenantRead(tenant, (tx) => readChanges(tx, { tenant, afterSeq: seq, limit: 10 }));
    expect(page.records.map(({ id, acl }) => [id, acl])).toEqual(differing.map(({ id, acl }) => [id, acl]));
    const past = await db.query('select 1 from record_history where tenant = $1', [tenant]);
    expect(past).toEqual([]);
  });

  it('shows nothing of a user who is not linked any more, or who is somebody else now', async () => {
    const stage = await settled();
    const { tenant, connection } = stage;
    await db.tenantTx(tenant, (tx) => unlinkPrincipal(tx, { tenant, connection }, 'p-u1'));
    const { streams } = await stage.rights('p-u1');
    expect([...streams.values()].map((rights) => rights.kind === 'unknown' && rights.reason)).toEqual([
      'not_linked',
      'not_linked',
      'not_linked',
    ]);
    await stage.link('p-u1', 'u3');
    for (const object of all) expect(await stage.shown('p-u1', object)).toEqual([]);
    await stage.turn();
    for (const object of all) expect(await stage.shown('p-u1', object)).toEqual(await stage.shown('p-u3', object));
    // Whoever signed in under the name is not the one who is linked.
    stage.signIns.set('p-u1', 'u3');
    await stage.link('p-u1', 'u2');
    await stage.turn();
    expect(await stage.shown('p-u1', 'Account')).toEqual(await stage.shown('p-u2', 'Account'));
    expect(await stage.shown('p-u1', 'Note')).toEqual([]);
    stage.signIns.delete('p-u1');
    await stage.link('p-u1', 'nobody');
    await stage.turn();
    const now = await stage.rights('p-u1');
    expect([...now.streams.values()].map((rights) => rights.kind === 'unknown' && rights.reason)).toEqual([
      'inactive',
      'inactive',
      'inactive',
    ]);
  });

  it('stops showing an object to a user where a sample says that the system does not', async () => {
    const stage = await settled();
    const { world, tenant } = stage;
    // The system changes its mind without a word: what was derived is wrong from now on.
    for (const account of world.accounts.values()) account.owner = 'nobody';
    world.shares.clear();
    await db.query('update access_connection set sampled_at = null where tenant = $1', [tenant]);
    let told: string[] = [];
    for (let round = 0; round < 30 && told.length === 0; round += 1) {
      await db.query('update access_connection set sampled_at = null where tenant = $1', [tenant]);
      await stage.turn();
      told = stage.events.flatMap((event) =>
        event.kind === 'access_disagreement' && event.object === 'Account' ? [event.principal] : [],
      );
    }
    const rights = (await stage.rights(told[0] ?? '')).streams.get(stage.streams['Account']!);
    expect(rights).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
  });

  interface Step {
    readonly what: number;
    readonly one: number;
    readonly other: number;
    /** In the middle of a call to the system, where there is one. */
    readonly inside: boolean;
  }
  const step: fc.Arbitrary<Step> = fc.record({
    what: fc.nat({ max: 9 }),
    one: fc.nat({ max: 2 }),
    other: fc.nat({ max: 2 }),
    inside: fc.boolean(),
  });

  it('never shows what the system did not show since the rights were read, whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 14 }), async (steps) => {
        const stage = await settled();
        const { world } = stage;
        interface Moment {
          readonly at: number;
          readonly shown: ReadonlySet<string>;
          readonly follows: ReadonlyMap<string, string>;
        }
        const log: Moment[] = [];
        const note = (): void => {
          const shown = new Set<string>();
          const ids = { Account: world.accounts, Contact: world.contacts, Note: world.notes };
          for (const user of users)
            for (const object of all)
              for (const id of ids[object].keys())
                if (isShown(world, user, object, id)) shown.add(`${user} ${object} ${id}`);
          const follows = new Map([...world.contacts].map(([id, { account }]) => [id, account]));
          log.push({ at: systemClock.now().getTime(), shown, follows });
        };
        note();
        const readAt = new Map<string, number>();
        const start = log[0]?.at ?? 0;
        const ingest = async (object: string, ids?: readonly string[]): Promise<void> => {
          const now = systemClock.now().getTime();
          await stage.ingest(object, ids);
          const records = { Account: world.accounts, Contact: world.contacts, Note: world.notes };
          for (const id of ids ?? records[object as 'Note'].keys()) readAt.set(`${object} ${id}`, now);
        };
        const act = async ({ what, one, other }: Step): Promise<void> => {
          const account = `a${String(one + 1)}`;
          const user = users[other] ?? 'u1';
          if (what === 0) world.accounts.set(account, { owner: user });
          else if (what === 1)
            world.shares.set(`s${String(one)}`, { recordId: account, grantee: `user:${user}`, at: (world.at += 1) });
          else if (what === 2) {
            // Told by the feed, or by the list of all alone.
            if (world.shares.delete(`s${String(one)}`) && other > 0)
              world.ended.push({ id: `s${String(one)}`, at: (world.at += 1) });
          } else if (what === 3) world.isPublic = !world.isPublic;
          else if (what === 4) {
            const found = world.notes.get(`n${String((one % 2) + 1)}`);
            if (found !== undefined && !found.shownTo.delete(user)) found.shownTo.add(user);
          } else if (what === 5) {
            const id = `n${String((one % 2) + 1)}`;
            const shownTo = world.notes.get(id)?.shownTo ?? new Set<string>();
            world.notes.set(id, { text: `t${String((world.at += 1))}`, shownTo });
            note();
            await ingest('Note', [id]);
          } else if (what === 6) {
            world.contacts.set(`c${String((one % 2) + 1)}`, { account: `a${String(other + 1)}` });
            note();
            await ingest('Contact');
          } else if (what === 7) await ingest('Account', [account]);
          else if (what === 8) world.list = world.list === 'whole' ? 'fails' : 'whole';
          note();
        };
        const check = async (): Promise<void> => {
          for (const user of users) {
            const { streams } = await stage.rights(`p-${user}`);
            for (const object of all) {
              const rights = streams.get(stage.streams[object]!);
              if (rights?.kind !== 'known') continue;
              for (const id of await stage.shown(`p-${user}`, object)) {
                const followed =
                  object === 'Contact' ? [...world.accounts.keys()].map((each) => `Account ${each}`) : [];
                const reads = [`${object} ${id}`, ...followed].map((name) => readAt.get(name) ?? start);
                const since = Math.min(rights.asOf.getTime(), ...reads) - 5;
                const name = `${user} ${object} ${id}`;
                const moments = log.filter((_, index) => (log[index + 1]?.at ?? Infinity) >= since);
                // A contact and the rights to its account are read one after the other: each is of a moment since.
                const accounts = moments.flatMap(({ follows }) =>
                  object === 'Contact' ? (follows.get(id) ?? []) : [],
                );
                const names = [name, ...accounts.map((account) => `${user} Account ${account}`)];
                const was = moments.some(({ shown }) => names.some((each) => shown.has(each)));
                expect(was ? [] : [name, steps]).toEqual([]);
              }
            }
          }
        };
        const left = [...steps];
        stage.meanwhile = async () => {
          const [next] = left;
          if (next?.inside !== true || next.what === 9) return;
          left.shift();
          await act(next);
          await check();
        };
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          if (next.what === 9) await stage.turn();
          else await act(next);
          await check();
        }
        stage.meanwhile = async () => undefined;
        world.list = 'whole';
        for (const object of all) await stage.ingest(object);
        await stage.turn();
        await expectTruth(stage);
        expect(await live(stage)).toHaveLength(7);
      }),
      { numRuns: kind === 'pglite' ? 4 : 3 },
    );
  }, 300_000);
});
