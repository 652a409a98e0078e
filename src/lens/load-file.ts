import { limits, type StreamId, type TenantId } from '../kernel/index.ts';
import type { LensLayout } from '../mapping/index.ts';
import type { FeedChange, FeedPlace, FeedRecord, FeedStream, LensFeed } from './feed.ts';
import type { HostLink } from './host-link.ts';
import type { FileState, RecordColumns, StreamChanges, StreamState } from './host-protocol.ts';

export interface LoadPlan {
  readonly tenant: TenantId;
  readonly layout: LensLayout;
  /**
   * Where the present file stands, if that is to get the layout: only new and
   * changed tables are loaded then. Null: a new file is built from `record`.
   */
  readonly present: FeedPlace | null;
  /** What is known of the streams, for the case that the load ends behind the newest change. */
  readonly streams: readonly StreamState[];
}

/**
 * Brings a tenant's file to a layout, in one transaction of the file. Records
 * are read page by page while others write them, so the pages are of different
 * moments; the changes since the start are applied on top, until the file is
 * what `record` was at one moment. Reads go on meanwhile.
 */
export async function loadFile(
  feed: LensFeed,
  host: HostLink,
  plan: LoadPlan,
): Promise<FileState & { readonly records: number }> {
  const { tenant, layout } = plan;
  const present = await continuable(feed, plan);
  const start = present ?? (await feed.head(tenant));
  const target = present === null ? 'fresh' : 'current';
  const presentSeq = present?.seq ?? null;
  try {
    const streams = await host.call('begin', { tenant, target, layout, presentSeq }, limits.lensWriteTimeoutMs);
    let records = 0;
    for (const stream of streams) records += await loadStream(feed, host, tenant, stream);
    const { streams: newest, ...place } = await applyChanges(feed, host, tenant, start);
    const end = { tenant, ...place, streams: newest ?? plan.streams };
    const state = await host.call('finish', end, limits.lensWriteTimeoutMs);
    return { ...state, records };
  } catch (error) {
    // Where the host is gone the write is gone with it.
    await host.call('abort', { tenant }, limits.lensWriteTimeoutMs).catch(() => undefined);
    throw error;
  }
}

/** The next page is read while the host works on the last one. */
async function loadStream(feed: LensFeed, host: HostLink, tenant: TenantId, stream: StreamId): Promise<number> {
  let count = 0;
  let loading: Promise<unknown> = Promise.resolve();
  let afterId: string | null = null;
  for (;;) {
    const [page]: [readonly FeedRecord[], unknown] = await Promise.all([
      feed.scan(tenant, stream, afterId, limits.lensBatchMax),
      loading,
    ]);
    const last = page.at(-1);
    if (last === undefined) return count;
    afterId = last.id;
    count += page.length;
    loading = host.call('load', { tenant, stream, records: toColumns(page) }, limits.lensWriteTimeoutMs);
    // Awaited in the next round; without this a failure in between would count as unhandled.
    loading.catch(() => undefined);
  }
}

/** Where the present file stands, if the truth leads on from there. */
async function continuable(feed: LensFeed, { tenant, present }: LoadPlan): Promise<FeedPlace | null> {
  if (present === null) return null;
  return (await feed.changesSince(tenant, present, 1)).continues ? present : null;
}

/**
 * Up to what was newest when the last page had been read: from there on the
 * file is of one moment. Going on to the very end could take for ever, since
 * others write. `streams` is null where that is not the end.
 */
async function applyChanges(
  feed: LensFeed,
  host: HostLink,
  tenant: TenantId,
  start: FeedPlace,
): Promise<FeedPlace & { readonly streams: readonly StreamState[] | null }> {
  const { seq: goal } = await feed.head(tenant);
  let place = start;
  for (;;) {
    const batch = await feed.changesSince(tenant, place, limits.lensBatchMax);
    if (!batch.continues) throw new Error('the database was restored while a lens file was built from it');
    const { seq, mark } = batch;
    if (batch.changes.length > 0) {
      const changes = toStreamChanges(batch.changes);
      const part = { tenant, within: 'write', afterSeq: place.seq, seq, mark, changes, streams: [] } as const;
      await host.call('apply', part, limits.lensWriteTimeoutMs);
    }
    place = { seq, mark };
    if (seq >= batch.head) return { ...place, streams: batch.streams.map(toStreamState) };
    if (seq >= goal) return { ...place, streams: null };
  }
}

export function toStreamChanges(changes: readonly FeedChange[]): StreamChanges[] {
  const byStream = new Map<StreamId, FeedChange[]>();
  for (const change of changes) {
    const list = byStream.get(change.stream);
    if (list === undefined) byStream.set(change.stream, [change]);
    else list.push(change);
  }
  return [...byStream].map(([stream, list]) => ({
    stream,
    gone: list.map((change) => change.id),
    records: toColumns(list),
  }));
}

/** Those that live, as columns. */
function toColumns(records: readonly FeedRecord[]): RecordColumns {
  const ids: string[] = [];
  const docs: string[] = [];
  const ats: (string | null)[] = [];
  const acls: (number | null)[] = [];
  for (const { id, doc, at, acl } of records) {
    if (doc === null) continue;
    ids.push(id);
    docs.push(doc);
    ats.push(at === null ? null : at.toISOString());
    acls.push(acl);
  }
  return { ids, docs, ats, acls };
}

export const toStreamState = ({ stream, asOf, backfilling }: FeedStream): StreamState => ({
  stream,
  asOf: asOf === null ? null : asOf.toISOString(),
  backfilling,
});
