import { limits } from '../kernel/index.ts';

interface Nesting {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix: string;
}

/**
 * Refuses text that nests deeper than any project needs, before the YAML
 * parser sees it: that one recurses, and 100,000 opening brackets end the
 * process. Counts generously (brackets in texts count too), for the bound is
 * far above what people write.
 */
export function nestingProblem(text: string): Nesting | null {
  let open = 0;
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    // Spaces, and the `- - -` and `? ? ?` of compact blocks: each pair is a level.
    const lead = /^(?:[ \t]|[-?](?=[ \t]))*/.exec(line)?.[0].length ?? 0;
    if (lead > limits.manifestNestingMax * 4) return found(index, lead);
    for (let column = lead; column < line.length; column += 1) {
      const character = line[column];
      if (character === '[' || character === '{') open += 1;
      else if (character === ']' || character === '}') open = Math.max(0, open - 1);
      if (open > limits.manifestNestingMax) return found(index, column);
    }
  }
  return null;
}

const found = (line: number, column: number): Nesting => ({
  line: line + 1,
  column: column + 1,
  message: `Blocks are nested deeper than ${limits.manifestNestingMax} levels.`,
  fix: 'Flatten the block.',
});
