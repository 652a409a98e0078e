import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ProcessFacts {
  readonly openFiles: number;
  readonly residentMb: number;
  readonly threads: number;
}

/** What the system says of a process (Linux). */
export async function processFacts(pid: number): Promise<ProcessFacts> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1]);
  return {
    openFiles: (await readdir(`/proc/${String(pid)}/fd`)).length,
    residentMb: number('VmRSS') / 1_024,
    threads: number('Threads'),
  };
}

/** Bytes of all files under a folder; one that goes away meanwhile counts nothing. */
export async function sizeOnDisk(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
