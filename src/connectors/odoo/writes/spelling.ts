import type { Json } from '../../../kernel/index.ts';
import type { NativeField } from '../../../schema/index.ts';
import { isRounded, isSpelling } from '../../kit/write-spelling.ts';

/** Digits that currencies have after the point; a field does not say which its currency has. */
const CURRENCY_DIGITS = [2, 3];

/** Odoo makes paragraphs of plain text in HTML fields, and rounds money to the digits of its currency. */
export function isSpellingThere(field: NativeField, sent: Json, stands: Json): boolean {
  if (isSpelling(field, sent, stands)) return true;
  if (field.nativeType === 'many2many') return isSpelling(field, ids(sent), ids(stands));
  if (field.nativeType === 'monetary' && typeof sent === 'number' && typeof stands === 'number') {
    return CURRENCY_DIGITS.some(
      (digits) => Number(stands.toFixed(digits)) === stands && isRounded(sent, stands, digits),
    );
  }
  if (field.nativeType !== 'html' || typeof sent !== 'string' || typeof stands !== 'string') return false;
  const text = textOf(stands);
  return text !== null && isSpelling(field, sent, text);
}

/** Numbers there, texts where somebody else names them. */
const ids = (value: Json): Json =>
  (Array.isArray(value) ? (value as readonly Json[]) : value === null ? [] : [value]).map(String);

/** The text of a single paragraph without any format; null: it is more than that. */
function textOf(html: string): string | null {
  const [, inner] = /^<p>((?:[^<]|<br\s*\/?>)*)<\/p>$/.exec(html.trim()) ?? [];
  if (inner === undefined) return null;
  const text = inner
    .replaceAll(/<br\s*\/?>/g, '\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  return text.replaceAll('&amp;', '&');
}
