import { fork, type ChildProcess } from 'node:child_process';
import { childEntry } from '../kernel/index.ts';
import type { FromHost, HostCallName, HostCalls, HostEvent, HostFailure, ToHost } from './host-protocol.ts';

/**
 * The host process seen from the lens: one typed call at a time or many, a
 * process started when there is none, ended when a call does not come back in
 * its time.
 */
export interface HostLink {
  /** Counts the processes: what was learnt from an earlier one may not hold for this one. Starts one where there is none. */
  epoch(): number;
  /**
   * Rejects with HostCallError, or HostLost when the process ended first; it is
   * ended when the call takes longer than `timeoutMs`. With `waitMs` the caller
   * is told `timeout` after that, and the call goes on without it.
   */
  call<Name extends HostCallName>(
    name: Name,
    request: HostCalls[Name]['request'],
    timeoutMs: number,
    waitMs?: number,
  ): Promise<HostCalls[Name]['reply']>;
  close(): Promise<void>;
}

export type HostLifeEvent =
  | HostEvent
  | { readonly kind: 'started'; readonly pid: number }
  | { readonly kind: 'ended'; readonly pid: number; readonly reason: string; readonly asked: boolean };

/** The host answered with a failure. */
export class HostCallError extends Error {
  readonly failure: HostFailure;

  constructor(failure: HostFailure) {
    super('text' in failure ? `${failure.kind}: ${failure.text}` : failure.kind);
    this.failure = failure;
  }
}

/** The process ended before it answered. `ownTime`: because this very call did not end in its time. */
export class HostLost extends Error {
  readonly ownTime: boolean;

  constructor(ownTime: boolean) {
    super('the lens process ended before it answered');
    this.ownTime = ownTime;
  }
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timers: readonly NodeJS.Timeout[];
  late: boolean;
}

interface Times {
  readonly timeoutMs: number;
  readonly waitMs?: number | undefined;
}

interface Running {
  readonly child: ChildProcess;
  readonly pending: Map<number, Pending>;
  readonly ended: Promise<void>;
}

// DuckDB's calls block one thread of libuv's pool each; with the default of four, four slow ones would stop everybody.
const poolThreads = '24';
const shutdownMs = 5_000;

export interface HostOptions {
  /** Where the files lie. */
  readonly dir: string;
  /** How many of them are open at once. */
  readonly openMax: number;
}

export function createHostLink(options: HostOptions, onEvent: (event: HostLifeEvent) => void): HostLink {
  let running: Running | null = null;
  let epoch = 0;
  let calls = 0;
  let closed = false;

  function ensure(): Running {
    if (closed) throw new Error('the lens is closed');
    if (running !== null) return running;
    epoch += 1;
    running = start(options, onEvent, () => {
      running = null;
      return closed;
    });
    return running;
  }

  function call(host: Running, name: HostCallName, request: unknown, times: Times): Promise<unknown> {
    calls += 1;
    const id = calls;
    return new Promise((resolve, reject) => {
      const timers = [
        setTimeout(() => {
          pending.late = true;
          host.child.kill('SIGKILL');
        }, times.timeoutMs),
      ];
      if (times.waitMs !== undefined) {
        timers.push(setTimeout(() => reject(new HostCallError({ kind: 'timeout' })), times.waitMs));
      }
      const pending: Pending = { resolve, reject, timers, late: false };
      host.pending.set(id, pending);
      const message: ToHost = { id, name, request };
      // A failed send means that the process is ending; its end rejects everything that waits.
      host.child.send(message, () => undefined);
    });
  }

  return {
    epoch() {
      ensure();
      return epoch;
    },
    async call(name, request, timeoutMs, waitMs) {
      // The host's handler for `name` gives this type (HostHandlers).
      return (await call(ensure(), name, request, { timeoutMs, waitMs })) as HostCalls[typeof name]['reply'];
    },
    async close() {
      if (closed) return;
      const host = running;
      closed = true;
      if (host === null) return;
      await call(host, 'shutdown', null, { timeoutMs: shutdownMs }).catch(() => undefined);
      host.child.kill('SIGKILL');
      await host.ended;
    },
  };
}

function start({ dir, openMax }: HostOptions, onEvent: (event: HostLifeEvent) => void, onEnd: () => boolean): Running {
  const entry = childEntry(import.meta.url, 'host-main');
  const child = fork(entry.path, [dir, String(openMax)], {
    execArgv: entry.execArgv,
    // Nothing of our environment: it may hold secrets, and the host needs none of it.
    env: { UV_THREADPOOL_SIZE: poolThreads, TZ: 'UTC' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const pid = child.pid ?? 0;
  const pending = new Map<number, Pending>();
  let complaint = '';
  child.stderr?.on('data', (data: Buffer) => {
    complaint = (complaint + data.toString()).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    let over = false;
    const end = (reason: string): void => {
      if (over) return;
      over = true;
      const asked = onEnd();
      for (const each of pending.values()) {
        each.timers.forEach((timer) => clearTimeout(timer));
        each.reject(new HostLost(each.late));
      }
      pending.clear();
      onEvent({ kind: 'ended', pid, reason, asked });
      resolve();
    };
    child.once('exit', (code, signal) => end(signal ?? `exit ${code}: ${complaint}`));
    child.once('error', (error) => end(error.message));
  });
  child.on('message', (message: FromHost) => receive(message, pending, onEvent));
  onEvent({ kind: 'started', pid });
  return { child, pending, ended };
}

function receive(message: FromHost, pending: Map<number, Pending>, onEvent: (event: HostLifeEvent) => void): void {
  if (message.kind === 'event') {
    onEvent(message.event);
    return;
  }
  const waiting = pending.get(message.id);
  if (waiting === undefined) return;
  pending.delete(message.id);
  waiting.timers.forEach((timer) => clearTimeout(timer));
  if (message.kind === 'reply') waiting.resolve(message.value);
  else waiting.reject(new HostCallError(message.failure));
}
