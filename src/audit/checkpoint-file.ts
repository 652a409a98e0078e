import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { readCheckpointLine, type SignedCheckpoint } from './checkpoint.ts';

/**
 * Adds a line to a file of checkpoints, whole and on the disk, or fails. What a
 * full disk or a killed process left of a line stays, for a line of its own:
 * where files may only be added to, nothing can be cut off. Nobody else adds to
 * the file meanwhile, since whoever signs holds the end of its chain.
 */
export async function appendCheckpoint(folder: string, name: string, line: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = await open(join(folder, name), 'a+', 0o600);
  try {
    // Goes on where the disk took a part only.
    await file.appendFile((await isTorn(file)) ? `\n${line}` : line);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Whether the last line has no end. */
async function isTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString('latin1') !== '\n';
}

export interface FiledCheckpoints {
  /** A line each; null: one that says nothing any more, which is one that somebody changed. */
  readonly lines: readonly (SignedCheckpoint | null)[];
  /** Lines of which a part was written: their checkpoint was never kept, and is no more missed than a line that is not there. */
  readonly torn: number;
}

/** What a file of checkpoints says. Earlier versions went on in the same line after a part: what follows it is read. */
export function readCheckpointFile(text: string): FiledCheckpoints {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const whole = lines.filter((line) => line.endsWith('}'));
  const begins = whole.map((line) => Math.max(line.lastIndexOf('{'), 0));
  return {
    lines: whole.map((line, at) => readCheckpointLine(line.slice(begins[at]))),
    torn: lines.length - whole.length + begins.filter((begin) => begin > 0).length,
  };
}
