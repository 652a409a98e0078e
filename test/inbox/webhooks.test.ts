import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { zendeskConnector } from '../../src/connectors/zendesk/connector.ts';
import type { ConnectorSession, WebhookDelivery } from '../../src/connectors/index.ts';
import {
  countDeadEvents,
  createReceiver,
  deadEvents,
  dropDeadEvents,
  emptyInbox,
  replayDeadEvents,
  startInboxWorker,
  type InboxLogEvent,
} from '../../src/inbox/index.ts';
import { gatherEvents } from '../../src/inbox/gather.ts';
import { GantryError, systemClock, systemRandom } from '../../src/kernel/index.ts';
import {
  addWebhook,
  ingestRecords,
  listInboxEvents,
  listQuarantine,
  pauseStream,
  readWebhook,
  rotateWebhookSecret,
  saveQuarantine,
  type Db,
  type InboxKey,
} from '../../src/store/index.ts';
import { syncHarness, type SyncHarness } from '../sync/harness.ts';
import { startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';

const ADDRESS = 'a'.repeat(43);
const connector = zendeskConnector({ clock: systemClock, random: systemRandom });
const secrets = { open: 'first secret' };

interface Telling {
  readonly type?: string;
  readonly secret?: string;
  /** Signed then. */
  readonly at?: Date;
  /** Happened then. */
  readonly time?: Date;
}

/** As Zendesk signs and tells it (developer.zendesk.com, "Webhook event types reference"). */
function told(
  id: string,
  record: string,
  { type = 'ticket.status_changed', secret = secrets.open, at = new Date(), time = at }: Telling = {},
): WebhookDelivery {
  const body = JSON.stringify({
    id,
    type: `zen:event-type:${type}`,
    subject: `zen:${type.split('.')[0] ?? ''}:${record}`,
    time: time.toISOString(),
    detail: {},
    event: {},
  });
  const stamp = at.toISOString();
  return {
    headers: {
      'x-zendesk-webhook-signature-timestamp': stamp,
      'x-zendesk-webhook-signature': createHmac('sha256', secret).update(`${stamp}${body}`).digest('base64'),
    },
    body: Buffer.from(body),
    url: `https://gantry.example.com/hooks/${ADDRESS}`,
    method: 'POST',
    receivedAt: new Date(),
  };
}

describeEachStore('webhooks from Zendesk', (open) => {
  let db: Db;
  let sandbox: TestSandbox;
  let harness: SyncHarness;
  let key: InboxKey;
  let ids: string[];
  let session: ConnectorSession | null;
  let log: InboxLogEvent[] = [];
  let refusals = 0;
  const stops: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    db = await open();
    secrets.open = 'first secret';
    sandbox = await startSandbox('zendesk', { scale: 2_000 });
    harness = await syncHarness(db, sandbox, ['tickets', 'organizations'], { slug: 'acme' });
    const { tenant, target } = harness;
    key = { tenant, connection: target.connection };
    ({ session } = target);
    for (const object of ['tickets', 'organizations']) expect((await harness.run(object)).error).toBe(null);
    ids = [...(await harness.records('tickets')).keys()];
    await db.tenantTx(tenant, (tx) => addWebhook(tx, key, { address: ADDRESS, secret: Buffer.from(secrets.open) }));
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    ({ session } = harness.target);
    log = [];
  });
  afterAll(() => sandbox.stop());

  const receiver = (store: Db = db) =>
    createReceiver({
      db: store,
      clock: systemClock,
      sourceOf: async () => connector.events?.webhooks ?? null,
      openSecret: async (_tx, _key, sealed) => Buffer.from(sealed).toString(),
      onEvent: () => (refusals += 1),
    });
  const emptying = {
    random: systemRandom,
    sessionOf: async () => session,
    onEvent: (event: InboxLogEvent) => log.push(event),
    wakeSync: () => undefined,
  };
  const empty = (): Promise<void> =>
    emptyInbox({ db, ...emptying }, { ...key, holder: 'test' }, new AbortController().signal);
  const inState = (state: string) => db.tenantTx(key.tenant, (tx) => listInboxEvents(tx, key, { state, limit: 5_000 }));
  const ticket = async (id: string) => (await harness.records('tickets')).get(id);
  const at = (index: number): string => ids[index] ?? '';
  const passTime = async (): Promise<void> => {
    await db.query(`update inbox_turn set due_at = now() - interval '1 hour' where due_at is not null`);
    await db.tenantTx(key.tenant, (tx) =>
      tx.query(`update inbox_event set due_at = $2 where tenant = $1 and state = 'waiting'`, [
        key.tenant,
        new Date(tx.now.getTime() - 3_600_000),
      ]),
    );
  };

  it('H4: is on disk before it is answered, and read by a process that comes later', async () => {
    await sandbox.mutate({ op: 'update', object: 'tickets', id: at(0), fields: { subject: 'gerade geändert' } });
    expect(await receiver()(ADDRESS, told('e1', at(0)))).toEqual({ kind: 'kept', events: 1 });
    expect((await inState('waiting')).map(({ id, recordId }) => [id, recordId])).toEqual([['e1', at(0)]]);
    expect(await ticket(at(0))).not.toMatchObject({ subject: 'gerade geändert' });
    await empty();
    expect(await ticket(at(0))).toMatchObject({ subject: 'gerade geändert' });
    expect(await inState('waiting')).toEqual([]);
  });

  it('H1: the same event twice, and once more when it was read, is one', async () => {
    const receive = receiver();
    await Promise.all([receive(ADDRESS, told('e2', at(1))), receive(ADDRESS, told('e2', at(1)))]);
    expect(await inState('waiting')).toHaveLength(1);
    await empty();
    await receive(ADDRESS, told('e2', at(1)));
    expect(await inState('waiting')).toEqual([]);
  });

  it('H1: a wrong signature is refused, counted, and nothing of it is kept; a former secret is good for a while', async () => {
    const receive = receiver();
    const before = refusals;
    const forged = receive(ADDRESS, told('e3', at(2), { secret: 'guessed' }));
    await expect(forged).rejects.toMatchObject({ code: 'webhook_signature_invalid' });
    const old = new Date(Date.now() - 600_000);
    await expect(receive(ADDRESS, told('e3', at(2), { at: old }))).rejects.toMatchObject({ status: 401 });
    expect(refusals).toBe(before + 2);
    expect((await db.tenantTx(key.tenant, (tx) => readWebhook(tx, key)))?.refused).toBe(2);
    const rotate = (until: number) =>
      db.tenantTx(key.tenant, (tx) =>
        rotateWebhookSecret(tx, key, { secret: Buffer.from('second'), previousUntil: new Date(until) }),
      );
    await rotate(Date.now() + 60_000);
    expect(await receive(ADDRESS, told('e3', at(2), { secret: 'second' }))).toEqual({ kind: 'kept', events: 1 });
    expect(await receive(ADDRESS, told('e4', at(2)))).toEqual({ kind: 'kept', events: 1 });
    await rotate(0);
    await expect(receiver()(ADDRESS, told('e5', at(2)))).rejects.toMatchObject({ status: 401 });
    secrets.open = 'second';
    await empty();
  });

  it('H5: an address that nobody has is unknown, whatever the body says', async () => {
    expect(await receiver()('b'.repeat(43), told('e6', at(3)))).toEqual({ kind: 'unknown' });
    expect(await inState('waiting')).toEqual([]);
  });

  it('is not acknowledged while the database is away', async () => {
    const receive = receiver({ ...db, tenantTx: () => Promise.reject(new Error('the database is away')) });
    await expect(receive(ADDRESS, told('e7', at(3)))).rejects.toMatchObject({ code: 'webhook_not_kept', status: 503 });
    expect((await inState('waiting')).map(({ id }) => id)).not.toContain('e7');
  });

  it('a delivery that the database refuses takes no other along that came with it', async () => {
    const keep = gatherEvents(db);
    const event = (id: string, when: Date | null) =>
      keep(key, [{ id, object: 'tickets', recordId: at(3), what: 'changed', at: when }]);
    // While the first is kept the others gather.
    const ends = await Promise.allSettled([
      event('g1', null),
      event('g2', null),
      event('g3', new Date('+012345-01-01T00:00:00Z')),
      event('g4', null),
    ]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    const kept = (await inState('waiting')).map(({ id }) => id);
    expect(kept.filter((id) => id.startsWith('g')).toSorted()).toEqual(['g1', 'g2', 'g4']);
    await empty();
  });

  it('a delivery that comes in the moment when those before it were kept waits for none after it', async () => {
    const keep = gatherEvents(db);
    for (let moments = 0; moments < 8; moments += 1) {
      await keep(key, [{ id: `m${String(moments)}`, object: 'tickets', recordId: at(3), what: 'changed', at: null }]);
      for (let passed = 0; passed < moments; passed += 1) await Promise.resolve();
    }
    expect((await inState('waiting')).filter(({ id }) => id.startsWith('m'))).toHaveLength(8);
    await empty();
  });

  it('is kept without its time where that is none of a calendar', async () => {
    const time = new Date('+012345-01-01T00:00:00Z');
    expect(await receiver()(ADDRESS, told('g5', at(3), { at: new Date(), time }))).toEqual({
      kind: 'kept',
      events: 1,
    });
    expect((await inState('waiting')).find(({ id }) => id === 'g5')?.at).toBe(null);
    await empty();
  });

  it('H2, I2: a deletion that was told stays, whatever comes late; an older event changes nothing', async () => {
    const receive = receiver();
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: at(4) });
    await receive(ADDRESS, told('e8', at(4), { type: 'ticket.soft_deleted', time: new Date(Date.now() + 1_000) }));
    await empty();
    expect(await ticket(at(4))).toBe(undefined);
    await receive(ADDRESS, told('e9', at(4), { type: 'ticket.created', time: new Date(0) }));
    await empty();
    expect(await ticket(at(4))).toBe(undefined);
  });

  it('keeps no value aside of a record whose deletion was told', async () => {
    const { tenant } = key;
    const { id: stream } = await harness.stream('tickets');
    const fields = [{ field: 'due_at', reason: 'not a date', value: 'a secret' }];
    const records = [{ id: at(110), fields }];
    await db.tenantTx(tenant, (tx) => saveQuarantine(tx, { tenant, stream, schemaVersion: 1, records }));
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: at(110) });
    const time = new Date(Date.now() + 1_000);
    await receiver()(ADDRESS, told('e14', at(110), { type: 'ticket.soft_deleted', time }));
    await empty();
    expect(await inState('waiting')).toEqual([]);
    expect(await ticket(at(110))).toBe(undefined);
    expect(await db.tenantRead(tenant, (tx) => listQuarantine(tx, { tenant, stream, limit: 5 }))).toEqual([]);
  });

  it('brings no record back that was found to be gone while it was read', async () => {
    const { tenant } = key;
    const { session: real } = harness.target;
    const { id: stream } = await harness.stream('tickets');
    const gone = { id: at(111), hash: '', docText: '', srcAt: null, deleted: true };
    session = {
      ...real,
      readRecords: async (object, wanted) => {
        const read = await real.readRecords?.(object, wanted);
        await db.tenantTx(tenant, (tx) => ingestRecords(tx, { tenant, stream, records: [gone], seenAt: tx.now }));
        return read ?? { records: [], missing: wanted, readAt: new Date() };
      },
    };
    await receiver()(ADDRESS, told('e15', at(111)));
    await empty();
    expect(await inState('waiting')).toEqual([]);
    expect(await ticket(at(111))).toBe(undefined);
    // Read after that, it is there again.
    session = real;
    await receiver()(ADDRESS, told('e16', at(111)));
    await empty();
    expect(await ticket(at(111))).toBeDefined();
  });

  it('leaves what was told of an object that is paused until it is resumed', async () => {
    const { tenant, connection } = key;
    const turn = (note: string | null) =>
      db.tenantTx(tenant, (tx) => {
        const pause = note === null ? null : { by: 'ann', at: tx.now.toISOString(), note };
        return pauseStream(tx, { tenant, connection, object: 'tickets', pause });
      });
    await turn('a migration over there');
    await sandbox.mutate({ op: 'update', object: 'tickets', id: at(112), fields: { subject: 'nach der Pause' } });
    await receiver()(ADDRESS, told('e17', at(112)));
    const calls = harness.signedIn.calls.length;
    await empty();
    expect(harness.signedIn.calls.length).toBe(calls);
    expect((await inState('waiting')).map(({ id, tries }) => [id, tries])).toEqual([['e17', 0]]);
    // Nobody looks at it again and again.
    expect(await db.query('select due_at from inbox_turn where due_at is not null')).toEqual([]);
    await turn(null);
    await empty();
    expect(await inState('waiting')).toEqual([]);
    expect(await ticket(at(112))).toMatchObject({ subject: 'nach der Pause' });
  });

  it('reads the others of a call that one record spoils, and gives up that one alone', async () => {
    const { session: real } = harness.target;
    const some = ids.slice(113, 153);
    const [, , , bad = ''] = some;
    session = {
      ...real,
      readRecords: async (object, wanted) => {
        const spoilt = new GantryError('upstream_malformed', { message: 'The answer ends too early.' });
        if (wanted.includes(bad)) throw spoilt;
        return (await real.readRecords?.(object, wanted)) ?? { records: [], missing: wanted, readAt: new Date() };
      },
    };
    const receive = receiver();
    for (const id of some) await receive(ADDRESS, told(`s${id}`, id));
    await empty();
    expect((await inState('waiting')).map(({ id }) => id)).toEqual([`s${bad}`]);
    for (let round = 1; round < 12; round += 1) {
      await passTime();
      await empty();
    }
    expect((await inState('dead')).map(({ id }) => id)).toEqual([`s${bad}`]);
    session = real;
    expect(await replayDeadEvents(db, key.tenant, { connection: key.connection, id: null })).toBe(1);
    await empty();
    expect(await inState('waiting')).toEqual([]);
  });

  it('I2: a record that is missing without a word of deletion is looked for by its stream, not deleted', async () => {
    await sandbox.mutate({ op: 'delete', object: 'tickets', id: at(5) });
    await db.tenantTx(key.tenant, (tx) =>
      tx.query(`update stream set due_at = $2 where tenant = $1 and object = 'tickets'`, [
        key.tenant,
        new Date('2100-01-01'),
      ]),
    );
    await receiver()(ADDRESS, told('e10', at(5)));
    await empty();
    expect(await ticket(at(5))).toBeDefined();
    expect((await harness.stream('tickets')).dueAt.getFullYear()).toBeLessThan(2100);
  });

  it('reads a hundred records with one call, and each once', async () => {
    const receive = receiver();
    const some = ids.slice(10, 110);
    const calls = harness.signedIn.calls.length;
    await Promise.all(
      some.flatMap((id) => [receive(ADDRESS, told(`a${id}`, id)), receive(ADDRESS, told(`b${id}`, id))]),
    );
    await empty();
    expect(await inState('waiting')).toEqual([]);
    expect(harness.signedIn.calls.length - calls).toBe(Math.ceil(some.length / 100));
  });

  it('is tried again after a failure, given up with its cause in the end, and replayed', async () => {
    const { session: real } = harness.target;
    const broken = new GantryError('upstream_unavailable', { message: 'The provider is away.' });
    session = { ...real, readRecords: () => Promise.reject(broken) };
    await sandbox.mutate({ op: 'update', object: 'tickets', id: at(6), fields: { subject: 'zuletzt' } });
    await receiver()(ADDRESS, told('e11', at(6)));
    let rounds = 0;
    for (; (await inState('dead')).length === 0 && rounds < 50; rounds += 1) {
      await empty();
      await passTime();
    }
    expect(rounds).toBe(12);
    const [dead] = await inState('dead');
    expect(dead).toMatchObject({ id: 'e11', tries: 12, lastError: { code: 'upstream_unavailable' } });
    session = real;
    expect(await countDeadEvents(db, key.tenant)).toEqual([
      {
        connection: key.connection,
        events: 1,
        oldest: dead?.receivedAt,
        causes: [{ code: 'upstream_unavailable', events: 1 }],
      },
    ]);
    const [shown] = await deadEvents(db, key.tenant, { connection: null, limit: 10 });
    expect(shown).toMatchObject({ connection: key.connection, id: 'e11', object: 'tickets', recordId: at(6) });
    expect(await replayDeadEvents(db, key.tenant, { connection: key.connection, id: 'another' })).toBe(0);
    expect(await replayDeadEvents(db, key.tenant, { connection: key.connection, id: 'e11' })).toBe(1);
    await empty();
    expect(await ticket(at(6))).toMatchObject({ subject: 'zuletzt' });
  });

  it('is dropped by somebody, with who and why, and not told again', async () => {
    await receiver()(ADDRESS, told('e13', at(9)));
    await db.query(`update inbox_event set state = 'dead' where event = 'e13'`);
    const drop = { connection: key.connection, id: null, by: 'ann', reason: 'the ticket is a test' };
    expect(await dropDeadEvents(db, key.tenant, drop)).toBe(1);
    expect(await countDeadEvents(db, key.tenant)).toEqual([]);
    const rows = await db.query<{ state: string; dropped: object }>(
      `select state, dropped from inbox_event where event = 'e13'`,
    );
    expect(rows).toMatchObject([{ state: 'done', dropped: { by: 'ann', reason: 'the ticket is a test' } }]);
    await receiver()(ADDRESS, told('e13', at(9)));
    expect(await inState('waiting')).toEqual([]);
    expect(await replayDeadEvents(db, key.tenant, { connection: key.connection, id: null })).toBe(0);
  });

  it('waits, without counting it as a try, while the connection is paused', async () => {
    session = null;
    await receiver()(ADDRESS, told('e12', at(7)));
    await empty();
    expect((await inState('waiting')).map(({ id, tries }) => [id, tries])).toEqual([['e12', 0]]);
    ({ session } = harness.target);
    await passTime();
    await empty();
    expect(await inState('waiting')).toEqual([]);
  });

  it('H4: a burst is kept whole and read by workers that share it', async () => {
    for (const name of ['one', 'two']) {
      const worker = startInboxWorker({ db, clock: systemClock, name, ...emptying });
      stops.push(() => worker.stop());
    }
    const receive = receiver();
    await sandbox.mutate({ op: 'update', object: 'tickets', id: at(8), fields: { subject: 'mitten im Sturm' } });
    const burst = Array.from({ length: 1_000 }, (_, index) => told(`burst-${index}`, at(index % ids.length)));
    const answers = await Promise.all(burst.map((delivery) => receive(ADDRESS, delivery)));
    expect(answers.every(({ kind }) => kind === 'kept')).toBe(true);
    await expect.poll(() => inState('waiting'), { timeout: 120_000, interval: 250 }).toEqual([]);
    const done = new Set((await inState('done')).map(({ id }) => id));
    expect(burst.filter((_, index) => !done.has(`burst-${index}`))).toEqual([]);
    expect(await ticket(at(8))).toMatchObject({ subject: 'mitten im Sturm' });
  }, 300_000);

  it('H3: what was never told is found by the next reading', async () => {
    await sandbox.mutate({
      op: 'update',
      object: 'organizations',
      id: await first('organizations'),
      fields: { name: 'Ungemeldet AG' },
    });
    // What Zendesk holds back of the last minute.
    await sandbox.control('POST', 'clock', { advanceMs: 120_000 });
    expect((await harness.run('organizations')).error).toBe(null);
    const names = [...(await harness.records('organizations')).values()].map((doc) => doc['name']);
    expect(names).toContain('Ungemeldet AG');
  });

  const first = async (object: string): Promise<string> => [...(await harness.records(object)).keys()][0] ?? '';
});
