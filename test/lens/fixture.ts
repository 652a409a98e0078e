import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  canonicalJson,
  contentHash,
  systemClock,
  type Json,
  type JsonObject,
  type StreamId,
  type TenantId,
} from '../../src/kernel/index.ts';
import { createLens, type Lens, type LensEvent } from '../../src/lens/index.ts';
import type { LensColumn, LensLayout, LensTable } from '../../src/mapping/index.ts';
import { addConnection, addTenant, ensureStream, ingestPage, type Db } from '../../src/store/index.ts';

/** A tenant in a real store with one stream per given object, and ways to change its records as sync does. */
export interface TestTenant {
  readonly id: TenantId;
  readonly streams: readonly StreamId[];
  /** Null documents are deletions. */
  put(stream: StreamId, records: readonly TestRecord[], options?: PutOptions): Promise<void>;
}

export interface TestRecord {
  readonly id: string;
  readonly doc: JsonObject | null;
  readonly at?: Date | null;
}

export interface PutOptions {
  readonly phase?: 'backfill' | 'current';
  readonly asOf?: Date;
}

let counter = 0;

export async function addTestTenant(db: Db, objects: readonly string[]): Promise<TestTenant> {
  counter += 1;
  const at = new Date('2025-01-01T00:00:00Z');
  const id = await addTenant(db, { slug: `tenant-${counter}`, at });
  const streams = await db.tenantTx(id, async (tx) => {
    const connection = await addConnection(tx, {
      tenant: id,
      slug: 'crm',
      integration: 'crm',
      provider: 'sandbox',
      state: 'working',
    });
    const ids: StreamId[] = [];
    for (const object of objects) ids.push(await ensureStream(tx, { tenant: id, connection, object, everyS: 60 }));
    return ids;
  });
  return {
    id,
    streams,
    async put(stream, records, { phase = 'current', asOf } = {}) {
      for (let start = 0; start < records.length || start === 0; start += 1_000) {
        const page = records.slice(start, start + 1_000).map(({ id: recordId, doc, at: srcAt = null }) => {
          const docText = canonicalJson(doc ?? {});
          return { id: recordId, hash: contentHash(docText), docText, srcAt, deleted: doc === null };
        });
        await db.tenantTx(id, (tx) =>
          ingestPage(tx, {
            tenant: id,
            stream,
            records: page,
            cursor: null,
            phase,
            seenAt: tx.now,
            ...(asOf === undefined ? {} : { asOf }),
          }),
        );
      }
    },
  };
}

export const table = (stream: StreamId, name: string, columns: Record<string, LensColumn['duckType']>): LensTable => ({
  stream,
  schema: 'crm',
  name,
  columns: Object.entries(columns).map(([key, duckType]) => ({ name: key, key, duckType })),
});

export function layoutOf(tables: readonly LensTable[], views: LensLayout['views'] = []): LensLayout {
  return { version: contentHash(JSON.stringify([tables, views])), tables, views };
}

export interface TestLens {
  readonly lens: Lens;
  readonly dir: string;
  readonly events: LensEvent[];
  /** What the lens's layout source answers. */
  readonly layouts: Map<TenantId, LensLayout>;
  /** The process that holds DuckDB, as the last event tells. */
  hostPid(): number;
  close(): Promise<void>;
}

export async function openLens(
  db: Db,
  at?: string,
  layouts = new Map<TenantId, LensLayout>(),
  snapshotDir: string | null = null,
): Promise<TestLens> {
  const dir = at ?? (await mkdtemp(join(tmpdir(), 'lens-')));
  const events: LensEvent[] = [];
  const lens = createLens({
    dir,
    db,
    layout: async (tenant) => layouts.get(tenant) ?? layoutOf([]),
    clock: systemClock,
    snapshotDir,
    onEvent: (event) => events.push(event),
  });
  return {
    lens,
    dir,
    events,
    layouts,
    hostPid() {
      const started = events.findLast((event) => event.kind === 'lens_process_started');
      if (started === undefined) throw new Error('the lens process was not started yet');
      return started.pid;
    },
    async close() {
      await lens.close();
      if (at === undefined) await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Rows of a structured read. */
export async function rows(
  lens: Lens,
  tenant: TenantId,
  sql: string,
  params: readonly Json[] = [],
): Promise<readonly (readonly Json[])[]> {
  return (await lens.read(tenant, { sql, params, timeoutMs: 60_000, streams: [] })).rows;
}
