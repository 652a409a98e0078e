import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalJson,
  contentHash,
  systemClock,
  type ConnectionId,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { createLens, type Lens } from '../../src/lens/index.ts';
import type { Manifest } from '../../src/manifest/index.ts';
import { compileCatalogue, type Catalogue, type TenantStream } from '../../src/mapping/index.ts';
import type { NativeObject } from '../../src/schema/index.ts';
import {
  addConnection,
  addTenant,
  ensureStream,
  ingestPage,
  openPglite,
  migrate,
  type Db,
} from '../../src/store/index.ts';

/** A tenant whose connections and objects are those given, in a real store, with a real lens over it. */
export interface LensWorld {
  readonly db: Db;
  readonly lens: Lens;
  readonly tenant: TenantId;
  readonly streams: ReadonlyMap<string, StreamId>;
  catalogue(): Catalogue;
  /** Another manifest over the same systems. */
  use(manifest: Manifest): Promise<void>;
  /** Records of `crm.Account` by id, with their access class as `_acl`; null for one that is gone. The lens has them afterwards. */
  put(table: string, records: { readonly [id: string]: JsonObject | null }): Promise<void>;
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  close(): Promise<void>;
}

/** `objects` by table: `crm.Account`. The integration of a connection is called like it. */
export async function openLensWorld(
  manifest: Manifest,
  objects: { readonly [table: string]: NativeObject },
): Promise<LensWorld> {
  const db = await openPglite({ memory: true });
  await migrate(db);
  const tenant = await addTenant(db, { slug: 'acme', at: new Date('2026-11-20T12:00:00Z') });
  const found: TenantStream[] = [];
  await db.tenantTx(tenant, async (tx) => {
    const connections = new Map<string, ConnectionId>();
    for (const [table, object] of Object.entries(objects)) {
      const slug = table.split('.')[0] ?? '';
      const known = connections.get(slug);
      const declared = { tenant, slug, integration: slug, provider: 'sandbox', state: 'working' } as const;
      const connection = known ?? (await addConnection(tx, declared));
      connections.set(slug, connection);
      const stream = await ensureStream(tx, { tenant, connection, object: object.name, everyS: 60 });
      const about = { connectionSlug: slug, integration: slug, provider: 'sandbox', schemaVersion: 1 };
      found.push({ stream, connection, object, ...about });
    }
  });
  const streams = new Map(Object.keys(objects).map((table, index) => [table, found[index]?.stream as StreamId]));
  let catalogue = compileCatalogue(manifest, found);
  const dir = await mkdtemp(join(tmpdir(), 'merge-'));
  const lens = createLens({ dir, db, layout: async () => catalogue.layout, clock: systemClock });
  return {
    db,
    lens,
    tenant,
    streams,
    catalogue: () => catalogue,
    async use(next) {
      catalogue = compileCatalogue(next, found);
      lens.layoutChanged(tenant);
      await lens.catchUp(tenant);
    },
    async put(table, records) {
      const stream = streams.get(table);
      if (stream === undefined) throw new Error(`no stream ${table}`);
      const page = Object.entries(records).map(([id, given]) => {
        const { _acl: acl = null, ...doc } = given ?? {};
        const docText = canonicalJson(doc);
        const hash = contentHash(`${String(acl)} ${docText}`);
        return { id, hash, docText, srcAt: null, deleted: given === null, acl: acl as number | null };
      });
      await db.tenantTx(tenant, (tx) =>
        ingestPage(tx, {
          tenant,
          stream,
          records: page,
          cursor: null,
          phase: 'current',
          seenAt: tx.now,
          asOf: tx.now,
        }),
      );
      await lens.catchUp(tenant);
    },
    async rows(sql) {
      return (await lens.read(tenant, { sql, params: [], timeoutMs: 20_000, streams: [] })).rows;
    },
    async close() {
      await lens.close();
      await db.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
