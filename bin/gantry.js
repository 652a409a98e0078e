#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// In a checkout the sources run as they stand now; a published package holds built files only.
const source = new URL('../src/cli/main.ts', import.meta.url);
if (existsSync(source)) {
  const { builtPrograms } = await import('./built.js');
  const folder = await builtPrograms();
  if (folder === null) {
    const { register } = await import('tsx/esm/api');
    register();
    await import(source.href);
  } else {
    await import(pathToFileURL(`${folder}/src/cli/main.js`).href);
  }
} else {
  await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
}
