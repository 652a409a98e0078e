import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { preparedStatements, type PreparedStatements } from './pglite-prepared.ts';
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
  const pglite = await open(workerData as PgliteWorkerData);
  await pglite.exec("set timezone = 'UTC'");
  const { rows } = await pglite.query<{ version: string }>("select current_setting('server_version') as version");
  reply({ kind: 'ready', serverVersion: rows[0]?.version ?? 'unknown' });
  return pglite;
}

async function open({ dataDir, newborn }: PgliteWorkerData): Promise<PGlite> {
  const parsers = { ...valueParsers };
  if (dataDir !== undefined && existsSync(dataDir)) return PGlite.create({ dataDir, parsers });
  const begun = newborn === undefined ? {} : { loadDataDir: await unpacked(newborn) };
  if (dataDir === undefined) return PGlite.create({ ...begun, parsers });
  // Under another name until it is whole: who is killed half way leaves no half database behind.
  const unborn = `${dataDir}.new`;
  await rm(unborn, { recursive: true, force: true });
  const made = await PGlite.create({ dataDir: unborn, ...begun });
  await made.close();
  await rename(unborn, dataDir);
  return PGlite.create({ dataDir, parsers });
}

async function unpacked(path: string): Promise<Blob> {
  return new Blob([await readFile(path)], { type: 'application/x-gzip' });
}

/** Scripts that change no tables: what begins and ends transactions, and who acts in them. */
const harmless = /^(?:begin|commit|rollback|set local)\b/;

async function handle(pglite: PGlite, statements: PreparedStatements, request: PgliteRequest): Promise<unknown[]> {
  switch (request.kind) {
    case 'query':
      return statements.run(request.text, request.params);
    case 'script':
      if (!harmless.test(request.text)) await statements.forget();
      if (request.text.startsWith('begin')) await statements.refresh();
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
  const statements = await preparedStatements(pglite);
  port.on('message', (request: PgliteRequest) => {
    handle(pglite, statements, request).then(
      (rows) => reply({ kind: 'rows', id: request.id, rows }),
      (error: unknown) => reply({ kind: 'failed', id: request.id, error: failure(error) }),
    );
  });
} catch (error) {
  reply({ kind: 'unusable', error: failure(error) });
}
