import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorTable } from '../../src/kernel/index.ts';

const root = new URL('../..', import.meta.url).pathname;

function filesUnder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path));
    else found.push(path);
  }
  return found;
}

const sources = ['src', 'sandbox'].flatMap(filesUnder).filter((path) => path.endsWith('.ts'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** Comments may speak of what code may not do. */
const code = (path: string): string => read(path).replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');

/** Each rule: what is forbidden, where it is allowed, and why. */
const rules: { name: string; pattern: RegExp; within: string; except: readonly string[] }[] = [
  {
    name: 'time comes from a Clock',
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    within: 'src/',
    // What is left of a time limit is measured beside the timer that it is of.
    except: ['src/kernel/clock.ts', 'src/kernel/time-limit.ts'],
  },
  {
    name: 'chance comes from a Random',
    pattern: /\bMath\.random\(|\brandomBytes\(|\brandomUUID\(/,
    within: 'src/',
    except: ['src/kernel/random.ts'],
  },
  {
    name: 'the sandbox has one clock and one source of chance',
    pattern: /\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(/,
    within: 'sandbox/',
    except: ['sandbox/kit/clock.ts', 'sandbox/kit/random.ts', 'sandbox/kit/options.ts'],
  },
  {
    // It holds its sources weakly: calls would wait without an end (src/kernel/abort-together.ts).
    name: 'no call depends on a signal that may be collected',
    pattern: /AbortSignal\.any\(/,
    within: '',
    except: [],
  },
  {
    name: 'the environment is read in src/app',
    pattern: /\bprocess\.env\b/,
    within: 'src/',
    except: ['src/app/', 'src/cli/main.ts'],
  },
  {
    name: 'logs go through the event sink',
    pattern: /\bconsole\.(?:log|error|warn|info|debug|trace|dir|table)\b/,
    within: 'src/',
    except: [],
  },
  { name: 'no unfinished marks', pattern: /\b(TODO|FIXME|XXX|HACK)\b/, within: '', except: [] },
  {
    name: 'sandboxes share no code with the system',
    pattern: /from '(\.\.\/)+src\//,
    within: 'sandbox/',
    except: [],
  },
  { name: 'the system does not import sandboxes', pattern: /from '(\.\.\/)+sandbox\//, within: 'src/', except: [] },
];

describe('tidy', () => {
  it.each(rules)('$name', ({ pattern, within, except }) => {
    const offenders = sources.filter(
      (path) =>
        path.startsWith(within) && !except.some((allowed) => path.startsWith(allowed)) && pattern.test(code(path)),
    );
    expect(offenders).toEqual([]);
  });

  it('keeps files named in kebab-case', () => {
    const offenders = sources.filter((path) => !/^[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(path.split('/').at(-1) ?? ''));
    expect(offenders).toEqual([]);
  });

  it('silences no check without a reason', () => {
    const offenders = [...sources, ...filesUnder('test'), ...filesUnder('scripts'), ...filesUnder('bench')]
      .filter((path) => path.endsWith('.ts') && !path.startsWith('test/tidy/'))
      .filter((path) => /oxlint-disable(?!.* -- \S)|@ts-ignore|@ts-expect-error|eslint-disable/.test(read(path)));
    expect(offenders).toEqual([]);
  });

  it('keeps the median file short and no file long', () => {
    const lengths = sources.map((path) => read(path).split('\n').length).toSorted((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(130);
    expect(lengths.at(-1)).toBeLessThanOrEqual(450);
  });

  it('says of each error what it means and how to fix it, in docs/errors.md too', () => {
    const page = read('docs/errors.md');
    for (const [name, spec] of Object.entries(errorTable)) {
      expect(spec.meaning, name).toMatch(/\.$/);
      expect(spec.fix, name).toMatch(/\.$/);
      expect(page, `docs/errors.md lacks ${name}: npm run docs`).toContain(`| \`${name}\` |`);
    }
  });

  it('raises every code of the error table somewhere', () => {
    const text = sources
      .filter((path) => !path.startsWith('src/kernel/errors/'))
      .map(read)
      .join('\n');
    const unused = Object.keys(errorTable).filter((name) => !text.includes(`'${name}'`));
    expect(unused.filter((name) => name !== 'internal')).toEqual([]);
  });

  it('keeps the root small', () => {
    const entries = readdirSync(root).filter((name) => !['.git', 'node_modules', 'dist', '.gantry'].includes(name));
    expect(entries.length).toBeLessThanOrEqual(32);
  });

  it('names every dependency in docs/dependencies.md', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>;
    const page = read('docs/dependencies.md');
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) {
        expect(page, `docs/dependencies.md lacks ${name}`).toContain(`\`${name}\``);
        expect(version, `${name} is not pinned`).toMatch(/^\d+\.\d+\.\d+/);
      }
    }
  });

  it('locks the packages of every platform, not only of the one that wrote the lockfile', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as {
      packages: Record<string, { optionalDependencies?: Record<string, string> }>;
    };
    const missing = Object.entries(packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) =>
          packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined,
      ),
    );
    expect(missing).toEqual([]);
  });

  it('keeps links between documents alive', () => {
    const pages = [...filesUnder('docs'), ...readdirSync(root).filter((name) => name.endsWith('.md'))].filter((path) =>
      path.endsWith('.md'),
    );
    const dead: string[] = [];
    for (const page of pages) {
      for (const [, target] of read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
        const path = join(root, page, '..', target ?? '');
        if (statSync(path, { throwIfNoEntry: false }) === undefined) dead.push(`${page} -> ${relative(root, path)}`);
      }
    }
    expect(dead).toEqual([]);
  });
});
