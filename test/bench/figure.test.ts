import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, percentile } from '../../bench/figure.ts';

describe('percentile', () => {
  it('is a sample that enough of the others do not exceed, and the smallest such', () => {
    const samples = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(samples, fc.constantFrom(0.5, 0.9, 0.99, 1), (values, share) => {
        const found = percentile(values, share);
        const atMost = (bound: number) => values.filter((value) => value <= bound).length;
        expect(values).toContain(found);
        expect(atMost(found)).toBeGreaterThanOrEqual(share * values.length);
        for (const smaller of values.filter((value) => value < found)) {
          expect(atMost(smaller)).toBeLessThan(share * values.length);
        }
      }),
    );
  });

  it('refuses to speak of nothing', () => {
    expect(() => percentile([], 0.5)).toThrow();
  });
});

describe('figure', () => {
  const base = { bench: 'b', case: 'c', unit: 'ms' };

  it('holds the p99 to a bound on time, the p50 to one on throughput', () => {
    const samples = [...Array.from({ length: 98 }, () => 1), 50, 50];
    expect(figure({ ...base, samples, target: 10 })).toMatchObject({ p50: 1, p99: 50, met: false });
    expect(figure({ ...base, samples, target: 50 }).met).toBe(true);
    expect(figure({ ...base, samples, target: 2, better: 'high' }).met).toBe(false);
    expect(figure({ ...base, samples, target: 1, better: 'high' }).met).toBe(true);
  });

  it('leaves out what does not apply', () => {
    expect(figure({ ...base, samples: [7] })).toEqual({
      ...base,
      p50: 7,
      p99: null,
      floor_p50: null,
      ratio: null,
      target: null,
      met: null,
    });
    expect(figure({ ...base, samples: [6], floor: [3, 3, 9] })).toMatchObject({ floor_p50: 3, ratio: 2 });
  });
});
