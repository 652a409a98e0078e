import { expect } from 'vitest';
import type { ConnectorSession, NativeRecord } from '../../src/connectors/index.ts';
import { errorTable, systemClock, type JsonObject, type TenantId } from '../../src/kernel/index.ts';
import {
  addConnection,
  addTenant,
  claimDue,
  listStreams,
  requestSync,
  type Db,
  type StreamRow,
} from '../../src/store/index.ts';
import {
  discoverConnection,
  type Discovery,
  normaliseRecord,
  runStream,
  type RunReport,
  type SyncDeps,
  type SyncEvent,
  type SyncTarget,
} from '../../src/sync/index.ts';
import { documents, integrationOf } from '../sync/harness.ts';
import type { TestSandbox } from '../support/sandbox.ts';
import { manglingProxy, type Mangle, type ManglingProxy } from './mangling-proxy.ts';
import { type ConnectorOptions, type Way } from './ways.ts';

/** A tenant whose one connection reaches its sandbox through a proxy that can lie. */
export interface Rig {
  readonly way: Way;
  readonly tenant: TenantId;
  readonly proxy: ManglingProxy;
  readonly events: SyncEvent[];
  session(options?: ConnectorOptions): ConnectorSession;
  /** Asks the provider anew what there is. */
  discover(): Promise<Discovery>;
  run(object?: string, options?: RunOptions): Promise<RunReport>;
  stream(object?: string): Promise<StreamRow>;
  records(object?: string): Promise<Map<string, JsonObject>>;
  /** What the provider has now, read without the proxy. */
  truth(object?: string): Promise<Map<string, JsonObject>>;
  stop(): Promise<void>;
}

export interface RunOptions extends ConnectorOptions {
  /** Stops after so many pages. */
  readonly pages?: number;
  readonly session?: ConnectorSession;
}

let rigs = 0;

export async function rigOf(
  db: Db,
  way: Way,
  sandbox: TestSandbox,
  { during }: { readonly during?: (proxy: ManglingProxy) => void } = {},
): Promise<Rig> {
  const proxy = await manglingProxy(sandbox.url);
  const connector = way.connector();
  if (way.provider === 'zendesk') {
    await sandbox.control('POST', 'limits', {
      incrementalExclusionS: 0,
      incrementalPerMinute: 100_000,
      perMinute: 100_000,
    });
  }
  const signedIn = await way.signIn(sandbox, connector);
  const access = { ...signedIn.access, apiUrl: proxy.url };
  rigs += 1;
  const tenant = await addTenant(db, { slug: `hostile-${String(rigs)}`, at: new Date('2026-01-01') });
  const connection = await db.tenantTx(tenant, (tx) =>
    addConnection(tx, { tenant, slug: 'it', integration: 'it', provider: connector.provider, state: 'working' }),
  );
  const events: SyncEvent[] = [];
  let onEvent: ((event: SyncEvent) => void) | null = null;
  const deps: SyncDeps = {
    db,
    clock: systemClock,
    onEvent: (event) => {
      events.push(event);
      onEvent?.(event);
    },
    onSchemaChange: () => undefined,
  };
  const session = (options?: ConnectorOptions): ConnectorSession => way.connector(options).open(access);
  const target: SyncTarget = {
    tenant,
    connection,
    slug: 'it',
    integration: integrationOf(connector.provider, [way.object, way.beside]),
    session: session(),
  };
  during?.(proxy);
  const discover = (): Promise<Discovery> => discoverConnection(deps, target);
  await discover();
  const stream = async (object = way.object): Promise<StreamRow> => {
    const rows = await db.tenantTx(tenant, (tx) => listStreams(tx, tenant));
    const row = rows.find((each) => each.object === object);
    if (row === undefined) throw new Error(`no stream of ${object}`);
    return row;
  };
  return {
    way,
    tenant,
    proxy,
    events,
    session,
    discover,
    stream,
    run: async (object = way.object, { pages = Infinity, session: given, ...options } = {}) => {
      const { id } = await stream(object);
      await db.tenantTx(tenant, (tx) => requestSync(tx, { tenant, object }));
      const claimed = await db.tenantTx(tenant, (tx) =>
        claimDue(tx, { tenant, worker: 'test', leaseMs: 60_000, limit: 10 }),
      );
      const row = claimed.find((each) => each.id === id);
      if (row === undefined) throw new Error(`the stream of ${object} is not due`);
      const stop = new AbortController();
      let seen = 0;
      onEvent = (event) => {
        if (event.kind !== 'sync_page' || event.records === 0) return;
        seen += 1;
        if (seen >= pages) stop.abort(new Error('enough'));
      };
      const report = await runStream(deps, { ...target, session: given ?? session(options) }, row, 'test', stop.signal);
      onEvent = null;
      await db.tenantTx(tenant, async (tx) => {
        await tx.query('update stream set lease_by = null, lease_until = null where tenant = $1', [tenant]);
        // Every run is the first one that suffers: after some in a row it would read around the page.
        await tx.query('delete from dead_letter where tenant = $1', [tenant]);
      });
      return report;
    },
    records: async (object) => documents(db, tenant, (await stream(object)).id),
    truth: async (name = way.object) => {
      const direct = way.connector().open(signedIn.access);
      const object = await direct.describeObject(name);
      const records = new Map<string, NativeRecord>();
      let cursor = null;
      for (let more = true; more;) {
        const page = await direct.readPage({ object, cursor });
        for (const record of page.records) records.set(record.id, record);
        ({ cursor, more } = page);
      }
      const live = [...records.values()].filter(({ deleted }) => !deleted);
      return new Map(
        live.map((record) => [record.id, JSON.parse(normaliseRecord(object, record).docText) as JsonObject]),
      );
    },
    stop: () => proxy.stop(),
  };
}

/** One run while reads of the object are answered so: an error with a stable code, and nothing that was good is lost. */
export async function suffers(
  rig: Rig,
  how: Mangle,
  codes: readonly string[],
  options?: RunOptions,
): Promise<RunReport> {
  const [before, records] = [await rig.stream(), await rig.records()];
  rig.proxy.mangle(rig.way.isRead, how);
  const report = await rig.run(undefined, options);
  rig.proxy.heal();
  const after = await rig.stream();
  expect(codes).toContain(report.error?.code);
  expect(errorTable).toHaveProperty(report.error?.code ?? '');
  expect(report.error?.details.where ?? report.error?.message).toBeTruthy();
  expect(after.lastError).toMatchObject({ code: report.error?.code, fix: expect.any(String) as string });
  expect(after.cursor).toEqual(before.cursor);
  expect(after.phase).toBe(before.phase);
  expect(await rig.records()).toEqual(records);
  return report;
}
