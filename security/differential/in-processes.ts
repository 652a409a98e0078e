import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SuiteResult } from '../suite.ts';
import type { DifferentialOptions } from './run-differential.ts';
import type { System } from './system.ts';

/** What a process is to compare. */
export interface Part extends Omit<DifferentialOptions, 'echo'> {
  readonly providers: readonly System['provider'][];
}

export type FromChild =
  { readonly kind: 'line'; readonly line: string } | { readonly kind: 'result'; readonly result: SuiteResult };

/** About the same work each, as two processors have two hands. */
const parts: readonly Part['providers'][] = [
  ['salesforce', 'zendesk'],
  ['odoo', 'google_calendar'],
];

/** All systems, each part with a Gantry of its own in a process of its own. */
export async function runInProcesses({ echo, ...options }: DifferentialOptions): Promise<SuiteResult> {
  const { seed, users, rounds, impatient = false } = options;
  const started = parts.map((providers) => startPart({ providers, seed, users, rounds, impatient }, echo));
  const results = await Promise.all(
    started.map(async ({ ended }) => {
      const result = await ended;
      if (impatient && result.failed > 0) for (const { end } of started) end();
      return result;
    }),
  );
  const sum = (of: 'tried' | 'failed'): number => results.reduce((total, result) => total + result[of], 0);
  return { tried: sum('tried'), failed: sum('failed'), examples: results.flatMap(({ examples }) => examples) };
}

function startPart(part: Part, echo: (line: string) => void): { ended: Promise<SuiteResult>; end: () => void } {
  const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let result: SuiteResult | null = null;
  child.on('message', (message) => {
    const told = message as FromChild;
    if (told.kind === 'line') echo(told.line);
    else result = told.result;
  });
  const ended = new Promise<SuiteResult>((resolve) => {
    child.once('close', (code) => {
      const why = `the suite broke: ${part.providers.join(' and ')} ended with ${String(code)}`;
      resolve(result ?? { tried: 1, failed: 1, examples: [why] });
    });
  });
  child.send(part);
  return {
    ended,
    end: () => {
      if (child.connected) child.send('enough');
    },
  };
}
