/** A DuckDB identifier, quoted. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A DuckDB text literal. NUL cannot stand in one, and no stored text has it. */
export const quoteText = (text: string): string => `'${text.replaceAll('\u0000', '').replaceAll("'", "''")}'`;

/** A DuckDB literal of a YAML scalar; numbers are DOUBLE. */
export function literal(value: string | number | boolean): string {
  if (typeof value === 'string') return quoteText(value);
  return typeof value === 'number' ? `cast(${quoteText(String(value))} as double)` : String(value);
}

export const quoteList = (texts: readonly string[]): string => texts.map(quoteText).join(', ');

/**
 * The value of the entry whose key is the text `x`; missing where there is none.
 * A look-up rather than a `case`: DuckDB stores picklists as dictionaries, and
 * computes a function of one column once for each entry of the dictionary
 * instead of once a row.
 */
export function entryOf(x: string, entries: Iterable<readonly [string, string]>): string {
  // Two keys may be the same literal; the first counts.
  const literals = new Map([...entries].toReversed().map(([key, value]) => [quoteText(key), quoteText(value)]));
  if (literals.size === 0) return 'cast(null as varchar)';
  const listed = [...literals].map(([key, value]) => `${key}: ${value}`).join(', ');
  return `map_extract_value(map {${listed}}, ${x})`;
}
