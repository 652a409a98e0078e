/**
 * Lets through so many reads at once, in the order of asking: beyond a few to
 * each core they only take the caches from one another, and the slowest of
 * them gets slower. Who is inside for longer than `longMs` gives the place up
 * and goes on, so that long reads hold up nobody.
 */
export interface ReadPlaces {
  run<Result>(work: () => Promise<Result>): Promise<Result>;
}

export function createReadPlaces({ places, longMs }: { readonly places: number; readonly longMs: number }): ReadPlaces {
  const waiting: (() => void)[] = [];
  let inside = 0;

  function enter(): Promise<void> {
    if (inside < places) {
      inside += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => waiting.push(resolve));
  }

  /** The place goes straight to the next in line. */
  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) inside -= 1;
    else next();
  }

  return {
    async run(work) {
      await enter();
      let isShort = true;
      const giveUp = (): void => {
        if (!isShort) return;
        isShort = false;
        leave();
      };
      const timer = setTimeout(giveUp, longMs);
      try {
        return await work();
      } finally {
        clearTimeout(timer);
        giveUp();
      }
    },
  };
}
