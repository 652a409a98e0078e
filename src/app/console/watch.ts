import type { ConsoleNews } from '../../api/index.ts';
import { GantryError, limits, startPolling, type Clock, type Polling, type TenantId } from '../../kernel/index.ts';
import {
  listTenants,
  readConsoleMarks,
  readStoppedMark,
  readWaitingMark,
  type ConsoleMarks,
  type Db,
} from '../../store/index.ts';

export interface WatchDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onFailed: (cause: unknown) => void;
}

export interface Watch {
  /**
   * News of a tenant until `signal`, or until the stream is old. Null: of what
   * waits for people of any tenant, and of what is stopped for everybody.
   * Raises `rate_limited`.
   */
  follow(of: Followed, signal: AbortSignal): AsyncGenerator<ConsoleNews>;
  stop(): Promise<void>;
}

/** Null: all tenants. */
type Followed = TenantId | null;

interface Follower {
  readonly news: Set<ConsoleNews>;
  wake: () => void;
}

interface Watched {
  /** Null: not looked yet. */
  marks: ConsoleMarks | null;
  /** Monotonic: when it is looked at again. */
  dueMs: number;
  readonly followers: Set<Follower>;
}

/** Looks at the tenants that somebody looks at, once for all who do, and at nothing while nobody does. */
export function createWatch({ db, clock, onFailed }: WatchDeps): Watch {
  const watched = new Map<Followed, Watched>();
  let polling: Polling | null = null;

  const look = async (of: Followed, each: Watched): Promise<void> => {
    // A round comes every `consoleLookMs`, give or take: half of one early is not too early.
    if (of === null) each.dueMs = clock.monotonicMs() + limits.consoleLookAtAllMs - limits.consoleLookMs / 2;
    const marks = of === null ? await marksOfAll(db) : await db.tenantRead(of, (tx) => readConsoleMarks(tx, of));
    const news = each.marks === null ? [] : newsBetween(each.marks, marks);
    each.marks = marks;
    if (news.length === 0) return;
    for (const follower of each.followers) {
      for (const one of news) follower.news.add(one);
      follower.wake();
    }
  };
  const round = async (): Promise<void> => {
    for (const [of, each] of watched) if (clock.monotonicMs() >= each.dueMs) await look(of, each);
  };
  const leave = (of: Followed, each: Watched, follower: Follower): void => {
    each.followers.delete(follower);
    if (each.followers.size === 0 && watched.get(of) === each) watched.delete(of);
    if (watched.size > 0) return;
    void polling?.stop();
    polling = null;
  };
  async function* newsOf(of: Followed, signal: AbortSignal): AsyncGenerator<ConsoleNews> {
    const follower: Follower = { news: new Set(), wake: () => undefined };
    const until = clock.now().getTime() + limits.consoleStreamMs;
    const each = watched.get(of) ?? { marks: null, dueMs: 0, followers: new Set() };
    watched.set(of, each);
    each.followers.add(follower);
    polling ??= startPolling({ clock, everyMs: limits.consoleLookMs, round, onFailed });
    try {
      // Before the first word: what changes after that word is told.
      if (each.marks === null) await look(of, each);
      yield 'ready';
      while (!signal.aborted && clock.now().getTime() < until) {
        if (follower.news.size === 0) await rest(clock, follower, signal);
        const news: readonly ConsoleNews[] = follower.news.size === 0 ? ['alive'] : [...follower.news];
        follower.news.clear();
        for (const one of news) yield one;
      }
    } finally {
      leave(of, each, follower);
    }
  }

  return {
    follow: (of, signal) => {
      const open = [...watched.values()].reduce((sum, { followers }) => sum + followers.size, 0);
      if (open >= limits.consoleStreamsMax) {
        throw new GantryError('rate_limited', { message: 'Too many consoles are open; close one first.' });
      }
      return newsOf(of, signal);
    },
    stop: async () => {
      const last = polling;
      polling = null;
      await last?.stop();
    },
  };
}

/** The audit is nobody's screen over all tenants. */
async function marksOfAll(db: Db): Promise<ConsoleMarks> {
  const approvals: string[] = [];
  for (const { id } of await listTenants(db)) {
    const mark = await db.tenantRead(id, (tx) => readWaitingMark(tx, id));
    if (mark !== '') approvals.push(`${String(id)}:${mark}`);
  }
  return { approvals: approvals.join(','), audit: '', connections: await db.read(readStoppedMark) };
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
