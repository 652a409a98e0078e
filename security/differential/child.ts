/** A part of the suite in a process of its own; `in-processes.ts` starts it, and says what it is about. */
import { Enough, type SuiteResult } from '../suite.ts';
import type { FromChild, Part } from './in-processes.ts';
import { runDifferential, systems } from './run-differential.ts';

const over = new AbortController();
const tell = (message: FromChild): void => void process.send?.(message);
const endIt = (): void => over.abort(new Error('nobody waits for the rest'));

async function run({ providers, ...options }: Part): Promise<SuiteResult> {
  const chosen = systems.filter(({ provider }) => providers.includes(provider));
  const echo = (line: string): void => tell({ kind: 'line', line });
  try {
    return await runDifferential({ ...options, echo }, chosen, over.signal);
  } catch (error) {
    if (error instanceof Enough) return error.result;
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { tried: 1, failed: 1, examples: [`the suite broke: ${why}`] };
  }
}

async function answer(part: Part): Promise<void> {
  const result = await run(part);
  tell({ kind: 'result', result });
  process.disconnect();
}

process.once('message', (part) => {
  // What comes after it, and the end of whoever asked, end it.
  process.once('message', endIt);
  process.once('disconnect', endIt);
  void answer(part as Part);
});
