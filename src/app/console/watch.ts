import type { ConsoleNews } from '../../api/index.ts';
import { GantryError, limits, startPolling, type Clock, type Polling, type TenantId } from '../../kernel/index.ts';
import { readConsoleMarks, type ConsoleMarks, type Db } from '../../store/index.ts';

export interface WatchDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onFailed: (cause: unknown) => void;
}

export interface Watch {
  /** News of a tenant until `signal`, or until the stream is old. Raises `rate_limited`. */
  follow(tenant: TenantId, signal: AbortSignal): AsyncGenerator<ConsoleNews>;
  stop(): Promise<void>;
}

interface Follower {
  readonly news: Set<ConsoleNews>;
  wake: () => void;
}

interface Watched {
  /** Null: not looked yet. */
  marks: ConsoleMarks | null;
  readonly followers: Set<Follower>;
}

/** Looks at the tenants that somebody looks at, once for all of them, and at nothing while nobody does. */
export function createWatch({ db, clock, onFailed }: WatchDeps): Watch {
  const watched = new Map<TenantId, Watched>();
  let polling: Polling | null = null;

  const look = async (tenant: TenantId, each: Watched): Promise<void> => {
    const marks = await db.tenantRead(tenant, (tx) => readConsoleMarks(tx, tenant));
    const news = each.marks === null ? [] : newsBetween(each.marks, marks);
    each.marks = marks;
    if (news.length === 0) return;
    for (const follower of each.followers) {
      for (const one of news) follower.news.add(one);
      follower.wake();
    }
  };
  const round = async (): Promise<void> => {
    for (const [tenant, each] of watched) await look(tenant, each);
  };
  const leave = (tenant: TenantId, each: Watched, follower: Follower): void => {
    each.followers.delete(follower);
    if (each.followers.size === 0 && watched.get(tenant) === each) watched.delete(tenant);
    if (watched.size > 0) return;
    void polling?.stop();
    polling = null;
  };
  async function* newsOf(tenant: TenantId, signal: AbortSignal): AsyncGenerator<ConsoleNews> {
    const follower: Follower = { news: new Set(), wake: () => undefined };
    const until = clock.now().getTime() + limits.consoleStreamMs;
    const each = watched.get(tenant) ?? { marks: null, followers: new Set() };
    watched.set(tenant, each);
    each.followers.add(follower);
    polling ??= startPolling({ clock, everyMs: limits.consoleLookMs, round, onFailed });
    try {
      // Before the first word: what changes after that word is told.
      if (each.marks === null) await look(tenant, each);
      yield 'ready';
      while (!signal.aborted && clock.now().getTime() < until) {
        if (follower.news.size === 0) await rest(clock, follower, signal);
        const news: readonly ConsoleNews[] = follower.news.size === 0 ? ['alive'] : [...follower.news];
        follower.news.clear();
        for (const one of news) yield one;
      }
    } finally {
      leave(tenant, each, follower);
    }
  }

  return {
    follow: (tenant, signal) => {
      const open = [...watched.values()].reduce((sum, { followers }) => sum + followers.size, 0);
      if (open >= limits.consoleStreamsMax) {
        throw new GantryError('rate_limited', { message: 'Too many consoles are open; close one first.' });
      }
      return newsOf(tenant, signal);
    },
    stop: async () => {
      const last = polling;
      polling = null;
      await last?.stop();
    },
  };
}

/** Until there is news, or it is time to say that all is well. */
async function rest(clock: Clock, follower: Follower, signal: AbortSignal): Promise<void> {
  const resting = new AbortController();
  const end = (): void => resting.abort(new Error('woken'));
  follower.wake = end;
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  await clock.sleep(limits.consoleAliveMs, resting.signal).catch(() => undefined);
  signal.removeEventListener('abort', end);
  follower.wake = () => undefined;
}

/** Pure: what of the screens is not as it was. */
export function newsBetween(before: ConsoleMarks, now: ConsoleMarks): ConsoleNews[] {
  const news: ConsoleNews[] = [];
  if (before.approvals !== now.approvals) news.push('approvals_changed');
  if (before.audit !== now.audit) news.push('audit_grew');
  if (before.connections !== now.connections) news.push('connections_changed');
  return news;
}
