import workers from 'node:worker_threads';
import zlib from 'node:zlib';
import type jsforce from 'jsforce';
import type { Connection } from 'jsforce';

export type { Connection };
export type Jsforce = typeof jsforce;

/**
 * Salesforce's JavaScript client. Its HTTP library is written for a Node.js
 * newer than 20: where they are absent it gets `Promise.withResolvers`, and
 * stand-ins for zstd and for transfers between threads, which no call to a
 * sandbox reaches.
 */
export async function loadJsforce(): Promise<Jsforce> {
  const promises = Promise as { withResolvers?: unknown };
  promises.withResolvers ??= () => {
    const parts: Record<string, unknown> = {};
    const promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
    return { promise, ...parts };
  };
  const codecs = zlib as { createZstdDecompress?: unknown };
  codecs.createZstdDecompress ??= () => {
    throw new Error('this Node.js has no zstd');
  };
  const threads = workers as { markAsUncloneable?: unknown };
  threads.markAsUncloneable ??= () => undefined;
  return (await import('jsforce')).default;
}
