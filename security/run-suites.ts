import { stageOnce } from './stage/security-stage.ts';
import { Enough, type Suite, type SuiteOptions, type SuiteResult } from './suite.ts';

/**
 * Runs them one after the other, beside those that are apart, and prints a line
 * for each when it is over. A suite that breaks counts as one failure.
 */
export async function runSuites(
  suites: readonly Suite[],
  options: Omit<SuiteOptions, 'stage'>,
): Promise<Readonly<Record<string, SuiteResult>>> {
  const { stage, close } = stageOnce();
  const results = new Map<Suite, SuiteResult>();
  const run = async (suite: Suite): Promise<void> => {
    const from = performance.now();
    const result = await suite.run({ ...options, stage }).catch(ended);
    results.set(suite, result);
    tell(suite, result, (performance.now() - from) / 1_000, options.echo);
  };
  const oneByOne = async (): Promise<void> => {
    for (const suite of suites) if (suite.isApart !== true) await run(suite);
  };
  try {
    await Promise.all([oneByOne(), ...suites.filter(({ isApart }) => isApart === true).map(run)]);
  } finally {
    await close();
  }
  return Object.fromEntries(
    suites.flatMap((suite) => {
      const result = results.get(suite);
      return result === undefined ? [] : [[suite.name, result]];
    }),
  );
}

function tell(suite: Suite, result: SuiteResult, seconds: number, echo: SuiteOptions['echo']): void {
  const [tried, failed] = [result.tried, result.failed].map((count) => String(count).padStart(7));
  echo(`${suite.name.padEnd(14)} ${tried ?? ''} tried ${failed ?? ''} failed ${seconds.toFixed(0)} s`);
  for (const example of result.examples) echo(`  ${example}`);
}

function ended(error: unknown): SuiteResult {
  if (error instanceof Enough) return error.result;
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { tried: 1, failed: 1, examples: [`the suite broke: ${why}`] };
}
