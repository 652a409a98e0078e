import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ConnectedTarget } from '../../src/app/sync/targets.ts';
import { createSyncUseCases } from '../../src/app/sync/sync-use-cases.ts';
import type { SyncUseCases } from '../../src/api/index.ts';
import type { JsonObject } from '../../src/kernel/index.ts';
import { addLetter, saveQuarantine, type Db } from '../../src/store/index.ts';
import { syncHarness, type SyncHarness } from '../sync/harness.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { openerOf } from '../support/stores.ts';

/** What operators have tried again is read from the provider: a real one, over HTTP. */
const open = openerOf('pglite');
const operator = { name: 'root' };
const said = { note: null, by: 'ann' };
let db: Db;
let sandbox: TestSandbox;
let harness: SyncHarness;
let doors: SyncUseCases;
let ids: string[] = [];
const purposes: (string | undefined)[] = [];

beforeAll(async () => {
  [db, sandbox] = await Promise.all([open(), startSandbox('salesforce', { scale: 2_000 })]);
  harness = await syncHarness(db, sandbox, ['Contact', 'Account'], { slug: 'acme' });
  for (const object of ['Contact', 'Account']) expect((await harness.run(object)).error).toBeNull();
  ids = [...(await harness.records('Contact')).keys()].toSorted();
  doors = createSyncUseCases({
    sync: harness.deps,
    targets: {
      ofConnection: async (_tenant, _connection, purpose) => {
        purposes.push(purpose);
        return harness.target as ConnectedTarget;
      },
    },
    manifests: { of: async () => null },
    wakeSync: () => undefined,
  });
}, 300_000);
afterAll(() => sandbox.stop());

const place = { tenant: 'acme', connection: 'salesforce', object: 'Contact' };

it('tries one dead letter again, then all of an object, as calls that somebody waits for (S10)', async () => {
  const { tenant } = harness;
  const stream = (await harness.stream('Contact')).id;
  const names = ids.slice(0, 3);
  for (const id of names)
    await sandbox.mutate({ op: 'update', object: 'Contact', id, fields: { LastName: `Neu ${id}` } });
  await db.tenantTx(tenant, async (tx) => {
    const letter = { tenant, stream, kind: 'record', place: null, state: 'dead' } as const;
    const cause = { code: 'upstream_malformed', class: null, bytesHash: null } as const;
    for (const name of [...names, '003000000000000AAA']) await addLetter(tx, { ...letter, ...cause, name });
  });
  const letters = (): Promise<readonly JsonObject[]> =>
    doors.letters.list(operator, { ...place, connection: null, limit: 10 });
  const [first] = (await letters()).filter(({ name }) => name === names[0]);
  const one = await doors.letters.replay(operator, { tenant: 'acme', ...said, letter: Number(first?.['letter']) });
  expect(one).toMatchObject({ asked: 1, read: 1, missing: 0, dead: 0 });
  expect((await harness.records('Contact')).get(names[0] ?? '')?.['LastName']).toBe(`Neu ${names[0] ?? ''}`);
  expect((await letters()).map(({ name }) => String(name)).toSorted()).toEqual(
    ['003000000000000AAA', ...names.slice(1)].toSorted(),
  );
  expect(await doors.letters.replay(operator, { ...place, ...said })).toMatchObject({ asked: 3, read: 2, missing: 1 });
  expect(await letters()).toEqual([]);
  expect(purposes).toEqual(['interactive', 'interactive']);
  expect(await doors.acts(operator, { tenant: 'acme', connection: 'salesforce', limit: 2 })).toMatchObject([
    { act: 'replay_dead_letters', by: 'ann', object: 'Contact', figures: { asked: 3, read: 2 } },
    { act: 'replay_dead_letters', by: 'ann', name: `#${String(first?.['letter'])}` },
  ]);
});

it('reads records with values that do not fit again where that is asked for (S9)', async () => {
  const { tenant } = harness;
  const stream = (await harness.stream('Contact')).id;
  const [id = ''] = ids.slice(5);
  await db.tenantTx(tenant, async (tx) => {
    const fields = [{ field: 'LastName', reason: 'did not fit', value: '7' }];
    await saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records: [{ id, fields }] });
  });
  // Nothing whole was kept of it, so only reading helps.
  expect(await doors.quarantine.replay(operator, { ...place, ...said, read: false })).toMatchObject({
    objects: [{ object: 'Contact', fitted: 0, unkept: 1, set_aside: 1 }],
  });
  expect(await doors.quarantine.replay(operator, { ...place, ...said, read: true })).toMatchObject({
    objects: [{ object: 'Contact', asked: 1, read: 1, set_aside: 0 }],
  });
});

it('reads an object again as far back as it is asked to (backfill)', async () => {
  const lost = ids.slice(10, 14);
  const stream = (await harness.stream('Contact')).id;
  for (const id of lost) {
    await db.tenantTx(harness.tenant, (tx) =>
      tx.query('delete from record where tenant = $1 and stream = $2 and ext_id = $3', [harness.tenant, stream, id]),
    );
  }
  expect((await harness.run('Contact')).error).toBeNull();
  expect((await harness.records('Contact')).size).toBe(ids.length - lost.length);
  await doors.objects.backfill(operator, { ...place, ...said, days: 'all' });
  expect((await harness.run('Contact')).error).toBeNull();
  expect([...(await harness.records('Contact')).keys()].toSorted()).toEqual(ids);
});
