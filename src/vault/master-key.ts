import { chmod, link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { GantryError, type Random } from '../kernel/index.ts';

/** 64 hex digits or base64 of 32 bytes, as an operator writes it. Raises `vault_key_invalid`, which never repeats the text. */
export function masterKeyFromText(text: string, where?: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{64}$/.test(trimmed)) return new Uint8Array(Buffer.from(trimmed, 'hex'));
  // Node skips what is not base64; a typing error must not become another key.
  if (/^[\w+/-]{43}=?$/.test(trimmed)) return new Uint8Array(Buffer.from(trimmed, 'base64'));
  throw new GantryError('vault_key_invalid', {
    message: 'The master key is neither 64 hex digits nor base64 of 32 bytes.',
    where,
  });
}

/**
 * The key in that file, made at the first call. The file is complete before it
 * gets its name, so that two processes starting at once agree on one key.
 * Raises `vault_key_invalid` for a file that others can read.
 */
export async function masterKeyFromFile(path: string, random: Random): Promise<Uint8Array> {
  if (!(await exists(path))) await makeKeyFile(path, random);
  const { mode } = await stat(path);
  // Windows has no such bits; its files are the user's by folder.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new GantryError('vault_key_invalid', {
      message: 'The master key file can be read by other users of this machine.',
      where: path,
      fix: `Run: chmod 600 ${path}. If others may have read it, rotate the key.`,
    });
  }
  return masterKeyFromText(await readFile(path, 'utf8'), path);
}

async function makeKeyFile(path: string, random: Random): Promise<void> {
  const draft = `${path}.${Buffer.from(random.bytes(8)).toString('hex')}`;
  await writeFile(draft, `${Buffer.from(random.bytes(32)).toString('hex')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await chmod(draft, 0o600);
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
