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
