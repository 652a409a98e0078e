import { suggest, toGantryError } from '../kernel/index.ts';
import type { Environment } from '../app/index.ts';
import { createLog, readCrashOrders, rehearseCrashes, version } from '../app/index.ts';
import { commands } from './all-commands.ts';
import type { Command } from './command.ts';
import { listedIn } from './listed-in.ts';

/** Runs one command line. Exit codes: 0 done, 1 refused or failed, 2 no such command. */
async function main(words: readonly string[], env: Environment): Promise<number> {
  const out = (text: string): void => void process.stdout.write(`${text}\n`);
  const command = commandNamed(words);
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

/** `sync pause` is not `sync`: the longest name that the words begin with. */
function commandNamed(words: readonly string[]): Command | undefined {
  return commands
    .filter(({ name }) => name === words.slice(0, name.split(' ').length).join(' '))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
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

// Whoever reads our output may stop early (`| head`): nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await main(process.argv.slice(2), process.env);
