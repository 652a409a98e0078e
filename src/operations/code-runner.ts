import { Worker } from 'node:worker_threads';
import { childEntry, limits } from '../kernel/index.ts';
import type { CodeAnswer, CodeCall, CodeEnd, FromCodeThread } from './code-protocol.ts';

/** Runs operations of a project, one at a time. */
export interface CodeRunner {
  /** `given` null: what the operation says of itself. Never rejects for what the code does. */
  run(js: string, given: string | null): Promise<CodeAnswer | CodeEnd>;
  stop(): Promise<void>;
}

/**
 * A thread beside the program that is begun when it is needed, and ended when a
 * run takes too long or needs too much memory; the next run has a new one. A
 * fence against mistakes of the team's own code, no prison: docs/decisions.
 */
export function createCodeRunner(timeoutMs: number = limits.operationRunMs): CodeRunner {
  let thread: CodeThread | null = null;
  let last: Promise<unknown> = Promise.resolve();

  const runNow = async (js: string, given: string | null): Promise<CodeAnswer | CodeEnd> => {
    const own = thread ?? startThread();
    thread = own;
    const started = await own.started(limits.operationStartMs);
    const result = started ?? (await own.call({ js, given }, timeoutMs));
    if (result.kind === 'timeout' || result.kind === 'ended') {
      thread = null;
      await own.end();
    }
    return result;
  };
  return {
    run: (js, given) => {
      const result = last.then(() => runNow(js, given));
      last = result.catch(() => undefined);
      return result;
    },
    stop: async () => {
      await last;
      await thread?.end();
      thread = null;
    },
  };
}

interface CodeThread {
  /** Null: it is there. */
  started(withinMs: number): Promise<CodeEnd | null>;
  call(call: Omit<CodeCall, 'id'>, withinMs: number): Promise<CodeAnswer | CodeEnd>;
  end(): Promise<void>;
}

function startThread(): CodeThread {
  const worker = new Worker(childEntry(import.meta.url, 'code-thread').url, {
    // Nothing of our environment: it may hold secrets.
    env: {},
    argv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: limits.operationMemoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 2 },
  });
  // It waits for nothing but us: a program that has nothing else to do ends.
  worker.unref();
  const ended = new Promise<CodeEnd>((resolve) => {
    worker.once('error', (error) => resolve({ kind: 'ended', why: error.message }));
    worker.once('exit', () => resolve({ kind: 'ended', why: 'it ended itself' }));
  });
  const waiting = new Map<number, (answer: CodeAnswer) => void>();
  const ready = new Promise<null>((resolve) => {
    worker.on('message', (message: FromCodeThread) => {
      if (message.kind === 'ready') resolve(null);
      else waiting.get(message.id)?.(message.answer);
    });
  });
  let calls = 0;
  return {
    started: (withinMs) => within(Promise.race([ready, ended]), withinMs),
    call: async (call, withinMs) => {
      calls += 1;
      const id = calls;
      const answered = new Promise<CodeAnswer>((resolve) => {
        waiting.set(id, resolve);
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a thread
      worker.postMessage({ ...call, id } satisfies CodeCall);
      const result = await within(Promise.race([answered, ended]), withinMs);
      waiting.delete(id);
      return result;
    },
    end: async () => {
      await worker.terminate();
    },
  };
}

async function within<Result>(result: Promise<Result>, ms: number): Promise<Result | CodeEnd> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<CodeEnd>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'timeout' }), ms);
  });
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}
