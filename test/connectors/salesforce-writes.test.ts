import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type ConnectorSession,
  type SessionWrites,
  type WriteItem,
  type WriteRequest,
} from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type TestSandbox } from '../support/sandbox.ts';
import { writeContract, type WriteFacts } from './write-suite.ts';

const contacts: WriteFacts = {
  provider: 'salesforce',
  object: 'Contact',
  prepare: async (sandbox) => {
    await sandbox.control('POST', 'limits', { bulkQueueMs: 0, bulkWritesPerSecond: 10_000 });
  },
  values: (n) => ({ LastName: `Neu ${n}, "Anna"`, Title: 'Einkauf; Technik' }),
  change: { Title: 'Leitung' },
  refused: { values: { FirstName: 'Ohne Nachnamen' }, code: 'value_missing' },
  passing: 'UNABLE_TO_LOCK_ROW',
  lasting: { error: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', code: 'rule_refused' },
  jobsAreClosed: true,
  upsert: { field: 'Gantry_Key__c', value: (n) => `own-${n}` },
};

writeContract({ ...contacts, variant: 'with a field for keys' });

const { upsert: _byKey, ...unkeyed } = contacts;
writeContract({
  ...unkeyed,
  variant: 'without a field for keys',
  start: { withoutMarker: true },
  lostCreate: 'unclear',
  resendable: false,
});

describe('salesforce: bulk jobs and external ids', () => {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), 'salesforce');
  let sandbox: TestSandbox;
  let session: ConnectorSession;
  let writes: SessionWrites;
  let account: NativeObject;
  beforeAll(async () => {
    sandbox = await startSandbox('salesforce', { scale: 2_000 });
    await sandbox.control('POST', 'limits', { bulkQueueMs: 0, bulkWritesPerSecond: 10_000 });
    session = connector.open((await signIn(sandbox, connector)).access);
    account = await session.describeObject('Account');
    if (session.writes === undefined) throw new Error('the session does not write');
    ({ writes } = session);
  }, 300_000);
  afterAll(() => sandbox.stop());

  const item = (key: string, values: Readonly<Record<string, Json>>, more: Partial<WriteItem> = {}): WriteItem => ({
    key,
    recordId: null,
    // Customers need a number, says a rule of this org.
    values: { Kundennummer__c: `N-${key}`, ...values },
    match: null,
    ifVersion: null,
    ...more,
  });
  const request = (items: readonly WriteItem[], more: Partial<WriteRequest> = {}): WriteRequest => ({
    object: account,
    operation: 'create',
    form: 'job',
    items,
    beforeSend: async () => undefined,
    onJob: async () => undefined,
    job: null,
    signal: new AbortController().signal,
    ...more,
  });
  const named = async (name: string): Promise<number> =>
    (await writes.findBy(account, 'Name', [name])).get(name)?.length ?? 0;

  it('tells of a job before anything in it can take effect, and goes on with one that it did not see the end of', async () => {
    const items = [item('job-1', { Name: 'Erste GmbH' }), item('job-2', { Name: 'Zweite, "KG"\nin Kiel' })];
    let told: JsonObject | null = null;
    const stopped = writes.send(
      request(items, {
        onJob: async (job) => {
          told = job;
          expect(await named('Erste GmbH')).toBe(0);
        },
        beforeSend: () => Promise.reject(new Error('stopped')),
      }),
    );
    await expect(stopped).rejects.toThrow('stopped');
    expect(await named('Erste GmbH')).toBe(0);
    expect(await writes.settle(request(items, { job: told }), new Map())).toEqual([
      { kind: 'not_applied' },
      { kind: 'not_applied' },
    ]);
    // It was never closed: it is ended for good, and nothing is sent in its place.
    const jobs: JsonObject[] = [];
    const sent: string[] = [];
    const watching = {
      onJob: async (job: JsonObject) => void jobs.push(job),
      beforeSend: async () => void sent.push(''),
    };
    for (let times = 0; times < 2; times += 1) {
      const ended = await writes.send(request(items, { job: told, ...watching }));
      expect(ended).toMatchObject([{ kind: 'try_again' }, { kind: 'try_again' }]);
    }
    expect([jobs, sent, await named('Erste GmbH')]).toEqual([[], [], 0]);
    const outcomes = await writes.send(request(items, watching));
    expect(outcomes).toMatchObject([{ kind: 'applied' }, { kind: 'applied' }]);
    expect(jobs).toHaveLength(1);
    expect(jobs[0]).not.toEqual(told);
    // Gone on with after its end: the same is told, and nothing is sent.
    const [first, second] = await writes.send(
      request(items, { job: jobs[0] ?? null, beforeSend: () => Promise.reject(new Error('sent')) }),
    );
    expect([first, second]).toEqual(outcomes);
    expect(await writes.settle(request(items, { job: jobs[0] ?? null }), new Map())).toEqual(
      outcomes.map((outcome) => ({
        kind: 'applied',
        recordId: outcome.kind === 'applied' ? outcome.recordId : '',
        created: true,
      })),
    );
    const [image] = await writes.readImages(account, [second?.kind === 'applied' ? second.recordId : ''], ['Name']);
    expect(image?.values['Name']).toBe('Zweite, "KG"\nin Kiel');
  });

  it('spreads what a job did before it failed, and what it did not come to', async () => {
    await sandbox.control('POST', 'bulk', { failIngest: 1, afterRows: 3 });
    const items = Array.from({ length: 8 }, (_empty, at) =>
      item(`fail-${at}`, at === 1 ? { Phone: '1' } : { Name: `Teil ${at}` }),
    );
    const outcomes = await writes.send(request(items));
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'applied',
      'refused',
      'applied',
      ...Array.from({ length: 5 }, () => 'try_again'),
    ]);
    expect(outcomes[1]).toMatchObject({
      refusal: { code: 'value_missing', native: 'REQUIRED_FIELD_MISSING', fields: ['Name'] },
    });
    // What was written is not written again; the rest is.
    const again = await writes.send(request(items.filter((_each, at) => at !== 1)));
    expect(again.map((outcome) => outcome.kind === 'applied' && outcome.existed)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('a job whose closing got no answer is gone on with or told by its results', async () => {
    const items = [item('lost-1', { Name: 'Verloren AG' })];
    const jobs: JsonObject[] = [];
    const match = { method: 'PATCH', path: '/services/data/v62.0/jobs/ingest' };
    await sandbox.control('POST', 'faults', { match, action: { reset: true } });
    const outcomes = await writes.send(request(items, { onJob: async (job) => void jobs.push(job) }));
    expect(outcomes).toEqual([{ kind: 'unknown' }]);
    expect(await writes.settle(request(items, { job: jobs[0] ?? null }), new Map())).toEqual([{ kind: 'not_applied' }]);
    await sandbox.control('POST', 'faults', { match, action: { reset: true, applied: true } });
    // The first is ended by the attempt that goes on with it; its own closing is what is cut here.
    const second = await writes.send(request([item('lost-2', { Name: 'Angekommen AG' })]));
    expect(second).toMatchObject([{ kind: 'applied', created: true }]);
    expect(await named('Verloren AG')).toBe(0);
  });

  it('sends nothing of a job that could not be kept', async () => {
    let asked = 0;
    const beforeSend = async (): Promise<void> => void (asked += 1);
    const full = request([item('unkept', { Name: 'Nie behalten AG' })], {
      beforeSend,
      onJob: () => Promise.reject(new GantryError('store_unavailable', { message: 'The database is away.' })),
    });
    await expect(writes.send(full)).rejects.toMatchObject({ code: 'store_unavailable' });
    expect([asked, await named('Nie behalten AG')]).toEqual([0, 0]);
  });

  it('writes any text by a job as it is, but the one that means empty', async () => {
    const texts = ['a,b', 'zwei\nZeilen', '"in Zeichen"', ' Rand ', "=1+1;'x'", 'ä€😀', '#N/A'];
    const items = texts.map((text, at) => item(`csv-${at}`, { Name: `CSV ${at}`, Description: text }));
    const outcomes = await writes.send(request(items));
    expect(outcomes.at(-1)).toMatchObject({ kind: 'refused', refusal: { code: 'value_not_allowed' } });
    const ids = outcomes.flatMap((each) => (each.kind === 'applied' ? [each.recordId] : []));
    const images = await writes.readImages(account, ids, ['Description']);
    expect(images.map(({ values }) => values['Description'])).toEqual(texts.slice(0, -1));
    const emptied = ids.map((recordId) => item('e', {}, { recordId, values: { Description: null } }));
    await writes.send(request(emptied, { operation: 'update' }));
    const after = await writes.readImages(account, ids, ['Description', 'Name']);
    expect(after.map(({ values }) => [values['Description'], values['Name']])).toEqual(
      ids.map((_id, at) => [null, `CSV ${at}`]),
    );
  });

  it('updates or creates by a unique field, and says which', async () => {
    const field = 'Kundennummer__c';
    const upsert = (value: string, name: string): WriteItem =>
      item(`u-${value}`, {}, { values: { Name: name }, match: { field, value } });
    for (const form of ['single', 'collection', 'job']) {
      const value = `K-${form}`;
      const send = async (name: string) =>
        (await writes.send(request([upsert(value, name)], { operation: 'upsert', form })))[0];
      expect(await send('Neu')).toMatchObject({ kind: 'applied', created: true, existed: false });
      expect(await send('Anders')).toMatchObject({ kind: 'applied', created: false });
      expect((await writes.findBy(account, field, [value, 'K-nobody'])).get(value)).toHaveLength(1);
    }
  });

  it('takes nothing for granted that it was not told of this very record', async () => {
    const made = await writes.send(
      request([item('odd-1', { Name: 'A' }), item('odd-2', { Name: 'B' })], { form: 'collection' }),
    );
    const [a = '', b = ''] = made.flatMap((each) => (each.kind === 'applied' ? [each.recordId] : []));
    const updates = [a, b].map((recordId) => item('odd-u', {}, { recordId, values: { Phone: '030' } }));
    const match = { method: 'PATCH', path: '/services/data/v62.0/composite/sobjects' };
    const done = (id: string): JsonObject => ({ id, success: true, errors: [] });
    for (const body of [[done(a)], [done(b), done(a)], [done(''), {}], { success: true }, []]) {
      await sandbox.control('POST', 'faults', { match, action: { status: 200, body } });
      const outcomes = await writes.send(request(updates, { operation: 'update', form: 'collection' }));
      expect(outcomes, JSON.stringify(body)).toEqual([{ kind: 'unknown' }, { kind: 'unknown' }]);
    }
    expect(await writes.send(request(updates, { operation: 'update', form: 'collection' }))).toMatchObject([
      { kind: 'applied', recordId: a },
      { kind: 'applied', recordId: b },
    ]);
  });

  it('maps what Salesforce refuses to our codes', async () => {
    const codes = async (values: Readonly<Record<string, Json>>): Promise<unknown> => {
      const [outcome] = await writes.send(request([item('c-1', values)], { form: 'single' }));
      return outcome?.kind === 'refused'
        ? [outcome.refusal.code, outcome.refusal.native, ...outcome.refusal.fields]
        : outcome;
    };
    expect(await codes({ Name: 'x'.repeat(300) })).toEqual(['value_too_long', 'STRING_TOO_LONG', 'Name']);
    expect(await codes({ Name: 'x', OwnerId: '005000000000000AAA' })).toMatchObject({
      0: 'reference_missing',
      1: 'INVALID_CROSS_REFERENCE_KEY',
    });
    expect(await codes({ Name: 'x', CreatedDate: '2026-01-01T00:00:00.000Z' })).toEqual([
      'field_not_writable',
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      'CreatedDate',
    ]);
  });
});
