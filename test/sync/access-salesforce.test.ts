import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRights } from '../../src/app/access/read-rights.ts';
import { systemClock, systemRandom } from '../../src/kernel/index.ts';
import { askAccessTurn, claimAccessTurns, linkPrincipal, type Db } from '../../src/store/index.ts';
import { learnAccess, type AccessLogEvent } from '../../src/sync/index.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { openerOf } from '../support/stores.ts';
import { syncHarness, type SyncHarness } from './harness.ts';

const objects = ['Account', 'Contact', 'Opportunity', 'Case', 'Task'] as const;

interface There {
  readonly objects: Readonly<Record<string, { readonly ids: readonly string[]; readonly fields: readonly string[] }>>;
}

describe('rights in a Salesforce org of 200 users', () => {
  const open = openerOf('pglite');
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let users: { readonly id: string; readonly username: string }[];
  const events: AccessLogEvent[] = [];

  beforeAll(async () => {
    db = await open();
    sandbox = await startSandbox('salesforce', { scale: 2_000 });
    await sandbox.control('POST', 'sharing', { generate: { users: 200, seed: 11 } });
    harness = await syncHarness(db, sandbox, objects, { slug: 'salesforce-rights' });
    for (const object of objects) expect((await harness.run(object)).error).toBe(null);
    const health = await sandbox.control<{ users: { id: string; username: string }[] }>('GET', 'health');
    users = health.users.filter((_, index) => index % 20 === 1);
    const { tenant, target } = harness;
    await db.tenantTx(tenant, async (tx) => {
      for (const { id, username } of users) {
        const link = { principal: username, sourceUser: id, sourceName: null, attributes: {}, linkedBy: 'test' };
        await linkPrincipal(tx, { tenant, connection: target.connection }, link);
      }
    });
  });
  afterAll(() => sandbox?.stop());

  const turn = async (): Promise<void> => {
    const { tenant, target } = harness;
    await db.tenantTx(tenant, (tx) => askAccessTurn(tx, target));
    const deps = {
      db,
      clock: systemClock,
      random: systemRandom,
      onEvent: (event: AccessLogEvent) => events.push(event),
      targetOf: async () => target,
      maxAgeMs: async () => null,
      integrationOf: async () => target.integration,
      userSession: async () => null,
    };
    for (const each of await db.tx((tx) =>
      claimAccessTurns(tx, { worker: 'test', leaseMs: 60_000, limit: 1, againMs: 60_000 }),
    )) {
      await learnAccess(deps, 'test', each, new AbortController().signal);
    }
  };

  /** What differs between what Gantry would show of what it has and what the org shows now. */
  const differences = async (): Promise<string[]> => {
    const { tenant } = harness;
    const kept = await Promise.all(objects.map(async (object) => ({ object, ...(await keptOf(object)) })));
    const found: string[] = [];
    for (const { username } of users) {
      const there = await sandbox.control<There>('POST', 'visible', { user: username });
      const rights = await db.tenantRead(tenant, (tx) =>
        readRights(tx, { tenant, principal: username, manifest: null }),
      );
      for (const { object, stream, rows, fields } of kept) {
        const shown = there.objects[object] ?? { ids: [], fields: [] };
        const own = rights.streams.get(stream);
        if (own?.kind !== 'known') {
          const isInactive = own?.kind === 'unknown' && own.reason === 'inactive';
          if (!isInactive || shown.ids.length > 0) found.push(`${username} ${object}: ${JSON.stringify(own)}`);
          continue;
        }
        const classes = own.classes === 'all' ? null : new Set(own.classes);
        const ids = new Set(
          rows.filter(({ acl }) => classes === null || (acl !== null && classes.has(acl))).map(({ id }) => id),
        );
        const wanted = new Set(shown.ids);
        const extra = [...ids].filter((id) => !wanted.has(id)).length;
        const missing = [...wanted].filter((id) => !ids.has(id)).length;
        if (extra + missing > 0) found.push(`${username} ${object}: ${String(extra)} more, ${String(missing)} less`);
        const isShown = (field: string): boolean => own.fields === 'all' || own.fields.has(field);
        const hidden = fields.filter((field) => isShown(field) && !shown.fields.includes(field));
        if (ids.size > 0 && hidden.length > 0) found.push(`${username} ${object}: shows ${hidden.join(', ')}`);
      }
    }
    return found;
  };
  const keptOf = async (object: string) => {
    const { id: stream } = await harness.stream(object);
    const rows = await db.query<{ id: string; acl: number | null }>(
      'select ext_id as id, acl from record where tenant = $1 and stream = $2 and not deleted',
      [harness.tenant, stream],
    );
    const fields = new Set([...(await harness.records(object)).values()].flatMap((doc) => Object.keys(doc)));
    return { stream, rows, fields: [...fields] };
  };

  /** All streams read to their end, and rights read anew, as it is when nothing changes any more. */
  const quiesce = async (): Promise<void> => {
    for (const object of objects) expect((await harness.run(object)).error).toBe(null);
    // Somebody waits for it, so that all shares are listed, too: what ended without a word is known by that.
    await turn();
  };
  const sharing = (change: unknown): Promise<unknown> => sandbox.control('POST', 'sharing', change);
  const failures = (): AccessLogEvent[] => events.filter(({ kind }) => kind !== 'access_read');

  it('are what the org shows each user, and stay so while records and sharing change', async () => {
    await turn();
    expect(failures()).toEqual([]);
    expect(await differences()).toEqual([]);

    const [account = '', other = ''] = [...(await harness.records('Account')).keys()];
    const [opportunity = ''] = [...(await harness.records('Opportunity')).keys()];
    const [one, two, three] = users;
    await sharing({ share: { object: 'Account', id: other, to: one?.username, opportunity: 'Read' } });
    await sharing({ share: { object: 'Opportunity', id: opportunity, to: two?.username } });
    await quiesce();
    expect(await differences()).toEqual([]);

    const owned = { OwnerId: three?.id };
    await sandbox.control('POST', 'mutate', { op: 'update', object: 'Account', id: account, fields: owned });
    await sandbox.control('POST', 'mutate', { op: 'update', object: 'Opportunity', id: opportunity, fields: owned });
    await sharing({ unshare: { object: 'Account', id: other, to: one?.username } });
    await sharing({ object: 'Case', model: 'ReadWrite' });
    await sharing({ user: two?.username, role: null });
    await sharing({ user: three?.username, active: false });
    const rows = await db.query('select 1 from record where tenant = $1 and deleted', [harness.tenant]);
    await quiesce();
    expect(failures()).toEqual([]);
    expect(await differences()).toEqual([]);
    expect(await db.query('select 1 from record where tenant = $1 and deleted', [harness.tenant])).toEqual(rows);
  }, 300_000);
});
