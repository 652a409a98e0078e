import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOutside } from './outside-tools.ts';

export interface Check {
  readonly id: string;
  readonly status: 'SUCCESS' | 'FAILURE' | 'WARNING' | 'SKIPPED' | 'INFO';
  readonly errorMessage?: string;
}

/** What each scenario of a run found, by name. */
export type Findings = ReadonlyMap<string, readonly Check[]>;

/** Server scenarios that the suite requires of a revision. */
export async function requiredScenarios(run: RunOutside, revision: string): Promise<readonly string[]> {
  const { stdout } = await run('conformance', ['list', '--requirements', revision]);
  const lines = stdout.split('\n');
  const start = lines.findIndex((line) => line.startsWith('Server scenarios'));
  const length = lines.slice(start + 1).findIndex((line) => !line.startsWith('  - '));
  if (start < 0 || length <= 0)
    throw new Error(`the suite does not list what revision ${revision} requires:\n${stdout}`);
  return lines.slice(start + 1, start + 1 + length).map((line) => line.slice('  - '.length).trim());
}

/** Runs the suite against a server; `selection` as its command line takes it. */
export async function runSuite(run: RunOutside, url: string, selection: readonly string[]): Promise<Findings> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-conformance-'));
  try {
    const { stdout, stderr } = await run('conformance', ['server', '--url', url, ...selection, '-o', folder]);
    const findings = new Map<string, Check[]>();
    for (const name of await readdir(folder)) {
      const scenario = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1];
      if (scenario === undefined) continue;
      findings.set(scenario, JSON.parse(await readFile(join(folder, name, 'checks.json'), 'utf8')) as Check[]);
    }
    if (findings.size === 0) throw new Error(`the suite ran nothing: ${selection.join(' ')}\n${stdout}${stderr}`);
    return findings;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const failuresOf = (checks: readonly Check[]): readonly Check[] =>
  checks.filter(({ status }) => status === 'FAILURE');

/** A scenario that was skipped whole proves nothing. */
export const passes = (checks: readonly Check[] | undefined): boolean =>
  checks !== undefined && checks.some(({ status }) => status === 'SUCCESS') && failuresOf(checks).length === 0;
