import { setTimeout as sleep } from 'node:timers/promises';
import type { TestSandbox } from '../support/sandbox.ts';
import { connect, type Json, type Login } from './client.ts';

export interface WriteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Writes as somebody who agreed to reading and writing. */
export interface Writer {
  readonly token: string;
  send(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<WriteAnswer>;
  /** Sends a job and asks until it has ended. */
  job(method: string, path: string, body?: unknown): Promise<Json>;
}

export async function writerFor(sandbox: TestSandbox, login: Login = {}): Promise<Writer> {
  const { accessToken: token } = await connect(sandbox, { scope: 'read write', ...login });
  const send: Writer['send'] = async (method, path, body, headers = {}) => {
    const response = await fetch(new URL(`/api/v2/${path}`, sandbox.url), {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Json) };
  };
  return {
    token,
    send,
    job: async (method, path, body) => {
      const { status, body: answer } = await send(method, path, body);
      if (status !== 200) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
      return ended(send, (answer['job_status'] as Json)['url'] as string);
    },
  };
}

export async function ended(send: Writer['send'], url: string): Promise<Json> {
  for (let asked = 0; asked < 3_000; asked += 1) {
    const job = (await send('GET', new URL(url).pathname.replace('/api/v2/', ''))).body['job_status'] as Json;
    if (job['status'] !== 'queued' && job['status'] !== 'working') return job;
    await sleep(10);
  }
  throw new Error('the job does not end');
}

interface LedgerEffect {
  readonly op: string;
  readonly object: string;
  readonly id: string;
  readonly fields?: Json;
  readonly marker?: string;
  readonly cause?: string;
}

/** What calls and jobs did since, as the ledger has it. */
export async function effectsSince(
  sandbox: TestSandbox,
  seq: number,
): Promise<readonly (LedgerEffect & { readonly kind: string; readonly user: string | null })[]> {
  const { entries } = await sandbox.control<{
    entries: { kind: string; user: string | null; effects: LedgerEffect[] }[];
  }>('GET', `ledger?since=${seq}&limit=100000`);
  return entries.flatMap(({ kind, user, effects }) => effects.map((effect) => ({ kind, user, ...effect })));
}

export async function lastSeq(sandbox: TestSandbox): Promise<number> {
  const { entries } = await sandbox.control<{ entries: { seq: number }[] }>('GET', 'ledger?limit=100000');
  return entries.at(-1)?.seq ?? 0;
}
