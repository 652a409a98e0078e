import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GantryError, systemRandom } from '../../src/kernel/index.ts';
import { createVault, masterKeyFromFile, masterKeyFromText } from '../../src/vault/index.ts';

const invalid = (error: unknown): boolean => error instanceof GantryError && error.code === 'vault_key_invalid';
const caught = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};

describe('the master key', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'gantry-key-'));
  });
  afterAll(() => rm(dir, { recursive: true, force: true }));

  it('is read from hex or base64 and nothing else', () => {
    const key = systemRandom.bytes(32);
    const text = Buffer.from(key);
    expect(masterKeyFromText(`${text.toString('hex')}\n`)).toEqual(new Uint8Array(key));
    expect(masterKeyFromText(text.toString('base64'))).toEqual(new Uint8Array(key));
    expect(masterKeyFromText(text.toString('base64url'))).toEqual(new Uint8Array(key));
    for (const wrong of [
      '',
      'hunter2',
      text.toString('hex').slice(1),
      `${text.toString('base64')}AAAA`,
      'p@ss word! '.repeat(6),
    ]) {
      const error = caught(() => masterKeyFromText(wrong, 'GANTRY_MASTER_KEY'));
      expect(error).toSatisfy(invalid);
      if (wrong !== '') expect(JSON.stringify((error as GantryError).toBody())).not.toContain(wrong);
    }
    expect(caught(() => createVault({ masterKey: new Uint8Array(31), random: systemRandom }))).toSatisfy(invalid);
  });

  it('is made once in a file for its owner only, also when many start at once', async () => {
    const path = join(dir, 'master.key');
    const keys = await Promise.all(Array.from({ length: 8 }, () => masterKeyFromFile(path, systemRandom)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(dir)).toEqual(['master.key']);
  });

  it('is refused in a file that others can read, or that holds something else', async () => {
    const open = join(dir, 'open.key');
    await masterKeyFromFile(open, systemRandom);
    await chmod(open, 0o644);
    await expect(masterKeyFromFile(open, systemRandom)).rejects.toSatisfy(invalid);
    const other = join(dir, 'other.key');
    await writeFile(other, 'not a key', { mode: 0o600 });
    await expect(masterKeyFromFile(other, systemRandom)).rejects.toSatisfy(invalid);
  });
});
