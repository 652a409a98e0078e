import { isJsonObject, limits, type Json } from '../../kernel/index.ts';
import { refused, textOf, type Statement } from './nodes.ts';
import { mostGrowth, type Facts } from './scope.ts';

/**
 * How large values can become by being built: a replacement of 100 characters
 * for each single one, nested five deep, makes 10^10 characters of one, and
 * the engine builds a value whole before anything can stop it.
 */

/** Have the text of all their arguments in one. */
const joining: ReadonlySet<string> = new Set(['||', 'concat', 'list_value', 'array_to_string']);

/** Have the text of many rows in one: how many is not known, so that little may be built on top. */
const collecting: ReadonlySet<string> = new Set(['string_agg', 'group_concat', 'listagg', 'array_agg', 'list']);
const COLLECTED = 8;

/** A literal of so many characters counts as one value. */
const VALUE_CHARS = 1_000;

/** array_to_string takes a literal of at most this. */
const SEPARATOR = limits.sqlBuildTextCharsMax / VALUE_CHARS;

export const literalGrowth = (value: Json): number => JSON.stringify(value).length / VALUE_CHARS;

/** The growth of what a call gives. Raises `sql_refused` beyond `limits.sqlTextGrowthMax`. */
export function callGrowth(
  statement: Statement,
  call: { readonly node: Json | undefined; readonly name: string; readonly children: readonly Json[] },
  facts: readonly Facts[],
): number {
  const growth = growthOf(call.name, call.children, facts);
  if (growth <= limits.sqlTextGrowthMax) return growth;
  throw refused(
    statement,
    call.node,
    `"${call.name}" over texts that were built from texts this often`,
    'Replace by shorter texts, or join fewer of them.',
  );
}

function growthOf(name: string, children: readonly Json[], facts: readonly Facts[]): number {
  const most = mostGrowth(facts);
  const [whole] = facts;
  if (whole === undefined) return most;
  // However short a part is, a separator may come to stand beside it.
  if (joining.has(name)) return facts.reduce((sum, fact) => sum + Math.max(fact.growth, SEPARATOR), 0);
  if (name === 'concat_ws') return facts.reduce((sum, fact) => sum + fact.growth + whole.growth, 0);
  if (collecting.has(name)) return Math.max(most, 1) * COLLECTED;
  if (name === 'replace') {
    return whole.growth * Math.max(1, textLength(children[2]) / Math.max(1, textLength(children[1])));
  }
  // The pattern may match each character, and the replacement may repeat the whole match.
  if (name === 'regexp_replace') return whole.growth * Math.max(1, textLength(children[2]));
  return most;
}

/** A literal's characters; arguments that decide growth must be literals (`fixedArguments`). */
export function textLength(node: Json | undefined): number {
  const text = literalText(node);
  return text === null ? 0 : [...text].length;
}

export function literalText(node: Json | undefined): string | null {
  const value = isJsonObject(node) && textOf(node, 'class') === 'CONSTANT' ? node['value'] : undefined;
  const text = isJsonObject(value) ? value['value'] : undefined;
  return typeof text === 'string' ? text : null;
}
