import { abortTogether, limits, type Clock } from '../kernel/index.ts';
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
  const stopping = new AbortController();
  const emptying = new Map<string, Promise<void>>();
  let wakeUp = new AbortController();
  const wake = (): void => wakeUp.abort(new Error('there is something to do'));

  const look = async (): Promise<void> => {
    const room = limits.inboxesAtOnce - emptying.size;
    if (room <= 0) return;
    for (const key of await freeInboxes(db, room + emptying.size)) {
      const name = `${String(key.tenant)}/${String(key.connection)}`;
      if (emptying.has(name) || emptying.size >= limits.inboxesAtOnce || stopping.signal.aborted) continue;
      const one = emptyInbox(options, { ...key, holder }, stopping.signal)
        // Its lease ends by itself.
        .catch((cause: unknown) => onEvent({ kind: 'inbox_look_failed', cause }))
        .finally(() => {
          emptying.delete(name);
          wake();
        });
      emptying.set(name, one);
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wakeUp = new AbortController();
      await look().catch((cause: unknown) => onEvent({ kind: 'inbox_look_failed', cause }));
      const leave = abortTogether(wakeUp, [stopping.signal]);
      await clock.sleep(limits.inboxLookMs, wakeUp.signal).catch(() => undefined);
      leave();
    }
  };
  const listening = db.listen(inboxChannel, wake).catch(() => null);
  const looping = loop();
  return {
    stop: async () => {
      stopping.abort(new Error('the process stops'));
      await looping;
      await Promise.all(emptying.values());
      await (
        await listening
      )?.();
    },
  };
}
