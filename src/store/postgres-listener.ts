import type pg from 'pg';
import { limits, type Clock } from '../kernel/index.ts';
import type { Db } from './db.ts';
import { createEars } from './ears.ts';

/**
 * One connection that only listens. It is made with the first listener and
 * made again after the server went away; what was notified in between is lost,
 * of which each listener is told then. A notification is only ever a hint all
 * the same: nobody notices at once that a connection is dead.
 */
export function createPostgresListener(
  makeClient: () => pg.Client,
  clock: Clock,
): { readonly listen: Db['listen']; readonly close: () => Promise<void> } {
  const ears = createEars();
  const stop = new AbortController();
  let client: pg.Client | undefined;
  let wasConnected = false;
  let connecting: Promise<pg.Client> | undefined;
  /** One statement at a time, however many begin to listen at once. */
  let last: Promise<unknown> = Promise.resolve();
  const listenOn = async (live: pg.Client, channel: string): Promise<void> => {
    const own = last.then(() => live.query(`listen ${quoted(channel)}`));
    last = own.catch(() => undefined);
    await own;
  };

  const connect = async (): Promise<pg.Client> => {
    const next = makeClient();
    next.on('notification', ({ channel, payload }) => {
      ears.hear(channel, payload ?? '');
    });
    next.on('error', () => undefined);
    try {
      await next.connect();
      for (const channel of ears.channels()) await listenOn(next, channel);
    } catch (error) {
      await next.end().catch(() => undefined);
      throw error;
    }
    next.once('end', () => {
      client = undefined;
      connecting = undefined;
      if (!stop.signal.aborted) void reconnect();
    });
    client = next;
    if (wasConnected) ears.missedAll();
    wasConnected = true;
    return next;
  };

  const reconnect = async (): Promise<void> => {
    if (stop.signal.aborted) return;
    try {
      await clock.sleep(limits.listenRetryMs, stop.signal);
      connecting = connect();
      await connecting;
    } catch {
      connecting = undefined;
      await reconnect();
    }
  };

  return {
    listen: async (channel, listener, missed) => {
      const { forget } = ears.add(channel, { listener, missed });
      connecting ??= connect();
      const live = await connecting.catch((error: unknown) => {
        connecting = undefined;
        forget();
        throw error;
      });
      await listenOn(live, channel);
      return async () => forget();
    },
    close: async () => {
      stop.abort();
      await client?.end().catch(() => undefined);
    },
  };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
