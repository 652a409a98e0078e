/** Lets in one after the other, in the order of asking. */
export interface Lane {
  /** Resolves with the way out. Rejects with the signal's reason where it is aborted before. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createLane(): Lane {
  const waiting: (() => void)[] = [];
  let isTaken = false;
  const leave = (): void => {
    const next = waiting.shift();
    if (next === undefined) isTaken = false;
    else next();
  };
  const wayOut = (): (() => void) => {
    let isOut = false;
    return () => {
      if (isOut) return;
      isOut = true;
      leave();
    };
  };
  return {
    enter: async (signal) => {
      signal.throwIfAborted();
      if (!isTaken) {
        isTaken = true;
        return wayOut();
      }
      await new Promise<void>((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(admit), 1);
          reject(signal.reason instanceof Error ? signal.reason : new Error('given up'));
        };
        waiting.push(admit);
        signal.addEventListener('abort', giveUp, { once: true });
      });
      return wayOut();
    },
  };
}

/**
 * Where answers go that get larger than most. State of the module, because it
 * bounds the memory of the process, whoever of its sessions reads.
 */
export const largeAnswers: Lane = createLane();
