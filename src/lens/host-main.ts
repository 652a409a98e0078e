import { writeFile } from 'node:fs/promises';
import { limits } from '../kernel/index.ts';
import type { FromHost, HostEvent, ToHost } from './host-protocol.ts';
import { createHost, type Host } from './host/calls.ts';
import { toFailure } from './host/failure.ts';

/**
 * The lens's child process: owns all DuckDB instances, holds no secret and no
 * database connection, and can be killed at any moment without loss. Its
 * arguments: the directory of the lens files, and how many of them may be open.
 */
const [dir, openMax] = process.argv.slice(2);
if (dir === undefined || openMax === undefined || process.send === undefined) {
  throw new Error('host-main is started by the lens, with the directory of its files and how many may be open');
}

const send = (message: FromHost): void => {
  process.send?.(message);
};
const host = createHost(dir, (event: HostEvent) => send({ kind: 'event', event }), Number(openMax));

process.on('message', (message: ToHost) => {
  void answer(host, message);
});

// The lens ended or was killed. DuckDB may be busy in its threads, so no tidy
// end is waited for: the files survive a kill.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

const sweepEveryMs = 10_000;
const memoryLookMs = 100;
const memoryMaxMb = limits.lensProcessMemoryMb + Number(openMax) * limits.lensFileMemoryMb;
setInterval(() => host.registry.sweep(), sweepEveryMs).unref();
setInterval(() => guardMemory(host), memoryLookMs).unref();
void preferAsVictim();

async function answer({ handlers }: Host, { id, name, request }: ToHost): Promise<void> {
  try {
    // The parent's calls are typed by HostCalls; the name selects the matching pair.
    const handler = handlers[name] as (request: unknown) => Promise<unknown>;
    send({ kind: 'reply', id, value: await handler(request) });
  } catch (error) {
    send({ kind: 'failure', id, failure: toFailure(error) });
  }
}

/** DuckDB's memory limit does not count long texts under way in a statement; this does. */
function guardMemory({ gate }: Host): void {
  if (gate.inside === 0) return;
  if (process.memoryUsage.rss() < memoryMaxMb * 1024 * 1024) return;
  process.kill(process.pid, 'SIGKILL');
}

/** On Linux: when memory runs out before we notice, this process goes, not its parent. Elsewhere there is no such file. */
async function preferAsVictim(): Promise<void> {
  await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);
}
