/**
 * A sandbox's only source of time. It starts where it is told, runs at the speed
 * of real time and can be moved by the control API. It never repeats a
 * millisecond backwards unless somebody sets it back on purpose.
 */
export interface SandboxClock {
  now(): Date;
  advance(ms: number): void;
  set(to: Date): void;
}

export function createClock(start: Date): SandboxClock {
  let base = start.getTime();
  let since = performance.now();
  const millis = (): number => base + Math.floor(performance.now() - since);
  return {
    now: () => new Date(millis()),
    advance: (ms) => {
      base += ms;
    },
    set: (to) => {
      base = to.getTime();
      since = performance.now();
    },
  };
}
