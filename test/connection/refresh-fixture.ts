import { spawn, type ChildProcess } from 'node:child_process';
import type { AccessToken } from '../../src/connectors/index.ts';
import type { ErrorBody } from '../../src/kernel/index.ts';
import { programOf } from '../support/program.ts';
import type { RefreshOrder } from '../support/refresh-process.ts';

const program = await programOf('../support/refresh-process.ts', import.meta.url);

export type Said = AccessToken | ErrorBody;

export interface RefreshProcess {
  readonly child: ChildProcess;
  /** It stands before the door, as all others do. */
  readonly ready: Promise<void>;
  go(): void;
  /** Null: it died without a word. */
  readonly said: Promise<Said | null>;
}

export function refreshProcess(order: RefreshOrder): RefreshProcess {
  const child = spawn(process.execPath, [...program, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let out = '';
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve, reject) => {
    onReady = resolve;
    child.once('exit', (code, signal) => reject(new Error(`ended before it was ready: ${String(code ?? signal)}`)));
  });
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    if (out.startsWith('ready\n')) onReady();
  });
  const said = new Promise<Said | null>((resolve) => {
    child.once('close', () => {
      const line = out.split('\n')[1] ?? '';
      resolve(line === '' ? null : (JSON.parse(line) as Said));
    });
  });
  return { child, ready, go: () => void child.stdin.write('go\n'), said };
}
