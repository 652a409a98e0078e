import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { httpClient, type HttpClient, type HttpDeps } from '../../src/connectors/kit/http-client.ts';
import { createLane, largeAnswers } from '../../src/connectors/kit/large-answers.ts';
import { systemClock, systemRandom, withinTime } from '../../src/kernel/index.ts';
import { json, scriptServer, type Answer, type ScriptServer } from '../support/script-server.ts';

const MB = 1_000_000;
const LARGE = MB;

/** Whether somebody else has the turn of large answers. */
async function isTaken(): Promise<boolean> {
  const given = new AbortController();
  const turn = largeAnswers.enter(given.signal).then(
    (leave) => {
      leave();
      return false;
    },
    () => true,
  );
  given.abort(new Error('only a look'));
  return turn;
}

describe('answers that get large', () => {
  let server: ScriptServer | null = null;
  let letGo = (): void => undefined;
  afterEach(async () => {
    letGo();
    await server?.stop();
    server = null;
  });

  const held = new Promise<void>((resolve) => (letGo = resolve));
  const answers: Readonly<Record<string, Answer>> = {
    '/small': json({ small: true }),
    '/large': json({ text: 'x'.repeat(4 * MB) }),
    // Most of it comes at once, its end when it is told to.
    '/held': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`{"text":"${'x'.repeat(2 * MB)}`);
      void held.then(() => response.end('"}'));
    },
    '/never': (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write(`{"text":"${'x'.repeat(2 * MB)}`);
    },
  };

  async function client(deps: Partial<HttpDeps> = {}): Promise<HttpClient> {
    server ??= await scriptServer((request, response, body) => answers[request.url ?? '']?.(request, response, body));
    const token = async (): Promise<{ accessToken: string; generation: number }> => ({
      accessToken: 'a',
      generation: 1,
    });
    const access = { apiUrl: server.url, token, renew: token };
    const dialect = { title: 'Example', headers: {}, errors: [], waitHeaders: [], resetHeaders: [] };
    return httpClient(access, dialect, {
      clock: systemClock,
      random: systemRandom,
      largeAnswerBytes: LARGE,
      ...deps,
    });
  }

  it('X5: are read one after the other, and smaller ones beside them', async () => {
    const [one, others] = [await client(), await client()];
    const first = one({ path: '/held' });
    await expect.poll(isTaken, { timeout: 120_000 }).toBe(true);
    let done = 0;
    const large = Array.from({ length: 3 }, () => others({ path: '/large' }).then(() => (done += 1)));
    await expect.poll(() => server?.requests.length, { timeout: 120_000 }).toBe(4);
    expect(await Promise.race([Promise.any(large), sleep(1_500, 'waiting')])).toBe('waiting');
    expect((await others({ path: '/small' })).body).toEqual({ small: true });
    expect(done).toBe(0);
    letGo();
    expect(await first).toMatchObject({ status: 200 });
    await Promise.all(large);
    expect(done).toBe(3);
  });

  it('leave their place when they do not end in time', async () => {
    const [one, others] = [await client({ deadlineMs: 2_000 }), await client()];
    const first = one({ path: '/never' }).then(
      () => 'answered',
      () => 'given up',
    );
    await expect.poll(isTaken, { timeout: 120_000 }).toBe(true);
    expect((await others({ path: '/large' })).status).toBe(200);
    expect(await first).toBe('given up');
  });

  it('take turns in the order of asking, and whoever gives up is passed by', async () => {
    const lane = createLane();
    const never = new AbortController().signal;
    const leave = await lane.enter(never);
    const ending = new AbortController();
    const order: string[] = [];
    const second = lane.enter(ending.signal).catch((error: unknown) => order.push(String(error)));
    const third = lane.enter(never).then((out) => {
      order.push('third');
      return out;
    });
    ending.abort(new Error('no patience'));
    await second;
    leave();
    leave();
    (await third)();
    (await lane.enter(never))();
    expect(order).toEqual(['Error: no patience', 'third']);
  });

  it('do not spend their time on waiting', async () => {
    const waited = await withinTime(30, undefined, async (signal, pause) => {
      const goOn = pause();
      await sleep(200);
      const aborted = signal.aborted;
      goOn();
      return !aborted;
    });
    expect(waited).toBe(true);
    const over = withinTime(30, undefined, async (signal, pause) => {
      pause()();
      await sleep(30_000, undefined, { signal });
    });
    await expect(over).rejects.toThrow();
  });
});
