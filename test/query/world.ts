import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { callerFor, type Caller, type PrincipalRights } from '../../src/access/index.ts';
import { parseFilter } from '../../src/filter/index.ts';
import {
  canonicalJson,
  contentHash,
  systemClock,
  type Clock,
  type Json,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { createLens, type Lens } from '../../src/lens/index.ts';
import type { AgentDeclaration, ObjectGrant } from '../../src/manifest/index.ts';
import { createQueryService, type AccessPort, type QueryService } from '../../src/query/index.ts';
import { createQueryDeps } from '../../src/app/lens/query-deps.ts';
import {
  addConnection,
  addTenant,
  ensureStream,
  ingestPage,
  migrate,
  openPglite,
  type IngestRecord,
} from '../../src/store/index.ts';
import { testCatalogue, type TestCatalogue } from './catalogue.ts';

/** When every test query is asked. */
export const NOW = new Date('2026-11-20T12:00:00.000Z');

/** `_acl` is its access class; absent: nobody knows who may see it. */
export type TestRow = JsonObject & { readonly _id: string; readonly _acl?: number | null };
/** By native table: `crm.Account`. Each row has `_id`. */
export type TestData = { readonly [table: string]: readonly TestRow[] };

export interface QueryWorld {
  readonly lens: Lens;
  readonly service: QueryService;
  readonly catalogue: TestCatalogue;
  readonly tenant: TenantId;
  /** An agent with this grant at the world's tenant. */
  caller(objects: GrantSpec, more?: Partial<AgentDeclaration['grant']>, name?: string): Caller;
  /** The same agent in the name of a user. */
  callerAs(rights: PrincipalRights, objects: GrantSpec, more?: Partial<AgentDeclaration['grant']>): Caller;
  readonly streams: ReadonlyMap<string, StreamId>;
  /** Answers what a question asks about rights; by default nothing is known sooner. */
  access: AccessPort;
  put(table: string, rows: readonly TestRow[], options?: PutOptions): Promise<void>;
  /** Deletes records upstream, `at` by the source's time. */
  remove(table: string, ids: readonly string[], options?: PutOptions): Promise<void>;
  /** Called when a question wants its sources looked at; by default nothing happens. */
  onRequestSync: (streams: readonly StreamId[]) => Promise<void>;
  /** So much later it is for questions that wait. */
  skipMs: number;
  close(): Promise<void>;
}

export interface PutOptions {
  readonly phase?: 'backfill' | 'current';
  /** Upstream time of the change. */
  readonly at?: Date;
  /** When the source was read. */
  readonly asOf?: Date;
}

export type GrantSpec = { readonly [object: string]: { readonly fields?: readonly string[]; readonly where?: Json } };

const mark = { file: 'test', line: 1, column: 1 };

/** A real store and a real lens with the rows in it. */
export async function openWorld(data: TestData): Promise<QueryWorld> {
  const db = await openPglite({ memory: true });
  await migrate(db);
  const tenant = await addTenant(db, { slug: 'acme', at: NOW });
  const streams = new Map<string, StreamId>();
  await db.tenantTx(tenant, async (tx) => {
    const connections = new Map<string, Awaited<ReturnType<typeof addConnection>>>();
    for (const table of Object.keys(data)) {
      const [slug = '', object = ''] = table.split('.');
      const connection =
        connections.get(slug) ??
        (await addConnection(tx, { tenant, slug, integration: slug, provider: 'sandbox', state: 'working' }));
      connections.set(slug, connection);
      streams.set(table, await ensureStream(tx, { tenant, connection, object, everyS: 60 }));
    }
  });
  const catalogue = testCatalogue(streams);
  const dir = await mkdtemp(join(tmpdir(), 'query-'));
  const lens = createLens({ dir, db, layout: async () => catalogue.layout, clock: systemClock });
  const monotonicMs = (): number => systemClock.monotonicMs() + world.skipMs;
  const clock: Clock = { ...systemClock, now: () => NOW, monotonicMs };
  const ingest = async (table: string, records: readonly IngestRecord[], options: PutOptions): Promise<void> => {
    const { phase = 'current', asOf = NOW } = options;
    const stream = streams.get(table);
    if (stream === undefined) throw new Error(`no stream ${table}`);
    for (let start = 0; start < records.length || start === 0; start += 1_000) {
      const page = records.slice(start, start + 1_000);
      await db.tenantTx(tenant, (tx) =>
        ingestPage(tx, { tenant, stream, records: page, cursor: null, phase, seenAt: options.at ?? NOW, asOf }),
      );
    }
  };
  const put: QueryWorld['put'] = async (table, rows, options = {}) => {
    const records = rows.map(({ _id, _acl: acl = null, ...doc }) => {
      const docText = canonicalJson(doc);
      // Kept records get another class with another content only.
      const hash = contentHash(`${acl} ${docText}`);
      return { id: _id, hash, docText, srcAt: options.at ?? null, deleted: false, acl };
    });
    await ingest(table, records, options);
  };
  const remove: QueryWorld['remove'] = (table, ids, options = {}) =>
    ingest(
      table,
      ids.map((id) => ({ id, hash: '', docText: '', srcAt: options.at ?? null, deleted: true })),
      options,
    );
  for (const [table, rows] of Object.entries(data)) await put(table, rows);
  await lens.catchUp(tenant);
  const { past } = createQueryDeps(db, () => undefined);
  const world: QueryWorld = {
    lens,
    service: createQueryService({
      lens,
      clock,
      past,
      requestSync: (_, wanted) => world.onRequestSync(wanted),
      access: {
        refreshed: (request) => world.access.refreshed(request),
        visibleNow: (request) => world.access.visibleNow(request),
        withinShownFields: (request) => world.access.withinShownFields(request),
      },
    }),
    onRequestSync: async () => undefined,
    access: noAccess,
    streams,
    callerAs: (rights, objects, more = {}) =>
      callerFor({ agent: agentWith('copilot', objects, more), catalogue, tenant, tenantSlug: 'acme', rights }),
    skipMs: 0,
    catalogue,
    tenant,
    caller: (objects, more = {}, name = 'copilot') =>
      callerFor({ agent: agentWith(name, objects, more), catalogue, tenant, tenantSlug: 'acme' }),
    put,
    remove,
    async close() {
      await lens.close();
      await db.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return world;
}

/** No source can be asked about records; all fields that were shown still are. */
export const noAccess: AccessPort = {
  refreshed: async () => null,
  visibleNow: async () => null,
  withinShownFields: async ({ caller }) => ({ caller, unasked: new Set() }),
};

export function agentWith(
  name: string,
  objects: GrantSpec,
  more: Partial<AgentDeclaration['grant']> = {},
): AgentDeclaration {
  const grants = new Map<string, ObjectGrant>(
    Object.entries(objects).map(([object, { fields, where }]) => [
      object,
      { fields: fields ?? null, where: where === undefined ? null : parseFilter(where, { where: object }), at: mark },
    ]),
  );
  return {
    name,
    title: name,
    owner: null,
    at: mark,
    grant: { objects: grants, tools: [], savedQueries: [], rowsMax: null, callsPerMinute: null, ...more },
  };
}

export const allObjects: GrantSpec = { deal: {}, account: {}, ticket: {}, user: {}, 'crm.*': {} };
