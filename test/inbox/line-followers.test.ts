import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { salesforceConnector } from '../../src/connectors/salesforce/connector.ts';
import { startLineFollowers, type LineLogEvent, type LineWish } from '../../src/inbox/index.ts';
import { connectionId, systemClock, systemRandom, type TenantId } from '../../src/kernel/index.ts';
import { addTenant, readLine, wantLine, type Db, type LineKey } from '../../src/store/index.ts';
import { tcpLine, type TcpLine } from '../connectors/salesforce-pubsub-line.ts';
import { signIn, startSandbox, type SignedIn, type TestSandbox } from '../support/sandbox.ts';
import { describeEachStore } from '../support/stores.ts';

const connector = salesforceConnector({ clock: systemClock, random: systemRandom });

describeEachStore('lines of events and who follows them', (open) => {
  let db: Db;
  let sandbox: TestSandbox;
  let signed: SignedIn;
  let tcp: TcpLine;
  let key: LineKey;
  let wish: () => LineWish;
  let failKeeping: Error | null;
  let log: LineLogEvent[];
  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    db = await open();
    await db.query(
      'create table told (nr serial, tenant int, connection int, event text, record text, what text, gap text)',
    );
    await db.query('grant all on told, told_nr_seq to gantry_app');
    sandbox = await startSandbox('salesforce', { scale: 2_000 });
    signed = await signIn(sandbox, connector);
  });
  afterAll(() => sandbox.stop());

  let count = 0;
  beforeEach(async () => {
    count += 1;
    const tenant: TenantId = await addTenant(db, { slug: `t${count}`, at: new Date('2026-01-01') });
    key = { tenant, connection: connectionId(1) };
    tcp = await tcpLine(sandbox.health.details['pubsub'] ?? '');
    stops.push(tcp.stop);
    await sandbox.control('POST', 'pubsub', { keepaliveMs: 100 });
    failKeeping = null;
    log = [];
    wish = () => followed('1');
    await db.tenantTx(tenant, (tx) => wantLine(tx, key), 'test.want_line');
  });
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
    await db.query('delete from event_line');
  });

  const followed = (version: string): LineWish => ({
    kind: 'follow',
    target: {
      slug: 'crm',
      stream: connector.events?.stream ?? { follow: () => Promise.reject(new Error('no stream')) },
      access: signed.access,
      objects: ['Account'],
      endpoint: tcp.endpoint,
      version,
    },
  });

  function start(name: string): { stop(): Promise<void> } {
    const followers = startLineFollowers({
      onTurn: () => undefined,
      db,
      clock: systemClock,
      random: systemRandom,
      name,
      lookMs: 50,
      wishOf: async () => wish(),
      keep: async (tx, { tenant, connection, events, gaps }) => {
        for (const { id, recordId, what } of events)
          await tx.query('insert into told (tenant, connection, event, record, what) values ($1, $2, $3, $4, $5)', [
            tenant,
            connection,
            id,
            recordId,
            what,
          ]);
        for (const gap of gaps)
          await tx.query('insert into told (tenant, connection, gap) values ($1, $2, $3)', [tenant, connection, gap]);
        if (failKeeping !== null && events.length > 0) throw failKeeping;
      },
      onKept: () => undefined,
      onEvent: (event) => log.push(event),
    });
    stops.push(() => followers.stop());
    return followers;
  }

  const told = async (): Promise<{ event: string | null; record: string | null; what: string; gap: string | null }[]> =>
    db.query('select event, record, what, gap from told where tenant = $1 order by nr', [key.tenant]);
  const records = async (): Promise<(string | null)[]> =>
    (await told()).filter(({ gap }) => gap === null).map(({ record }) => record);
  const line = (): ReturnType<typeof readLine> => readLine(db, key);
  const isLive = async (): Promise<void> => {
    await expect.poll(async () => (await line())?.state, { timeout: 120_000, interval: 20 }).toBe('live');
  };
  const newAccount = async (): Promise<string> =>
    (await sandbox.mutate({ op: 'create', object: 'Account', fields: { Name: 'Neu' } })).id;
  /** As if the time until then had passed. */
  const due = (): Promise<unknown> =>
    db.query("update event_line set due_at = now() - interval '1 second' where tenant = $1", [key.tenant]);

  it('keeps what is told with the place, and says once that the object is to be read', async () => {
    start('a');
    await isLive();
    const id = await newAccount();
    await expect.poll(records, { timeout: 120_000, interval: 20 }).toEqual([id]);
    expect((await told()).filter(({ gap }) => gap !== null)).toEqual([expect.objectContaining({ gap: 'Account' })]);
    expect(await line()).toMatchObject({ state: 'live', failures: 0, lastError: null, position: { kind: 'replay' } });
  });

  it('has one follower however many processes there are, and the next goes on where it stopped (H3)', async () => {
    const first = start('a');
    await isLive();
    start('b');
    await systemClock.sleep(300);
    expect(tcp.opened()).toBe(1);
    const one = await newAccount();
    await expect.poll(records, { timeout: 120_000, interval: 20 }).toEqual([one]);
    await first.stop();
    const two = await newAccount();
    await expect.poll(records, { timeout: 120_000, interval: 50 }).toEqual([one, two]);
    expect(tcp.opened()).toBe(2);
  });

  it('has kept nothing of a batch whose transaction failed, and hears it again (H1)', async () => {
    start('a');
    await isLive();
    failKeeping = new Error('the database went away');
    const id = await newAccount();
    await expect.poll(async () => (await line())?.failures, { timeout: 120_000, interval: 20 }).toBeGreaterThan(0);
    expect(await records()).toEqual([]);
    failKeeping = null;
    await due();
    await expect.poll(records, { timeout: 120_000, interval: 50 }).toEqual([id]);
  });

  it('keeps nothing once somebody else has the line (H1)', async () => {
    start('a');
    await isLive();
    // What a process that slept past its lease finds.
    await db.query("update event_line set holder = 'b', due_at = now() + interval '1 hour' where tenant = $1", [
      key.tenant,
    ]);
    await newAccount();
    await systemClock.sleep(400);
    expect(await records()).toEqual([]);
    expect(await line()).toMatchObject({ state: 'live' });
    expect(log.filter(({ kind }) => kind === 'event_line_broke')).toEqual([]);
  });

  it('opens a line again that was reset, later with each failure, and loses nothing (S12)', async () => {
    start('a');
    await isLive();
    tcp.reset();
    await expect.poll(async () => (await line())?.state, { timeout: 120_000, interval: 10 }).toBe('waiting');
    expect(await line()).toMatchObject({ failures: 1, lastError: { code: 'upstream_unavailable' } });
    const id = await newAccount();
    await due();
    await expect.poll(records, { timeout: 120_000, interval: 50 }).toEqual([id]);
    expect(await line()).toMatchObject({ failures: 0, lastError: null });
  });

  it('reads everything again when the provider forgot the place (S6)', async () => {
    const first = start('a');
    await isLive();
    await first.stop();
    const forgotten = { kind: 'replay', replay: { '/data/AccountChangeEvent': 'AAAAAAAAAAEAAA==' } };
    await db.query('update event_line set position = $2 where tenant = $1', [key.tenant, JSON.stringify(forgotten)]);
    await db.query('delete from told');
    await due();
    start('b');
    const gaps = async (): Promise<number> => (await told()).filter(({ gap }) => gap === 'Account').length;
    await expect.poll(gaps, { timeout: 120_000, interval: 20 }).toBe(1);
    expect(await line()).toMatchObject({ position: null, lastError: { code: 'cursor_expired' } });
    await due();
    await isLive();
    // And once more for what happened between the two.
    expect(await gaps()).toBe(2);
  });

  it('lets go of what is not to be followed now, and removes what nobody wants', async () => {
    wish = () => ({ kind: 'not_now' });
    start('a');
    await systemClock.sleep(200);
    expect(await line()).toMatchObject({ state: 'waiting', failures: 0 });
    expect(tcp.opened()).toBe(0);
    wish = () => ({ kind: 'never' });
    await due();
    await expect.poll(line, { timeout: 120_000, interval: 50 }).toBeNull();
  });
});
