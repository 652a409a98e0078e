import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./proxy-process.ts', import.meta.url));

/** A CONNECT proxy in a process of its own. */
export interface ConnectProxy {
  readonly url: string;
  /** `host:port` of every tunnel so far. */
  targets(): string[];
  stop(): Promise<void>;
}

/** `pair`: the name and password that it wants, `name:password`. */
export async function startConnectProxy(pair = ''): Promise<ConnectProxy> {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', program, pair], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const found = /listening (\d+)\n/.exec(out)?.[1];
      if (found !== undefined) resolve(found);
    });
    child.once('exit', () => reject(new Error('the proxy ended')));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    targets: () => out.split('\n').filter((line) => line !== '' && !line.startsWith('listening')),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
