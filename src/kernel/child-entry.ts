import { fileURLToPath } from 'node:url';

/**
 * Where a worker thread or child process starts: the sibling module `name`
 * (no extension) of the calling module. From sources it needs tsx as a loader,
 * from built output it needs nothing; both are decided here and nowhere else.
 */
export function childEntry(importerUrl: string, name: string): { path: string; url: URL; execArgv: string[] } {
  const fromSource = importerUrl.endsWith('.ts');
  const url = new URL(`./${name}${fromSource ? '.ts' : '.js'}`, importerUrl);
  return { path: fileURLToPath(url), url, execArgv: fromSource ? ['--import', TSX] : [] };
}

// Resolved here, so that a child started in another directory still finds it.
const TSX = import.meta.resolve('tsx');
