import { beforeAll, expect, it } from 'vitest';
import { GantryError } from '../../src/kernel/index.ts';
import type { Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { accessStage, isShown, users, type AccessStage } from './access-stage.ts';

const open = openerOf('pglite');
let db: Db;
beforeAll(async () => {
  db = await open();
});

/** Notes that nobody was asked about one by one: only lists tell of them. */
async function unread(slug: string): Promise<AccessStage> {
  const stage = await accessStage(db, slug);
  const { notes } = stage.world;
  for (let at = 0; at < 12; at += 1) {
    notes.set(`n${String(at)}`, {
      text: String(at),
      shownTo: new Set(users.filter((_, user) => (at >> user) % 2 === 1)),
    });
  }
  await stage.ingest('Note');
  await db.query('delete from access_recheck where tenant = $1', [stage.tenant]);
  return stage;
}

const reclassed = async ({ tenant }: AccessStage): Promise<string[]> =>
  (
    await db.query<{ id: string }>("select ext_id as id from change where tenant = $1 and op = 'a' order by seq", [
      tenant,
    ])
  ).map(({ id }) => id);

const truth = ({ world }: AccessStage, user: string): string[] =>
  [...world.notes.keys()].filter((id) => isShown(world, user, 'Note', id)).toSorted();

it('lists of many users give each record its class once, and none where nothing has changed', async () => {
  const stage = await unread('lists');
  await stage.turn();
  for (const user of users) expect(await stage.shown(`p-${user}`, 'Note')).toEqual(truth(stage, user));
  const first = await reclassed(stage);
  // Those that are shown to nobody get none.
  const seen = [...stage.world.notes].filter(([, { shownTo }]) => shownTo.size > 0).map(([id]) => id);
  expect(first.toSorted()).toEqual(seen.toSorted());
  await stage.turn();
  expect(await reclassed(stage)).toEqual(first);
  stage.world.notes.get('n1')?.shownTo.delete('u1');
  stage.world.notes.get('n2')?.shownTo.add('u3');
  await stage.turn();
  for (const user of users) expect(await stage.shown(`p-${user}`, 'Note')).toEqual(truth(stage, user));
  expect((await reclassed(stage)).slice(first.length).toSorted()).toEqual(['n1', 'n2']);
});

it('a user who cannot be asked holds up nobody else’s list, and is shown nothing by theirs', async () => {
  const stage = await unread('refused');
  const { userSession } = stage.deps;
  Object.assign(stage.deps, {
    userSession: async (...[tenant, connection, principal, isAwaited]: Parameters<typeof userSession>) => {
      if (principal === 'p-u1') throw new GantryError('credentials_refused', { message: 'ended' });
      return userSession(tenant, connection, principal, isAwaited);
    },
  });
  await stage.turn();
  expect(await stage.shown('p-u1', 'Note')).toEqual([]);
  for (const user of ['u2', 'u3']) expect(await stage.shown(`p-${user}`, 'Note')).toEqual(truth(stage, user));
  expect(stage.events.flatMap((event) => (event.kind === 'access_failed' ? [event.error.code] : []))).toContain(
    'credentials_refused',
  );
});

it('a record that changes while users are asked is shown to nobody by a list of before', async () => {
  const stage = await unread('meanwhile');
  await stage.turn();
  expect(await stage.shown('p-u1', 'Note')).toContain('n1');
  const { userSession } = stage.deps;
  let changes = 0;
  Object.assign(stage.deps, {
    userSession: async (...of: Parameters<typeof userSession>) => {
      const session = await userSession(...of);
      const asUser = session?.permissions?.asUser;
      if (session === null || asUser === undefined) return session;
      const listIds: typeof asUser.listIds = async (object, after) => {
        const page = await asUser.listIds(object, after);
        // The user was shown it a moment ago; the change comes in before the list is kept.
        if (page.ids.includes('n1') && changes === 0) {
          changes += 1;
          stage.world.notes.set('n1', { text: 'changed', shownTo: new Set() });
          await stage.ingest('Note', ['n1']);
        }
        return page;
      };
      return { ...session, permissions: { ...session.permissions, asUser: { ...asUser, listIds } } };
    },
  });
  await stage.turn();
  expect(changes).toBe(1);
  expect(await stage.shown('p-u1', 'Note')).not.toContain('n1');
  expect(await stage.shown('p-u2', 'Note')).toEqual(truth(stage, 'u2'));
});
