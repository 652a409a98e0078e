import { limits } from '../kernel/index.ts';
import { freeLines } from '../store/index.ts';
import { followLine, type FollowDeps } from './follow-line.ts';

export interface LineFollowersOptions extends FollowDeps {
  /** Unique per process. */
  readonly name: string;
  /** Between two looks for lines that nobody follows; `limits.eventLineLookMs` by default. */
  readonly lookMs?: number;
}

export interface LineFollowers {
  /** Gives all lines back, so that others follow them at once. */
  stop(): Promise<void>;
}

/** Follows lines that nobody follows. Any number of processes: each line has one holder, by lease in the database. */
export function startLineFollowers(options: LineFollowersOptions): LineFollowers {
  const { db, clock, name: holder, onEvent, lookMs = limits.eventLineLookMs } = options;
  const stopping = new AbortController();
  const following = new Map<string, Promise<void>>();

  const look = async (): Promise<void> => {
    const room = limits.eventLinesMax - following.size;
    if (room <= 0) return;
    for (const key of await freeLines(db, room)) {
      const name = `${String(key.tenant)}/${String(key.connection)}`;
      if (following.has(name) || stopping.signal.aborted) continue;
      const one = followLine(options, { ...key, holder }, stopping.signal)
        // Its lease ends by itself.
        .catch((cause: unknown) => onEvent({ kind: 'event_line_look_failed', cause }))
        .finally(() => following.delete(name));
      following.set(name, one);
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch((cause: unknown) => onEvent({ kind: 'event_line_look_failed', cause }));
      await clock.sleep(lookMs, stopping.signal).catch(() => undefined);
    }
  };
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('the process stops'));
      await looping;
      await Promise.all(following.values());
    },
  };
}
