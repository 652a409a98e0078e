/**
 * `npm run test:again -- <report>`: after a run of all tests that went wrong,
 * runs the files that did once more, alone. `<report>` is what vitest's JSON
 * reporter wrote. What is red again is red. What is green now is named as
 * unsteady: a full machine showed something that a quiet one does not, a defect
 * of the test or of what it tests that somebody has to look at. More files than
 * two are no accident, and are not tried again.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const FILES_MAX = 2;
const root = new URL('..', import.meta.url).pathname;

interface Report {
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

function main(path: string | undefined): number {
  if (path === undefined) {
    process.stderr.write('usage: npm run test:again -- <report of the JSON reporter>\n');
    return 2;
  }
  const { testResults } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const files = testResults.filter(({ status }) => status !== 'passed').map(({ name }) => relative(root, name));
  if (files.length === 0 || files.length > FILES_MAX) {
    process.stderr.write(`${String(files.length)} files went wrong: not tried again.\n`);
    return 1;
  }
  const vitest = new URL('../node_modules/vitest/vitest.mjs', import.meta.url).pathname;
  const { status } = spawnSync(process.execPath, [vitest, 'run', ...files], { cwd: root, stdio: 'inherit' });
  for (const file of files) process.stderr.write(`${status === 0 ? 'unsteady' : 'red'}: ${file}\n`);
  return status ?? 1;
}

process.exitCode = main(process.argv[2]);
