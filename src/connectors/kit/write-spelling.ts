import type { Json } from '../../kernel/index.ts';
import type { NativeField } from '../../schema/index.ts';
import { isSame, type SameValue } from './write-settle.ts';

/**
 * Whether a value that stands in a field is one that was sent, as the provider
 * gives it back: without blanks at the ends, with its own line breaks, without
 * fractions of a second, rounded to the digits that the field has. Where nobody
 * can tell, it is not: then it may be somebody else's.
 */
export function isSpelling(
  { name, type, scale }: NativeField,
  sent: Json,
  stands: Json,
  same: SameValue = isSame,
): boolean {
  if (same(name, sent, stands)) return true;
  if (typeof sent === 'number' && typeof stands === 'number') return isRounded(sent, stands, scale ?? null);
  if (typeof sent !== 'string' || typeof stands !== 'string') return false;
  if (type === 'datetime') return isSameSecond(sent, stands);
  return same(name, plain(sent), plain(stands));
}

/** Half of the last digit off at most; without known digits what doubles lose. */
export function isRounded(sent: number, stands: number, scale: number | null): boolean {
  const lost = Math.abs(sent) * 1e-12;
  return Math.abs(sent - stands) <= (scale === null ? lost : 0.5 / 10 ** scale + lost);
}

/** Providers that keep whole seconds cut the rest off, or round it. */
function isSameSecond(sent: string, stands: string): boolean {
  const [a, b] = [Date.parse(sent), Date.parse(stands)];
  return b % 1000 === 0 && Math.abs(a - b) < 1000;
}

const plain = (text: string): string => text.replaceAll(/\r\n?/g, '\n').normalize();
