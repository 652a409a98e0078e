import {
  abortTogether,
  limits,
  toGantryError,
  type Clock,
  type ConnectionId,
  type GantryError,
  type Random,
  type TenantId,
} from '../kernel/index.ts';
import type { EventBatch, EventStreamSource, ProviderAccess } from '../connectors/index.ts';
import {
  claimLine,
  holdLine,
  keepPosition,
  noteUnavailable,
  releaseLine,
  removeLine,
  type Db,
  type LineHolder,
  type LineKey,
  type LineRow,
  type Tx,
} from '../store/index.ts';
import type { LineLogEvent } from './line-events.ts';
import { afterLineEvent, type LineState } from './line-state.ts';

/** What is followed, of whom. */
export interface LineTarget {
  readonly slug: string;
  readonly stream: EventStreamSource;
  readonly access: ProviderAccess;
  readonly objects: readonly string[];
  /** Null: the provider's usual address. */
  readonly endpoint: string | null;
  /** Another one: the line is closed and opened as it is now. */
  readonly version: string;
}

export type LineWish =
  | { readonly kind: 'follow'; readonly target: LineTarget }
  /** Paused, signed out: looked at again later. */
  | { readonly kind: 'not_now' }
  /** The connection is gone, or the project no longer wants to be told. */
  | { readonly kind: 'never' };

export interface FollowDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: Random;
  readonly wishOf: (key: LineKey) => Promise<LineWish>;
  /** Keeps what was told: in the transaction of the line's new place, so that neither is there without the other. */
  readonly keep: (tx: Tx, told: ToldBatch) => Promise<void>;
  /** Told after the transaction. */
  readonly onKept: (key: LineKey) => void;
  /** The line went live or broke, and its row says so. */
  readonly onTurn: (key: LineKey) => void;
  readonly onEvent: (event: LineLogEvent) => void;
}

export interface ToldBatch extends LineKey {
  readonly tenant: TenantId;
  readonly connection: ConnectionId;
  readonly events: EventBatch['events'];
  /** Objects that have to be read, because what happened to them was not told. */
  readonly gaps: readonly string[];
}

/**
 * Claims a line and follows it until it breaks, somebody else has it, it is no
 * longer wanted, or `stopping` aborts. What it heard is kept with the place in
 * one transaction before the next is heard; whoever holds the line next goes on
 * there. Never throws.
 */
export async function followLine(deps: FollowDeps, holder: LineHolder, stopping: AbortSignal): Promise<void> {
  const { db } = deps;
  const { tenant, connection } = holder;
  const line = await db.tenantTx(
    tenant,
    (tx) => claimLine(tx, holder, { leaseMs: limits.eventLineLeaseMs, state: 'opening' satisfies LineState }),
    'inbox.claim_line',
  );
  if (line === null) return;
  const wish = await deps.wishOf(holder).catch((): LineWish => ({ kind: 'not_now' }));
  if (wish.kind === 'never') {
    await db.tenantTx(tenant, (tx) => removeLine(tx, holder), 'inbox.remove_line');
    return;
  }
  const held: Held = { state: 'opening', failures: line.failures, lost: false };
  if (wish.kind === 'not_now') return letGo(deps, holder, held, limits.eventLinePausedLookMs);
  deps.onEvent({ kind: 'event_line_opened', tenant, connection, slug: wish.target.slug });
  const error = await follow(deps, holder, { line, target: wish.target, held, stopping });
  if (held.lost) return;
  if (error === null) return letGo(deps, holder, held, 0);
  deps.onEvent({ kind: 'event_line_broke', tenant, connection, slug: wish.target.slug, error: error.toBody() });
  await broke(deps, holder, { held, target: wish.target, error });
}

interface Held {
  state: LineState;
  failures: number;
  /** Somebody else has the line: it is theirs to give back. */
  lost: boolean;
}

interface Following {
  readonly line: LineRow;
  readonly target: LineTarget;
  readonly held: Held;
  readonly stopping: AbortSignal;
}

async function follow(
  deps: FollowDeps,
  holder: LineHolder,
  { line, target, held, stopping }: Following,
): Promise<GantryError | null> {
  const ending = new AbortController();
  const leave = abortTogether(ending, [stopping]);
  const { signal } = ending;
  const end = (lost: boolean): void => {
    held.lost ||= lost;
    ending.abort(new Error('the line is given up'));
  };
  const beating = beat(deps, holder, { target, signal, end });
  try {
    await target.stream.follow(target.access, {
      objects: target.objects,
      position: line.position,
      endpoint: target.endpoint,
      signal,
      onUnavailable: (objects) => noteMissing(deps, holder, objects),
      onBatch: async (batch) => {
        const wasLive = held.state === 'live';
        if (!(await keepBatch(deps, holder, held, batch))) return end(true);
        held.failures = 0;
        if (!wasLive) deps.onTurn(holder);
        deps.onKept(holder);
      },
    });
    return null;
  } catch (error) {
    return signal.aborted ? null : toGantryError(error);
  } finally {
    leave();
    ending.abort(new Error('the line has ended'));
    await beating;
  }
}

async function keepBatch(deps: FollowDeps, holder: LineHolder, held: Held, batch: EventBatch): Promise<boolean> {
  const { tenant, connection } = holder;
  const { events, gaps, position } = batch;
  const state = afterLineEvent(held.state, 'kept');
  const kept = await deps.db.tenantTx(
    tenant,
    async (tx) => {
      if (!(await keepPosition(tx, holder, { position, leaseMs: limits.eventLineLeaseMs, state }))) return false;
      if (events.length > 0 || gaps.length > 0) await deps.keep(tx, { tenant, connection, events, gaps });
      return true;
    },
    'inbox.keep_batch',
  );
  if (kept) held.state = state;
  return kept;
}

function noteMissing(deps: FollowDeps, holder: LineHolder, objects: readonly string[]): void {
  const { tenant, connection } = holder;
  deps.onEvent({ kind: 'event_line_without', tenant, connection, objects });
  void deps.db
    .tenantTx(tenant, (tx) => noteUnavailable(tx, holder, objects), 'inbox.note_unavailable')
    .catch(() => undefined);
}

/** Signs of life, and a look whether the line is still to be followed as it is. */
async function beat(
  deps: FollowDeps,
  holder: LineHolder,
  { target, signal, end }: { readonly target: LineTarget; readonly signal: AbortSignal; end(lost: boolean): void },
): Promise<void> {
  const pause = (): Promise<boolean> =>
    deps.clock.sleep(limits.eventLineBeatMs, signal).then(
      () => true,
      () => false,
    );
  while (await pause()) {
    try {
      const isHeld = await deps.db.tenantTx(
        holder.tenant,
        (tx) => holdLine(tx, holder, limits.eventLineLeaseMs),
        'inbox.hold_line',
      );
      if (!isHeld) return end(true);
      const wish = await deps.wishOf(holder);
      if (wish.kind !== 'follow' || wish.target.version !== target.version) return end(false);
    } catch {
      // The database is away: what is heard meanwhile is not kept, and the lease may end.
    }
  }
}

async function letGo(deps: FollowDeps, holder: LineHolder, held: Held, pauseMs: number): Promise<void> {
  await deps.db.tenantTx(
    holder.tenant,
    (tx) =>
      releaseLine(tx, holder, {
        dueAt: new Date(tx.now.getTime() + pauseMs),
        state: afterLineEvent(held.state, 'let_go'),
        failures: held.failures,
        error: null,
        forget: false,
      }),
    'inbox.release_line',
  );
}

/** A place that the provider forgot is forgotten, and in the same transaction all objects are to be read. */
async function broke(
  deps: FollowDeps,
  holder: LineHolder,
  { held, target, error }: { readonly held: Held; readonly target: LineTarget; readonly error: GantryError },
): Promise<void> {
  const { tenant, connection } = holder;
  const expired = error.code === 'cursor_expired';
  const failures = held.failures + 1;
  await deps.db.tenantTx(
    tenant,
    async (tx) => {
      const dueAt = nextTry(tx.now, error, retryMs(deps.random, failures));
      const state = afterLineEvent(held.state, expired ? 'expired' : 'failed');
      const isOurs = await releaseLine(tx, holder, { dueAt, state, failures, error: error.toBody(), forget: expired });
      if (isOurs && expired) await deps.keep(tx, { tenant, connection, events: [], gaps: target.objects });
    },
    'inbox.break_line',
  );
  if (expired) deps.onKept(holder);
  deps.onTurn(holder);
}

/** What the provider said, or longer with each failure: lines of many connections that broke together come back one by one. */
function nextTry(now: Date, { details }: GantryError, waitMs: number): Date {
  return details.retryAt ?? new Date(now.getTime() + waitMs);
}

function retryMs(random: Random, failures: number): number {
  const longest = Math.min(limits.eventLineRetryMaxMs, limits.eventLineRetryMs * 2 ** Math.min(failures - 1, 20));
  return Math.round(longest * (0.5 + random.fraction() / 2));
}
