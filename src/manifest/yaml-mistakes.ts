import type { ErrorCode, ParsedNode, Document } from 'yaml';
import type { ProblemCode } from './problem.ts';
import {
  brokenQuoteBefore,
  enclosingFlow,
  excerpt,
  lineFrom,
  nextLineStart,
  quoteEndingAt,
  signBefore,
} from './yaml-places.ts';

/** Where the parser stopped, and what is needed to say why. */
export interface Spot {
  readonly text: string;
  readonly offset: number;
  /** The parser's own words, by which some causes of one code are told apart. */
  readonly says: string;
  readonly parsed: Document.Parsed<ParsedNode>;
}

export interface SyntaxMistake {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

interface Words {
  readonly code?: ProblemCode;
  readonly message: string | ((spot: Spot) => string);
  readonly fix: string;
}

interface Cause extends Words {
  readonly of: ErrorCode;
  readonly says?: RegExp;
  /** Where to point instead of where the parser stopped; null where this is not the cause. */
  readonly place?: (spot: Spot) => number | null;
}

/**
 * The first thing that is wrong with a text that is no YAML, in our words;
 * null where nothing is. What the parser stumbles over after that merely
 * follows from it.
 */
export function syntaxMistake(parsed: Document.Parsed<ParsedNode>, text: string): SyntaxMistake | null {
  const [first] = parsed.errors;
  if (first === undefined) return null;
  // Two complaints about one place: the one about `{ }` and `[ ]` knows more.
  const error = parsed.errors.find((each) => each.code === 'BLOCK_IN_FLOW' && each.pos[0] === first.pos[0]) ?? first;
  const spot: Spot = { text, offset: error.pos[0], says: error.message, parsed };
  for (const cause of causes) {
    if (cause.of !== error.code || cause.says?.test(spot.says) === false) continue;
    const offset = cause.place === undefined ? spot.offset : cause.place(spot);
    if (offset !== null) return inWords(cause, spot, offset);
  }
  return inWords(wordsOf[error.code], spot, spot.offset);
}

function inWords({ code, message, fix }: Words, spot: Spot, offset: number): SyntaxMistake {
  return {
    code: code ?? 'manifest_yaml_syntax',
    offset,
    message: typeof message === 'string' ? message : message(spot),
    fix,
  };
}

const quoteIt = "Put the whole text in quotes: 'like: this'.";
const indent = 'Give it the same indentation as the keys that it stands beside; deeper lines belong below a key.';
const closeQuote = 'Close the quote at the end of its text; inside single quotes write a quote twice.';
const separate = 'Put commas between the entries; a text that has `: ` in it needs quotes.';

/** Causes that are told apart within one code of the parser; the first that fits is told. */
const causes: readonly Cause[] = [
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
    fix: 'Put commas between the entries of `{ }` and `[ ]`.',
  },
  {
    of: 'MISSING_CHAR',
    says: /^Missing , (or : )?between/,
    message: (spot) => `There is no comma before \`${excerpt(lineFrom(spot))}\`.`,
    fix: 'Put commas between the entries of `{ }` and `[ ]`.',
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
const wordsOf: Readonly<Record<ErrorCode, Words>> = {
  TAB_AS_INDENT: { message: 'A line is indented with a tab.', fix: 'Indent with spaces.' },
  MULTIPLE_DOCS: {
    code: 'manifest_yaml_unsupported',
    message: 'The file has more than one document.',
    fix: 'Keep one; remove `---`.',
  },
  BLOCK_IN_FLOW: {
    message: (spot) => `Between brackets, \`${excerpt(lineFrom(spot))}\` is not one value.`,
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
