import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type Connector,
  type ConnectorSession,
  type ProviderAccess,
  type SessionWrites,
  type Settled,
  type WriteItem,
  type WriteOperation,
  type WriteOutcome,
  type WriteRefusalCode,
  type WriteRequest,
  type WriteWay,
} from '../../src/connectors/index.ts';
import { systemClock, systemRandom, type Json, type JsonObject } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type SandboxStart, type SignedIn, type TestSandbox } from '../support/sandbox.ts';

type Values = Readonly<Record<string, Json>>;

/** What the suite must know of how a provider is written; everything else holds for all of them. */
export interface WriteFacts {
  readonly provider: Parameters<typeof startSandbox>[0];
  readonly variant?: string;
  readonly start?: SandboxStart;
  /** In a browser, with the connector's scopes for writing, where absent. */
  readonly signIn?: (sandbox: TestSandbox, connector: Connector) => Promise<SignedIn>;
  prepare?(sandbox: TestSandbox): Promise<void>;
  readonly object: string;
  /** What a new record takes; `n` tells records apart. */
  values(n: number): Values;
  /** A change of one field. */
  readonly change: Values;
  /** Values that the provider refuses, with the code for it. */
  readonly refused: { readonly values: Values; readonly code: WriteRefusalCode };
  /** Failure on demand that passes by itself (`POST fail`); null: the provider has none of a single record. */
  readonly passing: string | null;
  /** Failure on demand that lasts, and what it becomes; absent: none is tried on batches. */
  readonly lasting?: { readonly error: string; readonly code: WriteRefusalCode };
  /** A job takes effect by a call of its own, after it was made and filled. */
  readonly jobsAreClosed?: true;
  /** What a sending that never arrived settles to, by operation; default `not_applied`. */
  readonly lostCreate?: Settled['kind'];
  /** Absent: there is no create-or-update. */
  readonly upsert?: { readonly field: string; value(n: number): Json };
  /** Of calls that write (`/regex/` or a prefix), where the same methods also read; absent: every POST, PUT, PATCH, DELETE. */
  readonly writePath?: string;
  /** The object's name in the sandbox's ledger; default `object`. */
  readonly ledgerName?: string;
  /** Whose class keeps a second sending of the same key from making a second record; default true. */
  readonly resendable?: boolean;
}

interface Entry {
  readonly seq: number;
  readonly effects: readonly {
    readonly op: string;
    readonly object: string;
    readonly id: string;
    readonly cause?: string;
  }[];
}

let made = 0;

/** Holds for every connector that writes, against its sandbox over HTTP. */
export function writeContract(facts: WriteFacts): void {
  const connector = requireConnector(connectorRegistry({ clock: systemClock, random: systemRandom }), facts.provider);
  let sandbox: TestSandbox;
  let connection: SignedIn;
  let session: ConnectorSession;
  let object: NativeObject;
  let seq = 0;
  const name = facts.ledgerName ?? facts.object;
  const enter = facts.signIn ?? ((at: TestSandbox, by: Connector) => signIn(at, by, undefined, by.writeScopes));

  const writes = (of: ConnectorSession = session): SessionWrites => {
    if (of.writes === undefined) throw new Error(`${facts.provider} does not write`);
    return of.writes;
  };
  const way = (operation: WriteOperation): WriteWay => {
    const answer = writes().wayOf(object, operation);
    if (answer.kind === 'no_way') throw new Error(answer.why);
    return answer.way;
  };
  const item = (given: Partial<WriteItem> & Pick<WriteItem, 'values'>): WriteItem => {
    made += 1;
    return { key: `w-${Date.now().toString(36)}-${made}`, recordId: null, match: null, ifVersion: null, ...given };
  };
  const fresh = (): WriteItem => item({ values: facts.values((made += 1)) });
  const request = (
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
  const send = (operation: WriteOperation, items: readonly WriteItem[], more: Partial<WriteRequest> = {}) =>
    writes().send(request(operation, items, more));
  const create = async (one: WriteItem = fresh()): Promise<string> => idOf((await send('create', [one]))[0]);
  const settle = async (operation: WriteOperation, one: WriteItem, form = 'single'): Promise<Settled | undefined> => {
    const asked = request(operation, [one], { form });
    const [settled] = await writes().settle(asked, new Map());
    return settled;
  };
  /** What callers asked for, since the test began. */
  const effects = async (): Promise<readonly string[]> => {
    const { entries } = await sandbox.control<{ entries: Entry[] }>('GET', `ledger?since=${seq}&limit=100000`);
    return entries
      .flatMap(({ effects: done }) => done)
      .filter((one) => one.object === name && one.cause === undefined)
      .map(({ op }) => op);
  };
  /** The next writing call loses its answer. */
  const lose = async (action: JsonObject): Promise<void> => {
    await sandbox.control('DELETE', 'faults');
    await sandbox.control('POST', 'faults', writingFaults(facts.writePath, action));
  };
  const image = async (id: string, fields: readonly string[] = []) => {
    const [found] = await writes().readImages(object, [id], fields);
    if (found === undefined) throw new Error('no image');
    return found;
  };

  describe(`write contract: ${facts.provider}${facts.variant === undefined ? '' : ` (${facts.variant})`}`, () => {
    beforeAll(async () => {
      sandbox = await startSandbox(facts.provider, { scale: 2_000, ...facts.start });
      await facts.prepare?.(sandbox);
      connection = await enter(sandbox, connector);
      session = connector.open(connection.access);
      object = await session.describeObject(facts.object);
    });
    afterAll(() => sandbox.stop());
    beforeEach(async () => {
      await sandbox.control('DELETE', 'faults');
      await sandbox.control('DELETE', 'fail');
      const { entries } = await sandbox.control<{ entries: Entry[] }>('GET', 'ledger?limit=100000');
      seq = entries.at(-1)?.seq ?? 0;
    });

    it('says how each operation is taken, and what it costs', () => {
      for (const operation of ['create', 'update', 'delete', 'upsert'] as const) {
        const answer = writes().wayOf(object, operation);
        if (answer.kind === 'no_way') {
          expect(answer.why).toMatch(/\.$/);
          continue;
        }
        const { forms } = answer.way;
        expect(forms.length).toBeGreaterThan(0);
        for (const form of forms) {
          expect(form.recordsMax).toBeGreaterThanOrEqual(form.recordsFrom);
          expect(writes().callsFor(object, operation, form.name, form.recordsMax)).toBeGreaterThan(0);
        }
      }
    });

    it('makes, changes and removes a record, one effect each', async () => {
      const one = fresh();
      const id = await create(one);
      const fields = Object.keys(facts.change);
      expect((await image(id, Object.keys(one.values))).missing).toBe(false);
      const [changed] = await send('update', [item({ recordId: id, values: facts.change })]);
      expect(changed).toMatchObject({ kind: 'applied', recordId: id });
      expect((await image(id, fields)).values).toMatchObject(facts.change);
      const [removed] = await send('delete', [item({ recordId: id, values: {} })]);
      expect(removed).toMatchObject({ kind: 'applied', recordId: id });
      expect((await image(id)).missing).toBe(true);
      expect(await effects()).toEqual(['create', 'update', 'delete']);
    });

    it('knows what it sent by how it is given back, and nothing else', async () => {
      const values = facts.values((made += 1));
      const { values: stands } = await image(await create(item({ values })), Object.keys(values));
      for (const [native, sent] of Object.entries(values)) {
        const field = object.fields.find((each) => each.name === native);
        if (field === undefined) throw new Error(`no field ${native}`);
        expect(writes().isSpelling?.(field, sent, stands[native] ?? null), native).toBe(true);
        expect(writes().isSpelling?.(field, sent, 'theirs'), native).toBe(false);
      }
    });

    it('finds out what became of a record whose answer was lost, and never makes a second', async () => {
      const one = fresh();
      await lose({ reset: true, applied: true });
      expect(await send('create', [one])).toEqual([{ kind: 'unknown' }]);
      const settled = await settle('create', one);
      if (way('create').dedupe === 'none') expect(settled?.kind).not.toBe('not_applied');
      else expect(settled).toMatchObject({ kind: 'applied', created: true });
      if (facts.resendable !== false) {
        const [again] = await send('create', [one]);
        expect(again).toMatchObject({ kind: 'applied', existed: true });
        if (settled?.kind === 'applied') expect(again).toMatchObject({ recordId: settled.recordId });
      }
      expect(await effects()).toEqual(['create']);
    });

    it('tells what never arrived from what was lost', async () => {
      const one = fresh();
      await lose({ status: 502 });
      expect(await send('create', [one])).toEqual([{ kind: 'unknown' }]);
      expect((await settle('create', one))?.kind).toBe(facts.lostCreate ?? 'not_applied');
      const id = await create();
      const before = await image(id, Object.keys(facts.change));
      const update = item({ recordId: id, values: facts.change });
      await lose({ status: 500 });
      expect(await send('update', [update])).toEqual([{ kind: 'unknown' }]);
      const [unsent] = await writes().settle(request('update', [update]), new Map([[update.key, before]]));
      expect(unsent).toEqual({ kind: 'not_applied' });
      await lose({ status: 503, applied: true });
      expect(await send('update', [update])).toEqual([{ kind: 'unknown' }]);
      const [sent] = await writes().settle(request('update', [update]), new Map([[update.key, before]]));
      expect(sent).toMatchObject({ kind: 'applied', recordId: id });
      await lose({ reset: true, applied: true });
      const removal = item({ recordId: id, values: {} });
      expect(await send('delete', [removal])).toEqual([{ kind: 'unknown' }]);
      expect(await settle('delete', removal)).toMatchObject({ kind: 'applied', recordId: id });
      expect(await effects()).toEqual(['create', 'update', 'delete']);
    });

    it('sends nothing without a connection, and nothing after beforeSend has said no', async () => {
      const nowhere: ProviderAccess = { ...connection.access, apiUrl: await closedAddress() };
      await expect(writes(connector.open(nowhere)).send(request('create', [fresh()]))).rejects.toMatchObject({
        code: 'upstream_unavailable',
      });
      const no = new Error('switched off');
      let asked = 0;
      const beforeSend = (): Promise<void> => {
        asked += 1;
        return asked > 1 ? Promise.reject(no) : Promise.resolve();
      };
      await expect(send('create', [fresh()], { beforeSend: () => Promise.reject(no) })).rejects.toBe(no);
      const outcomes = await send('create', [fresh(), fresh()], { beforeSend });
      expect(outcomes.map(({ kind }) => kind)).toEqual(['applied', 'try_again']);
      expect(await effects()).toEqual(['create']);
    });

    it('tells refusals that last from those that pass', async () => {
      const [refused] = await send('create', [item({ values: facts.refused.values })]);
      expect(refused).toMatchObject({ kind: 'refused', refusal: { code: facts.refused.code } });
      const id = await create();
      const update = item({ recordId: id, values: facts.change });
      if (facts.passing !== null) {
        await sandbox.control('POST', 'fail', { object: name, op: 'update', times: 1, error: facts.passing });
        expect(await send('update', [update])).toMatchObject([{ kind: 'try_again' }]);
      }
      expect(await send('update', [update])).toMatchObject([{ kind: 'applied' }]);
      await send('delete', [item({ recordId: id, values: {} })]);
      const gone = await send('update', [item({ recordId: id, values: facts.change })]);
      expect(gone).toMatchObject([{ kind: 'refused', refusal: { code: 'record_missing' } }]);
    });

    it('changes a record only if nobody else has, where the provider can tell', async () => {
      if (!way('update').conditional) return;
      const id = await create();
      const { version } = await image(id);
      await sandbox.control('POST', 'clock', { advanceMs: 2_000 });
      expect(await send('update', [item({ recordId: id, values: facts.change, ifVersion: version })])).toMatchObject([
        { kind: 'applied' },
      ]);
      await sandbox.control('POST', 'clock', { advanceMs: 2_000 });
      const late = item({ recordId: id, values: facts.values(0), ifVersion: version });
      const values = Object.fromEntries(Object.entries(late.values).filter(([field]) => field in facts.change));
      expect(await send('update', [{ ...late, values }])).toEqual([{ kind: 'changed' }]);
      expect((await image(id, Object.keys(facts.change))).values).toMatchObject(facts.change);
    });

    it('creates or updates by a value, once', async () => {
      const { upsert } = facts;
      if (upsert === undefined) return expect(writes().wayOf(object, 'upsert').kind).toBe('no_way');
      const match = { field: upsert.field, value: upsert.value(Date.now()) };
      const one = item({ values: facts.values(900), match });
      const [first] = await send('upsert', [one]);
      expect(first).toMatchObject({ kind: 'applied', created: true });
      const [second] = await send('upsert', [item({ values: { ...one.values, ...facts.change }, match })]);
      expect(second).toMatchObject({ kind: 'applied', recordId: idOf(first), created: false });
      expect(await settle('upsert', { ...one, values: facts.change })).toMatchObject({ kind: 'applied' });
      const found = await writes().findBy(object, match.field, [match.value, upsert.value(1)]);
      expect([found.get(match.value), found.get(upsert.value(1))]).toEqual([[idOf(first)], []]);
    });

    it('finds by the value what it made where the answer was lost, and proves nothing by what others made of it', async () => {
      const { upsert } = facts;
      if (upsert === undefined) return;
      const one = item({ values: facts.values(901), match: { field: upsert.field, value: upsert.value(Date.now()) } });
      expect(await settle('upsert', one)).toEqual({ kind: 'not_applied' });
      await lose({ reset: true, applied: true });
      expect(await send('upsert', [one])).toEqual([{ kind: 'unknown' }]);
      const settled = await settle('upsert', one);
      // It was not there before: taking it back deletes it.
      expect(settled).toMatchObject({ kind: 'applied', created: true });
      const recordId = settled?.kind === 'applied' ? settled.recordId : '';
      await send('update', [item({ recordId, values: facts.change })]);
      const [field = ''] = Object.keys(facts.change);
      const meant = { ...one, values: { ...one.values, [field]: facts.values(901)[field] ?? null } };
      expect(await settle('upsert', meant)).toMatchObject({ kind: 'unclear' });
      expect(await effects()).toEqual(['create', 'update']);
    });

    it('spreads the results of a batch to its records, and goes on with a job', async () => {
      for (const form of way('create').forms) {
        if (form.recordsMax === 1) continue;
        const { name: formName } = form;
        const items = Array.from({ length: 7 }, (_empty, at) =>
          at === 3 ? item({ values: facts.refused.values }) : fresh(),
        );
        let job: JsonObject | null = null;
        const onJob = (known: JsonObject): Promise<void> => {
          job = known;
          return Promise.resolve();
        };
        const outcomes = await send('create', items, { form: formName, onJob });
        const whole = outcomes.every(({ kind }) => kind === 'refused');
        if (!whole) {
          expect(outcomes.map(({ kind }) => kind)).toEqual(
            items.map((_item, at) => (at === 3 ? 'refused' : 'applied')),
          );
          expect(outcomes[3]).toMatchObject({ refusal: { code: facts.refused.code } });
        }
        const ids = outcomes.flatMap((one) => (one.kind === 'applied' ? [one.recordId] : []));
        expect(new Set(ids).size).toBe(ids.length);
        for (const [at, id] of ids.entries()) {
          const wanted = items.filter((_item, place) => place !== 3)[at];
          expect((await image(id, Object.keys(wanted?.values ?? {}))).missing).toBe(false);
        }
        if (form.job && job !== null) {
          const again = await send('create', items.slice(4), { form: formName, job });
          expect(again).toMatchObject(outcomes.slice(4).map((one) => ({ kind: 'applied', recordId: idOf(one) })));
        }
        const updates = ids.map((recordId) => item({ recordId, values: facts.change }));
        const { forms } = way('update');
        if (forms.some((each) => each.name === formName)) {
          const changed = await send('update', updates, { form: formName });
          expect(changed).toMatchObject(ids.map((recordId) => ({ kind: 'applied', recordId })));
        }
      }
    });

    it('keeps a batch whose answer was lost to what it did', async () => {
      for (const form of way('create').forms) {
        if (form.recordsMax === 1 || way('create').dedupe === 'none') continue;
        if (form.job && facts.jobsAreClosed === true) continue;
        const items = [fresh(), fresh(), fresh()];
        await lose({ reset: true, applied: true });
        expect(await send('create', items, { form: form.name })).toEqual(items.map(() => ({ kind: 'unknown' })));
        await expect
          .poll(async () => {
            const settled = await writes().settle(request('create', items, { form: form.name }), new Map());
            return settled.map(({ kind }) => kind);
          })
          .toEqual(['applied', 'applied', 'applied']);
      }
    });

    it.each([
      ['is cut', { reset: true }],
      ['is of a provider in trouble', { status: 500 }],
      ['arrives in part', { truncateBytes: 20 }],
      ["is a proxy's page", { html: true }],
    ])('knows nothing where the answer %s', async (_how, action) => {
      await lose({ ...action, applied: true });
      expect(await send('create', [fresh()])).toEqual([{ kind: 'unknown' }]);
      expect(await effects()).toEqual(['create']);
    });

    it('renews a token that was refused, and sends once', async () => {
      // Keys do not expire.
      if (connector.oauth === null) return;
      await sandbox.control('POST', 'revoke', { accessOnly: true });
      let asked = 0;
      const beforeSend = async (): Promise<void> => void (asked += 1);
      expect(await send('create', [fresh()], { beforeSend })).toMatchObject([{ kind: 'applied' }]);
      expect(asked).toBe(2);
      expect(await effects()).toEqual(['create']);
    });

    it('is turned away by a limit before anything is taken', async () => {
      await lose({ status: 429, headers: { 'retry-after': '1' }, body: {} });
      await expect(send('create', [fresh()])).rejects.toMatchObject({ code: 'upstream_rate_limited' });
      expect(await effects()).toEqual([]);
    });

    it('leaves to a person what somebody else changed after it was sent', async () => {
      const id = await create();
      const fields = Object.keys(facts.change);
      const before = await image(id, fields);
      if (before.version === null) return;
      await sandbox.control('POST', 'clock', { advanceMs: 2_000 });
      const values = Object.fromEntries(fields.map((field) => [field, facts.values(0)[field] ?? null]));
      const lost = item({ recordId: id, values });
      await send('update', [item({ recordId: id, values: facts.change })]);
      const [settled] = await writes().settle(request('update', [lost]), new Map([[lost.key, before]]));
      expect(settled).toMatchObject({ kind: 'unclear' });
    });

    it('lines up what a batch refused at random with what the ledger says', async () => {
      const { lasting } = facts;
      if (lasting === undefined) return;
      for (const { name: form, recordsMax } of way('create').forms) {
        if (recordsMax === 1) continue;
        const { entries } = await sandbox.control<{ entries: Entry[] }>('GET', 'ledger?limit=100000');
        seq = entries.at(-1)?.seq ?? 0;
        await sandbox.control('POST', 'fail', {
          object: name,
          op: 'create',
          share: 0.3,
          seed: 7,
          error: lasting.error,
        });
        const items = Array.from({ length: 40 }, fresh);
        const outcomes = await send('create', items, { form });
        await sandbox.control('DELETE', 'fail');
        const ids = outcomes.flatMap((one) => (one.kind === 'applied' ? [one.recordId] : []));
        const refused = outcomes.filter(({ kind }) => kind === 'refused');
        expect(ids.length + refused.length).toBe(items.length);
        expect(Math.min(ids.length, refused.length)).toBeGreaterThan(0);
        for (const one of refused) expect(one).toMatchObject({ refusal: { code: lasting.code } });
        expect(await effects()).toEqual(ids.map(() => 'create'));
        // Each outcome is of its own item.
        const [field = ''] = Object.keys(facts.values(0));
        const meant = items.flatMap((each, at) => (outcomes[at]?.kind === 'applied' ? [each.values[field]] : []));
        const images = await writes().readImages(object, ids, [field]);
        expect(images.map((each) => each.values[field])).toEqual(meant);
      }
    });
  });
}

/** Calls that write: by their method, where all addresses that are posted to write. */
function writingFaults(path: string | undefined, action: JsonObject): JsonObject[] {
  const more = path === undefined ? {} : { path };
  return ['POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ match: { method, ...more }, times: 1, action }));
}

/** An address of this machine at which nobody listens. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

function idOf(outcome: WriteOutcome | undefined): string {
  if (outcome?.kind !== 'applied') throw new Error(`not applied: ${JSON.stringify(outcome)}`);
  return outcome.recordId;
}
