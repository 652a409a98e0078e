import { limits, startPolling, type Clock } from '../kernel/index.ts';
import { freeInboxes, inboxChannel } from '../store/index.ts';
import { emptyInbox, type EmptyDeps } from './empty-inbox.ts';

export interface InboxWorkerOptions extends EmptyDeps {
  readonly clock: Clock;
  /** Unique per process. */
  readonly name: string;
}

export interface InboxWorker {
  /** Lets what is under way come to an end. */
  stop(): Promise<void>;
}

/** Empties inboxes as they fill: woken by what is kept, and looking now and then, since a wake-up may be lost. */
export function startInboxWorker(options: InboxWorkerOptions): InboxWorker {
  const { db, clock, name: holder, onEvent } = options;
  const emptying = new Map<string, Promise<void>>();
  const failed = (cause: unknown): void => onEvent({ kind: 'inbox_look_failed', cause });
  const polling = startPolling({
    clock,
    everyMs: limits.inboxLookMs,
    listen: ({ wake }) => db.listen(inboxChannel, wake),
    round: async ({ signal, wake }) => {
      const room = limits.inboxesAtOnce - emptying.size;
      if (room <= 0) return;
      for (const key of await freeInboxes(db, room + emptying.size)) {
        const name = `${String(key.tenant)}/${String(key.connection)}`;
        if (emptying.has(name) || emptying.size >= limits.inboxesAtOnce || signal.aborted) continue;
        const one = emptyInbox(options, { ...key, holder }, signal)
          // Its lease ends by itself.
          .catch(failed)
          .finally(() => {
            emptying.delete(name);
            wake();
          });
        emptying.set(name, one);
      }
    },
    onFailed: failed,
  });
  return {
    stop: async () => {
      await polling.stop();
      await Promise.all(emptying.values());
    },
  };
}
