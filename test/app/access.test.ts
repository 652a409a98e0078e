import { beforeAll, describe, expect, it } from 'vitest';
import { createAccessReader, type AccessReader } from '../../src/app/access/access-reader.ts';
import { createLinkUseCases } from '../../src/app/access/link-use-cases.ts';
import { pairByEmail } from '../../src/app/access/pair-by-email.ts';
import { fieldsNow } from '../../src/app/access/fields-now.ts';
import { visibleNow } from '../../src/app/access/visible-now.ts';
import { auditAppender } from '../../src/audit/index.ts';
import type { SessionPermissions, Standing } from '../../src/connectors/index.ts';
import { limits, systemClock, systemRandom } from '../../src/kernel/index.ts';
import { unlinkPrincipal, type Db } from '../../src/store/index.ts';
import { openerOf } from '../support/stores.ts';
import { integrationOf } from '../sync/harness.ts';
import { accessStage, isShown, users, type AccessStage } from '../sync/access-stage.ts';

describe('rights as questions read them', () => {
  const open = openerOf('pglite');
  let db: Db;
  let stage: AccessStage;
  let reader: AccessReader;
  let wake: () => void = () => undefined;
  beforeAll(async () => {
    db = await open();
    stage = await accessStage(db, 'reader');
    stage.world.accounts.set('a1', { owner: 'u1' }).set('a2', { owner: 'u2' });
    stage.world.notes.set('n1', { text: 'one', shownTo: new Set(['u1', 'u2']) });
    for (const object of ['Account', 'Note']) await stage.ingest(object);
    await stage.turn();
    const manifests = { of: async () => null };
    reader = createAccessReader({
      db,
      clock: systemClock,
      manifests,
      caughtUp: async () => undefined,
      wake: () => wake(),
    });
    await reader.listen();
  });
  const account = () => stage.streams['Account']!;
  const classes = async (principal: string) => {
    const rights = (await reader.rightsOf(stage.tenant, principal)).streams.get(account());
    return rights?.kind === 'known' ? rights.classes : rights?.reason;
  };
  const until = async (condition: () => Promise<boolean>): Promise<void> => {
    const end = systemClock.monotonicMs() + 30_000;
    while (!(await condition())) {
      if (systemClock.monotonicMs() > end) throw new Error('it did not come to that');
      await systemClock.sleep(20);
    }
  };

  it('follow what changes, and are the same version while nothing does', async () => {
    const before = await reader.rightsOf(stage.tenant, 'p-u2');
    expect(await classes('p-u2')).not.toEqual(await classes('p-u3'));
    stage.world.accounts.set('a1', { owner: 'u2' });
    stage.world.shares.set('s1', { recordId: 'a2', grantee: 'user:u1', at: (stage.world.at += 1) });
    await stage.ingest('Account');
    await stage.turn();
    await until(async () => (await reader.rightsOf(stage.tenant, 'p-u2')).version !== before.version);
    const after = await reader.rightsOf(stage.tenant, 'p-u2');
    await stage.turn();
    await until(async () => {
      const now = await reader.rightsOf(stage.tenant, 'p-u2');
      const [one, other] = [after, now].map(({ streams }) => streams.get(account()));
      expect(now.version).toBe(after.version);
      return one?.kind === 'known' && other?.kind === 'known' && other.asOf > one.asOf;
    });
  });

  it('are told only once the records that are read are as they were with them', async () => {
    let apply: () => void = () => undefined;
    let elapse: () => void = () => undefined;
    let isWaiting = false;
    const clock = {
      ...systemClock,
      sleep: () =>
        new Promise<void>((resolve) => {
          elapse = resolve;
          isWaiting = true;
        }),
    };
    const slow = createAccessReader({
      db,
      clock,
      manifests: { of: async () => null },
      caughtUp: () => new Promise((resolve) => (apply = resolve)),
      wake: () => undefined,
    });
    const ask = async (principal: string, end: () => void) => {
      let told = false;
      const asked = slow.rightsOf(stage.tenant, principal).finally(() => (told = true));
      await until(() => Promise.resolve(isWaiting));
      expect(told).toBe(false);
      isWaiting = false;
      end();
      return (await asked).streams.get(account());
    };
    expect(await ask('p-u1', () => apply())).toMatchObject({ kind: 'known' });
    // The wait has an end, and nobody knows then what can be told.
    expect(await ask('p-u2', () => elapse())).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
  });

  it('of before are told while what is read is behind, but no longer than rights may be old', async () => {
    let maxAgeMs = 3_600_000;
    let isBehind = false;
    let passedMs = 0;
    const behind = createAccessReader({
      db,
      clock: {
        ...systemClock,
        monotonicMs: () => systemClock.monotonicMs() + passedMs,
        // The wait for what is behind is over at once.
        sleep: async () => undefined,
      },
      manifests: { of: async () => ({ manifest: { access: { maxAgeMs }, integrations: new Map() } }) as never },
      caughtUp: () => (isBehind ? new Promise(() => undefined) : Promise.resolve()),
      wake: () => undefined,
    });
    const told = async () => (await behind.rightsOf(stage.tenant, 'p-u1')).streams.get(account());
    await stage.turn();
    await db.query("update standing set read_at = read_at - interval '30 minutes' where tenant = $1", [stage.tenant]);
    const first = await told();
    expect(first).toMatchObject({ kind: 'known' });
    isBehind = true;
    passedMs = limits.accessCacheMs + 1;
    expect(await told()).toBe(first);
    // Those of now are new enough by then.
    await stage.turn();
    maxAgeMs = 1_200_000;
    passedMs *= 2;
    expect(await told()).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
    isBehind = false;
    passedMs *= 2;
    expect(await told()).toMatchObject({ kind: 'known' });
    maxAgeMs = 0;
    passedMs *= 2;
    expect(await told()).toMatchObject({ kind: 'unknown', reason: 'too_old' });
  });

  it('that were lost are gone at once, however far behind what is read is', async () => {
    let isBehind = false;
    let passedMs = 0;
    const behind = createAccessReader({
      db,
      clock: { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + passedMs, sleep: async () => undefined },
      manifests: { of: async () => null },
      caughtUp: () => (isBehind ? new Promise(() => undefined) : Promise.resolve()),
      wake: () => undefined,
    });
    const told = async (principal: string) => {
      passedMs += limits.accessCacheMs + 1;
      return (await behind.rightsOf(stage.tenant, principal)).streams.get(account());
    };
    for (const principal of ['p-left', 'p-moved']) await stage.link(principal, 'u1');
    await stage.turn();
    const first = await told('p-left');
    expect([first, await told('p-moved')]).toMatchObject([{ kind: 'known' }, { kind: 'known' }]);
    isBehind = true;
    expect(await told('p-left')).toBe(first);
    const { tenant, connection } = stage;
    await db.tenantTx(tenant, (tx) => unlinkPrincipal(tx, { tenant, connection }, 'p-left'));
    expect(await told('p-left')).toMatchObject({ kind: 'unknown', reason: 'not_linked' });
    // Whoever they are now has not been asked about yet.
    await stage.link('p-moved', 'u3');
    expect(await told('p-moved')).toMatchObject({ kind: 'unknown', reason: 'not_read_yet' });
    isBehind = false;
    expect(await told('p-left')).toMatchObject({ kind: 'unknown', reason: 'not_linked' });
  });

  it('are read anew for whoever waits, and are not waited for without end', async () => {
    const streams = [account()];
    const before = (await reader.rightsOf(stage.tenant, 'p-u1')).streams.get(account());
    expect(await reader.refreshNow(stage.tenant, 'p-u1', { streams, waitMs: 300 })).toBe(null);
    const turns: Promise<void>[] = [];
    wake = () => {
      turns.push(stage.turn());
    };
    const after = (await reader.refreshNow(stage.tenant, 'p-u1', { streams, waitMs: 60_000 }))?.streams.get(account());
    expect(before?.kind === 'known' && after?.kind === 'known' && after.asOf > before.asOf).toBe(true);
    await Promise.all(turns);
    wake = () => undefined;
  });

  it('are asked for live of the very records', async () => {
    const { world, tenant, connection } = stage;
    const integration = integrationOf('world', []);
    const base = { tenant, connection, slug: 'crm', integration, session: stage.session(null), key: '' };
    const targets = {
      // What a target has beside its session is not asked for.
      ofConnection: async () => base as never,
      asUser: async (_tenant: unknown, _connection: unknown, principal: string) =>
        principal === 'p-u3' ? null : stage.session('u1'),
    };
    const ask = (principal: string, object: string, ids: string[]) =>
      visibleNow({ db, targets }, { tenant, principal, stream: stage.streams[object]!, ids });
    for (const user of users) {
      const wanted = ['a1', 'a2'].filter((id) => isShown(world, user, 'Account', id));
      expect(await ask(`p-${user}`, 'Account', ['a1', 'a2', 'a9'])).toEqual(new Set(wanted));
    }
    expect(await ask('p-u1', 'Note', ['n1'])).toEqual(new Set(['n1']));
    expect(await ask('nobody', 'Account', ['a1'])).toBe(null);
  });

  it('are asked for live of fields: as the user, else of the user', async () => {
    const { tenant } = stage;
    const session = stage.session(null);
    let permissions: SessionPermissions | undefined = session.permissions;
    const note = new Map([['Note', { seesAll: true, fields: new Set(['Text']) }]]);
    const own = stage.session('u1');
    const asUser = {
      ...own.permissions!.asUser!,
      readStanding: async () => ({ user: 'u1', active: true, grantees: [], objects: note }),
    };
    const targets = {
      ofConnection: async () => ({ session: { ...session, permissions } }) as never,
      // Two have the sign-in of the same user.
      asUser: async (_tenant: unknown, _connection: unknown, principal: string) =>
        principal === 'p-u3' ? null : { ...own, permissions: { ...own.permissions!, asUser } },
    };
    const streams = [stage.streams['Account']!, stage.streams['Note']!];
    const ask = async (principal: string) => {
      const shown = await fieldsNow({ db, targets }, { tenant, principal, streams });
      return streams.map((stream) => {
        const fields = shown.get(stream);
        return fields === undefined || fields === null ? fields : [...fields];
      });
    };
    expect(await ask('p-u1')).toEqual([null, ['Text']]);
    expect(await ask('p-u2')).toEqual([['Owner'], ['Text']]);
    expect(await ask('p-u3')).toEqual([['Owner'], ['Text']]);
    const told = (standing: Partial<Standing>): SessionPermissions => ({
      ...session.permissions!,
      readStandings: async (asked) =>
        asked.map((user) => ({ user, active: true, grantees: [], objects: new Map(), ...standing })),
    });
    permissions = told({ objects: note });
    expect(await ask('p-u3')).toEqual([null, ['Text']]);
    for (const standing of [
      { objects: note, active: false },
      { objects: note, user: 'u1' },
    ]) {
      permissions = told(standing);
      expect(await ask('p-u3')).toEqual([null, null]);
    }
    permissions = { ...told({ objects: note }), fieldsShownTo: async () => new Map([['Account', new Set(['Owner'])]]) };
    expect(await ask('p-u3')).toEqual([['Owner'], null]);
    expect(await ask('p-u1')).toEqual([null, ['Text']]);
    // Nobody can be asked.
    permissions = undefined;
    expect(await ask('p-u3')).toEqual([undefined, undefined]);
    expect(await ask('nobody')).toEqual([undefined, undefined]);
  });

  it('list, make and remove links, and say what is wrong with a name', async () => {
    const people = [
      { id: '1', name: 'Ada', email: 'Ada@acme.com', active: true },
      { id: '2', name: 'Bob', email: 'bob@acme.com', active: false },
    ];
    const session = {
      permissions: {
        listUsers: async (after: string | null) => ({
          users: [people[after === null ? 0 : 1]!],
          next: after === null ? '1' : null,
        }),
      },
    };
    const targets = { ofConnection: async () => ({ session }) as never };
    const append = auditAppender(systemRandom);
    const links = createLinkUseCases({ db, targets, append, wake: () => undefined });
    const operator = { name: 'ops' };
    const of = { tenant: 'reader', connection: 'crm' };
    const pairs = { ...of, principals: ['ada@acme.com', 'bob@acme.com', 'zoe@acme.com'] };
    const proposal = await links.linkByEmail(operator, { ...pairs, apply: false });
    expect(proposal).toEqual({
      applied: false,
      links: [{ principal: 'ada@acme.com', source_user: '1', source_name: 'Ada' }],
      unmatched: [
        { principal: 'bob@acme.com', why: 'inactive' },
        { principal: 'zoe@acme.com', why: 'no_user' },
      ],
    });
    const list = () => links.list(operator, { ...of, principal: 'ada@acme.com' });
    expect(await list()).toEqual([]);
    await links.linkByEmail(operator, { ...pairs, apply: true });
    expect(await list()).toMatchObject([
      { source_user: '1', linked_by: 'ops', rights: 'not_read', attributes: { email: 'Ada@acme.com' } },
    ]);
    await links.unlink(operator, { ...of, principal: 'ada@acme.com' });
    expect(await list()).toEqual([]);
    const told = await db.query<{ body: string }>(
      `select body from audit_payload where tenant = $1 and kind = 'configuration_changed' order by seq`,
      [stage.tenant],
    );
    // By the user it is found, and emptied when they are erased.
    const subject = { connection: 'crm', principal: 'ada@acme.com' };
    expect(told.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { actor: { name: 'ops' }, subject, detail: { what: 'who ada@acme.com is at crm', after: '1' } },
      { actor: { name: 'ops' }, subject, detail: { what: 'who ada@acme.com is at crm: nobody any more' } },
    ]);
    const gone = links.unlink(operator, { ...of, principal: 'ada@acme.com' });
    await expect(gone).rejects.toMatchObject({ code: 'not_found' });
    const elsewhere = links.list(operator, { tenant: 'reader', connection: 'cmr', principal: null });
    await expect(elsewhere).rejects.toMatchObject({ code: 'not_found', details: { suggestions: ['crm'] } });
    const noUsers = createLinkUseCases({
      db,
      targets: { ofConnection: async () => null },
      append,
      wake: () => undefined,
    });
    const unknown = noUsers.linkByEmail(operator, { ...pairs, apply: false });
    await expect(unknown).rejects.toMatchObject({ code: 'user_list_unavailable' });
  });

  it('pair an address with one active user, or with nobody', () => {
    const user = (id: string, email: string | null, active = true) => ({ id, name: id, email, active });
    const all = [
      user('1', ' Ada@x.de'),
      user('2', 'ada@x.de', false),
      user('3', 'two@x.de'),
      user('4', 'TWO@x.de'),
      user('5', null),
    ];
    expect(pairByEmail([], all)).toEqual({
      pairs: [{ principal: 'ada@x.de', user: all[0] }],
      unpaired: [{ principal: 'two@x.de', why: 'several_users' }],
    });
    expect(pairByEmail(['', 'Ada@X.de'], all)).toMatchObject({
      pairs: [{ principal: 'Ada@X.de', user: { id: '1' } }],
      unpaired: [{ principal: '', why: 'no_user' }],
    });
  });
});
