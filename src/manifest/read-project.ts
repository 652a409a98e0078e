import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { GantryError, limits } from '../kernel/index.ts';
import type { ProjectFiles } from './project.ts';

/**
 * Reads the files of a project directory: `*.yaml` and `*.yml` at its root, and
 * everything but hidden files and Markdown in the folders that belong to a
 * project. What does not belong there is for loadProject to say. Links are
 * followed to files within the directory only: a project that somebody sent
 * must not show what else is on the machine. Raises `manifest_file_missing`
 * where the directory is not there, and `manifest_file_unexpected` for what is
 * no file of it.
 */
export async function readProject(directory: string): Promise<ProjectFiles> {
  const files = new Map<string, Uint8Array>();
  for (const entry of await listDirectory(directory)) {
    if (projectFolders.has(entry.name)) await readEntry(files, directory, { entry, path: entry.name });
    else if (!entry.isDirectory() && /\.ya?ml$/.test(entry.name)) await add(files, directory, entry.name);
  }
  return files;
}

const projectFolders = new Set(['models', 'integrations', 'policies', 'tenants', 'connectors', 'operations']);

async function readFolder(files: Map<string, Uint8Array>, directory: string, folder: string): Promise<void> {
  for (const entry of await readdir(join(directory, folder), { withFileTypes: true })) {
    if (entry.name.startsWith('.') || entry.name.endsWith('.md')) continue;
    await readEntry(files, directory, { entry, path: `${folder}/${entry.name}` });
  }
}

async function readEntry(
  files: Map<string, Uint8Array>,
  directory: string,
  { entry, path }: { readonly entry: Dirent; readonly path: string },
): Promise<void> {
  if (entry.isDirectory()) await readFolder(files, directory, path);
  else await add(files, directory, path);
}

async function add(files: Map<string, Uint8Array>, directory: string, path: string): Promise<void> {
  const full = await fileWithin(directory, path);
  const { size } = await stat(full);
  // A file that is too large is not read; one byte too many tells the check.
  const tooLarge = size > limits.manifestFileBytesMax;
  files.set(path, tooLarge ? new Uint8Array(limits.manifestFileBytesMax + 1) : await readFile(full));
}

/** Where the file really is. Devices and pipes have no end, directories behind links may have none either. */
async function fileWithin(directory: string, path: string): Promise<string> {
  const root = await realpath(directory);
  const full = await realpath(join(root, path)).catch(() => null);
  if (full === null || !full.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw noFile(path, 'is a link that leads out of the project, or nowhere', 'Put the file itself in its place.');
  }
  if ((await stat(full)).isFile()) return full;
  throw noFile(path, 'is no file', 'Put a file in its place, or remove it.');
}

function noFile(path: string, what: string, fix: string): GantryError {
  return new GantryError('manifest_file_unexpected', {
    message: `\`${path}\` ${what}.`,
    where: `${path}:1:1`,
    fix,
  });
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
