import type { Item } from './book.ts';
import type { Timers } from './timers.ts';

/** One queue per source: a receiver that hangs holds nobody but itself. */
export interface Lanes {
  enqueue(item: Item): void;
  /** Forgets what has not left. */
  drop(source: string): void;
  pause(paused: boolean): void;
  isPaused(): boolean;
  /** Looks again, holds included, after a change of the settings. */
  pump(): void;
}

interface Lane {
  readonly queue: Item[];
  busy: number;
  /** Looks again when the provider's hold is over. */
  held: boolean;
}

export interface LaneParts {
  readonly timers: Timers;
  concurrency(): number;
  /** Real milliseconds for the provider's. */
  real(ms: number): number;
  attempt(item: Item): Promise<void>;
}

export function createLanes({ timers, concurrency, real, attempt }: LaneParts): Lanes {
  const lanes = new Map<string, Lane>();
  let paused = false;

  const pump = (source: string, lane: Lane): void => {
    while (!paused && !lane.held && lane.busy < concurrency()) {
      const first = lane.queue[0];
      if (first === undefined) return;
      const holdMs = first.rules.holdMs?.(source) ?? 0;
      if (holdMs > 0) {
        lane.held = true;
        timers.after(real(holdMs), () => {
          lane.held = false;
          pump(source, lane);
        });
        return;
      }
      lane.queue.shift();
      lane.busy += 1;
      void attempt(first).finally(() => {
        lane.busy -= 1;
        pump(source, lane);
      });
    }
  };
  const pumpAll = (): void => {
    for (const [source, lane] of lanes) {
      lane.held = false;
      pump(source, lane);
    }
  };
  return {
    enqueue: (item) => {
      const { source } = item.message;
      const lane = lanes.get(source) ?? { queue: [], busy: 0, held: false };
      lanes.set(source, lane);
      lane.queue.push(item);
      pump(source, lane);
    },
    drop: (source) => {
      lanes.get(source)?.queue.splice(0);
    },
    pause: (wanted) => {
      paused = wanted;
      pumpAll();
    },
    isPaused: () => paused,
    pump: pumpAll,
  };
}
