import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, limits } from '../kernel/index.ts';
import type { ProjectFiles } from './project.ts';

/**
 * Reads the files of a project directory: `*.yaml` and `*.yml` at its root, and
 * everything but hidden files and Markdown in the folders that belong to a
 * project. What does not belong there is for loadProject to say. Raises
 * `manifest_file_missing` where the directory is not there.
 */
export async function readProject(directory: string): Promise<ProjectFiles> {
  const files = new Map<string, Uint8Array>();
  for (const entry of await listDirectory(directory)) {
    if (entry.isFile() && /\.ya?ml$/.test(entry.name)) await add(files, directory, entry.name);
    if (entry.isDirectory() && projectFolders.has(entry.name)) await readFolder(files, directory, entry.name);
  }
  return files;
}

const projectFolders = new Set(['models', 'integrations', 'policies', 'tenants', 'connectors']);

async function readFolder(files: Map<string, Uint8Array>, directory: string, folder: string): Promise<void> {
  for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name.endsWith('.md')) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) await readFolder(files, directory, path);
    else await add(files, directory, path);
  }
}

async function add(files: Map<string, Uint8Array>, directory: string, path: string): Promise<void> {
  const full = join(directory, path);
  const { size } = await stat(full);
  // A file that is too large is not read; one byte too many tells the check.
  const tooLarge = size > limits.manifestFileBytesMax;
  files.set(path, tooLarge ? new Uint8Array(limits.manifestFileBytesMax + 1) : await readFile(full));
}

async function listDirectory(directory: string) {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (cause) {
    throw new GantryError('manifest_file_missing', {
      message: `There is no readable project directory at ${directory}.`,
      where: directory,
      fix: 'Name the directory that has gantry.yaml.',
      cause,
    });
  }
}
