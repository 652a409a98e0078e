import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../../torture/proxy/fault.ts';
import { startProxy, type ProxyProcess, type ProxyState } from '../../torture/stage/proxy-process.ts';

const program = ['--import', 'tsx', new URL('../../torture/proxy/main.ts', import.meta.url).pathname];
const BODY = JSON.stringify({ access_token: 'token-of-the-test', filler: 'x'.repeat(4_000) });

/** S10 to S12: each fault as a client meets it, over real sockets. */
describe('the line that misbehaves', () => {
  let server: Server;
  let arrived = 0;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      arrived += 1;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': BODY.length }).end(BODY);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    proxy = await startProxy(program, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, 7);
  });
  afterAll(async () => {
    proxy.stop();
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });

  const only = (kind: Fault['kind']): Promise<void> => proxy.plan({ share: 1, kinds: [kind], times: null });
  const ask = async (signal?: AbortSignal): Promise<{ status: number; text: string; headers: Headers }> => {
    const response = await fetch(`${proxy.url}/x?secret=1`, {
      headers: { authorization: 'Bearer abc' },
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  it('carries what it is given when nothing is planned, and notes it without the query', async () => {
    expect(await ask()).toMatchObject({ status: 200, text: BODY });
    const state = (await (await fetch(`${proxy.control}/state`)).json()) as ProxyState;
    expect(state.exchanges.at(-1)).toMatchObject({ method: 'GET', path: '/x', fault: null });
    expect(state.tokens).toEqual(['token-of-the-test']);
  });

  it('delays', async () => {
    await only('latency');
    expect(await ask()).toMatchObject({ status: 200, text: BODY });
    await proxy.calm();
  });

  it.each(['reset', 'truncated', 'wrong_length'] as const)('never gives the whole answer: %s', async (kind) => {
    await only(kind);
    const outcome = await ask(AbortSignal.timeout(5_000)).then(
      ({ text }) => text === BODY,
      () => false,
    );
    expect(outcome).toBe(false);
    await proxy.calm();
  });

  it('limits without asking the provider, with a time or without one', async () => {
    await only('limited');
    const before = arrived;
    const waits: (string | null)[] = [];
    for (let call = 0; call < 12; call += 1) {
      const { status, headers } = await ask();
      expect(status).toBe(429);
      waits.push(headers.get('retry-after'));
    }
    expect(arrived).toBe(before);
    expect(new Set(waits).size).toBeGreaterThan(1);
    expect(waits).toContain(null);
    await proxy.calm();
  });

  it.each([
    ['half_open', 1],
    ['blackhole', 0],
  ] as const)('says nothing and closes nothing until it is calmed: %s', async (kind, calls) => {
    await only(kind);
    const before = arrived;
    let over = false;
    const asking = ask().then(
      () => 'answered',
      () => 'cut',
    );
    void asking.then(() => (over = true));
    await expect.poll(() => arrived - before).toBe(calls);
    expect(over).toBe(false);
    await proxy.calm();
    expect(await asking).toBe('cut');
  });

  it('drips byte by byte until it is calmed', async () => {
    await only('slow_drip');
    const asking = ask().then(
      () => 'answered',
      () => 'cut',
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    await proxy.calm();
    expect(await asking).toBe('cut');
  });

  it('says of itself where the provider says where it is, and does to some paths exactly what it is told', async () => {
    const there = createServer((request, response) => {
      const { port } = there.address() as AddressInfo;
      response.end(JSON.stringify({ instance_url: `http://127.0.0.1:${String(port)}`, path: request.url }));
    });
    await new Promise<void>((resolve) => {
      there.listen(0, '127.0.0.1', resolve);
    });
    const line = await startProxy(program, `http://127.0.0.1:${String((there.address() as AddressInfo).port)}`, 1);
    try {
      const exactly = { kind: 'limited', retryAfterS: 3 } as const;
      await line.plan({ share: 1, kinds: [], times: null, path: '/token', exactly });
      const body = (await (await fetch(`${line.url}/data`)).json()) as { instance_url: string };
      expect(body.instance_url.length).toBe(line.url.length);
      expect(body.instance_url).toBe(line.url);
      const refused = await fetch(`${line.url}/token`);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '3']);
    } finally {
      line.stop();
      there.closeAllConnections();
      there.close();
    }
  });

  it('does the same for the same seed', async () => {
    const answers = async (): Promise<boolean[]> => {
      const again = await startProxy(program, `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, 42);
      await again.plan({ share: 0.5, kinds: ['limited'], times: null });
      const got: boolean[] = [];
      for (let call = 0; call < 16; call += 1) {
        const response = await fetch(again.url);
        await response.arrayBuffer();
        got.push(response.ok);
      }
      again.stop();
      return got;
    };
    const first = await answers();
    expect(first).toContain(true);
    expect(first).toContain(false);
    expect(await answers()).toEqual(first);
  });
});
