import { suggest, toGantryError } from '../kernel/index.ts';
import type { Environment } from '../app/index.ts';
import { createLog, readCrashOrders, rehearseCrashes, version } from '../app/index.ts';
import type { Command } from './command.ts';
import { listedIn } from './listed-in.ts';
import { apply, rollback } from './commands/apply.ts';
import { connectTokenCreate, connectTokenList, connectTokenRevoke } from './commands/connect-token.ts';
import {
  connectionDelete,
  connectionList,
  connectionPause,
  connectionResume,
  connectionRevoke,
  connectionShow,
} from './commands/connection-life.ts';
import { connect, quarantine, status, sync } from './commands/connection.ts';
import { doctor } from './commands/doctor.ts';
import { keyCreate, keyList, keyRevoke } from './commands/key.ts';
import { lensRebuild, lensSnapshot, lensStatus } from './commands/lens.ts';
import { mcp } from './commands/mcp.ts';
import { overlayRemove, overlaySet, overlayShow } from './commands/overlay.ts';
import { plan } from './commands/plan.ts';
import { revisions } from './commands/revisions.ts';
import { sandbox } from './commands/sandbox.ts';
import { dev, serve } from './commands/serve.ts';
import { tenantCreate, tenantList } from './commands/tenant.ts';
import {
  subscriptionCreate,
  subscriptionDelete,
  subscriptionDeliveries,
  subscriptionList,
  subscriptionPause,
  subscriptionReplay,
  subscriptionResume,
  subscriptionRotate,
} from './commands/subscription.ts';
import { vaultRotate, vaultStatus } from './commands/vault.ts';
import { validate } from './commands/validate.ts';

const commands: readonly Command[] = [
  validate,
  plan,
  apply,
  rollback,
  revisions,
  overlaySet,
  overlayShow,
  overlayRemove,
  dev,
  serve,
  tenantCreate,
  tenantList,
  keyCreate,
  keyList,
  keyRevoke,
  connect,
  connectTokenCreate,
  connectTokenList,
  connectTokenRevoke,
  connectionList,
  connectionShow,
  connectionPause,
  connectionResume,
  connectionRevoke,
  connectionDelete,
  sync,
  status,
  quarantine,
  lensStatus,
  lensRebuild,
  lensSnapshot,
  subscriptionCreate,
  subscriptionList,
  subscriptionDeliveries,
  subscriptionReplay,
  subscriptionPause,
  subscriptionResume,
  subscriptionRotate,
  subscriptionDelete,
  vaultStatus,
  vaultRotate,
  mcp,
  sandbox,
  doctor,
];

/** Runs one command line. Exit codes: 0 done, 1 refused or failed, 2 no such command. */
async function main(words: readonly string[], env: Environment): Promise<number> {
  const out = (text: string): void => void process.stdout.write(`${text}\n`);
  const command = commands.find(({ name }) => name === words.slice(0, name.split(' ').length).join(' '));
  if (command === undefined) return help(words, out);
  const args = words.slice(command.name.split(' ').length);
  if (args.includes('--help') || args.includes('-h')) {
    out(`gantry ${command.usage}\n    ${command.summary}`);
    return 0;
  }
  try {
    const crashes = readCrashOrders(env);
    if (crashes !== null) rehearseCrashes(crashes, createLog(env['GANTRY_LOG_LEVEL'] ?? 'info', 'at_once'));
    return await command.run({ args, env, out, untilAsked });
  } catch (thrown) {
    const error = toGantryError(thrown);
    const body = error.toBody();
    const place = body.where === undefined ? '' : `${body.where}: `;
    process.stderr.write(`${place}${body.message} ${body.fix} [${body.code}]\n`);
    for (const line of body.suggestions ?? []) process.stderr.write(`  did you mean ${line}?\n`);
    for (const line of listedIn(body.data)) process.stderr.write(`  ${line}\n`);
    if (body.code === 'internal')
      process.stderr.write(`${String(error.cause instanceof Error ? error.cause.stack : error.cause)}\n`);
    return 1;
  }
}

function help(words: readonly string[], out: (text: string) => void): number {
  if (words[0] === 'version' || words[0] === '--version') {
    out(version);
    return 0;
  }
  const asked = words.length === 0 || words[0] === 'help' || words[0] === '--help';
  const lines = commands.map(({ usage, summary }) => `  gantry ${usage}\n      ${summary}`);
  const text = ['Usage:', ...lines, '  gantry version'].join('\n');
  if (asked) out(text);
  else process.stderr.write(`${unknown(words)}\n`);
  return asked ? 0 : 2;
}

function unknown(words: readonly string[]): string {
  const names = commands.map(({ name }) => name);
  const [first = '', second = ''] = words;
  // The second word is part of the name only where some command's name begins with the first.
  const asked = names.some((name) => name.startsWith(`${first} `)) ? `${first} ${second}`.trim() : first;
  const close = [...new Set([...suggest(`${first} ${second}`, names), ...suggest(first, names)])];
  const hint = close.length === 0 ? `There are: ${names.join(', ')}.` : `Did you mean ${close.join(' or ')}?`;
  return `There is no command "${asked}". ${hint} gantry help explains them.`;
}

let asking: Promise<void> | null = null;

/** One promise for everybody who waits for Ctrl-C or a supervisor's SIGTERM. */
function untilAsked(): Promise<void> {
  asking ??= new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  return asking;
}

process.exitCode = await main(process.argv.slice(2), process.env);
