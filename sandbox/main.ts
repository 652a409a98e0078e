import { parseArgs } from 'node:util';
import type { RunningSandbox, SandboxOptions } from './kit/index.ts';

/**
 * `sandbox/main.ts salesforce|zendesk [--port 0] [--seed 1] [--scale 20000]
 * [--anchor ISO] [--redirect-uri URL ...] [--ledger FILE]`
 *
 * Prints one JSON line on stdout when it listens, nothing else there, and
 * stops on SIGTERM or SIGINT.
 */
const starters: Readonly<Record<string, (options: SandboxOptions) => Promise<RunningSandbox>>> = {
  salesforce: async (options) => (await import('./salesforce/index.ts')).startSalesforceSandbox(options),
  zendesk: async (options) => (await import('./zendesk/index.ts')).startZendeskSandbox(options),
};

async function main(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      seed: { type: 'string' },
      scale: { type: 'string' },
      anchor: { type: 'string' },
      'redirect-uri': { type: 'string', multiple: true },
      ledger: { type: 'string' },
    },
  });
  const start = starters[positionals[0] ?? ''];
  if (start === undefined || positionals.length !== 1) {
    throw new Error(`name one provider: ${Object.keys(starters).join(' or ')}`);
  }
  const sandbox = await start({
    ...(values.port === undefined ? {} : { port: Number(values.port) }),
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
    ...(values.scale === undefined ? {} : { scale: Number(values.scale) }),
    ...(values.anchor === undefined ? {} : { anchor: new Date(values.anchor) }),
    ...(values['redirect-uri'] === undefined ? {} : { redirectUris: values['redirect-uri'] }),
    ...(values.ledger === undefined ? {} : { ledgerFile: values.ledger }),
  });
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void sandbox.stop().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, ...sandbox.health() })}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`sandbox: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
