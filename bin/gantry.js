#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In a checkout the sources run as they are; a published package holds built files only.
const source = new URL('../src/cli/main.ts', import.meta.url);
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(source.href);
} else {
  await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
}
