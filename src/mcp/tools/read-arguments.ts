import type * as z from 'zod';
import { GantryError, isJsonObject, suggest, type Json } from '../../kernel/index.ts';

/** The arguments as the schema types them, or `bad_request` naming the first thing wrong and the way out. */
export function readArguments<Shape extends z.ZodObject>(schema: Shape, raw: Json): z.output<Shape> {
  if (!isJsonObject(raw)) {
    throw new GantryError('bad_request', { message: 'The arguments must be a JSON object.', where: 'arguments' });
  }
  const result = schema.safeParse(raw);
  if (result.success) {
    const lost = lostKey(raw, result.data as Json, []);
    if (lost === null) return result.data;
    throw new GantryError('bad_request', {
      message: `\`${shorten(String(lost.at(-1)))}\` cannot be a name.`,
      where: placeOf(lost),
    });
  }
  // Unknown names first: a misspelt argument also shows up as a missing one.
  const issue = result.error.issues.find((one) => one.code === 'unrecognized_keys') ?? result.error.issues[0];
  if (issue === undefined) throw new Error('a failed parse without an issue');
  throw asBadRequest(issue, schema);
}

/**
 * The place of a key that was sent but is not among what the schema kept: Zod
 * passes over `__proto__` in silence, and a filter that lost its only key would
 * hold for every record. What the schema did not copy is whole.
 */
function lostKey(sent: Json, kept: Json | undefined, path: readonly PropertyKey[]): readonly PropertyKey[] | null {
  if (sent === kept || typeof sent !== 'object' || sent === null) return null;
  for (const [name, item] of Object.entries<Json>(sent)) {
    const key = Array.isArray(sent) ? Number(name) : name;
    if (typeof kept !== 'object' || kept === null || !Object.hasOwn(kept, key)) return [...path, key];
    const lost = lostKey(item, (kept as { readonly [key: string]: Json })[name], [...path, key]);
    if (lost !== null) return lost;
  }
  return null;
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
