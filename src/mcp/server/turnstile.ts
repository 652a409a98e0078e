/**
 * Between those who write to a stream and the one who reads it: each write
 * waits until the reader wants more, so that a slow reader costs no memory.
 */
export interface Turnstile {
  /** The reader waits for something. */
  open(): void;
  /** Resolves for one writer per opening, or when the signal says so. */
  pass(signal: AbortSignal): Promise<void>;
}

export function createTurnstile(): Turnstile {
  let isOpen = false;
  const waiting = new Set<() => void>();
  return {
    open() {
      isOpen = true;
      const [first] = waiting;
      first?.();
    },
    async pass(signal) {
      while (!isOpen && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            waiting.delete(wake);
            signal.removeEventListener('abort', wake);
            resolve();
          };
          waiting.add(wake);
          signal.addEventListener('abort', wake);
        });
      }
      if (!signal.aborted) isOpen = false;
    },
  };
}
