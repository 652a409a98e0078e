import { describe, expect, it } from 'vitest';
import { limits, tenantId } from '../../src/kernel/index.ts';
import { createWatches } from '../../src/lens/watches.ts';

describe('the tenants whose changes are looked for', () => {
  const [a, b, c] = [tenantId(1), tenantId(2), tenantId(3)];

  it('are no more than may be, and those that were read last', () => {
    const watches = createWatches(2);
    expect(watches.touch(a, 0)).toBe(true);
    expect(watches.touch(b, 1)).toBe(true);
    expect(watches.touch(a, 2)).toBe(false);
    expect(watches.touch(c, 3)).toBe(true);
    expect([a, b, c].map((tenant) => watches.has(tenant))).toEqual([true, false, true]);
    // Its next read is the first after a pause again.
    expect(watches.touch(b, 4)).toBe(true);
  });

  it('are looked at ever more seldom while nothing is found, and within a second of a read', () => {
    const watches = createWatches(2);
    watches.touch(a, 0);
    expect(watches.due(limits.tailPollMs - 1)).toEqual([]);
    expect(watches.due(limits.tailPollMs)).toEqual([a]);
    watches.begin(a);
    expect(watches.due(limits.tailPollMs * 10)).toEqual([]);
    watches.end(a, 1_000, false);
    expect(watches.due(1_000 + limits.tailPollMs)).toEqual([]);
    expect(watches.due(1_000 + limits.tailPollMs * 2)).toEqual([a]);
    watches.end(a, 2_000, false);
    watches.end(a, 2_000, false);
    watches.end(a, 2_000, false);
    watches.touch(a, 2_000);
    expect(watches.due(2_000 + limits.tailReadPollMs - 1)).toEqual([]);
    // Another read does not put it off.
    watches.touch(a, 2_900);
    expect(watches.due(2_000 + limits.tailReadPollMs)).toEqual([a]);
    watches.end(a, 4_000, true);
    expect(watches.due(4_000 + limits.tailPollMs)).toEqual([a]);
    expect(watches.due(limits.lensIdleCloseMs * 2)).toEqual([]);
    expect(watches.has(a)).toBe(false);
  });
});
