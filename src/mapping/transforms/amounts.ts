import { quoteText } from '../sql-text.ts';
import { currencySigns } from './currency-signs.ts';
import { closedSql, closedText, digitsPattern, digitsSql, digitsValue, plainDigits } from './parse-text.ts';
import { once, type Stage } from './stage.ts';

/** Amounts and ranges as people type them into text fields. */

const escaped = (text: string): string => text.replaceAll(/[$.]/g, '\\$&');

/** Signs and codes that an amount in `code` may carry; any where it is null. Longer ones first: `US$` is no `$`. */
function currencyPattern(code: string | null): string {
  const signs = [...currencySigns].filter(([, codes]) => code === null || codes.includes(code)).map(([sign]) => sign);
  const longestFirst = signs.toSorted((a, b) => b.length - a.length).map(escaped);
  return [...longestFirst, code ?? '[A-Z]{3}'].join('|');
}

/**
 * `€ 1.234,50`, `1,234.50 USD`, and negative ones as `-5`, `5-` or `(5)`. Only
 * one sign or code is dropped, at one end; another than `code` fits nothing.
 */
export function parseMoney(decimal: '.' | ',', code: string | null): Stage {
  const mark = currencyPattern(code);
  const marked = `^([+(-]?)(?:${mark})|(?:${mark})([)-]?)$`;
  const digits = digitsPattern(decimal);
  const shape = `^(?:[+-]?${digits}|${digits}-|\\(${digits}\\))$`;
  const bare = (x: string): string => `regexp_replace(${closedSql(x)}, ${quoteText(marked)}, '\\1\\2')`;
  const unsigned = "regexp_replace(m, '[()+-]', '', 'g')";
  const sign = "case when regexp_matches(m, '[(-]') then -1 else 1 end";
  return {
    kind: 'number',
    sql: (x) =>
      once(
        bare(x),
        'm',
        `case when regexp_matches(m, ${quoteText(shape)}) then ${digitsSql(decimal, unsigned)} * ${sign} end`,
      ),
    value: (x) => {
      const text = closedText(x as string).replace(new RegExp(marked), '$1$2');
      if (!new RegExp(shape).test(text)) return null;
      return digitsValue(decimal, text.replaceAll(/[()+-]/g, '')) * (/[(-]/.test(text) ? -1 : 1);
    },
    inverse: (x) => plainDigits(x as number, decimal),
  };
}

/** `50-100` to 75, `500+`, `>500` and `>= 500` to 500, `50` to 50. */
export function parseMidpoint(decimal: '.' | ','): Stage {
  const digits = digitsPattern(decimal);
  const range = `^(${digits})(?:-|\u2013|\u2014|to|bis)(${digits})$`;
  const single = `^(?:>=?|\u2265)?([+-]?${digits})\\+?$`;
  const end = (at: number): string => digitsSql(decimal, `regexp_extract(m, ${quoteText(range)}, ${at})`);
  return {
    kind: 'number',
    sql: (x) =>
      once(
        closedSql(x),
        'm',
        `case when regexp_matches(m, ${quoteText(range)}) then (${end(1)} + ${end(2)}) / 2 ` +
          `else ${digitsSql(decimal, `regexp_extract(m, ${quoteText(single)}, 1)`)} end`,
      ),
    value: (x) => {
      const text = closedText(x as string);
      const [, low, high] = new RegExp(range).exec(text) ?? [];
      if (low !== undefined && high !== undefined) return (digitsValue(decimal, low) + digitsValue(decimal, high)) / 2;
      const only = new RegExp(single).exec(text)?.[1];
      return only === undefined ? null : digitsValue(decimal, only);
    },
  };
}
