import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { PgliteFailure, PgliteReply, PgliteRequest, PgliteWorkerData } from './pglite-protocol.ts';
import { valueParsers } from './sql-values.ts';

/** The thread that runs PGlite. A statement blocks it whole, which is why it is not the main one. */
const port = parentPort;
if (port === null) throw new Error('started outside a worker thread');

// What keeps this thread busy is loading, and who reads waits for other ones: those go first. Linux alone gives a
// thread a priority of its own (0: the calling one); elsewhere it would be the whole process that steps back.
const steppedBack = 5;
if (process.platform === 'linux') setPriority(0, steppedBack);

const reply = (message: PgliteReply): void => port.postMessage(message);

async function start(): Promise<PGlite> {
  const { dataDir } = workerData as PgliteWorkerData;
  const pglite = await PGlite.create({
    ...(dataDir === undefined ? {} : { dataDir }),
    parsers: { ...valueParsers },
  });
  await pglite.exec("set timezone = 'UTC'");
  const { rows } = await pglite.query<{ version: string }>("select current_setting('server_version') as version");
  reply({ kind: 'ready', serverVersion: rows[0]?.version ?? 'unknown' });
  return pglite;
}

async function handle(pglite: PGlite, request: PgliteRequest): Promise<unknown[]> {
  switch (request.kind) {
    case 'query':
      return (await pglite.query(request.text, [...request.params])).rows;
    case 'script':
      return (await pglite.exec(request.text)).at(-1)?.rows ?? [];
    case 'listen':
      await pglite.listen(request.channel, (payload) => {
        reply({ kind: 'notified', channel: request.channel, payload });
      });
      return [];
    case 'close':
      await pglite.close();
      return [];
    default:
      throw new Error(`unknown request ${JSON.stringify(request satisfies never)}`);
  }
}

function failure(error: unknown): PgliteFailure {
  if (!(error instanceof Error)) return { message: String(error) };
  const { code, detail, constraint } = error as Error & Partial<Record<'code' | 'detail' | 'constraint', unknown>>;
  return {
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(typeof constraint === 'string' ? { constraint } : {}),
  };
}

try {
  const pglite = await start();
  port.on('message', (request: PgliteRequest) => {
    handle(pglite, request).then(
      (rows) => reply({ kind: 'rows', id: request.id, rows }),
      (error: unknown) => reply({ kind: 'failed', id: request.id, error: failure(error) }),
    );
  });
} catch (error) {
  reply({ kind: 'unusable', error: failure(error) });
}
