import type { Kind } from '../kind.ts';
import { quoteText } from '../sql-text.ts';
import { same, sameStage, type Inverse, type Stage } from './stage.ts';

/** Any kind but JSON as text, in one spelling; null where there is none. */
export function toText(kind: Kind): Stage | null {
  switch (kind) {
    case 'text':
      return sameStage('text');
    case 'boolean':
      return { kind: 'text', sql: (x) => `cast(${x} as varchar)`, value: String, inverse: fromBooleanText };
    case 'integer':
      return {
        kind: 'text',
        sql: (x) => `cast(${x} as varchar)`,
        value: (x) => numberText(x as number),
        inverse: fromNumberText,
      };
    case 'number':
      return { kind: 'text', sql: numberTextSql, value: (x) => numberText(x as number), inverse: fromNumberText };
    case 'decimal':
      return {
        kind: 'text',
        sql: (x) => numberTextSql(`cast(${x} as double)`),
        value: (x) => numberText(x as number),
        inverse: fromNumberText,
      };
    case 'date':
    case 'time':
      return { kind: 'text', sql: (x) => `cast(${x} as varchar)`, value: (x) => x, inverse: same };
    case 'datetime':
      return {
        kind: 'text',
        sql: (x) => `strftime(${x}, ${quoteText('%Y-%m-%dT%H:%M:%S.%gZ')})`,
        value: (x) => x,
        inverse: same,
      };
    case 'list':
      return {
        kind: 'text',
        sql: (x) => `array_to_string(${x}, ';')`,
        value: (x) => (x as readonly string[]).join(';'),
        inverse: (x) => (x as string).split(';'),
      };
    case 'json':
      return null;
  }
}

const fromBooleanText: Inverse = (x) => (x === 'true' ? true : x === 'false' ? false : null);

const fromNumberText: Inverse = (x) => {
  const value = Number(x);
  return x === '' || !Number.isFinite(value) ? null : value;
};

/** A double, without the sign of a zero; missing where it is infinite. (DuckDB optimises `x + 0` away.) */
export const finiteSql = (x: string): string =>
  `case when ${x} = 0 then cast(0 as double) when isfinite(${x}) then ${x} end`;

export const numberTextSql = (x: string): string => `regexp_replace(cast(${x} as varchar), '\\.0$', '')`;

/**
 * A number in DuckDB's spelling, without `.0`: shortest digits that mean the
 * same double, an exponent below 1e-4 and from 1e16 on.
 */
export function numberText(value: number): string {
  if (Object.is(value, -0)) return '-0';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
