import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Timeline } from './timeline.ts';

export type Role = 'api' | 'worker' | 'lens';
export type Env = Readonly<Record<string, string>>;

export interface Life {
  readonly child: ChildProcess;
  /** Resolves with the signal or the code by which it ended. */
  readonly ended: Promise<string>;
}

/** One server of Gantry, which dies and is started again under the same name and data directory. */
export interface GantryProcess {
  readonly name: string;
  readonly role: Role;
  readonly logFile: string;
  /** Starts it, with these variables on top, under another program where one is given; resolves when it works. */
  start(extra?: Env, under?: readonly string[]): Promise<Life>;
  life(): Life | null;
  /** Started, and not ended since. */
  works(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Whether it stands still, by SIGSTOP. */
  isStopped(): boolean;
  logSize(): number;
}

export interface ProcessOptions {
  /** The program, built. */
  readonly program: string;
  readonly dir: string;
  readonly name: string;
  readonly role: Role;
  readonly port: number;
  readonly env: Env;
  readonly timeline: Timeline;
}

/** Of its own it takes seconds; on a machine full of others, minutes. */
const START_MS = 240_000;

export function gantryProcess(options: ProcessOptions): GantryProcess {
  const { program, dir, name, role, port, timeline } = options;
  const logFile = join(dir, `${name}.log`);
  const dataDir = join(dir, name);
  mkdirSync(dataDir, { recursive: true });
  closeSync(openSync(logFile, 'a'));
  let now: Life | null = null;
  let ready: Life | null = null;

  const readFrom = (from: number): string => readFileSync(logFile).subarray(from).toString();
  const start = async (extra: Env = {}, under: readonly string[] = []): Promise<Life> => {
    const log = openSync(logFile, 'a');
    const from = readFileSync(logFile).length;
    const words = [...under, process.execPath, program, 'serve', '--role', role];
    const child = spawn(words[0] ?? '', words.slice(1), {
      cwd: dir,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        ...options.env,
        GANTRY_REHEARSAL: '1',
        GANTRY_DATA_DIR: dataDir,
        GANTRY_PORT: String(port),
        ...extra,
      },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => {
        now = null;
        timeline.note(name, `ended by ${signal ?? String(code)}`);
        resolve(signal ?? String(code));
      });
    });
    const life: Life = { child, ended };
    now = life;
    const armed = [extra['GANTRY_CRASH_AT'], extra['GANTRY_CRASH_STOP']].filter(Boolean).join(' ');
    const orders = armed.split(',').length;
    const told = armed === '' ? [] : [`armed ${orders > 3 ? `at ${String(orders)} points` : armed}`];
    timeline.note(name, ['started', ...under, ...told].join(' '));
    const deadline = Date.now() + START_MS;
    const sign = role === 'worker' ? /"kind":"rehearsal_armed"/ : /^(REST|LENS) /m;
    while (!sign.test(readFrom(from))) {
      // One that was armed may die before it is ready: that is a passage like any other.
      if (now !== life) return life;
      if (Date.now() > deadline) throw new Error(`${name} did not start: ${readFrom(from).slice(-2_000)}`);
      await sleep(50);
    }
    ready = life;
    return life;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const life = now;
    if (life === null) return;
    life.child.kill(signal);
    await life.ended;
  };
  return {
    name,
    role,
    logFile,
    start,
    life: () => now,
    works: () => now !== null && ready === now,
    signal: (signal) => void now?.child.kill(signal),
    kill: () => end('SIGKILL'),
    stop: async () => {
      const forced = setTimeout(() => void now?.child.kill('SIGKILL'), 10_000);
      now?.child.kill('SIGCONT');
      await end('SIGTERM');
      clearTimeout(forced);
    },
    // The state stands after the name, which may hold anything but a closing bracket at its end (Linux).
    isStopped: () => now !== null && /\) T /.test(readFileSync(`/proc/${String(now.child.pid)}/stat`, 'utf8')),
    logSize: () => readFileSync(logFile).length,
  };
}
