import { fileURLToPath } from 'node:url';

/**
 * Where a worker thread or child process starts: the sibling module `name`
 * (no extension) of the calling module. From sources it needs tsx as a loader,
 * from built output it needs nothing; both are decided here and nowhere else.
 * `path` and `execArgv` start a process, `url` alone starts a thread.
 */
export function childEntry(importerUrl: string, name: string): { path: string; url: URL; execArgv: string[] } {
  const fromSource = importerUrl.endsWith('.ts');
  const url = new URL(`./${name}${fromSource ? '.ts' : '.js'}`, importerUrl);
  const path = fileURLToPath(url);
  return fromSource ? { path, url: threadUrl(url), execArgv: ['--import', TSX] } : { path, url, execArgv: [] };
}

// Resolved here, so that a child started in another directory still finds it.
const TSX = import.meta.resolve('tsx');

/** `--import tsx` has no effect in threads (Node 20): a thread registers the loader itself. */
function threadUrl(module: URL): URL {
  const api = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const code = `import { register } from ${api}; register(); await import(${JSON.stringify(module.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
