import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { GantryError, isJsonObject, type Json, type JsonObject } from '../kernel/index.ts';
import type { ReadArguments } from './arguments.ts';

/**
 * What a way in asks for, from `--value NAME=TEXT` and the JSON object of
 * `--values-file`. Secrets come from the file only (`-`: standard input): the
 * words of a command stand in process lists and shell histories.
 */
export async function credentialValues(
  ways: JsonObject,
  method: string,
  { values: options, lists }: ReadArguments,
): Promise<JsonObject> {
  const file = options['values-file'];
  const secrets = secretFields(ways, method);
  const values: Record<string, string> = typeof file === 'string' ? await valuesIn(file) : {};
  for (const pair of lists['value'] ?? []) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    // Without a name there is no telling whether the rest is secret: it is not repeated.
    if (at < 1) throw refused('A --value is not of the form NAME=TEXT.', '--value');
    if (secrets.has(name)) {
      throw refused(`"${name}" is secret: others on this machine can read the words of a command.`, '--value');
    }
    values[name] = pair.slice(at + 1);
  }
  return values;
}

function secretFields(ways: JsonObject, method: string): ReadonlySet<string> {
  const methods = (Array.isArray(ways['methods']) ? (ways['methods'] as readonly Json[]) : []).filter(isJsonObject);
  const fields = methods.find((each) => each['name'] === method)?.['fields'];
  const secret = (Array.isArray(fields) ? (fields as readonly Json[]) : [])
    .filter(isJsonObject)
    .filter((field) => field['secret'] === true);
  return new Set(secret.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])));
}

async function valuesIn(file: string): Promise<Record<string, string>> {
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8').catch(() => null);
  if (content === null) throw refused(`${file} cannot be read.`, '--values-file');
  const parsed = parsedJson(content);
  if (!isJsonObject(parsed) || !Object.values(parsed).every((value) => typeof value === 'string')) {
    throw refused('The values must be one JSON object of texts.', '--values-file');
  }
  return { ...parsed } as Record<string, string>;
}

/** A parser's own message would quote what it read. */
function parsedJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch {
    return null;
  }
}

function refused(message: string, where: string): GantryError {
  return new GantryError('bad_request', {
    message,
    where,
    fix: 'Give secrets as a JSON object on standard input (--values-file -) or in a file, the rest by --value NAME=TEXT.',
  });
}
