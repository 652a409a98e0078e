/** Writes docs/errors.md from the error table; `--check` fails when it is out of date. */
import { readFile, writeFile } from 'node:fs/promises';
import { errorTable } from '../src/kernel/index.ts';

const path = new URL('../docs/errors.md', import.meta.url);

const retries = {
  never: 'no: the same call fails again',
  later: 'yes, later',
  after_fix: 'yes, after the fix',
} as const;

function page(): string {
  const rows = Object.entries(errorTable)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([code, spec]) =>
        `| \`${code}\` | ${String(spec.status)} | ${spec.meaning} | ${retries[spec.retry]} | ${spec.who.replace('_', ' ')} | ${spec.fix} |`,
    );
  return [
    '# Errors',
    '',
    'Generated from `src/kernel/errors` by `npm run docs`. Every door (MCP, REST, CLI) answers with the same body:',
    '`{code, message, where?, fix, retryable, retry_at?, who_can_fix, suggestions?, allowed?, data?}`. A code never',
    'changes its meaning and is never used again for another one.',
    '',
    '| Code | HTTP | Meaning | Retry | Who can fix it | Advice |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const wanted = page();
if (process.argv.includes('--check')) {
  const present = await readFile(path, 'utf8').catch(() => '');
  if (present !== wanted) {
    console.error('docs/errors.md is out of date: npm run docs');
    process.exitCode = 1;
  }
} else {
  await writeFile(path, wanted);
}
