import { isMap, isScalar, isSeq, visit, type Document, type Scalar } from 'yaml';

/** Where the parser stopped, and what is needed to say why. */
export interface Spot {
  readonly text: string;
  readonly offset: number;
  /** End of what the parser complains about. */
  readonly end: number;
  /** The parser's own words, by which some causes of one code are told apart. */
  readonly says: string;
  readonly parsed: Document.Parsed;
}

/** The rest of the line at which the parser stopped, without a comment. */
export function lineFrom({ text, offset }: Spot): string {
  const end = text.indexOf('\n', offset);
  return text
    .slice(offset, end === -1 ? undefined : end)
    .replace(/\s#.*$/, '')
    .trim();
}

/** Short enough for a message. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
}

/** The first sign at or after the place that is neither blank nor comment; the place itself where none is. */
export function contentFrom({ text, offset }: Spot): number {
  const found = /^[ ]*[^\s#]/m.exec(text.slice(offset));
  return found === null ? offset : offset + found.index + found[0].length - 1;
}

/** First sign of the next line that has more than a comment; null at the end of the file. */
export function nextLineStart({ text, offset }: Spot): number | null {
  const end = text.indexOf('\n', offset);
  const found = end === -1 ? null : /^[ ]*[^\s#]/m.exec(text.slice(end + 1));
  return found === null ? null : end + found.index + found[0].length;
}

/** The last sign before the place that is no blank. */
export const signBefore = ({ text, offset }: Spot): string => text.slice(0, offset).trimEnd().slice(-1);

/** Where the quoted text opens that the file's end or its block's end closes. */
export const quoteEndingAt = (spot: Spot): number | null =>
  lastQuoteUntil(spot, ([, end]) => end === spot.offset)?.range?.[0] ?? null;

/** Where the quoted text before the place opens, if it runs over several lines: a quote was forgotten there. */
export function brokenQuoteBefore(spot: Spot): number | null {
  const range = lastQuoteUntil(spot, ([, end]) => end <= spot.offset)?.range;
  if (range === undefined || range === null) return null;
  const [start, end] = range;
  return spot.text.slice(end, spot.offset).trim() === '' && spot.text.slice(start, end).includes('\n') ? start : null;
}

function lastQuoteUntil(spot: Spot, fits: (range: readonly [number, number, number]) => boolean): Scalar | null {
  let last: Scalar | null = null;
  visit(spot.parsed, {
    Scalar: (_key, node) => {
      const isQuoted = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE';
      if (isScalar(node) && isQuoted && node.range && fits(node.range)) last = node;
    },
  });
  return last;
}

/** Where the innermost `{` or `[` opens that is still open at the place; null where none is. */
export function enclosingFlow(spot: Spot): number | null {
  let innermost: number | null = null;
  visit(spot.parsed, {
    Collection: (_key, node) => {
      if (!(isMap(node) || isSeq(node)) || node.flow !== true || !node.range) return;
      const [start, end] = node.range;
      const isClosed = end <= spot.offset && spot.text.charAt(end - 1) === (isMap(node) ? '}' : ']');
      if (start < spot.offset && !isClosed) innermost = Math.max(innermost ?? 0, start);
    },
  });
  return innermost;
}
