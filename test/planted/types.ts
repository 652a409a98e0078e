/**
 * A defect that a suite must notice. scripts/planted.ts applies each one to a
 * copy of the tree, alone, and fails unless the suite then fails.
 */
export interface PlantedDefect {
  /** What is broken, in words: `a cursor is committed before its page`. */
  readonly name: string;
  /** Path from the repository's root. */
  readonly file: string;
  /** Exact text, present exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** Vitest file, or script of package.json as `npm:<script>`, that must go red. */
  readonly suite: string;
  /** Its suite takes minutes: `--turn` leaves it out. */
  readonly slow?: boolean;
}
