import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cases } from '../../torture/cases/index.ts';

const root = new URL('../..', import.meta.url).pathname;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const numbered = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${String(at + 1)}`);
const ROWS = [
  ...numbered('S', 13),
  ...numbered('A', 5),
  ...numbered('H', 5),
  ...numbered('W', 12),
  ...numbered('P', 5),
  ...numbered('R', 3),
  ...numbered('X', 7),
];

interface Row {
  readonly name: string;
  readonly proofs: readonly { readonly file: string; readonly title: string }[];
  /** Cases of the rehearsal. */
  readonly rehearsed: readonly string[];
  /** Why there is no test. */
  readonly reason: string | null;
}

function rowsOf(page: string): Row[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const text = section.split(/^## /m)[0] ?? '';
      return {
        name: /^([A-Z]\d+): \S/.exec(text)?.[1] ?? text.slice(0, 40),
        // A line of prose may be broken; one of a list stands for itself.
        proofs: [...text.matchAll(/^- `([^`]+)` › (.+)$/gm)].map(([, file = '', title = '']) => ({ file, title })),
        rehearsed: [...(/^- rehearsed: (.+)$/m.exec(text)?.[1] ?? '').matchAll(/`([^`]+)`/g)].map(
          ([, name = '']) => name,
        ),
        reason: /^- not tested: (\S.{20,})$/m.exec(text)?.[1] ?? null,
      };
    });
}

/** A title as it stands in a file, whatever quotes are around it. */
const stands = (title: string, text: string): boolean =>
  [`'${title}`, `"${title}`, `\`${title}`].some((start) => text.includes(start));

describe('docs/faults.md', () => {
  const rows = rowsOf(read('docs/faults.md'));

  it('has every row of the fault matrix once, in order', () => {
    expect(rows.map(({ name }) => name)).toEqual(ROWS);
  });

  it.each(rows)('$name is proven by tests that exist, or says why not', ({ proofs, reason }) => {
    expect(proofs.length > 0 || reason !== null).toBe(true);
    for (const { file, title } of proofs) {
      expect(file).toMatch(/^test\/.+\.test\.ts$/);
      expect(existsSync(join(root, file)), `${file} is not there`).toBe(true);
      expect(stands(title, read(file)), `${file} has no test "${title}"`).toBe(true);
    }
  });

  it.each(rows)('$name names the cases that rehearse it, and writes, approvals and undos each have one', (row) => {
    const proving = cases.filter((each) => each.rows.includes(row.name)).map(({ name }) => name);
    expect(row.rehearsed).toEqual(proving);
    if (/^[WPR]/.test(row.name)) expect(proving).not.toEqual([]);
  });
});
