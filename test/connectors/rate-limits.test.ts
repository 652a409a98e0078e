import { describe, expect, it } from 'vitest';
import { limitDialectOf, limitOfPath, rateLimitsShape, readingIn } from '../../src/connectors/kit/rate-limits.ts';

const dialect = limitDialectOf(
  rateLimitsShape.parse({
    wait: [],
    limits: [
      {
        name: 'minute',
        per_s: 60,
        calls: 10,
        reading: { limit: 'x-rate-limit', remaining: 'x-rate-limit-remaining', resets: 'ratelimit-reset' },
      },
      { name: 'exports', per_s: 60, calls: 1, paths: ['/exports/'], reading: { parts: 'x-exports' } },
    ],
  }),
);
const usage = limitDialectOf(
  rateLimitsShape.parse({
    wait: [],
    limits: [{ name: 'daily', per_s: 86_400, calls: 10, reading: { used_of: 'usage' } }],
  }),
);

describe('what headers say of limits', () => {
  it.each([
    [{ 'x-rate-limit': '700', 'x-rate-limit-remaining': '699', 'ratelimit-reset': '41' }, [700, 699, 41_000]],
    [{ 'x-rate-limit': '700', 'x-rate-limit-remaining': '699' }, [700, 699, null]],
    [{ 'x-rate-limit': '700', 'x-rate-limit-remaining': '900' }, [700, 700, null]],
    [{ 'x-rate-limit': '700' }, null],
    [{ 'x-rate-limit': '0', 'x-rate-limit-remaining': '0' }, null],
    [{ 'x-rate-limit': 'many', 'x-rate-limit-remaining': '-1' }, null],
  ])('%j is %j', (headers, read) => {
    const reading = readingIn(dialect, null, new Headers(headers));
    expect(reading === null ? null : [reading.limit, reading.remaining, reading.resetsInMs]).toEqual(read);
  });

  it.each([
    ['api-usage=18/5000', [5_000, 4_982]],
    ['per-app-api-usage=17/250(appName=sample); api-usage=25/5000', [250, 233]],
    ['api-usage=6000/5000', [5_000, 0]],
    ['api-usage=', null],
  ])('%s of Salesforce is %j', (text, read) => {
    const reading = readingIn(usage, null, new Headers({ usage: text }));
    expect(reading === null ? null : [reading.limit, reading.remaining]).toEqual(read);
  });

  it('read a limit of its own by its name, for the calls that it counts', () => {
    const headers = new Headers({ 'x-exports': 'total=10; remaining=9; resets=41' });
    expect(limitOfPath(dialect, '/exports/tickets')).toBe('exports');
    expect(limitOfPath(dialect, '/tickets')).toBe(null);
    expect(readingIn(dialect, 'exports', headers)).toEqual({ limit: 10, remaining: 9, resetsInMs: 41_000 });
    expect(readingIn(dialect, null, headers)).toBe(null);
  });
});
