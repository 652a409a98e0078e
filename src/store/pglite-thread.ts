import { Worker } from 'node:worker_threads';
import { childEntry, GantryError } from '../kernel/index.ts';
import type { PgliteFailure, PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-protocol.ts';

type WithoutId<Request> = Request extends { readonly id: number } ? Omit<Request, 'id'> : never;

/** PGlite behind a message port. Calls run in the order in which they are made. */
export interface PgliteThread {
  readonly serverVersion: string;
  call(request: WithoutId<PgliteRequest>): Promise<unknown[]>;
  onNotified(listener: (channel: string, payload: string) => void): void;
  /** Ends the thread; what still waits is refused. */
  end(): Promise<void>;
}

export async function startPgliteThread(data: PgliteWorkerData): Promise<PgliteThread> {
  const entry = childEntry(import.meta.url, 'pglite-worker');
  const worker = new Worker(entry.url, { workerData: data });
  const waiting = new Map<number, { resolve: (rows: unknown[]) => void; reject: (error: unknown) => void }>();
  let listener: ((channel: string, payload: string) => void) | undefined;
  let gone: GantryError | undefined;
  let nextId = 1;

  const fail = (cause: unknown): void => {
    gone ??= new GantryError('store_unavailable', { message: 'The embedded database is closed or has failed.', cause });
    for (const call of waiting.values()) call.reject(gone);
    waiting.clear();
  };

  const serverVersion = await new Promise<string>((resolve, reject) => {
    worker.on('message', (message: PgliteReply) => {
      if (message.kind === 'ready') resolve(message.serverVersion);
      else if (message.kind === 'unusable') reject(unusable(data, message.error));
      else if (message.kind === 'notified') listener?.(message.channel, message.payload);
      else {
        const call = waiting.get(message.id);
        waiting.delete(message.id);
        if (message.kind === 'rows') call?.resolve(message.rows);
        else call?.reject(Object.assign(new Error(message.error.message), message.error));
      }
    });
    worker.on('error', (error) => {
      fail(error);
      reject(error);
    });
    worker.on('exit', (code) => {
      fail(new Error(`the database thread ended with code ${code}`));
      reject(new Error(`the database thread ended with code ${code}`));
    });
  });
  // An idle database keeps no process alive; a pending call does.
  worker.unref();

  return {
    serverVersion,
    call: (request) => {
      if (gone !== undefined) return Promise.reject(gone);
      const id = nextId;
      nextId += 1;
      return new Promise<unknown[]>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        worker.ref();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a thread
        worker.postMessage({ ...request, id } satisfies PgliteRequest);
      }).finally(() => {
        if (waiting.size === 0) worker.unref();
      });
    },
    onNotified: (next) => {
      listener = next;
    },
    end: async () => {
      fail(new Error('closed'));
      await worker.terminate();
    },
  };
}

function unusable(data: PgliteWorkerData, failure: PgliteFailure): GantryError {
  return new GantryError('store_unavailable', {
    message: 'The embedded database did not start.',
    where: data.dataDir,
    fix: 'Look for a full disk or missing write permission; a data directory that is damaged has to be restored or deleted.',
    cause: new Error(failure.message),
  });
}
