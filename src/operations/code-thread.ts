import { parentPort } from 'node:worker_threads';
import { createContext, Script } from 'node:vm';
import type { CodeAnswer, CodeCall, FromCodeThread } from './code-protocol.ts';

/**
 * Runs operations of a project in a thread of its own: without environment,
 * and each call in a fresh context that has the language and nothing else. Only
 * texts go in and out.
 */

// Memory that the limits of a thread do not count, and what would make two runs differ.
const PRELUDE = new Script(`
  for (const name of ['ArrayBuffer', 'SharedArrayBuffer', 'DataView', 'Atomics', 'WebAssembly', 'Int8Array',
    'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array', 'Uint32Array', 'Float16Array',
    'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array', 'console']) delete globalThis[name];
  {
    const pure = (what) => { throw new Error(what + ' is not the same each time: use what the operation is given.'); };
    Math.random = () => pure('Math.random');
    globalThis.Date = class Date extends globalThis.Date {
      constructor(...args) { if (args.length === 0) pure('The time of day'); super(...args); }
      static now() { return pure('The time of day'); }
    };
  }
`);

const CALL = `(() => {
  const text = (value) => { try { return String(value); } catch { return 'an error that cannot be shown'; } };
  try {
    const own = operation.default;
    if (own === null || typeof own !== 'object' || typeof own.plan !== 'function') return '{"kind":"no_operation"}';
    const value = CALLED;
    if (typeof value?.then === 'function') return '{"kind":"no_result","why":"a promise"}';
    const said = JSON.stringify(value);
    return said === undefined ? '{"kind":"no_result","why":"nothing"}' : '{"kind":"answer","value":' + said + '}';
  } catch (error) {
    const kind = error?.isRefusal === true ? 'refused' : 'threw';
    return JSON.stringify({ kind, message: text(error?.message ?? error), stack: text(error?.stack ?? '') });
  }
})()`;

/** Declarations are what they say, not what they do. */
const DESCRIBED = `(({ plan, ...declared }) => declared)(own)`;

function run({ js, given }: CodeCall): CodeAnswer {
  const context = createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: 'afterEvaluate',
  });
  PRELUDE.runInContext(context);
  try {
    new Script(js, { filename: 'operation.js' }).runInContext(context);
  } catch (error) {
    // Thrown while it was loaded: by code of the other context, of which only texts are taken.
    return { kind: 'threw', ...textsOf(error) };
  }
  const called = given === null ? DESCRIBED : `own.plan(JSON.parse(${JSON.stringify(given)}))`;
  const said = new Script(CALL.replace('CALLED', () => called)).runInContext(context) as string;
  return JSON.parse(said) as CodeAnswer;
}

function textsOf(error: unknown): { readonly message: string; readonly stack: string } {
  try {
    const { message, stack } = error as { readonly message?: unknown; readonly stack?: unknown };
    return { message: String(message ?? error), stack: typeof stack === 'string' ? stack : '' };
  } catch {
    return { message: 'an error that cannot be shown', stack: '' };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows, this is a thread
const say = (message: FromCodeThread): void => parentPort?.postMessage(message);

parentPort?.on('message', (call: CodeCall) => say({ kind: 'answer', id: call.id, answer: run(call) }));
say({ kind: 'ready' });
