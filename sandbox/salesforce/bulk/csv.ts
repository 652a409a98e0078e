import type { FieldDef, Value } from '../schema/field.ts';

/** Names of delimiters as the API spells them. */
export const DELIMITERS: Readonly<Record<string, string>> = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
};

export const LINE_ENDINGS: Readonly<Record<string, string>> = { LF: '\n', CRLF: '\r\n' };

export interface CsvFormat {
  readonly delimiter: string;
  readonly lineEnding: string;
}

/** One line with its end. Every value is quoted, also an empty one; quotes inside are doubled. */
export function csvLine(values: readonly string[], format: CsvFormat): string {
  return `${values.map((value) => `"${value.replaceAll('"', '""')}"`).join(format.delimiter)}${format.lineEnding}`;
}

/**
 * A value as bulk results write it. Unlike the query resource: null is the
 * empty text, datetimes end in `Z`, and decimals are spelled by Java, so that
 * 100 is `100.0` and 16147805824397 is `1.6147805824397E13`.
 */
export function csvValue(def: FieldDef, value: Value): string {
  if (value === null || typeof value === 'object') return '';
  if (typeof value !== 'number') return String(value);
  if (def.type === 'datetime') return new Date(value).toISOString();
  return def.type === 'int' ? String(value) : javaDouble(value);
}

/** Java's `Double.toString`: always a fraction, and an exponent from ten million up and below a thousandth. */
export function javaDouble(value: number): string {
  if (value === 0) return '0.0';
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e7) return withFraction(String(value));
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return `${withFraction(digits)}E${Number(exponent)}`;
}

function withFraction(digits: string): string {
  return digits.includes('.') ? digits : `${digits}.0`;
}
