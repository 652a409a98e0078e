import { mkdtemp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorTable, limits } from '../../src/kernel/index.ts';
import {
  loadProject,
  readProject,
  type LoadResult,
  type Problem,
  type ProjectFiles,
} from '../../src/manifest/index.ts';
import { toolNames } from '../../src/mcp/index.ts';

const example = await readProject('examples/renewals');
const names = [...example.keys()].toSorted();
const knownToExample = { connectors: ['salesforce', 'zendesk', 'odoo', 'google_calendar'], tools: toolNames };
const decoder = new TextDecoder();
const textOf = (file: string): string => {
  const content = example.get(file) ?? '';
  return typeof content === 'string' ? content : decoder.decode(content);
};

const load = (files: ProjectFiles): LoadResult => loadProject(files, knownToExample);
const withFile = (file: string, content: string | Uint8Array): ProjectFiles => new Map([...example, [file, content]]);

/** A project or its problems, each at a place that exists; nothing else, and nothing of ours changed. */
function judged(files: ProjectFiles): LoadResult {
  const result = load(files);
  expect({}).not.toHaveProperty('polluted');
  if (result.kind === 'ok') return result;
  expect(result.problems.length).toBeGreaterThan(0);
  const lines = new Map<string, readonly string[] | undefined>();
  const linesOf = (name: string): readonly string[] | undefined => {
    const content = files.get(name);
    if (!lines.has(name) && content !== undefined) {
      lines.set(name, (typeof content === 'string' ? content : decoder.decode(content)).split('\n'));
    }
    return lines.get(name);
  };
  expect(result.problems.filter((problem) => !isPlaced(problem, linesOf(problem.file)))).toEqual([]);
  return result;
}

/** One past the end: what is missing there is missing after the last line. */
function isPlaced({ code, message, fix, line, column }: Problem, lines: readonly string[] | undefined): boolean {
  const isSaid = Object.hasOwn(errorTable, code) && message !== '' && fix !== '';
  if (!isSaid || !Number.isInteger(line) || !Number.isInteger(column) || line < 1 || column < 1) return false;
  return lines === undefined || (line <= lines.length + 1 && column <= (lines[line - 1] ?? '').length + 2);
}

const file = fc.constantFrom(...names);
const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const place = (text: string, where: number): number => Math.floor(where * (text.length + 1));

const odd = fc.constantFrom(
  '\u0000',
  '\ufeff',
  '\u2028',
  '\ud800',
  '\t',
  '\r',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  ',',
  '#',
  '&a ',
  '*a',
  '!!js ',
  '|',
  '>',
  '%',
  '@',
  '`',
  '-',
  '- ',
  '? ',
  '<<: ',
  '__proto__: ',
  'constructor: ',
  '~',
  '\n',
  '\n\n',
  '---\n',
  '...\n',
);

/** Single characters: put in, taken out, replaced. */
const byCharacter = fc
  .tuple(file, fc.array(fc.tuple(at, odd, fc.integer({ min: 0, max: 3 })), { minLength: 1, maxLength: 4 }))
  .map(([name, edits]) => {
    let text = textOf(name);
    for (const [where, sign, taken] of edits) {
      const index = place(text, where);
      text = text.slice(0, index) + sign + text.slice(index + taken);
    }
    return withFile(name, text);
  });

/** Lines: taken out, doubled, swapped with others, indented. */
const byLine = fc
  .tuple(file, at, at, fc.constantFrom('drop', 'double', 'swap', 'indent', 'outdent', 'tab', 'cut'))
  .map(([name, one, other, how]) => {
    const lines = textOf(name).split('\n');
    const [a, b] = [Math.floor(one * lines.length), Math.floor(other * lines.length)];
    const line = lines[a] ?? '';
    if (how === 'drop') lines.splice(a, 1);
    if (how === 'double') lines.splice(b, 0, line);
    if (how === 'swap') [lines[a], lines[b]] = [lines[b] ?? '', line];
    if (how === 'indent') lines[a] = `  ${line}`;
    if (how === 'outdent') lines[a] = line.replace(/^ {2}/, '');
    if (how === 'tab') lines[a] = line.replace(/^ +/, '\t');
    if (how === 'cut') lines.length = a;
    return withFile(name, lines.join('\n'));
  });

const values = fc.constantFrom(
  'null',
  '~',
  'true',
  '0',
  '-1',
  '1.5',
  '1e400',
  '.nan',
  '.inf',
  '9007199254740993',
  '2026-02-30',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '""',
  "'*'",
  '{ a: { b: [ { c: 1 } ] } }',
  '{ __proto__: { polluted: 1 } }',
  '{ constructor: { prototype: { polluted: 1 } } }',
  '"\\u0000"',
  '"\\uD800"',
  `"${'x'.repeat(5_000)}"`,
  '{ ? [a] : b }',
  '!!binary aGk=',
  '&a [*a]',
  '2026-01-01T00:00:00Z',
  'toString',
  'hasOwnProperty',
);

/** What stands after a key becomes something of another kind. */
const byValue = fc.tuple(file, at, values).map(([name, where, value]) => {
  const lines = textOf(name).split('\n');
  const keyed = lines.flatMap((line, index) => (/^\s*[\w'"*-]+:/.test(line) ? [index] : []));
  const index = keyed[Math.floor(where * keyed.length)] ?? 0;
  lines[index] = (lines[index] ?? '').replace(/^(\s*[\w'"*-]+:).*$/, (_, key: string) => `${key} ${value}`);
  return withFile(name, lines.join('\n'));
});

/** A key becomes another one. */
const byKey = fc
  .tuple(
    file,
    at,
    fc.constantFrom(
      '__proto__',
      'constructor',
      'toString',
      '<<',
      '"a\\u0000b"',
      "''",
      '1',
      'null',
      'model',
      'fields',
      'valueOf',
      'x'.repeat(300),
    ),
  )
  .map(([name, where, key]) => {
    const lines = textOf(name).split('\n');
    const keyed = lines.flatMap((line, index) => (/^\s*[\w'"*-]+:/.test(line) ? [index] : []));
    const index = keyed[Math.floor(where * keyed.length)] ?? 0;
    lines[index] = (lines[index] ?? '').replace(/^(\s*)[\w'"*-]+:/, (_, lead: string) => `${lead}${key}:`);
    return withFile(name, lines.join('\n'));
  });

/** A block of one file stands in another, at some depth. */
const bySubtree = fc
  .tuple(file, file, at, at, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 8 }))
  .map(([from, to, start, end, count, depth]) => {
    const source = textOf(from).split('\n');
    const first = Math.floor(start * source.length);
    const block = source.slice(first, first + count).map((line) => ' '.repeat(depth) + line);
    const target = textOf(to).split('\n');
    target.splice(Math.floor(end * target.length), 0, ...block);
    return withFile(to, target.join('\n'));
  });

/** Files: gone, renamed, in each other's place, cut as bytes. */
const byFile = fc
  .tuple(file, file, at, fc.constantFrom('gone', 'swapped', 'renamed', 'torn'))
  .map(([one, other, where, how]): ProjectFiles => {
    const files = new Map(example);
    const bytes = new TextEncoder().encode(textOf(one));
    if (how === 'gone') files.delete(one);
    if (how === 'swapped') files.set(one, textOf(other));
    if (how === 'renamed') files.set(one.replace(/[^/]+$/, '__proto__.yaml'), textOf(one));
    if (how === 'torn') files.set(one, Uint8Array.from([...bytes.slice(0, where * bytes.length), 0xff, 0xfe]));
    return files;
  });

describe('a project that somebody damaged', () => {
  it('is whole to begin with', () => {
    expect(load(example)).toMatchObject({ kind: 'ok' });
  });

  it.each([
    ['characters', byCharacter],
    ['lines', byLine],
    ['values', byValue],
    ['keys', byKey],
    ['blocks', bySubtree],
    ['files', byFile],
  ])('is a project or a list of problems, each with its place: %s', (_, mutated) => {
    fc.assert(
      fc.property(mutated, (files) => {
        judged(files);
      }),
      { numRuns: 50 },
    );
  });

  it('takes a mistake in one file for a mistake in that file only', () => {
    for (const name of names) {
      const result = judged(withFile(name, `${textOf(name)}\n  : : :\n`));
      if (result.kind === 'ok') throw new Error('the mistake was not noticed');
      expect(new Set(result.problems.map((problem) => problem.file))).toEqual(new Set([name]));
    }
  });
});

const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghij'
  .split('')
  .map(
    (name, index, all) =>
      `${name}: &${name} [${Array.from({ length: 9 }, () => `*${all[index - 1] ?? 'a'}`).join(', ')}]`,
  )
  .join('\n')}\n`;

describe('a file that is meant to do harm', () => {
  const deal = 'models/deal.yaml';
  const codes = (content: string | Uint8Array, name = deal): string[] => {
    const result = judged(withFile(name, content));
    return result.kind === 'ok'
      ? []
      : result.problems.filter((problem) => problem.file === name).map(({ code }) => code);
  };

  it.each<[string, string, string]>([
    ['aliases that grow a billionfold', `${bomb}model: *j\n`, 'manifest_yaml_unsupported'],
    ['an alias of itself', 'model: &a [*a]\n', 'manifest_yaml_unsupported'],
    ['a merge key', `base: &b { type: string }\n${textOf(deal)}\n  more: { <<: *b }\n`, 'manifest_yaml_unsupported'],
    [
      'a merge key without an alias',
      textOf(deal).replace('fields:\n', 'fields:\n  <<: { a: string }\n'),
      'manifest_name_invalid',
    ],
    ['a key twice', `${textOf(deal)}\nfields: {}\n`, 'manifest_key_duplicate'],
    ['the prototype as a key', `${textOf(deal)}\n__proto__: { polluted: 1 }\n`, 'manifest_name_invalid'],
    [
      'the constructor as a key',
      `${textOf(deal)}\nconstructor: { prototype: { polluted: 1 } }\n`,
      'manifest_key_unknown',
    ],
    ['a tag', 'model: !!js/function "process.exit()"\n', 'manifest_yaml_unsupported'],
    ['two documents', `${textOf(deal)}\n---\nmodel: other\n`, 'manifest_yaml_unsupported'],
    ['a tab before a key', textOf(deal).replace(/^ {2}/m, '\t'), 'manifest_yaml_syntax'],
    ['100,000 brackets', `model: ${'['.repeat(100_000)}`, 'manifest_yaml_syntax'],
    ['100,000 brackets, closed', `model: ${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'manifest_yaml_syntax'],
    ['100,000 dashes', `model: ${'- '.repeat(100_000)}`, 'manifest_yaml_syntax'],
    ['10 MB', `# ${'x'.repeat(10_000_000)}`, 'manifest_file_too_large'],
  ])('is refused with a place: %s', (_, content, code) => {
    expect(codes(content)).toContain(code);
  });

  it.each<[string, number[]]>([
    ['UTF-16', [...Buffer.from(`\ufeff${textOf(deal)}`, 'utf16le')]],
    ['Latin-1', [...Buffer.from(`# Größe\n${textOf(deal)}`, 'latin1')]],
    ['an overlong slash', [0x6d, 0xc0, 0xaf]],
    ['half of a surrogate pair', [0x6d, 0xed, 0xa0, 0x80]],
  ])('is refused when it is not UTF-8: %s', (_, bytes) => {
    expect(codes(Uint8Array.from(bytes))).toEqual(['manifest_file_unreadable']);
  });

  it.each<[string, (text: string) => string | Uint8Array]>([
    ['a byte order mark', (text) => `\ufeff${text}`],
    ['a byte order mark as bytes', (text) => new TextEncoder().encode(`\ufeff${text}`)],
    ['line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
    ['line ends of Windows and a byte order mark', (text) => `\ufeff${text.replaceAll('\n', '\r\n')}`],
  ])('is read as what it says in spite of %s', (_, spelled) => {
    const plain = load(example);
    const result = load(new Map(names.map((name) => [name, spelled(textOf(name))])));
    expect(result.kind).toBe('ok');
    if (plain.kind === 'ok' && result.kind === 'ok') expect(result.hash).toBe(plain.hash);
  });

  it('names the same place in a file with line ends of Windows', () => {
    const wrong = textOf(deal).replace(/^( +)(\w+): string$/m, '$1$2: strnig');
    expect(wrong).not.toBe(textOf(deal));
    const [one, other] = [
      judged(withFile(deal, wrong)),
      judged(withFile(deal, `\ufeff${wrong.replaceAll('\n', '\r\n')}`)),
    ];
    const places = (result: LoadResult): unknown =>
      result.kind === 'ok' ? [] : result.problems.map(({ line, column, code }) => [line, column, code]);
    expect(places(other)).toEqual(places(one));
  });

  it.each<[string, () => string]>([
    ['50,000 keys', () => Array.from({ length: 50_000 }, (_, n) => `k${String(n)}: 1`).join('\n')],
    [
      '50,000 wrong fields',
      () => `model: deal\nfields:\n${Array.from({ length: 50_000 }, (_, n) => `  f${String(n)}: nope`).join('\n')}`,
    ],
    ['a value of 900,000 characters', () => `model: ${'x'.repeat(900_000)}`],
    ['a key of 900,000 characters', () => `${'x'.repeat(900_000)}: 1`],
    ['300,000 quotes', () => `model: ${'"'.repeat(300_000)}`],
    ['900,000 blanks', () => `model:${' '.repeat(900_000)}x`],
    ['900,000 line ends', () => `model: a${'\n'.repeat(900_000)}b`],
    ['a block of 100,000 lines that ends wrong', () => `why: |\n${'  text\n'.repeat(100_000)} wrong`],
  ])(
    'costs no more than seconds: %s',
    (_, content) => {
      expect(codes(content()).length).toBeGreaterThan(0);
    },
    20_000,
  );
});

describe('a directory that leads elsewhere', () => {
  let directory: string;
  let secret: string;
  beforeAll(async () => {
    const root = await mkdtemp(join(tmpdir(), 'gantry-hostile-'));
    directory = join(root, 'project');
    secret = join(root, 'secret.yaml');
    await mkdir(join(directory, 'models'), { recursive: true });
    await mkdir(join(root, 'outside'));
    await writeFile(secret, 'password: hunter2\n');
    await writeFile(join(root, 'outside', 'account.yaml'), 'model: account\nfields: { password: string }\n');
    await writeFile(join(directory, 'gantry.yaml'), 'gantry: 1\nproject: shop\n');
  });
  afterAll(() => rm(join(directory, '..'), { recursive: true, force: true }));

  const reading = async (target: string, path: string): Promise<unknown> => {
    const full = join(directory, path);
    await symlink(target, full);
    try {
      return await readProject(directory).catch((error: unknown) => error);
    } finally {
      await rm(full);
    }
  };

  it.each<[string, () => string, string]>([
    ['a file', () => secret, 'models/deal.yaml'],
    ['a file at the top', () => secret, 'extra.yaml'],
    ['a device that never ends', () => '/dev/zero', 'models/deal.yaml'],
    ['a file that says nothing of its size', () => '/proc/self/environ', 'models/deal.yaml'],
    ['itself', () => 'deal.yaml', 'models/deal.yaml'],
    ['nothing', () => '/nonexistent', 'models/deal.yaml'],
    ['a directory', () => join(directory, '..', 'outside'), 'models/more'],
    ['its own parent', () => '..', 'models/up'],
    ['a folder of models elsewhere', () => join(directory, '..', 'outside'), 'policies'],
  ])('is not followed to %s', async (_, target, path) => {
    expect(await reading(target(), path)).toMatchObject({
      code: 'manifest_file_unexpected',
      details: { where: `${path}:1:1`, fix: expect.any(String) as string },
    });
  });

  it('is followed to a file within, as folders are mounted into containers', async () => {
    await mkdir(join(directory, '..data'), { recursive: true });
    await writeFile(join(directory, '..data', 'deal.yaml'), 'model: deal\nfields: { name: string }\n');
    const files = await reading('../..data/deal.yaml', 'models/deal.yaml');
    expect(files).toBeInstanceOf(Map);
    expect(load(files as ProjectFiles)).toMatchObject({ kind: 'ok' });
  });

  it('reads no more of a file than it may be long', async () => {
    await writeFile(join(directory, 'models', 'deal.yaml'), 'x'.repeat(3 * limits.manifestFileBytesMax));
    const files = await readProject(directory);
    const result = load(files);
    await rm(join(directory, 'models', 'deal.yaml'));
    expect(result).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ code: 'manifest_file_too_large' })]) as unknown,
    });
  });
});
