import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type ConnectorSession,
  type Cursor,
  type NativeRecord,
} from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type SignedIn, type TestSandbox } from '../support/sandbox.ts';

/** What the suite must know of a provider; everything else holds for all of them. */
export interface ProviderFacts {
  readonly provider: 'salesforce' | 'zendesk';
  /** Enough for several pages of the largest object. */
  readonly scale: number;
  /** Lifts limits that would make tests wait. */
  prepare(sandbox: TestSandbox): Promise<void>;
  /** Objects with their number of records in the control API. */
  readonly objects: readonly string[];
  /** The one with several pages, and a change that can be made to it. */
  readonly main: {
    readonly object: string;
    readonly create: Readonly<Record<string, unknown>>;
    readonly update: Readonly<Record<string, unknown>>;
    /** Native field that shows the update. */
    readonly field: string;
    readonly value: unknown;
  };
  /** Path prefix of calls that read records. */
  readonly readPath: string;
  /** A refusal of the cursor in the provider's own words. */
  readonly cursorGone: { readonly status: number; readonly body: unknown };
  /** Longer than a token lives. */
  readonly tokenLifeMs: number;
}

interface Read {
  readonly records: NativeRecord[];
  /** The cursor after each page, and the number of records up to it. */
  readonly cursors: Cursor[];
  readonly pageEnds: number[];
}

/** From `cursor` to the end. */
export async function readAll(session: ConnectorSession, object: NativeObject, cursor: Cursor | null): Promise<Read> {
  const records: NativeRecord[] = [];
  const cursors: Cursor[] = [];
  const pageEnds: number[] = [];
  let at = cursor;
  for (let more = true; more;) {
    const page = await session.readPage({ object, cursor: at });
    records.push(...page.records);
    cursors.push(page.cursor);
    pageEnds.push(records.length);
    at = page.cursor;
    ({ more } = page);
    if (cursors.length > 500) throw new Error('reading does not come to an end');
  }
  return { records, cursors, pageEnds };
}

/** Long ago, so that nothing in the sandbox is recent by this machine's clock, whatever the hour. */
const ANCHOR = '2026-01-15T00:00:00.000Z';

const ids = (records: readonly NativeRecord[]): Set<string> => new Set(records.map((record) => record.id));
const lastOf = (read: Read): Cursor => read.cursors.at(-1) ?? {};

/** Real time, but waits between retries are noted and skipped. */
function impatientClock(waits: number[]): Clock {
  return {
    ...systemClock,
    sleep: async (ms) => {
      waits.push(ms);
    },
  };
}

export function connectorContract(facts: ProviderFacts): void {
  const waits: number[] = [];
  const connector = requireConnector(
    connectorRegistry({ clock: impatientClock(waits), random: systemRandom }),
    facts.provider,
  );
  let sandbox: TestSandbox;
  let connection: SignedIn;
  const session = (): ConnectorSession => connector.open(connection.access);
  /** Providers' cursors know seconds; what they hold back so that this is enough, `prepare` has turned off. */
  const later = (): Promise<unknown> => sandbox.control('POST', 'clock', { advanceMs: 2_000 });
  const describeMain = (): Promise<NativeObject> => session().describeObject(facts.main.object);

  describe(`connector contract: ${facts.provider}`, () => {
    beforeAll(async () => {
      sandbox = await startSandbox(facts.provider, { scale: facts.scale, anchor: ANCHOR });
      await facts.prepare(sandbox);
      connection = await signIn(sandbox, connector);
    });
    afterAll(() => sandbox.stop());
    beforeEach(async () => {
      waits.length = 0;
      await sandbox.control('DELETE', 'faults');
    });

    it('says whose account it is, the same from every session', async () => {
      const identity = await session().identify();
      expect(identity.accountId).not.toBe('');
      expect(identity.accountId).not.toContain(new URL(sandbox.url).port);
      const again = connector.open((await signIn(sandbox, connector)).access);
      expect(await again.identify()).toEqual(identity);
    });

    it('lists objects and describes each replicable one that has data', async () => {
      const objects = await session().listObjects();
      for (const name of facts.objects) {
        expect(objects.find((object) => object.name === name)).toMatchObject({ replicable: true });
        const object = await session().describeObject(name);
        const names = object.fields.map((field) => field.name);
        expect(new Set(names).size).toBe(names.length);
        expect(object.fields.find((field) => field.name === object.idField)?.type).toBe('id');
        expect(object.linkTemplate).toContain('{id}');
      }
    });

    it('refuses an object that does not exist', async () => {
      await expect(session().describeObject('Nonsense')).rejects.toMatchObject({ code: 'upstream_object_missing' });
    });

    it('reads every record exactly once, and counts the same', async () => {
      const { counts } = await sandbox.control<{ counts: Record<string, number> }>('GET', 'health');
      for (const name of facts.objects) {
        const object = await session().describeObject(name);
        const { records } = await readAll(session(), object, null);
        expect(ids(records).size, name).toBe(counts[name]);
        expect(records.length, name).toBe(counts[name]);
        expect(await session().countRecords(name), name).toBe(counts[name]);
        const known = new Set(object.fields.map((field) => field.name));
        const unknown = new Set(
          records.flatMap((record) => Object.keys(record.values).filter((key) => !known.has(key))),
        );
        expect([...unknown].toSorted(), name).toEqual([]);
      }
    });

    it('goes on from any page in a new session', async () => {
      const object = await describeMain();
      const whole = await readAll(session(), object, null);
      expect(whole.cursors.length).toBeGreaterThan(2);
      const expected = ids(whole.records);
      for (const [index, cursor] of whole.cursors.entries()) {
        const stored = JSON.parse(JSON.stringify(cursor)) as Cursor;
        const rest = await readAll(session(), object, stored);
        const union = new Set([...ids(whole.records.slice(0, whole.pageEnds[index])), ...ids(rest.records)]);
        expect(union).toEqual(expected);
      }
    });

    it('comes in change order', async () => {
      const { records } = await readAll(session(), await describeMain(), null);
      const times = records.map((record) => record.modifiedAt?.getTime() ?? 0);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(0);
    });

    it('shows what was created, changed and deleted since, and nothing else', async () => {
      const object = await describeMain();
      const first = await readAll(session(), object, null);
      const changedId = first.records[0]?.id ?? '';
      const deletedId = first.records[1]?.id ?? '';
      await later();
      const created = await sandbox.mutate({ op: 'create', object: facts.main.object, fields: facts.main.create });
      await sandbox.mutate({ op: 'update', object: facts.main.object, id: changedId, fields: facts.main.update });
      await sandbox.mutate({ op: 'delete', object: facts.main.object, id: deletedId });

      const next = await readAll(session(), object, lastOf(first));
      const byId = new Map(next.records.map((record) => [record.id, record]));
      expect([...byId.keys()].toSorted()).toEqual([created.id, changedId, deletedId].map(String).toSorted());
      expect(byId.get(changedId)).toMatchObject({ deleted: false, values: { [facts.main.field]: facts.main.value } });
      expect(byId.get(deletedId)).toMatchObject({ deleted: true, values: {} });

      await later();
      await sandbox.mutate({ op: 'undelete', object: facts.main.object, id: deletedId });
      const after = await readAll(session(), object, lastOf(next));
      expect(after.records.find((record) => record.id === deletedId)).toMatchObject({ deleted: false });
    });

    it('survives one fault of each kind', async () => {
      const object = await describeMain();
      const undisturbed = ids((await session().readPage({ object, cursor: null })).records);
      const actions = [
        { status: 429, headers: { 'retry-after': '3' }, body: {} },
        { status: 500, body: { error: 'boom' } },
        { html: true },
        { truncateBytes: 200 },
        { reset: true },
      ];
      for (const action of actions) {
        waits.length = 0;
        await sandbox.control('POST', 'faults', { match: { path: facts.readPath }, times: 1, action });
        const page = await session().readPage({ object, cursor: null });
        expect(ids(page.records), JSON.stringify(action)).toEqual(undisturbed);
        expect(waits, JSON.stringify(action)).toHaveLength(1);
        if (action.status === 429) expect(waits).toEqual([3_000]);
      }
    });

    it.each([
      ['upstream_rate_limited', { status: 429, headers: { 'retry-after': '3000' }, body: {} }],
      ['upstream_unavailable', { status: 503, body: {} }],
      ['upstream_malformed', { html: true }],
      ['upstream_unavailable', { reset: true }],
    ])('raises %s when the fault stays', async (code, action) => {
      const object = await describeMain();
      await sandbox.control('POST', 'faults', { match: { path: facts.readPath }, times: 50, action });
      await expect(session().readPage({ object, cursor: null })).rejects.toMatchObject({ code });
    });

    it('raises cursor_expired when the provider has forgotten the place', async () => {
      const object = await describeMain();
      const { cursor } = await session().readPage({ object, cursor: null });
      await sandbox.control('POST', 'faults', { match: { path: facts.readPath }, times: 1, action: facts.cursorGone });
      await expect(session().readPage({ object, cursor })).rejects.toMatchObject({ code: 'cursor_expired' });
    });

    it('renews an expired token once, however many calls find out', async () => {
      const own = await signIn(sandbox, connector);
      const expired = connector.open(own.access);
      await expired.identify();
      await sandbox.control('POST', 'clock', { advanceMs: facts.tokenLifeMs });
      const [main] = await Promise.all([expired.describeObject(facts.main.object), expired.identify()]);
      expect(main.name).toBe(facts.main.object);
      expect(own.renewals()).toBe(1);
      expect(own.calls.filter((call) => call.status === 401 || call.status === 403).length).toBeGreaterThan(0);
    });

    it('asks for a new sign-in once the grant is revoked', async () => {
      const own = await signIn(sandbox, connector);
      await sandbox.control('POST', 'revoke', {});
      const error: unknown = await connector
        .open(own.access)
        .identify()
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(GantryError);
      expect(error).toMatchObject({ code: 'connection_reauth_required' });
      expect(JSON.stringify((error as GantryError).toBody())).not.toContain(own.tokens.accessToken);
    });
  });
}
