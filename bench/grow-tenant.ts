import type { Gantry } from '../src/app/index.ts';
import { contentHash, type TenantId } from '../src/kernel/index.ts';
import {
  ingestPage,
  listStreams,
  scanRecords,
  type IngestRecord,
  type ScannedRecord,
  type StreamRow,
} from '../src/store/index.ts';

const PAGE = 1_000;
/** Numbers of copies lie so far from the originals that none meet. */
const NUMBERS_APART = 1e12;

/**
 * Makes a tenant larger than a sandbox serves: whole copies of its records, each
 * with ids of its own that are followed wherever one record names another. Goes
 * through the store as sync does. Returns how many records came on top.
 */
export async function growTenant({ db }: Gantry, tenant: TenantId, copies: number): Promise<number> {
  const streams = await db.tenantTx(tenant, async (tx) => {
    // The sandboxes know nothing of the copies, so nothing is read from them any more.
    const never = new Date(tx.now.getTime() + 365 * 86_400_000);
    await tx.query('update stream set due_at = $2 where tenant = $1', [tenant, never]);
    return listStreams(tx, tenant);
  });
  const originals = new Map<StreamRow, readonly Original[]>();
  for (const stream of streams) originals.set(stream, await originalsOf({ db }, tenant, stream));
  const ids = new Set([...originals.values()].flat().map(({ id }) => id));
  let added = 0;
  for (let copy = 1; copy <= copies; copy += 1) {
    for (const [stream, records] of originals) {
      for (let start = 0; start < records.length; start += PAGE) {
        const page = records.slice(start, start + PAGE).map((record) => copied(record, ids, copy));
        await ingest({ db }, tenant, stream, page);
        added += page.length;
      }
    }
  }
  return added;
}

interface Original {
  readonly id: string;
  readonly doc: Readonly<Record<string, unknown>>;
  readonly srcAt: Date | null;
}

async function originalsOf(
  { db }: Pick<Gantry, 'db'>,
  tenant: TenantId,
  { id: stream }: StreamRow,
): Promise<Original[]> {
  const all: Original[] = [];
  for (let afterId: string | null = null; ;) {
    const from: string | null = afterId;
    const page: ScannedRecord[] = await db.tenantTx(tenant, (tx) =>
      scanRecords(tx, { tenant, stream, afterId: from, limit: 5_000 }),
    );
    for (const { id, docText, srcAt } of page) {
      all.push({ id, srcAt, doc: JSON.parse(docText) as Readonly<Record<string, unknown>> });
    }
    const last = page.at(-1);
    if (last === undefined) return all;
    afterId = last.id;
  }
}

function copied({ id, doc, srcAt }: Original, ids: ReadonlySet<string>, copy: number): IngestRecord {
  const values = Object.entries(doc).map(([key, value]) => [key, renamed(value, ids, copy)]);
  const docText = JSON.stringify(Object.fromEntries(values));
  return { id: String(renamed(id, ids, copy)), hash: contentHash(docText), docText, srcAt, deleted: false };
}

function renamed(value: unknown, ids: ReadonlySet<string>, copy: number): unknown {
  if ((typeof value !== 'string' && typeof value !== 'number') || !ids.has(String(value))) return value;
  if (typeof value === 'number') return value + copy * NUMBERS_APART;
  return /^\d+$/.test(value) ? String(Number(value) + copy * NUMBERS_APART) : `${value}x${String(copy)}`;
}

async function ingest(
  { db }: Pick<Gantry, 'db'>,
  tenant: TenantId,
  { id: stream, cursor }: StreamRow,
  records: readonly IngestRecord[],
): Promise<void> {
  await db.tenantTx(tenant, (tx) =>
    ingestPage(tx, { tenant, stream, records, cursor, phase: 'current', seenAt: tx.now, asOf: tx.now }),
  );
}
