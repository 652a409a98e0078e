/** A defect that a suite must notice. */
export interface SecurityDefect {
  /** What is broken, in words. */
  readonly name: string;
  /** Name of the suite. */
  readonly suite: string;
  /** Some things are guarded twice: then the defect is in both places. */
  readonly edits: readonly Edit[];
  /** Its suite takes a whole service: planted only where that suite is named. */
  readonly slow?: boolean;
  /** More arguments of the suite: as few people as are needed to notice it. */
  readonly words?: readonly string[];
}

export interface Edit {
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}
