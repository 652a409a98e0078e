import { limits, type Clock, type TenantId } from '../kernel/index.ts';
import type { Db } from '../store/index.ts';
import type { LayoutSource, Lens, LensStatus } from './contract.ts';
import type { LensEvent } from './events.ts';
import type { LensFeed } from './feed.ts';
import { soleOwner, type Owners } from './owners.ts';
import { translatedError } from './host-errors.ts';
import { createHostLink, type HostLifeEvent, type HostLink } from './host-link.ts';
import { parseAgentSql } from './parse-agent-sql.ts';
import { freshnessOf, orGiveUp, readAgentSql, readStructured, within } from './reads.ts';
import { createStoreFeed } from './store-feed.ts';
import { createTail, type Tail } from './tail.ts';
import { createTailer } from './tailer.ts';

export interface LensOptions {
  /** Where the files lie; made where it is missing. Belongs to one process at a time. */
  readonly dir: string;
  readonly db: Db;
  readonly layout: LayoutSource;
  readonly clock: Clock;
  /** Files that are open at once; `limits.lensOpenMax` by default. */
  readonly openMax?: number;
  /** Where copies of the files are kept, for processes that have none; none by default. */
  readonly snapshotDir?: string | null;
  /** Which tenants this process may work for; all by default. */
  readonly owners?: Owners;
  readonly onEvent?: (event: LensEvent) => void;
}

export function createLens(options: LensOptions): Lens {
  const { dir, clock, openMax = limits.lensOpenMax, snapshotDir = null } = options;
  const closing = new AbortController();
  const emit = (event: LensEvent): void => {
    // What is under way when the lens closes fails because of that.
    if (event.kind === 'lens_tail_failed' && closing.signal.aborted) return;
    options.onEvent?.(event);
  };
  const owners = options.owners ?? soleOwner;
  const feed = createStoreFeed(options.db);
  const host = createHostLink({ dir, openMax }, (event) => emit(lensEvent(event)));
  const tails = new Map<TenantId, Tail>();
  const tailOf = (tenant: TenantId): Tail => {
    const present = tails.get(tenant);
    if (present !== undefined) return present;
    const made = createTail({ feed, host, layout: options.layout, clock, emit, snapshotDir }, tenant);
    tails.set(tenant, made);
    return made;
  };
  const tailer = createTailer({ clock, feed, emit, tailOf, owners, watchesMax: openMax });

  /** The tenant's tail, with its file open, before a read that has `timeoutMs`. */
  async function ready(tenant: TenantId, timeoutMs: number): Promise<Tail> {
    const tail = tailOf(tenant);
    const cold = tailer.touch(tenant);
    const waitMs = cold ? limits.lensSettleMs : tail.settleMs();
    if (tail.state() !== null && waitMs === 0) return tail;
    const fresh = tail.refresh();
    if (tail.state() === null) {
      await translated(() => orGiveUp(clock, Promise.race([fresh, tail.opened()]), timeoutMs));
    }
    // What is there answers when this fails or takes long; the tailer reports and repeats.
    await within(clock, fresh, waitMs).catch(() => false);
    return tail;
  }

  return {
    read: async (tenant, read) => readStructured({ host, clock }, await ready(tenant, read.timeoutMs), tenant, read),
    readSql: async (tenant, read) => readAgentSql({ host, clock }, await ready(tenant, read.timeoutMs), tenant, read),
    parseSql: (sql, by) => parseAgentSql(host, sql, by),
    catchUp: async (tenant) => {
      await translated(() => tailOf(tenant).refresh());
    },
    rebuild: (tenant) => translated(() => tailOf(tenant).rebuild()),
    snapshot: (tenant) => translated(() => tailOf(tenant).snapshot()),
    layoutChanged(tenant) {
      tailOf(tenant).layoutChanged();
      tailer.wake(tenant);
    },
    status: (tenant) => translated(() => statusOf(feed, host, tailOf(tenant), tenant)),
    async release(tenant) {
      await host.call('release', { tenant }, limits.lensWriteTimeoutMs);
    },
    async discard(tenants) {
      await Promise.all(tenants.map((tenant) => tailOf(tenant).end()));
      return host.call('discard', { tenants, snapshotDir }, limits.lensWriteTimeoutMs);
    },
    async close() {
      closing.abort();
      await tailer.close();
      await host.close();
    },
  };
}

async function statusOf(feed: LensFeed, host: HostLink, tail: Tail, tenant: TenantId): Promise<LensStatus> {
  if (tail.state() === null) await tail.refresh();
  const { seq: headSeq } = await feed.head(tenant);
  const { fileBytes, rows } = await host.call('status', { tenant }, limits.queryTimeoutMs);
  const state = tail.state();
  return {
    tenant,
    layoutVersion: state?.layoutVersion ?? null,
    appliedSeq: state?.seq ?? 0,
    headSeq,
    fileBytes,
    streams: rows.map(({ stream, rows: count }) => ({ ...freshnessOf(state?.streams ?? [], stream), rows: count })),
  };
}

/** Host failures that concern the operator become errors with a code; the rest stay what they are. */
async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw translatedError(error);
  }
}

function lensEvent(event: HostLifeEvent): LensEvent {
  if (event.kind === 'started') return { ...event, kind: 'lens_process_started' };
  if (event.kind === 'ended') return { ...event, kind: 'lens_process_ended' };
  if (event.kind === 'file_opened') return { ...event, kind: 'lens_opened' };
  if (event.kind === 'file_closed') return { ...event, kind: 'lens_closed' };
  if (event.kind === 'file_discarded') return { ...event, kind: 'lens_file_discarded' };
  if (event.kind === 'view_refused') return { ...event, kind: 'lens_view_refused' };
  return { ...event, kind: 'lens_values_unreadable' };
}
