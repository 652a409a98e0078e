import { describeSandbox } from './describe-sandbox.ts';
import type { RunningSandbox, SandboxOptions } from './kit/index.ts';
import { readArguments } from './read-arguments.ts';

/**
 * `sandbox/main.ts salesforce|zendesk [--port 0] [--seed 1] [--scale 20000]
 * [--anchor ISO] [--redirect-uri URL ...] [--ledger FILE] [--json]`
 *
 * When it listens, says so on stdout, nothing else there: one JSON line, or
 * text for a person where stdout is a terminal and `--json` is not given.
 * Stops on SIGTERM or SIGINT.
 */
const starters: Readonly<Record<string, (options: SandboxOptions) => Promise<RunningSandbox>>> = {
  salesforce: async (options) => (await import('./salesforce/index.ts')).startSalesforceSandbox(options),
  zendesk: async (options) => (await import('./zendesk/index.ts')).startZendeskSandbox(options),
};

async function main(argv: readonly string[]): Promise<void> {
  const { provider, options, json } = readArguments(argv, Object.keys(starters));
  const sandbox = await starters[provider]!(options);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void sandbox.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  const health = sandbox.health();
  const forPeople = process.stdout.isTTY && !json;
  process.stdout.write(forPeople ? describeSandbox(health) : `${JSON.stringify({ ready: true, ...health })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`sandbox: ${reasonOf(error)}\n`);
  process.exitCode = 1;
});

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as { readonly code?: string; readonly port?: number };
  if (code === 'EADDRINUSE')
    return `--port ${String(port)} is taken by another process; name another, or 0 for a free one`;
  return error.message.replaceAll('\n', ' ');
}
