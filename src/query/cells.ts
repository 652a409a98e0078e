import { limits, type Json } from '../kernel/index.ts';

/** The value, or its beginning with … where it is longer than an answer should hold. */
export function cutCell(value: Json, charsMax: number = limits.cellCharsMax): Json {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.length <= charsMax) return value;
  return `${text.slice(0, charsMax).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
