import { canonicalJson, contentHash, type JsonObject, type StreamId, type TenantId } from '../../src/kernel/index.ts';
import { addConnection, addTenant, ensureStream, ingestPage } from '../../src/store/index.ts';
import type { Db, IngestCounts, IngestPage, IngestRecord } from '../../src/store/index.ts';

/** A promise and the way to fulfil it. */
export function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const box: { resolve?: () => void } = {};
  const promise = new Promise<void>((resolve) => {
    box.resolve = resolve;
  });
  return { promise, resolve: () => box.resolve?.() };
}

export interface TestStream {
  readonly tenant: TenantId;
  readonly stream: StreamId;
}

/** A tenant with one connection and one stream. */
export async function makeStream(db: Db, slug: string): Promise<TestStream> {
  const tenant = await addTenant(db, { slug, at: new Date('2026-01-01') });
  const stream = await db.tenantTx(tenant, async (tx) => {
    const connection = await addConnection(tx, {
      tenant,
      slug: 'crm',
      integration: 'crm',
      provider: 'salesforce',
      state: 'ready',
    });
    return ensureStream(tx, { tenant, connection, object: 'Account', everyS: 60 });
  });
  return { tenant, stream };
}

/** A live version; `at` is the upstream time in seconds. */
export function version(id: string, doc: JsonObject, at: number | null = null): IngestRecord {
  const docText = canonicalJson(doc);
  return { id, hash: contentHash(docText), docText, srcAt: seconds(at), deleted: false };
}

export function tombstone(id: string, at: number | null = null): IngestRecord {
  return { id, hash: '', docText: '', srcAt: seconds(at), deleted: true };
}

function seconds(at: number | null): Date | null {
  return at === null ? null : new Date(Date.UTC(2026, 0, 1) + at * 1000);
}

export function ingest(
  db: Db,
  { tenant, stream }: TestStream,
  records: readonly IngestRecord[],
  rest: Partial<IngestPage> = {},
): Promise<IngestCounts> {
  return db.tenantTx(tenant, (tx) =>
    ingestPage(tx, { tenant, stream, records, cursor: { page: 1 }, phase: 'current', seenAt: tx.now, ...rest }),
  );
}
