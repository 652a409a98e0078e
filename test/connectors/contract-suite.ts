import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  connectorRegistry,
  requireConnector,
  type Connector,
  type ConnectorSession,
  type Cursor,
  type IdPage,
  type NativeRecord,
} from '../../src/connectors/index.ts';
import { GantryError, systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import { signIn, startSandbox, type SandboxStart, type SignedIn, type TestSandbox } from '../support/sandbox.ts';

/** What the suite must know of a provider; everything else holds for all of them. */
export interface ProviderFacts {
  readonly provider: Parameters<typeof startSandbox>[0];
  /** Where one provider is tested in several ways. */
  readonly variant?: string;
  readonly start?: SandboxStart;
  /** In a browser where absent. */
  readonly signIn?: (sandbox: TestSandbox, connector: Connector) => Promise<SignedIn>;
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
  /** Whether pages tell of deletions, or only the list of ids does. */
  readonly deletions?: 'in_pages' | 'by_ids';
  /** A refusal of the cursor in the provider's own words; null where it keeps no place of its own. */
  readonly cursorGone: { readonly status: number; readonly body: unknown } | null;
  /** Longer than a token lives; null where it lives until it is revoked. */
  readonly tokenLifeMs: number | null;
  /** Id in the control API of what a record shows, where several records show the same thing (copies). */
  readonly controlId?: (recordId: string) => string;
  /** True where a user sees other records than the control API counts, and the provider counts none. */
  readonly uncounted?: true;
  /** True where the provider answers in no order. */
  readonly unordered?: true;
  /** True where the connector itself begins anew when the provider has forgotten the place. */
  readonly restarts?: true;
  /** Objects whose records have no address that could be made from their ids. */
  readonly unlinked?: readonly string[];
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

async function idsThere(session: ConnectorSession, object: NativeObject): Promise<Set<string>> {
  const found = new Set<string>();
  let last: string | null = null;
  for (let more = true; more;) {
    const page: IdPage | undefined = await session.listIds?.(object, last);
    if (page === undefined) throw new Error('the session does not list ids');
    for (const id of page.ids) found.add(id);
    last = page.ids.at(-1) ?? null;
    ({ more } = page);
  }
  return found;
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
  const enter = facts.signIn ?? ((at: TestSandbox, by: Connector): Promise<SignedIn> => signIn(at, by));
  const session = (): ConnectorSession => connector.open(connection.access);
  /** Providers' cursors know seconds; what they hold back so that this is enough, `prepare` has turned off. */
  const later = (): Promise<unknown> => sandbox.control('POST', 'clock', { advanceMs: 2_000 });
  const describeMain = (): Promise<NativeObject> => session().describeObject(facts.main.object);
  const controlId = facts.controlId ?? ((id: string): string => id);

  describe(`connector contract: ${facts.provider}${facts.variant === undefined ? '' : ` (${facts.variant})`}`, () => {
    beforeAll(async () => {
      sandbox = await startSandbox(facts.provider, { ...facts.start, scale: facts.scale, anchor: ANCHOR });
      await facts.prepare(sandbox);
      connection = await enter(sandbox, connector);
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
      const again = connector.open((await enter(sandbox, connector)).access);
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
        if (facts.unlinked?.includes(name) === true) expect(object.linkTemplate).toBeNull();
        else expect(object.linkTemplate).toContain('{id}');
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
        const expected = facts.uncounted === true ? records.length : counts[name];
        expect(records.length, name).toBeGreaterThan(0);
        expect(ids(records).size, name).toBe(expected);
        expect(records.length, name).toBe(expected);
        expect(await session().countRecords(name), name).toBe(facts.uncounted === true ? null : expected);
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

    it.skipIf(facts.unordered)('comes in change order', async () => {
      const { records } = await readAll(session(), await describeMain(), null);
      const times = records.map((record) => record.modifiedAt?.getTime() ?? 0);
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times[0]).toBeGreaterThan(0);
    });

    it('shows what was created, changed and deleted since, and nothing else', async () => {
      const object = await describeMain();
      const first = await readAll(session(), object, null);
      const [changedId = '', deletedId = ''] = first.records.filter(({ deleted }) => !deleted).map(({ id }) => id);
      await later();
      const created = await sandbox.mutate({ op: 'create', object: facts.main.object, fields: facts.main.create });
      const { object: name, update: fields } = facts.main;
      await sandbox.mutate({ op: 'update', object: name, id: controlId(changedId), fields });
      await sandbox.mutate({ op: 'delete', object: name, id: controlId(deletedId) });

      const next = await readAll(session(), object, lastOf(first));
      const byId = new Map(next.records.map((record) => [record.id, record]));
      const told = facts.deletions === 'by_ids' ? [] : [deletedId];
      const changed = new Set([...byId.keys()].map(controlId));
      expect(changed).toEqual(new Set([created.id, ...[changedId, ...told].map(controlId)]));
      if (facts.controlId === undefined) expect(next.records).toHaveLength(changed.size);
      expect(byId.get(changedId)).toMatchObject({ deleted: false, values: { [facts.main.field]: facts.main.value } });
      if (facts.deletions === 'by_ids') {
        const known = new Set([...ids(first.records), created.id]);
        known.delete(deletedId);
        expect(await idsThere(session(), object)).toEqual(known);
        return;
      }
      expect(byId.get(deletedId)).toMatchObject({ deleted: true, values: {} });

      await later();
      await sandbox.mutate({ op: 'undelete', object: facts.main.object, id: controlId(deletedId) });
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

    it('reads single records as its pages show them, and says which ids nobody has', async () => {
      const reader = session();
      const object = await describeMain();
      const listed = new Map((await readAll(reader, object, null)).records.map((record) => [record.id, record]));
      const live = [...listed.values()].filter((record) => !record.deleted).slice(0, 60);
      const some = live[0]?.id ?? '';
      const unknown = /^\d+$/.test(some) ? '987654321' : some.replace(/.{6}$/, '987654');
      expect(listed.has(unknown)).toBe(false);
      const wanted = [...live.map(({ id }) => id), unknown, 'no id at all'];
      const answer = await reader.readRecords?.(object, wanted);
      expect(answer?.missing).toEqual([unknown, 'no id at all']);
      const byId = new Map(answer?.records.map((record) => [record.id, record]));
      expect([...byId.keys()].toSorted()).toEqual(live.map(({ id }) => id).toSorted());
      for (const record of live) expect(byId.get(record.id)).toEqual(record);
    });

    it('lists ids with the stamps that its records have, where it lists them', async () => {
      const reader = session();
      const object = await describeMain();
      if (reader.listStamps === undefined) {
        expect(['zendesk', 'google_calendar']).toContain(facts.provider);
        return;
      }
      const listed = new Map((await readAll(reader, object, null)).records.map((record) => [record.id, record]));
      const live = [...listed.values()].filter((record) => !record.deleted);
      const stamps = new Map<string, Date | null>();
      let last: string | null = null;
      for (let more = true; more;) {
        const page = await reader.listStamps(object, last);
        for (const [at, id] of page.ids.entries()) stamps.set(id, page.stamps[at] ?? null);
        last = page.ids.at(-1) ?? null;
        ({ more } = page);
      }
      expect(stamps).toEqual(new Map(live.map(({ id, modifiedAt }) => [id, modifiedAt])));
    });

    it('says the same of what its user is shown as long as nothing changes there', async () => {
      const hash = await session().grantsHash?.();
      expect(hash).toEqual(expect.any(String));
      expect(await session().grantsHash?.()).toBe(hash);
    });

    it('raises cursor_expired for a stored place that is not its own', async () => {
      const object = await describeMain();
      const request = { object, cursor: { by: 'nonsense', page: 7 } };
      await expect(session().readPage(request)).rejects.toMatchObject({ code: 'cursor_expired' });
    });

    it.skipIf(facts.cursorGone === null)(
      'raises cursor_expired when the provider has forgotten the place',
      async () => {
        const object = await describeMain();
        const { cursor } = await session().readPage({ object, cursor: null });
        await sandbox.control('POST', 'faults', {
          match: { path: facts.readPath },
          times: 1,
          action: facts.cursorGone,
        });
        if (facts.restarts === true) {
          const anew = await session().readPage({ object, cursor });
          expect(anew.restarted).toBe(true);
          const rest = anew.more ? (await readAll(session(), object, anew.cursor)).records : [];
          const whole = (await readAll(session(), object, null)).records;
          expect(ids([...anew.records, ...rest])).toEqual(ids(whole));
          return;
        }
        await expect(session().readPage({ object, cursor })).rejects.toMatchObject({ code: 'cursor_expired' });
      },
    );

    it.skipIf(facts.tokenLifeMs === null)('renews an expired token once, however many calls find out', async () => {
      const own = await enter(sandbox, connector);
      const expired = connector.open(own.access);
      await expired.identify();
      await sandbox.control('POST', 'clock', { advanceMs: facts.tokenLifeMs });
      const [main] = await Promise.all([expired.describeObject(facts.main.object), expired.identify()]);
      expect(main.name).toBe(facts.main.object);
      expect(own.renewals()).toBe(1);
      expect(own.calls.filter((call) => call.status === 401 || call.status === 403).length).toBeGreaterThan(0);
    });

    it('asks for a new sign-in once the grant is revoked', async () => {
      const own = await enter(sandbox, connector);
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
