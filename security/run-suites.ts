import { stageOnce } from './stage/security-stage.ts';
import { Enough, type Suite, type SuiteOptions, type SuiteResult } from './suite.ts';

/** Runs them one after the other and prints a line for each. A suite that breaks counts as one failure. */
export async function runSuites(
  suites: readonly Suite[],
  options: Omit<SuiteOptions, 'stage'>,
): Promise<Readonly<Record<string, SuiteResult>>> {
  const { stage, close } = stageOnce();
  const results: Record<string, SuiteResult> = {};
  try {
    for (const suite of suites) {
      const from = performance.now();
      const result = await suite.run({ ...options, stage }).catch(ended);
      results[suite.name] = result;
      const seconds = ((performance.now() - from) / 1_000).toFixed(0);
      const [name, tried, failed] = [suite.name, result.tried, result.failed].map(String);
      options.echo(
        `${name?.padEnd(14) ?? ''} ${tried?.padStart(7) ?? ''} tried ${failed?.padStart(5) ?? ''} failed ${seconds} s`,
      );
      for (const example of result.examples) options.echo(`  ${example}`);
    }
  } finally {
    await close();
  }
  return results;
}

function ended(error: unknown): SuiteResult {
  if (error instanceof Enough) return error.result;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { tried: 1, failed: 1, examples: [`the suite broke: ${why}`] };
}
