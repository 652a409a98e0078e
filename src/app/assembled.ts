import type { createApiRole } from './api-role.ts';
import type { Core } from './core.ts';
import type { ErasureParts } from './erasure/erasure-parts.ts';
import type { Gantry } from './gantry.ts';
import type { LensPlace } from './lens/lens-place.ts';
import type { SubscriptionParts } from './subscription-parts.ts';

/** What begins and ends with the process. */
export interface Worker {
  start(): void;
  stop(): Promise<void>;
}

/** What is running of a process, in the order in which it ends. */
export interface Running {
  readonly api: ReturnType<typeof createApiRole>;
  readonly chores: Worker;
  readonly worker: Worker;
  readonly access: Worker;
  readonly alerting: Worker;
  readonly approving: Worker;
  readonly audit: Worker;
  readonly erasing: ErasureParts;
  readonly writing: Worker;
  readonly telling: SubscriptionParts;
  readonly stopNews: () => Promise<void>;
  readonly place: Pick<LensPlace, 'openAt'>;
}

export type Standing = Omit<Gantry, 'followEvents' | 'startWorker' | 'openDoors' | 'close'> &
  Pick<Core, 'budgets' | 'code' | 'emit'>;

/** The process as others use it. */
export function assembled(standing: Standing, running: Running): Gantry {
  const { config, db, revisions, overlays, catalogues, callers, lens, connections, door, budgets, code, emit } =
    standing;
  const { api, chores, worker, access, alerting, approving, audit, erasing, writing, telling, stopNews, place } =
    running;
  const close = once(async () => {
    await api.stop();
    await erasing.stop();
    await writing.stop();
    await chores.stop();
    await worker.stop();
    await access.stop();
    await approving.stop();
    await alerting.stop();
    await audit.stop();
    await telling.stopWorker();
    await telling.close();
    await stopNews();
    await code.stop();
    await budgets.close();
    await lens.close();
    await db.close();
    emit({ kind: 'stopped' });
  });
  return {
    config,
    db,
    revisions,
    overlays,
    catalogues,
    callers,
    lens,
    connections,
    door,
    followEvents: telling.followEvents,
    close,
    startWorker: () => {
      chores.start();
      worker.start();
      access.start();
      telling.start();
      alerting.start();
      approving.start();
      erasing.start();
      writing.start();
      audit.start();
    },
    openDoors: async () => {
      const doors = await api.open();
      place.openAt(doors.url);
      await erasing.clearGone();
      return doors;
    },
  };
}

/** Closing is asked for by signals, errors and `finally` alike: all of them wait for the same end. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => {
    done ??= work();
    return done;
  };
}
