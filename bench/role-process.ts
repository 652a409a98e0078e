import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../bin/gantry.js', import.meta.url));

export type Role = 'api' | 'worker' | 'lens';

/** `gantry serve --role ...`, with a data directory of its own. */
export interface RoleProcess {
  readonly role: Role;
  /** The most memory that each of its processes held at once since it was last asked, MB; by what they run. */
  peaks(): Promise<readonly Peak[]>;
  stop(): Promise<void>;
}

export interface Peak {
  readonly name: string;
  readonly mb: number;
}

export async function startRole(role: Role, env: Readonly<Record<string, string>>): Promise<RoleProcess> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const child = spawn(process.execPath, [bin, 'serve', '--role', role], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      GANTRY_DATA_DIR: dataDir,
      GANTRY_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('no process was started');
  child.stdout.resume();
  return {
    role,
    peaks: async () => {
      const all: Peak[] = [];
      for (const each of [pid, ...(await childrenOf(pid))]) {
        const name = each === pid ? role : `${role}'s lens process`;
        const peak = await takePeak(each);
        if (peak !== null) all.push({ name, mb: peak });
      }
      return all;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${String(pid)}/task`);
  const texts = await Promise.all(
    tasks.map((task) => readFile(`/proc/${String(pid)}/task/${task}/children`, 'utf8').catch(() => '')),
  );
  return texts.flatMap((text) => text.split(' ').filter(Boolean).map(Number));
}

/** `VmHWM`, which begins anew (Linux: proc(5), clear_refs). Null: it has ended. */
async function takePeak(pid: number): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
    await writeFile(`/proc/${String(pid)}/clear_refs`, '5');
    return Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1]) / 1_024;
  } catch {
    return null;
  }
}
