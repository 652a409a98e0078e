import { expect, it } from 'vitest';
import { numbered, startPolling, type Round } from '../../src/kernel/index.ts';

/** A clock whose rests end when they are told to, or are woken. */
function handClock() {
  const resting = new Set<() => void>();
  return {
    resting,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const end = (): void => {
          resting.delete(end);
          resolve();
        };
        resting.add(end);
        signal?.addEventListener('abort', () => {
          resting.delete(end);
          reject(new Error('woken'));
        });
      }),
  };
}

function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const WAIT = { timeout: 120_000, interval: 5 };

it('comes round when its rest is over, when it is woken, and again for what came meanwhile', async () => {
  const clock = handClock();
  const busy = gate();
  let rounds = 0;
  const polling = startPolling({
    clock,
    everyMs: 1_000,
    round: async ({ wake }) => {
      rounds += 1;
      if (rounds !== 3) return;
      // Twice, while this round has begun already: one more round is enough for both.
      wake();
      wake();
      await busy.opened;
    },
    onFailed: (cause) => expect.unreachable(String(cause)),
  });
  await expect.poll(() => [rounds, clock.resting.size], WAIT).toEqual([1, 1]);
  for (const end of clock.resting) end();
  await expect.poll(() => [rounds, clock.resting.size], WAIT).toEqual([2, 1]);
  polling.wake();
  await expect.poll(() => rounds, WAIT).toBe(3);
  expect(clock.resting.size).toBe(0);
  busy.open();
  await expect.poll(() => [rounds, clock.resting.size], WAIT).toEqual([4, 1]);
  await polling.stop();
  expect([rounds, clock.resting.size]).toEqual([4, 0]);
});

it('goes on after a round that failed, and tells of it', async () => {
  const clock = handClock();
  const told: unknown[] = [];
  let rounds = 0;
  const polling = startPolling({
    clock,
    everyMs: 1_000,
    round: () => {
      rounds += 1;
      if (rounds === 1) throw new Error('at once');
      return rounds === 2 ? Promise.reject(new Error('a moment later')) : Promise.resolve();
    },
    onFailed: (cause) => told.push((cause as Error).message),
  });
  for (const round of [1, 2, 3]) {
    await expect.poll(() => [rounds, clock.resting.size], WAIT).toEqual([round, 1]);
    polling.wake();
  }
  await polling.stop();
  expect(told).toEqual(['at once', 'a moment later']);
});

it('does not wait until it hears, and looks once more when it does; leaves after the last round', async () => {
  const clock = handClock();
  const hearing = gate();
  const last = gate();
  const steps: string[] = [];
  let said: Round | null = null;
  const polling = startPolling({
    clock,
    everyMs: 1_000,
    listen: async (round) => {
      await hearing.opened;
      said = round;
      return async () => void steps.push('left');
    },
    round: async () => {
      steps.push('round');
      if (steps.length < 3) return;
      await last.opened;
      steps.push('last');
    },
    onFailed: (cause) => expect.unreachable(String(cause)),
  });
  await expect.poll(() => [steps.length, clock.resting.size], WAIT).toEqual([1, 1]);
  hearing.open();
  await expect.poll(() => [steps.length, clock.resting.size], WAIT).toEqual([2, 1]);
  (said as Round | null)?.wake();
  await expect.poll(() => steps.length, WAIT).toBe(3);
  const stopped = polling.stop();
  expect((said as Round | null)?.signal.aborted).toBe(true);
  last.open();
  await stopped;
  expect(steps).toEqual(['round', 'round', 'round', 'last', 'left']);
});

it('goes on where it cannot hear', async () => {
  const clock = handClock();
  const told: unknown[] = [];
  let rounds = 0;
  const polling = startPolling({
    clock,
    everyMs: 1_000,
    listen: () => Promise.reject(new Error('nobody to hear')),
    round: async () => void (rounds += 1),
    onFailed: (cause) => told.push((cause as Error).message),
  });
  await expect.poll(() => [told, rounds > 0, clock.resting.size], WAIT).toEqual([['nobody to hear'], true, 1]);
  const before = rounds;
  for (const end of clock.resting) end();
  await expect.poll(() => rounds > before, WAIT).toBe(true);
  await polling.stop();
});

it('gives another name at each call, and none that another counter of the process has given', () => {
  const [one, other] = [numbered('worker-a'), numbered('worker-b')];
  const names = [one(), one(), other(), one(), other()];
  expect(new Set(names).size).toBe(5);
  expect(names.every((name) => /^worker-[ab]\.\d$/.test(name))).toBe(true);
});
