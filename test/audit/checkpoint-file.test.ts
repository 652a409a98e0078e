import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { appendCheckpoint, readCheckpointFile } from '../../src/audit/checkpoint-file.ts';
import { checkpointLine, signCheckpoint } from '../../src/audit/checkpoint.ts';
import { checkpointKey } from '../../src/audit/index.ts';
import { systemRandom } from '../../src/kernel/index.ts';

const key = checkpointKey(systemRandom.bytes(32));
const lineOf = (seq: number): string =>
  checkpointLine(
    signCheckpoint(key, { tenant: 'acme', number: 1, seq, hash: systemRandom.bytes(32), at: new Date('2026-01-01') }),
  );
const seqs = (text: string) => {
  const { lines, torn } = readCheckpointFile(text);
  return { seqs: lines.map((line) => line?.seq ?? null), torn };
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-checkpoints-'));
});
beforeEach(() => rm(join(folder, 'acme.1.jsonl'), { force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

const add = (line: string) => appendCheckpoint(folder, 'acme.1.jsonl', line);
const text = () => readFile(join(folder, 'acme.1.jsonl'), 'utf8');

it('has a line for each checkpoint, and goes on in a new one after what a full disk left', async () => {
  const [one, two, three] = [lineOf(1), lineOf(2), lineOf(3)];
  await add(one);
  const part = two.slice(0, 90);
  await writeFile(join(folder, 'acme.1.jsonl'), part, { flag: 'a' });
  // As whoever verifies finds it until there is room again.
  expect(seqs(await text())).toEqual({ seqs: [1], torn: 1 });
  await add(two);
  await add(three);
  expect(await text()).toBe(`${one}${part}\n${two}${three}`);
  expect(seqs(await text())).toEqual({ seqs: [1, 2, 3], torn: 1 });
});

it('needs nothing more of a line that lacks its end only', async () => {
  const [one, two] = [lineOf(1), lineOf(2)];
  await writeFile(join(folder, 'acme.1.jsonl'), one.trimEnd());
  expect(seqs(await text())).toEqual({ seqs: [1], torn: 0 });
  await add(two);
  expect(seqs(await text())).toEqual({ seqs: [1, 2], torn: 0 });
});

it('is written whole where the disk takes a part at once', async () => {
  await add(lineOf(1));
  const file = await open(join(folder, 'acme.1.jsonl'), 'a');
  const handle = Object.getPrototypeOf(file) as { write: (data: string) => Promise<unknown> };
  const { write } = handle;
  // As it answers when it is nearly full: how much it took, without an error.
  const short = vi.spyOn(handle, 'write').mockImplementation(function (this: typeof handle, data) {
    return write.call(this, data.slice(0, 40));
  });
  try {
    await add(lineOf(2));
  } finally {
    short.mockRestore();
    await file.close();
  }
  expect(seqs(await text())).toEqual({ seqs: [1, 2], torn: 0 });
});

it('is read where an earlier version went on in the same line, and as a mail program ends lines', () => {
  const [one, two] = [lineOf(1), lineOf(2)];
  expect(seqs(`${one.slice(0, 120)}${two}${one}`)).toEqual({ seqs: [2, 1], torn: 1 });
  expect(seqs(`${one}${two}`.replaceAll('\n', '\r\n'))).toEqual({ seqs: [1, 2], torn: 0 });
});

it('says of a line that somebody changed that it says nothing', () => {
  const one = lineOf(1);
  expect(seqs(`${one}{"tenant":"acme"}\n`)).toEqual({ seqs: [1, null], torn: 0 });
  expect(seqs(one.replace('"seq":1', '"seq":"1"'))).toEqual({ seqs: [null], torn: 0 });
});
