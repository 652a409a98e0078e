import { describe, expect, it } from 'vitest';
import type { SandboxRequest } from '../../sandbox/kit/http.ts';
import { createLateCalls } from '../../sandbox/kit/late-calls.ts';
import { createWriteFailures, failureRule, type AttemptedWrite } from '../../sandbox/kit/write-failures.ts';

describe('refusals of single records', () => {
  const write = (more: Partial<AttemptedWrite> = {}): AttemptedWrite => ({
    object: 'Contact',
    op: 'update',
    id: '1',
    ...more,
  });

  it('hit the records, operations and number of writes that they name, until they are cleared', () => {
    const failures = createWriteFailures();
    failures.add([{ object: 'contact', op: 'update', ids: ['1', '2'], times: 2, error: 'LOCKED', message: 'no' }]);
    const misses = [write({ object: 'Account' }), write({ op: 'create', id: null }), write({ id: '3' })];
    expect(misses.map((one) => failures.take(one))).toEqual([null, null, null]);
    const hit = { error: 'LOCKED', message: 'no' };
    expect([write(), write({ id: '2' }), write()].map((one) => failures.take(one))).toEqual([hit, hit, null]);
    expect(failures.add([{ object: 'Contact', error: 'GONE' }])).toBe(1);
    const gone = { error: 'GONE', message: null };
    expect([failures.take(write()), failures.take(write())]).toEqual([gone, gone]);
    failures.clear();
    expect(failures.take(write())).toBeNull();
  });

  it('hit a share of the writes, the same ones for a seed', () => {
    const hits = (seed: number): readonly boolean[] => {
      const failures = createWriteFailures();
      failures.add([{ object: 'Contact', share: 0.25, seed, error: 'LOCKED' }]);
      return Array.from({ length: 400 }, (_empty, at) => failures.take(write({ id: String(at) })) !== null);
    };
    const share = hits(7).filter(Boolean).length / 400;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.35);
    expect(hits(7)).toEqual(hits(7));
    expect(hits(7)).not.toEqual(hits(8));
  });

  it.each([
    {},
    { object: 'x' },
    { object: 'x', error: 'y', op: 'undelete' },
    { object: 'x', error: 'y', share: 0 },
    { object: 'x', error: 'y', times: 0 },
    { object: 'x', error: 'y', ids: '1' },
  ])('are refused for %j', (input) => {
    expect(() => failureRule(input)).toThrow();
  });
});

describe('calls that take effect late', () => {
  const request = (path: string): SandboxRequest => ({ path }) as SandboxRequest;

  it('run after their time, or when they are released, once and in their order; never after the end', async () => {
    const ran: string[] = [];
    const late = createLateCalls(({ path }) => {
      ran.push(path);
      return Promise.resolve();
    });
    late.add(request('timed'), 1);
    await expect.poll(() => ran).toEqual(['timed']);
    late.add(request('a'), 'hold');
    late.add(request('b'), 60_000);
    expect(await late.release()).toBe(2);
    expect(await late.release()).toBe(0);
    late.add(request('c'), 'hold');
    late.close();
    expect(await late.release()).toBe(0);
    expect(ran).toEqual(['timed', 'a', 'b']);
  });
});
