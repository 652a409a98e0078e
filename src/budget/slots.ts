import { abortable } from './abortable.ts';
import type { CallPurpose } from '../connectors/index.ts';

/** Calls under way at once. Whoever waits for an answer comes first, and background work leaves some free. */
export interface Slots {
  /** Resolves with the way to leave; null where `waitMs` passed before. Rejects when aborted. */
  enter(
    purpose: CallPurpose,
    wait: { readonly ms: number; readonly signal: AbortSignal },
  ): Promise<(() => void) | null>;
}

export function createSlots(most: number, sleep: (ms: number, signal: AbortSignal) => Promise<void>): Slots {
  const usable = { interactive: most, background: Math.max(1, Math.floor(most * 0.8)) };
  const waiting: Record<CallPurpose, (() => void)[]> = { interactive: [], background: [] };
  let taken = 0;

  const leave = (): void => {
    taken -= 1;
    for (const purpose of ['interactive', 'background'] as const) {
      while (taken < usable[purpose]) {
        const next = waiting[purpose].shift();
        if (next === undefined) break;
        taken += 1;
        next();
      }
    }
  };

  const once = (): (() => void) => {
    let left = false;
    return () => {
      if (!left) leave();
      left = true;
    };
  };

  return {
    enter: async (purpose, wait) => {
      if (taken < usable[purpose] && waiting[purpose].length === 0) {
        taken += 1;
        return once();
      }
      let admit: () => void = () => undefined;
      const turn = new Promise<true>((resolve) => {
        admit = () => resolve(true);
      });
      waiting[purpose].push(admit);
      const admitted = await abortable(turn, wait, sleep).catch((error: unknown) => {
        giveUp(admit, purpose);
        throw error;
      });
      if (admitted === true) return once();
      giveUp(admit, purpose);
      return null;
    },
  };

  /** Nobody is there any more: a turn that came at the same moment goes to the next. */
  function giveUp(admit: () => void, purpose: CallPurpose): void {
    const place = waiting[purpose].indexOf(admit);
    if (place === -1) leave();
    else waiting[purpose].splice(place, 1);
  }
}
