import { SourceMap, type SourceMapPayload } from 'node:module';
import { build, type BuildFailure, type Message, type Plugin } from 'esbuild';
import { contentHash, isJsonObject, limits } from '../kernel/index.ts';
import {
  compiledFile,
  decodeFile,
  isOperationFile,
  sortProblems,
  type CompiledOperation,
  type Problem,
  type ProjectFiles,
} from '../manifest/index.ts';
import type { CodeRunner } from './code-runner.ts';

export interface CompiledFiles {
  /** With what each operation in TypeScript was compiled to beside it. */
  readonly files: ProjectFiles;
  readonly problems: readonly Problem[];
}

/**
 * Compiles `operations/*.ts` of a project, and asks each what it says of itself.
 * Files that are compiled already, as those of a revision, stay as they are: what
 * was applied once is what runs, whoever reads it. Types are taken away and not
 * checked; that is for the team's own editor.
 */
export async function compileOperations(files: ProjectFiles, runner: CodeRunner): Promise<CompiledFiles> {
  const all = new Map(files);
  const problems: Problem[] = [];
  const texts = codeTexts(files, problems);
  for (const file of [...texts.keys()].filter(isOperationFile)) {
    if (files.has(compiledFile(file))) continue;
    const compiled = await compileOne(file, texts, runner, problems);
    if (compiled !== null) all.set(compiledFile(file), JSON.stringify(compiled));
  }
  return { files: all, problems: sortProblems(problems) };
}

function codeTexts(files: ProjectFiles, problems: Problem[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [file, content] of files) {
    if (!file.startsWith('operations/') || !file.endsWith('.ts')) continue;
    const text = decodeFile(file, content, problems);
    if (text !== null) texts.set(file, text);
  }
  return texts;
}

async function compileOne(
  file: string,
  texts: ReadonlyMap<string, string>,
  runner: CodeRunner,
  problems: Problem[],
): Promise<CompiledOperation | null> {
  const built = await bundle(file, texts, problems);
  if (built === null) return null;
  const answer = await runner.run(built.js, null);
  const failed = (message: string, at = { line: 1, column: 1 }): null => {
    const fix = 'Export one operation as the default, and leave work to `plan`.';
    problems.push({ code: 'manifest_code_failed', file, ...at, path: '', message, fix, suggestions: [] });
    return null;
  };
  switch (answer.kind) {
    case 'answer':
      if (!isJsonObject(answer.value)) return failed(NO_OPERATION);
      return { ...built, hash: contentHash(built.js), declared: answer.value };
    case 'refused':
    case 'threw':
      return failed(`It cannot be loaded: ${shortened(answer.message)}`, placeIn(built.map, file, answer.stack));
    case 'timeout':
      return failed(`It does not end when it is loaded (${String(limits.operationRunMs)} ms).`);
    case 'ended':
      return failed(`It cannot be loaded: ${shortened(answer.why)}`);
    case 'no_operation':
    case 'no_result':
      return failed(NO_OPERATION);
  }
}

const NO_OPERATION = 'The file exports no operation: `export default defineOperation({...})`, with `plan`.';

export const shortened = (text: string): string =>
  text.length <= limits.operationErrorCharsMax ? text : `${text.slice(0, limits.operationErrorCharsMax)}…`;

async function bundle(
  file: string,
  texts: ReadonlyMap<string, string>,
  problems: Problem[],
): Promise<Pick<CompiledOperation, 'js' | 'map'> | null> {
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      outdir: 'out',
      format: 'iife',
      globalName: 'operation',
      platform: 'neutral',
      target: 'es2022',
      charset: 'utf8',
      legalComments: 'none',
      sourcemap: 'external',
      sourcesContent: false,
      logLevel: 'silent',
      tsconfigRaw: {},
      plugins: [fromProject(texts)],
    });
    const [map, js] = ['.map', '.js'].map((end) => outputFiles.find(({ path }) => path.endsWith(end))?.text);
    if (js === undefined || map === undefined) throw new Error('the compiler said nothing');
    return { js, map };
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    problems.push(...error.errors.map((message) => problemOf(file, message)));
    return null;
  }
}

const isBuildFailure = (error: unknown): error is BuildFailure =>
  error instanceof Error && Array.isArray((error as { readonly errors?: unknown }).errors);

const NOT_THERE = 'An operation imports files of `operations/`, and gantry/operations.';

function problemOf(file: string, { text, location }: Message): Problem {
  const place =
    location === null
      ? { file, line: 1, column: 1 }
      : // Paths of the compiler begin with the namespace of their plugin.
        { file: location.file.replace(/^project:/, ''), line: location.line, column: location.column + 1 };
  const isImport = text.startsWith(NOT_THERE);
  return {
    code: isImport ? 'manifest_code_import' : 'manifest_code_syntax',
    ...place,
    path: '',
    message: isImport ? text : `This is no TypeScript: ${text}`,
    fix: isImport
      ? 'Import a file that is there by `./<file>.ts`, or write it here.'
      : 'Correct it; an editor shows it, too.',
    suggestions: [],
  };
}

/** Nothing of the disk: what is not a file of the project is not there. */
const fromProject = (texts: ReadonlyMap<string, string>): Plugin => ({
  name: 'project',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
      if (kind === 'entry-point') return { path, namespace: 'project' };
      if (path === 'gantry/operations') return { path, namespace: 'gantry' };
      const found = path.startsWith('.') ? new URL(path, `file:///${importer}`).pathname.slice(1) : '';
      const name = [found, `${found}.ts`, found.replace(/\.js$/, '.ts')].find((each) => texts.has(each));
      return name === undefined ? { errors: [{ text: NOT_THERE }] } : { path: name, namespace: 'project' };
    });
    onLoad({ filter: /.*/, namespace: 'project' }, ({ path }) => ({ contents: texts.get(path) ?? '', loader: 'ts' }));
    onLoad({ filter: /.*/, namespace: 'gantry' }, () => ({ contents: ENTRY, loader: 'js' }));
  },
});

/** What define-operation.ts is when it runs. */
const ENTRY = `export const defineOperation = (definition) => definition;
export class Refusal extends Error { isRefusal = true; }
export const refuse = (why) => { throw new Refusal(why); };`;

/** Where in the project an error was thrown, as far as its stack says. */
export function placeIn(map: string, file: string, stack: string): { readonly line: number; readonly column: number } {
  const found = new SourceMap(JSON.parse(map) as SourceMapPayload);
  for (const [, line, column] of stack.matchAll(/operation\.js:(\d+):(\d+)/g)) {
    const entry = found.findEntry(Number(line) - 1, Number(column) - 1);
    if ('originalSource' in entry && entry.originalSource.endsWith(file)) {
      return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
    }
  }
  return { line: 1, column: 1 };
}
