import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderAccess, UpstreamCall } from '../../src/connectors/index.ts';
import { httpClient, type HttpClient, type HttpDeps } from '../../src/connectors/kit/http-client.ts';
import { GantryError, systemClock, systemRandom, type Clock } from '../../src/kernel/index.ts';
import {
  json,
  raw,
  reset,
  scriptServer,
  silence,
  truncated,
  type Answer,
  type ScriptServer,
} from '../support/script-server.ts';

const CANARY = 'canary-5f1d';

/** What a busy process does by itself now and then; without it a lost signal shows once in a hundred runs. */
async function collectMemory(times: number): Promise<void> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let time = 0; time < times; time += 1) {
    await setTimeout(10);
    collect();
  }
}

let server: ScriptServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

interface Setup {
  readonly http: HttpClient;
  readonly server: ScriptServer;
  readonly waits: number[];
  readonly calls: UpstreamCall[];
  readonly renewed: number[];
}

/** Real HTTP, real time for timeouts; waits are noted and skipped. */
async function setup(answers: Answer[], deps: Partial<HttpDeps> = {}, renew?: ProviderAccess['renew']): Promise<Setup> {
  server = await scriptServer(...answers);
  const waits: number[] = [];
  const calls: UpstreamCall[] = [];
  const renewed: number[] = [];
  let skippedMs = 0;
  const clock: Clock = {
    now: () => systemClock.now(),
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    sleep: async (ms) => {
      waits.push(ms);
      skippedMs += ms;
    },
  };
  const access: ProviderAccess = {
    apiUrl: server.url,
    token: async () => ({ accessToken: `${CANARY}-1`, generation: 1 }),
    renew:
      renew ??
      (async (generation) => {
        renewed.push(generation);
        return { accessToken: `${CANARY}-2`, generation: generation + 1 };
      }),
    onCall: (call) => calls.push(call),
  };
  const dialect = {
    title: 'Example',
    headers: {},
    errors: [],
    waitHeaders: ['retry-after'],
    resetHeaders: ['ratelimit-reset'],
  };
  return { http: httpClient(access, dialect, { clock, random: systemRandom, ...deps }), server, waits, calls, renewed };
}

async function failure(promise: Promise<unknown>): Promise<GantryError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof GantryError)) throw new Error(`expected a GantryError, got ${String(error)}`);
  expect(JSON.stringify(error.toBody())).not.toContain(CANARY);
  return error;
}

const html = raw(`<html>${CANARY} maintenance</html>`, 200, { 'content-type': 'text/html' });
const ok = json({ fine: true });

describe('http client', () => {
  it('returns the parsed body and tells of the call', async () => {
    const { http, calls, server: target } = await setup([ok]);
    expect((await http({ path: '/a', query: { b: 'c d' } })).body).toEqual({ fine: true });
    expect(target.requests[0]).toMatchObject({ url: '/a?b=c+d', authorization: `Bearer ${CANARY}-1` });
    expect(calls).toMatchObject([{ method: 'GET', path: '/a', status: 200 }]);
  });

  it.each<[string, Answer]>([
    ['an HTML page with status 200', html],
    ['a truncated body', truncated('{"fine":tr')],
    ['a reset connection', reset],
    ['a server error', json({ error: CANARY }, 500)],
    ['JSON that stops short', raw('{"fine":')],
    ['text that is not UTF-8', raw(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))],
    ['an empty body', raw('')],
    ['lists in lists without end', raw(`{"fine":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)],
  ])('survives %s once', async (_, fault) => {
    const { http, waits } = await setup([fault, ok]);
    expect((await http({ path: '/a' })).body).toEqual({ fine: true });
    expect(waits).toHaveLength(1);
  });

  it.each<[string, Answer, string, string]>([
    ['HTML for ever', html, 'upstream_malformed', 'malformed_response'],
    ['truncation for ever', truncated('{"fine":tr'), 'upstream_unavailable', 'network'],
    ['resets for ever', reset, 'upstream_unavailable', 'network'],
    ['server errors for ever', json({ error: CANARY }, 503), 'upstream_unavailable', 'provider_5xx'],
  ])('gives up on %s after five attempts', async (_, fault, code, errorClass) => {
    const { http, server: target } = await setup([fault]);
    const error = await failure(http({ path: '/a' }));
    expect(error.code).toBe(code);
    expect(error.details.data).toMatchObject({ class: errorClass, attempts: 5 });
    expect(error.details.retryAt).toBeInstanceOf(Date);
    expect(target.requests).toHaveLength(5);
  });

  it('waits longer after each failure, with jitter', async () => {
    const { http, waits } = await setup([reset]);
    await failure(http({ path: '/a' }));
    expect(waits).toHaveLength(4);
    waits.forEach((wait, index) => {
      const ceiling = 250 * 2 ** index;
      expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
      expect(wait).toBeLessThanOrEqual(ceiling);
    });
  });

  it('obeys Retry-After in seconds', async () => {
    const { http, waits } = await setup([json({}, 429, { 'retry-after': '7' }), ok]);
    await http({ path: '/a' });
    expect(waits).toEqual([7_000]);
  });

  it('obeys the second header where the first is missing, and never goes below a second', async () => {
    const { http, waits } = await setup([json({}, 429, { 'ratelimit-reset': '0' }), ok]);
    await http({ path: '/a' });
    expect(waits).toEqual([1_000]);
  });

  it('does not take the end of a rate window for the time that a failing server needs', async () => {
    const { http, waits } = await setup([json({}, 500, { 'ratelimit-reset': '55' }), ok]);
    await http({ path: '/a' });
    expect(waits[0]).toBeLessThanOrEqual(250);
  });

  it('does not wait past its deadline but says when to come back', async () => {
    const { http, waits, server: target } = await setup([json({}, 429, { 'retry-after': '90' })]);
    const before = Date.now();
    const error = await failure(http({ path: '/a' }));
    expect(error.code).toBe('upstream_rate_limited');
    expect(error.details.retryAt?.getTime()).toBeGreaterThanOrEqual(before + 90_000);
    expect(waits).toEqual([]);
    expect(target.requests).toHaveLength(1);
  });

  it('renews a refused token once and repeats with the new one', async () => {
    const { http, renewed, server: target } = await setup([json({}, 401), ok]);
    await http({ path: '/a' });
    expect(renewed).toEqual([1]);
    expect(target.requests.map((request) => request.authorization)).toEqual([
      `Bearer ${CANARY}-1`,
      `Bearer ${CANARY}-2`,
    ]);
  });

  it('asks for a new sign-in when the renewed token is refused, too', async () => {
    const { http, renewed, server: target } = await setup([json({ error: CANARY }, 401)]);
    expect((await failure(http({ path: '/a' }))).code).toBe('connection_reauth_required');
    expect(renewed).toEqual([1]);
    expect(target.requests).toHaveLength(2);
  });

  it('passes on what renewing raised', async () => {
    const gone = new GantryError('connection_reauth_required', { message: 'The grant is gone.' });
    const { http } = await setup([json({}, 401)], {}, () => Promise.reject(gone));
    expect(await failure(http({ path: '/a' }))).toBe(gone);
  });

  it('never follows a redirect with the token', async () => {
    const other = await scriptServer(ok);
    const { http } = await setup([raw('', 302, { location: `${other.url}/stolen` })]);
    expect((await failure(http({ path: '/a' }))).code).toBe('upstream_malformed');
    expect(other.requests).toHaveLength(0);
    await other.stop();
  });

  it('takes brackets in text for text', async () => {
    const text = `"\\${'[{'.repeat(500)}`;
    const { http } = await setup([json({ text, list: Array.from({ length: 300 }, () => [[1]]) })]);
    expect((await http({ path: '/a' })).body).toMatchObject({ text });
  });

  it('stops reading a body that is too large, and does not ask for it again', async () => {
    const { http, server: target } = await setup([json({ text: 'x'.repeat(5_000) })], { responseBytesMax: 1_000 });
    expect((await failure(http({ path: '/a' }))).code).toBe('upstream_too_large');
    expect(target.requests).toHaveLength(1);
  });

  it('ends a call that gets no answer', async () => {
    const { http } = await setup([silence], { deadlineMs: 150 });
    const error = await failure(http({ path: '/a' }));
    expect(error.code).toBe('upstream_unavailable');
    expect(error.details.data).toMatchObject({ class: 'timeout' });
  });

  it('ends a call that gets no answer, also when memory is collected while it waits', async () => {
    const { http } = await setup([silence], { deadlineMs: 400, signal: new AbortController().signal });
    const waiting = failure(http({ path: '/a' }));
    await collectMemory(10);
    expect((await waiting).details.data).toMatchObject({ class: 'timeout' });
  });

  it('stops at once when told to, and does not retry', async () => {
    const stop = new AbortController();
    const leave: Answer = () => {
      stop.abort(new Error('shutting down'));
    };
    const { http, server: target } = await setup([leave], { signal: stop.signal });
    await expect(http({ path: '/a' })).rejects.toThrow('shutting down');
    await expect(http({ path: '/a' })).rejects.toThrow('shutting down');
    expect(target.requests).toHaveLength(1);
  });

  it('reports a host that refuses connections', async () => {
    const { http, server: target } = await setup([ok]);
    await target.stop();
    expect((await failure(http({ path: '/a' }))).details.data).toMatchObject({ class: 'network', status: 0 });
  });
});
