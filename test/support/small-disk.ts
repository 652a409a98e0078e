import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own, in memory. */
export interface SmallDisk {
  readonly dir: string;
  /** Takes all the room there is but so many bytes. */
  readonly fill: (leaveBytes?: number) => Promise<void>;
  readonly makeRoom: () => Promise<void>;
  readonly unmount: () => Promise<void>;
}

const mount = (dir: string, megabytes: number): unknown =>
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m`, 'tmpfs', dir], { stdio: 'ignore' });

/** Whether this user may mount: root is not always allowed to (containers), so it is tried. */
export const mayMount = ((): boolean => {
  if (process.platform !== 'linux') return false;
  const dir = mkdtempSync(join(tmpdir(), 'may-mount-'));
  try {
    mount(dir, 1);
    execFileSync('umount', [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmdirSync(dir);
  }
})();

export async function mountSmall(megabytes: number): Promise<SmallDisk> {
  const dir = await mkdtemp(join(tmpdir(), 'small-disk-'));
  mount(dir, megabytes);
  const ballast = join(dir, 'ballast');
  return {
    dir,
    async fill(leaveBytes = 0) {
      const full = await writeFile(ballast, Buffer.alloc((megabytes + 8) * 2 ** 20)).catch((error: unknown) => error);
      if ((full as NodeJS.ErrnoException | undefined)?.code !== 'ENOSPC') throw new Error('the disk did not get full');
      const { size } = await stat(ballast);
      if (size <= leaveBytes) throw new Error('there was no room to leave');
      if (leaveBytes > 0) execFileSync('truncate', ['-s', String(size - leaveBytes), ballast]);
    },
    makeRoom: () => rm(ballast),
    async unmount() {
      execFileSync('umount', [dir]);
      if ((await readdir(dir)).length > 0) throw new Error(`${dir} was not a file system of its own`);
      await rm(dir, { recursive: true });
    },
  };
}
