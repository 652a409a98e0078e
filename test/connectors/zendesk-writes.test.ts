import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type ConnectorSession,
  type SessionWrites,
  type WriteItem,
  type WriteOperation,
  type WriteRequest,
} from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom, type JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { writeContract, type WriteFacts } from './write-suite.ts';

const unhurried = { perMinute: 100_000, jobQueueMs: 0, jobStepMs: 0 };

const facts = {
  provider: 'zendesk',
  prepare: async (sandbox) => {
    await sandbox.control('POST', 'limits', unhurried);
  },
  passing: 'DatabaseConflict',
} satisfies Partial<WriteFacts>;

writeContract({
  ...facts,
  variant: 'tickets',
  object: 'tickets',
  values: (n) => ({ subject: `Ticket ${n}`, description: 'Die Rechnung fehlt.', priority: 'low' }),
  change: { priority: 'high' },
  refused: { values: { subject: 'ohne Text' }, code: 'value_missing' },
});

writeContract({
  ...facts,
  variant: 'users',
  object: 'users',
  values: (n) => ({ name: `Person ${n}`, email: `person${n}@neukunde.example`, notes: 'neu' }),
  change: { notes: 'geändert' },
  refused: { values: { notes: 'ohne Namen' }, code: 'value_missing' },
  upsert: { field: 'external_id', value: (n) => `person-${n}` },
});

writeContract({
  ...facts,
  variant: 'organizations',
  object: 'organizations',
  values: (n) => ({ name: `Neukunde ${n}`, notes: 'neu' }),
  change: { notes: 'geändert' },
  refused: { values: { notes: 'ohne Namen' }, code: 'value_missing' },
  upsert: { field: 'external_id', value: (n) => `firma-${n}` },
});

describe('zendesk: jobs, create-or-update and what cannot be written', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'zendesk');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  let writes: SessionWrites;
  let made = 0;
  beforeAll(async () => {
    sandbox = await startSandbox('zendesk', { scale: 2_000 });
    await sandbox.control('POST', 'limits', unhurried);
    session = connector.open((await signIn(sandbox, connector, undefined, connector.writeScopes)).access);
    if (session.writes === undefined) throw new Error('the session does not write');
    ({ writes } = session);
  });
  afterAll(() => sandbox.stop());
  beforeEach(async () => {
    await sandbox.control('DELETE', 'faults');
  });

  const item = (given: Partial<WriteItem>): WriteItem => {
    made += 1;
    return { key: `z-${made}-${'x'.repeat(6)}`, recordId: null, values: {}, match: null, ifVersion: null, ...given };
  };
  const requestOf = (
    object: NativeObject,
    operation: WriteOperation,
    items: readonly WriteItem[],
    more: Partial<WriteRequest> = {},
  ): WriteRequest => ({
    object,
    operation,
    form: 'single',
    items,
    beforeSend: () => Promise.resolve(),
    onJob: () => Promise.resolve(),
    job: null,
    signal: new AbortController().signal,
    ...more,
  });
  const people = (count: number): WriteItem[] =>
    Array.from({ length: count }, (_empty, at) => item({ values: { name: `Job ${made}-${at}` } }));

  it('goes on with a job for some of its records, and asks the records where the job is forgotten', async () => {
    const users = await session.describeObject('users');
    const items = people(5);
    let job: JsonObject | null = null;
    const onJob = (known: JsonObject): Promise<void> => {
      job = known;
      return Promise.resolve();
    };
    const first = await writes.send(requestOf(users, 'create', items, { form: 'job', onJob }));
    const again = requestOf(users, 'create', items.slice(3), { form: 'job', job });
    expect(await writes.send(again)).toEqual(first.slice(3));
    const gone = { ...again, job: { ...Object(job), id: 'V3-forgotten' } as JsonObject };
    expect(await writes.send(gone)).toEqual(first.slice(3).map((one) => ({ ...one, existed: true })));
  });

  it('raises nothing after a job is theirs: what it did is known, or nobody knows', async () => {
    const users = await session.describeObject('users');
    const away = new GantryError('store_unavailable', { message: 'The database is away.' });
    const items = people(3);
    const unkept = requestOf(users, 'create', items, { form: 'job', onJob: () => Promise.reject(away) });
    expect(await writes.send(unkept)).toMatchObject(items.map(() => ({ kind: 'applied', created: true })));
    // Nobody waits for the job any more, and its number is not kept: reading tells later.
    const stop = new AbortController();
    const others = people(3);
    const onJob = (): Promise<void> => {
      stop.abort();
      return Promise.reject(away);
    };
    const match = { method: 'GET', path: '/api/v2/job_statuses' };
    await sandbox.control('POST', 'faults', { match, action: { status: 503, body: {} }, times: 20 });
    const left = requestOf(users, 'create', others, { form: 'job', onJob, signal: stop.signal });
    expect(await writes.send(left)).toEqual(others.map(() => ({ kind: 'unknown' })));
    await sandbox.control('DELETE', 'faults');
    await expect
      .poll(async () => (await writes.settle(left, new Map())).map(({ kind }) => kind))
      .toEqual(['applied', 'applied', 'applied']);
  });

  it('knows what a job did to the others where a refused one cannot be looked up', async () => {
    const users = await session.describeObject('users');
    const first = people(1);
    await writes.send(requestOf(users, 'create', first));
    const match = { method: 'GET', path: '/api/v2/users/show_many' };
    await sandbox.control('POST', 'faults', { match, action: { status: 503, body: {} }, times: 20 });
    const items = [...people(2), ...first];
    const outcomes = await writes.send(requestOf(users, 'create', items, { form: 'job' }));
    expect(outcomes).toMatchObject([{ kind: 'applied' }, { kind: 'applied' }, { kind: 'unknown' }]);
  });

  it('finds the records of a job whose answer was lost', async () => {
    const users = await session.describeObject('users');
    const items = people(3);
    const match = { method: 'POST', path: '/api/v2/users/create_many' };
    await sandbox.control('POST', 'faults', { match, action: { reset: true, applied: true } });
    const lost = requestOf(users, 'create', items, { form: 'job' });
    expect(await writes.send(lost)).toEqual(items.map(() => ({ kind: 'unknown' })));
    await expect
      .poll(async () => (await writes.settle(lost, new Map())).map(({ kind }) => kind))
      .toEqual(['applied', 'applied', 'applied']);
  });

  it('does not take a person for its own who may have been there under the other name', async () => {
    const users = await session.describeObject('users');
    const values = { name: 'Eva Alt', email: `eva${Date.now()}@neukunde.example` };
    const [there] = await writes.send(requestOf(users, 'create', [item({ values })]));
    if (there?.kind !== 'applied') throw new Error(JSON.stringify(there));
    await sandbox.control('POST', 'clock', { advanceMs: 5_000 });
    const lost = requestOf(users, 'upsert', [
      item({ values: { ...values, notes: 'neu' }, match: { field: 'external_id', value: `eva-${Date.now()}` } }),
    ]);
    const match = { method: 'POST', path: '/api/v2/users/create_or_update' };
    await sandbox.control('POST', 'faults', { match, action: { reset: true, applied: true } });
    expect(await writes.send(lost)).toEqual([{ kind: 'unknown' }]);
    // Zendesk has found her by her address, and has given her our external id.
    const [stands] = await writes.readImages(users, [there.recordId], ['notes']);
    expect(stands?.values).toEqual({ notes: 'neu' });
    expect(await writes.settle(lost, new Map())).toMatchObject([{ kind: 'unclear' }]);
  });

  it('writes custom fields, and refuses what Zendesk would take and not do', async () => {
    const tickets = await session.describeObject('tickets');
    expect(writes.wayOf(tickets, 'upsert').kind).toBe('no_way');
    const area = tickets.fields.find(({ label }) => label === 'Produktbereich')?.name ?? '';
    const values = { subject: 'Eigene Felder', description: 'Text', [area]: 'abrechnung', tags: ['Neu'] };
    const [outcome] = await writes.send(requestOf(tickets, 'create', [item({ values })]));
    if (outcome?.kind !== 'applied') throw new Error(JSON.stringify(outcome));
    const { recordId } = outcome;
    const [image] = await writes.readImages(tickets, [recordId], [area, 'tags', 'description']);
    expect(image?.values).toMatchObject({ [area]: 'abrechnung', description: 'Text' });
    const update = item({ recordId, values: { description: 'anders', priority: 'low' } });
    expect(await writes.send(requestOf(tickets, 'update', [update]))).toMatchObject([
      { kind: 'refused', refusal: { code: 'field_not_writable', fields: ['description'] } },
    ]);
    await expect(writes.findBy(tickets, 'subject', ['Eigene Felder'])).rejects.toMatchObject({
      code: 'upstream_refused',
    });
  });
});
