import type * as z from 'zod';
import { GantryError, isJsonObject, suggest, type Json } from '../../kernel/index.ts';

/** The arguments as the schema types them, or `bad_request` naming the first thing wrong and the way out. */
export function readArguments<Shape extends z.ZodObject>(schema: Shape, raw: Json): z.output<Shape> {
  if (!isJsonObject(raw)) {
    throw new GantryError('bad_request', { message: 'The arguments must be a JSON object.', where: 'arguments' });
  }
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  // Unknown names first: a misspelt argument also shows up as a missing one.
  const issue = result.error.issues.find((one) => one.code === 'unrecognized_keys') ?? result.error.issues[0];
  if (issue === undefined) throw new Error('a failed parse without an issue');
  throw asBadRequest(issue, schema);
}

function asBadRequest(issue: z.core.$ZodIssue, schema: z.ZodObject): GantryError {
  const where = placeOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0] ?? '';
    const known = issue.path.length === 0 ? Object.keys(schema.shape) : [];
    return new GantryError('bad_request', {
      message: `There is no argument \`${shorten(unknown)}\`.`,
      where: placeOf([...issue.path, unknown]),
      suggestions: suggest(unknown, known),
      ...(known.length === 0 ? {} : { allowed: known }),
    });
  }
  if (issue.code === 'invalid_value') {
    return new GantryError('bad_request', {
      message: `\`${where}\` is not one of the accepted values.`,
      where,
      allowed: issue.values.map((value) => (typeof value === 'bigint' ? value.toString() : (value as Json))),
    });
  }
  return new GantryError('bad_request', { message: `\`${where}\`: ${issue.message}.`, where });
}

/** `names[2]`, as the query language writes its places. */
function placeOf(path: readonly PropertyKey[]): string {
  const text = path.reduce<string>(
    (place, part) => (typeof part === 'number' ? `${place}[${part}]` : `${place}.${shorten(String(part))}`),
    '',
  );
  return text.replace(/^\./, '') || 'arguments';
}

const shorten = (name: string): string => (name.length > 80 ? `${name.slice(0, 80)}...` : name);
