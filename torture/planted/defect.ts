/** A defect that a case must notice: the checker has to find a broken invariant with it in place. */
export interface TortureDefect {
  /** What is broken, in words. */
  readonly name: string;
  /** Some things are guarded twice: then the defect is in both places. */
  readonly edits: readonly Edit[];
  /** Name of the case. */
  readonly case: string;
}

export interface Edit {
  /** Path from the repository's root. */
  readonly file: string;
  /** Exact text, present exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}
