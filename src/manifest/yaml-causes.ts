import type { ErrorCode } from 'yaml';
import type { ProblemCode } from './problem.ts';
import {
  brokenQuoteBefore,
  contentFrom,
  enclosingFlow,
  excerpt,
  lineFrom,
  nextLineStart,
  quoteEndingAt,
  signBefore,
  type Spot,
} from './yaml-places.ts';

export interface Words {
  readonly code?: ProblemCode;
  readonly message: string | ((spot: Spot) => string);
  readonly fix: string;
}

export interface Cause extends Words {
  readonly of: ErrorCode;
  readonly says?: RegExp;
  /** Where to point instead of where the parser stopped; null where this is not the cause. */
  readonly place?: (spot: Spot) => number | null;
}

const quoteIt = "Put the whole text in quotes: 'like: this'.";
const indent = 'Give it the same indentation as the keys that it stands beside; deeper lines belong below a key.';
const closeQuote = 'Close the quote at the end of its text; inside single quotes write a quote twice.';
const separate =
  'Put commas between the entries; a text that has `: ` in it needs quotes, and a quote inside single quotes is written twice.';

/** Causes that are told apart within one code of the parser; the first that fits is told. */
export const causes: readonly Cause[] = [
  {
    of: 'MISSING_CHAR',
    says: /^Missing closing/,
    place: quoteEndingAt,
    message: 'The quote that opens here is never closed.',
    fix: closeQuote,
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /at node end$/,
    place: brokenQuoteBefore,
    message: 'The quote that opens here is closed only on a later line.',
    fix: closeQuote,
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /at node end$/,
    place: (spot) => (/["']/.test(signBefore(spot)) && enclosingFlow(spot) === null ? spot.offset : null),
    message: (spot) => `\`${excerpt(lineFrom(spot))}\` stands after the quote is closed.`,
    fix: 'Put the whole text in quotes; inside single quotes write a quote twice.',
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /at node end$/,
    place: (spot) => (enclosingFlow(spot) === null ? null : spot.offset),
    message: (spot) => `There is no comma before \`${excerpt(lineFrom(spot))}\`.`,
    fix: separate,
  },
  {
    of: 'MISSING_CHAR',
    says: /^Missing , (or : )?between/,
    message: (spot) => `There is no comma before \`${excerpt(lineFrom(spot))}\`.`,
    fix: separate,
  },
  ...(['BAD_INDENT', 'MISSING_CHAR'] as const).map((of): Cause => ({
    of,
    says: /^Flow (map|sequence)/,
    place: enclosingFlow,
    message: ({ says }) =>
      says.startsWith('Flow map')
        ? 'The `{` that stands here is not closed.'
        : 'The `[` that stands here is not closed.',
    fix: 'Close it with the bracket of its kind; lines inside it are indented deeper than its key.',
  })),
  {
    of: 'BLOCK_AS_IMPLICIT_KEY',
    place: (spot) => (/:(\s|$)/.test(lineFrom(spot)) ? spot.offset : null),
    message: (spot) => `The text \`${excerpt(lineFrom(spot))}\` has a colon in it, and it has no quotes.`,
    fix: quoteIt,
  },
  {
    of: 'BLOCK_AS_IMPLICIT_KEY',
    place: nextLineStart,
    message: 'The line is indented deeper than its block.',
    fix: indent,
  },
  {
    of: 'BAD_INDENT',
    place: contentFrom,
    message: 'The line is not indented like the lines of its block.',
    fix: indent,
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /^Unexpected ,/,
    message: 'There is nothing before this comma.',
    fix: 'Remove the comma, or write the entry before it.',
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /flow-(map|seq)-end/,
    message: ({ text, offset }) => `\`${text.charAt(offset)}\` closes what was never opened.`,
    fix: 'Remove it, or write the bracket that opens.',
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /block-seq-ind/,
    message: 'A list with `- ` begins on the line of its key.',
    fix: 'Begin it on the next line, or write it as `[a, b]`.',
  },
  {
    of: 'UNEXPECTED_TOKEN',
    says: /^Block scalar header/,
    message: 'Text stands on the line of `|` or `>`.',
    fix: 'Begin the text on the next line, indented; a text that starts with `|` or `>` needs quotes.',
  },
  {
    of: 'MISSING_CHAR',
    says: /^Comments/,
    message: 'There is no space before `#`.',
    fix: 'Put a space before the comment.',
  },
];

/** What each code of the parser means where no cause above fits. */
export const wordsOf: Readonly<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: { message: 'A line is indented with a tab.', fix: 'Indent with spaces.' },
  MULTIPLE_DOCS: {
    code: 'manifest_yaml_unsupported',
    message: 'The file has more than one document.',
    fix: 'Keep one; remove `---`.',
  },
  BLOCK_IN_FLOW: {
    message: (spot) =>
      `\`${excerpt(spot.text.slice(spot.offset, spot.end))}\` is read as one value: a comma is missing in it, or quotes around it.`,
    fix: separate,
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A block or list stands where one value is expected.',
    fix: 'Begin it on the next line.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: (spot) => `\`${excerpt(lineFrom(spot))}\` stands where a key is expected, and has no colon with a space.`,
    fix: 'Write `key: value`, with a space after the colon; a text over several lines needs quotes.',
  },
  BAD_INDENT: { message: 'The line is not indented like the lines of its block.', fix: indent },
  BAD_SCALAR_START: {
    message: ({ text, offset }) => `A text cannot start with \`${text.charAt(offset)}\` unless it has quotes.`,
    fix: 'Put the whole text in quotes.',
  },
  BAD_DQ_ESCAPE: {
    message: ({ text, offset }) => `\`${text.slice(offset, offset + 2)}\` means nothing between double quotes.`,
    fix: 'Write a backslash as `\\\\`, or use single quotes.',
  },
  MISSING_CHAR: {
    message: 'A sign is missing here.',
    fix: 'Write `key: value` on each line, and `- ` before each item.',
  },
  UNEXPECTED_TOKEN: {
    message: (spot) => `\`${excerpt(lineFrom(spot))}\` does not belong here.`,
    fix: 'Remove it, or put the whole text in quotes.',
  },
  KEY_OVER_1024_CHARS: { message: 'A key is longer than 1024 characters.', fix: 'Shorten it.' },
  DUPLICATE_KEY: {
    code: 'manifest_key_duplicate',
    message: 'A key stands twice in one block.',
    fix: 'Keep one of the two.',
  },
  NON_STRING_KEY: { code: 'manifest_yaml_unsupported', message: 'A key is not a plain text.', fix: 'Name it.' },
  BAD_DIRECTIVE: {
    code: 'manifest_yaml_unsupported',
    message: 'The line starts with `%`, as directives do.',
    fix: 'Remove it; a text that starts with `%` needs quotes.',
  },
  ...sameWords(['ALIAS_PROPS', 'BAD_ALIAS', 'MULTIPLE_ANCHORS'], {
    code: 'manifest_yaml_unsupported',
    message: 'Anchors (`&`) and aliases (`*`) are not used in this format.',
    fix: 'Write the value out; a text that starts with `&` or `*` needs quotes.',
  }),
  ...sameWords(['BAD_COLLECTION_TYPE', 'BAD_PROP_ORDER', 'MULTIPLE_TAGS', 'TAG_RESOLVE_FAILED'], {
    code: 'manifest_yaml_unsupported',
    message: 'Tags (`!`) are not used in this format.',
    fix: 'Write the value out; a text that starts with `!` needs quotes.',
  }),
  ...sameWords(['IMPOSSIBLE', 'RESOURCE_EXHAUSTION'], {
    message: 'The file cannot be read from here on.',
    fix: 'Write this part more simply.',
  }),
};

function sameWords<Code extends ErrorCode>(codes: readonly Code[], words: Words): Record<Code, Words> {
  return Object.fromEntries(codes.map((code) => [code, words])) as Record<Code, Words>;
}
