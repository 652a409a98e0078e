import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createReadPlaces } from '../../src/lens/host/read-places.ts';

/** Work that ends when it is told to. */
function held(): { readonly work: () => Promise<string>; readonly end: (value: string) => void; started: boolean } {
  let end: (value: string) => void = () => undefined;
  const over = new Promise<string>((resolve) => (end = resolve));
  const each = {
    started: false,
    end: (value: string) => end(value),
    work: () => {
      each.started = true;
      return over;
    },
  };
  return each;
}

const never = 60_000;

describe('places of structured reads', () => {
  it('let through so many at once, the others in the order of asking', async () => {
    const places = createReadPlaces({ places: 2, longMs: never });
    const all = [held(), held(), held(), held()];
    const answers = all.map(({ work }) => places.run(work));
    await sleep(1);
    expect(all.map(({ started }) => started)).toEqual([true, true, false, false]);
    all[1]?.end('second');
    expect(await answers[1]).toBe('second');
    expect(all.map(({ started }) => started)).toEqual([true, true, true, false]);
    for (const [at, each] of all.entries()) each.end(String(at));
    expect(await Promise.all(answers)).toEqual(['0', 'second', '2', '3']);
  });

  it('are free again after a failure, once', async () => {
    const places = createReadPlaces({ places: 1, longMs: never });
    const failing = places.run(() => Promise.reject(new Error('no such column')));
    const [first, second] = [held(), held()];
    void places.run(first.work);
    void places.run(second.work);
    await expect(failing).rejects.toThrow('no such column');
    await sleep(1);
    expect([first.started, second.started]).toEqual([true, false]);
  });

  it('are given up by a read that takes long, which goes on and gives up no second one', async () => {
    const places = createReadPlaces({ places: 1, longMs: 5 });
    const long = held();
    const answer = places.run(long.work);
    // Waits for the place, not for a time: hangs where it is never given up.
    expect(await places.run(() => Promise.resolve('short'))).toBe('short');
    const [next, last] = [held(), held()];
    const nextAnswer = places.run(next.work);
    long.end('long');
    expect(await answer).toBe('long');
    next.end('next');
    expect(await nextAnswer).toBe('next');
    void places.run(last.work);
    await sleep(1);
    expect(last.started).toBe(true);
    last.end('');
  });
});
