import { join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Where a worker thread or child process starts: the sibling module `name`
 * (no extension) of the calling module. From sources it needs tsx as a loader,
 * from built output it needs nothing; both are decided here and nowhere else.
 * `path` and `execArgv` start a process, `url` alone starts a thread.
 */
export function childEntry(importerUrl: string, name: string): { path: string; url: URL; execArgv: string[] } {
  const fromSource = importerUrl.endsWith('.ts');
  if (fromSource && built !== null) return childEntry(builtUrl(importerUrl, built), name);
  const url = new URL(`./${name}${fromSource ? '.ts' : '.js'}`, importerUrl);
  const path = fileURLToPath(url);
  return fromSource ? { path, url: threadUrl(url), execArgv: ['--import', TSX] } : { path, url, execArgv: [] };
}

let built: string | null = null;

/** For who runs the sources and starts many children, such as test suites: they start from this folder (`bin/built.js`). */
export function startBuiltChildren(folder: string): void {
  built = folder;
}

function builtUrl(source: string, folder: string): string {
  const path = relative(fileURLToPath(new URL('../..', import.meta.url)), fileURLToPath(source));
  return pathToFileURL(join(folder, path.replace(/\.ts$/, '.js'))).href;
}

// Resolved here, so that a child started in another directory still finds it.
const TSX = import.meta.resolve('tsx');

/** `--import tsx` has no effect in threads (Node 20): a thread registers the loader itself. */
function threadUrl(module: URL): URL {
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const code = `import { register } from ${api}; register(); await import(${JSON.stringify(module.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
