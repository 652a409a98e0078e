import type { Document } from 'yaml';
import type { ProblemCode } from './problem.ts';
import { causes, wordsOf, type Words } from './yaml-causes.ts';
import type { Spot } from './yaml-places.ts';

export interface SyntaxMistake {
  readonly code: ProblemCode;
  readonly offset: number;
  readonly message: string;
  readonly fix: string;
}

/**
 * The first thing that is wrong with a text that is no YAML, in our words;
 * null where nothing is. What the parser stumbles over after that merely
 * follows from it.
 */
export function syntaxMistake(parsed: Document.Parsed, text: string): SyntaxMistake | null {
  const [first] = parsed.errors;
  if (first === undefined) return null;
  // Two complaints about one place: the one about `{ }` and `[ ]` knows more.
  const error = parsed.errors.find((each) => each.code === 'BLOCK_IN_FLOW' && each.pos[0] === first.pos[0]) ?? first;
  const spot: Spot = { text, offset: error.pos[0], end: error.pos[1], says: error.message, parsed };
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
