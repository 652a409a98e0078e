import type { Clock } from '../kernel/index.ts';

/** Lets in one at a time under each name, and so many in all, in the order of asking as far as names allow. */
export interface Turnstile {
  /** Resolves with the way out; with null where `waitMs` passed before it was one's turn. */
  enter(name: string, patience: { readonly waitMs: number; readonly clock: Clock }): Promise<(() => void) | null>;
}

interface Waiter {
  readonly name: string;
  readonly admit: () => void;
}

export function createTurnstile(atOnce: number): Turnstile {
  const inside = new Set<string>();
  const waiting: Waiter[] = [];

  const admitNext = (): void => {
    while (inside.size < atOnce) {
      const next = waiting.findIndex(({ name }) => !inside.has(name));
      const [waiter] = next === -1 ? [] : waiting.splice(next, 1);
      if (waiter === undefined) return;
      inside.add(waiter.name);
      waiter.admit();
    }
  };

  const wayOut = (name: string): (() => void) => {
    let out = false;
    return () => {
      if (out) return;
      out = true;
      inside.delete(name);
      admitNext();
    };
  };

  return {
    enter: async (name, { waitMs, clock }) => {
      const settled = new AbortController();
      let admitted = false;
      const patience = new Promise<void>((resolve) => {
        const waiter: Waiter = {
          name,
          admit: () => {
            admitted = true;
            resolve();
          },
        };
        waiting.push(waiter);
        const giveUp = (): void => {
          const place = waiting.indexOf(waiter);
          if (place !== -1) waiting.splice(place, 1);
          resolve();
        };
        void clock.sleep(waitMs, settled.signal).then(giveUp, giveUp);
        admitNext();
      });
      await patience;
      settled.abort(new Error('the wait is over'));
      return admitted ? wayOut(name) : null;
    },
  };
}
