import { abortTogether, limits, withinTime, type Clock } from '../../kernel/index.ts';

export interface ChoreLane {
  /** Until `stop`. */
  start(): void;
  wake(): void;
  /** Nothing new begins; what is under way is waited for, as long as its time lasts. */
  stop(): Promise<void>;
}

export interface ChoreLaneDeps<Item> {
  readonly clock: Clock;
  /** Under way at once. */
  readonly most: number;
  /** What one may take, ms: then its place is another's, and what it still does, it does for nobody. */
  readonly timeMs: number;
  /** What is due, at most so many. */
  due(most: number): Promise<readonly Item[]>;
  /** `ending` fires when its time is over, or the lane stops. True: there may be more to do at once. */
  work(item: Item, ending: AbortSignal): Promise<boolean>;
  onFailure(cause: unknown): void;
}

/**
 * Work that comes due and calls providers, some of which never answer: several
 * pieces at once, each for a bounded time, and whoever is through makes room
 * for the next. So one that hangs costs the others a place, and for a while only.
 */
export function openChoreLane<Item>(deps: ChoreLaneDeps<Item>): ChoreLane {
  const { clock, most, onFailure } = deps;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let resting: AbortController | null = null;
  let isWoken = false;
  let looping: Promise<void> | null = null;
  const wake = (): void => {
    isWoken = true;
    resting?.abort(new Error('woken'));
  };

  const begin = (item: Item): void => {
    const done = bounded(deps, item, stopping.signal)
      // After a failure the lane rests first, so that a database that is away is not asked without an end.
      .then((more) => more && wake(), onFailure)
      .finally(() => running.delete(done))
      .then(() => undefined);
    running.add(done);
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      isWoken = false;
      await beginDue();
      if (isWoken || stopping.signal.aborted) continue;
      resting = new AbortController();
      await clock.sleep(limits.choreLookMs, resting.signal).catch(() => undefined);
      resting = null;
    }
    await Promise.all(running);
  };

  const beginDue = async (): Promise<void> => {
    if (running.size >= most) return;
    try {
      for (const item of await deps.due(most - running.size)) if (!stopping.signal.aborted) begin(item);
    } catch (error) {
      onFailure(error);
    }
  };

  return {
    start: () => {
      looping ??= loop();
    },
    wake,
    stop: async () => {
      stopping.abort(new Error('chores stop'));
      wake();
      await looping;
    },
  };
}

function bounded<Item>(
  { timeMs, work }: Pick<ChoreLaneDeps<Item>, 'timeMs' | 'work'>,
  item: Item,
  stopping: AbortSignal,
): Promise<boolean> {
  return withinTime(timeMs, undefined, async (over) => {
    const ending = new AbortController();
    const leave = abortTogether(ending, [over, stopping]);
    try {
      return await Promise.race([work(item, ending.signal), rejectsOn(over)]);
    } finally {
      leave();
    }
  });
}

function rejectsOn(over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    over.addEventListener('abort', () => reject(over.reason as Error), { once: true });
  });
}
