import { describeSandbox } from './describe-sandbox.ts';
import type { RunningSandbox } from './kit/index.ts';
import { readArguments, type Arguments } from './read-arguments.ts';

/**
 * `sandbox/main.ts salesforce|zendesk|google_calendar|odoo [--port 0] [--seed 1] [--scale 20000]
 * [--company acme|globex] [--odoo-version 19|17|14] [--wide 500] [--long-texts] [--without-marker]
 * [--certificate FILE] [--pubsub-port 0] [--users 200] [--anchor ISO] [--redirect-uri URL ...] [--ledger FILE] [--json]`
 *
 * When it listens, says so on stdout, nothing else there: one JSON line, or
 * text for a person where stdout is a terminal and `--json` is not given.
 * Stops on SIGTERM or SIGINT.
 */
const starters: Readonly<Record<string, (given: Arguments) => Promise<RunningSandbox>>> = {
  salesforce: async ({ options, salesforce }) =>
    (await import('./salesforce/index.ts')).startSalesforceSandbox({ ...options, ...salesforce }),
  zendesk: async ({ options }) => (await import('./zendesk/index.ts')).startZendeskSandbox(options),
  google_calendar: async ({ options }) =>
    (await import('./google-calendar/index.ts')).startGoogleCalendarSandbox(options),
  odoo: async ({ options, odooVersion }) =>
    (await import('./odoo/index.ts')).startOdooSandbox({
      ...options,
      ...(odooVersion === undefined ? {} : { odooVersion }),
    }),
};

async function main(argv: readonly string[]): Promise<void> {
  const given = readArguments(argv, Object.keys(starters));
  const { provider, json } = given;
  const sandbox = await starters[provider]!(given);
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
