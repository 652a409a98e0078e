import { describe, expect, it } from 'vitest';
import { isAllowedAddress, limits } from '../../src/kernel/index.ts';
import {
  afterAttempt,
  deliveryTable,
  checkReceiverUrl,
  retryAfterMs,
  subscriptionTable,
} from '../../src/subscriptions/index.ts';

const now = new Date('2026-11-20T12:00:00.000Z');

describe('the life of a subscription', () => {
  it('answers every event in every state', () => {
    expect(subscriptionTable).toEqual({
      active: {
        paused: 'paused',
        resumed: null,
        receiver_gone: 'disabled',
        failed_long: 'disabled',
        grant_lost: 'disabled',
        key_ended: 'disabled',
        changes_gone: 'disabled',
      },
      paused: {
        paused: null,
        resumed: 'active',
        receiver_gone: 'disabled',
        failed_long: 'disabled',
        grant_lost: 'disabled',
        key_ended: 'disabled',
        changes_gone: null,
      },
      disabled: {
        paused: null,
        resumed: 'active',
        receiver_gone: null,
        failed_long: null,
        grant_lost: null,
        key_ended: null,
        changes_gone: null,
      },
    });
  });
});

describe('the life of a delivery', () => {
  it('answers every event in every state', () => {
    const ended = { accepted: null, failed: null, exhausted: null, withheld: null, replayed: 'due' };
    expect(deliveryTable).toEqual({
      due: { accepted: 'delivered', failed: 'due', exhausted: 'dead', withheld: 'withheld', replayed: null },
      delivered: ended,
      dead: ended,
      withheld: ended,
    });
  });

  it.each([200, 204, 299])('%i is accepted', (status) => {
    expect(afterAttempt({ status, cause: null, waitMs: null }, { attempts: 0, now, fraction: 0 }).state).toBe(
      'delivered',
    );
  });

  it.each([null, 100, 301, 302, 400, 404, 410, 429, 500, 503])('%s is not', (status) => {
    expect(afterAttempt({ status, cause: null, waitMs: null }, { attempts: 0, now, fraction: 0 }).state).toBe('due');
  });

  it('is tried again over three days, each pause with its share of chance, and is dead after the last', () => {
    const pauses = limits.deliveryRetryS.map((_, attempts) => {
      const [least, most] = [0, 1].map((fraction) => {
        const effect = afterAttempt({ status: 500, cause: null, waitMs: null }, { attempts, now, fraction });
        expect(effect.state).toBe('due');
        return (effect.dueAt.getTime() - now.getTime()) / 1_000;
      });
      expect(most).toBeCloseTo((least ?? 0) * 1.1, 3);
      return least;
    });
    expect(pauses).toEqual([5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]);
    const last = afterAttempt({ status: 500, cause: null, waitMs: null }, { attempts: 9, now, fraction: 0 });
    expect(last.state).toBe('dead');
  });

  it('keeps the quiet that a receiver asks for, up to a day, and no less than its own pause', () => {
    const wait = (waitMs: number): number =>
      afterAttempt({ status: 429, cause: null, waitMs }, { attempts: 0, now, fraction: 0 }).dueAt.getTime() -
      now.getTime();
    expect([wait(1_000), wait(90_000), wait(10 ** 12)]).toEqual([5_000, 90_000, 86_400_000]);
  });

  it('reads Retry-After as seconds or as a date', () => {
    expect(retryAfterMs('120', now)).toBe(120_000);
    expect(retryAfterMs('Fri, 20 Nov 2026 12:01:00 GMT', now)).toBe(60_000);
    expect(retryAfterMs('Fri, 20 Nov 2026 11:00:00 GMT', now)).toBe(0);
    expect(retryAfterMs('soon', now)).toBeNull();
    expect(retryAfterMs(null, now)).toBeNull();
  });
});

describe('where events may go', () => {
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:a00:1::',
    'not an address',
  ])('%s is refused', (address) => {
    expect(isAllowedAddress(address, { toLoopback: false })).toBe(false);
  });

  it.each(['8.8.8.8', '172.15.0.1', '172.32.0.1', '2606:4700::1111'])('%s is allowed', (address) => {
    expect(isAllowedAddress(address, { toLoopback: false })).toBe(true);
  });

  it('allows this machine only where that is configured, and nothing else with it', () => {
    expect(isAllowedAddress('127.0.0.1', { toLoopback: true })).toBe(true);
    expect(isAllowedAddress('::1', { toLoopback: true })).toBe(true);
    expect(isAllowedAddress('169.254.169.254', { toLoopback: true })).toBe(false);
  });

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'https://user:pass@example.com/',
    'https://10.0.0.1/',
    'https://0x7f000001/',
    'https://[::1]/',
    'https://2130706433/',
    'http://127.0.0.1/',
    'nonsense',
  ])('%s is no address for events', (url) => {
    expect(() => checkReceiverUrl(url, { toLoopback: false })).toThrow(
      expect.objectContaining({ code: 'subscription_url_refused' }),
    );
  });
});
