import { abortTogether, limits } from '../kernel/index.ts';
import { dueRegistrations } from '../store/index.ts';
import { takeRegistrationTurn, type RegistrationDeps } from './registration-turn.ts';

export interface RegistrationsOptions extends RegistrationDeps {
  /** Unique per process. */
  readonly name: string;
}

export interface Registrations {
  /** There may be something to do. */
  wake(): void;
  /** Gives up waiting for providers; others go on when the leases end. */
  stop(): Promise<void>;
}

/** Keeps what is registered with providers as it shall be. Any number of processes: one at a time is at each. */
export function keepRegistrations(options: RegistrationsOptions): Registrations {
  const { db, clock, name: holder, onEvent } = options;
  const stopping = new AbortController();
  const atWork = new Map<string, Promise<void>>();
  let wakeUp = new AbortController();
  const wake = (): void => wakeUp.abort(new Error('there may be something to do'));

  const look = async (): Promise<void> => {
    const room = limits.webhookTurnsAtOnce - atWork.size;
    if (room <= 0) return;
    for (const key of await dueRegistrations(db, room)) {
      const name = `${String(key.tenant)}/${String(key.connection)}`;
      if (atWork.has(name) || stopping.signal.aborted) continue;
      const one = takeRegistrationTurn(options, { ...key, holder }, stopping.signal)
        // Its lease ends by itself.
        .catch((cause: unknown) => onEvent({ kind: 'webhook_look_failed', cause }))
        .finally(() => {
          atWork.delete(name);
          wake();
        });
      atWork.set(name, one);
    }
  };

  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wakeUp = new AbortController();
      await look().catch((cause: unknown) => onEvent({ kind: 'webhook_look_failed', cause }));
      const leave = abortTogether(wakeUp, [stopping.signal]);
      await clock.sleep(limits.webhookLookMs, wakeUp.signal).catch(() => undefined);
      leave();
    }
  };
  const looping = loop();
  return {
    wake,
    stop: async () => {
      stopping.abort(new Error('the process stops'));
      await looping;
      await Promise.all(atWork.values());
    },
  };
}
