import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const bin = fileURLToPath(new URL('../../bin/gantry.js', import.meta.url));
const runFile = promisify(execFile);

export type Env = Readonly<Record<string, string>>;

export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `gantry <words>` as a user runs it. */
export const gantry = (env: Env, ...words: string[]): Promise<CommandResult> => gantryOf(bin, env, ...words);

/** The same of another version of the program. */
export async function gantryOf(program: string, env: Env, ...words: string[]): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await runFile(process.execPath, [program, ...words], { env: childEnv(env) });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const failed = error as { code?: number; stdout?: string; stderr?: string };
    return { code: failed.code ?? 1, out: failed.stdout ?? '', err: failed.stderr ?? '' };
  }
}

export interface ServerProcess {
  readonly child: ChildProcess;
  /** SIGKILL, as a machine would. */
  kill(): Promise<void>;
  stop(): Promise<number | null>;
}

/** `gantry serve`, up and answering. */
export const serve = (env: Env, ...words: string[]): Promise<ServerProcess> => serveOf(bin, env, ...words);

/** The same of another version of the program. */
export async function serveOf(program: string, env: Env, ...words: string[]): Promise<ServerProcess> {
  const child = spawn(process.execPath, [program, 'serve', ...words], {
    env: childEnv(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code));
  });
  await new Promise<void>((resolve, reject) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (/^(REST|LENS) /m.test(out)) resolve();
    });
    child.once('exit', (code) => reject(new Error(`gantry serve ended with ${String(code)}: ${out}`)));
  });
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return {
    child,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/** Nothing of the test run's own settings: a command gets what the test gives it. */
function childEnv(env: Env): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env };
}
