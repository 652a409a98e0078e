import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { ConsoleFile } from '../../api/index.ts';

/** `dist/console` of the package, seen from the sources and from the built files alike. */
const folders = ['../../../dist/console/', '../../../console/'].map((path) => new URL(path, import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file that `npm run build:ui` made, and nothing else. */
export async function builtFile(path: string): Promise<ConsoleFile | null> {
  const type = types[extname(path)];
  if (type === undefined || !/^(index\.html|assets\/[\w-]+(\.[\w-]+)*\.[a-z]+)$/.test(path)) return null;
  for (const folder of folders) {
    const bytes = await readFile(new URL(path, folder)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    });
    if (bytes !== null) return { bytes, type };
  }
  return null;
}
