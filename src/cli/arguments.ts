import { parseArgs, type ParseArgsConfig } from 'node:util';
import { GantryError } from '../kernel/index.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export interface ReadArguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  /** Options that may be given more than once. */
  readonly lists: Readonly<Record<string, readonly string[]>>;
  readonly positionals: readonly string[];
}

/** The words of a command, checked. Raises `bad_request` with the command's usage as the fix. */
export function readArguments(
  args: readonly string[],
  usage: string,
  options: Options,
  positionalsMax = 0,
): ReadArguments {
  checkUsage(usage, options);
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: positionalsMax > 0, strict: true });
    if (parsed.positionals.length > positionalsMax) {
      throw new Error(`Unexpected argument '${parsed.positionals[positionalsMax] ?? ''}'`);
    }
    const entries = Object.entries(parsed.values);
    const lists = entries.flatMap(([name, value]) =>
      Array.isArray(value) ? [[name, value.map(String)] as const] : [],
    );
    const values = entries.flatMap(([name, value]) => (Array.isArray(value) ? [] : [[name, value] as const]));
    return {
      values: Object.fromEntries(values),
      lists: Object.fromEntries(lists),
      positionals: parsed.positionals,
    };
  } catch (error) {
    throw new GantryError('bad_request', {
      message: `${error instanceof Error ? (error.message.split('. ')[0] ?? '') : 'The arguments could not be read'}.`,
      fix: `Usage: gantry ${usage}`,
    });
  }
}

/** A programmer's mistake: people find an option by the usage text, and only by it. */
function checkUsage(usage: string, options: Options): void {
  const told = new Set([...usage.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name));
  const untold = Object.keys(options).filter((name) => !told.has(name));
  const unknown = [...told].filter((name) => name === undefined || options[name] === undefined);
  if (untold.length + unknown.length === 0) return;
  throw new Error(`the usage of "${usage}" lacks ${untold.join(', ')}, and has without meaning ${unknown.join(', ')}`);
}

/** The value of an option that has to be there. */
export function required(read: ReadArguments, name: string, usage: string): string {
  const value = read.values[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new GantryError('bad_request', { message: `--${name} is missing.`, fix: `Usage: gantry ${usage}` });
}

/** The one word that a command is about; `name` as the usage calls it. */
export function requiredWord(read: ReadArguments, name: string, usage: string): string {
  const [word] = read.positionals;
  if (word !== undefined && word !== '') return word;
  throw new GantryError('bad_request', { message: `${name} is missing.`, fix: `Usage: gantry ${usage}` });
}
