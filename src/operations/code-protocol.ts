import type { Json } from '../kernel/index.ts';

/** One run, as the thread is told of it. */
export interface CodeCall {
  readonly id: number;
  readonly js: string;
  /** JSON of what the function is given; null: what the operation says of itself is asked. */
  readonly given: string | null;
}

export type CodeAnswer =
  | { readonly kind: 'answer'; readonly value: Json }
  | { readonly kind: 'no_operation' }
  | { readonly kind: 'no_result'; readonly why: string }
  /** `refuse` was called: words for the caller. */
  | { readonly kind: 'refused'; readonly message: string; readonly stack: string }
  | { readonly kind: 'threw'; readonly message: string; readonly stack: string };

/** What the thread says. */
export type FromCodeThread =
  { readonly kind: 'ready' } | { readonly kind: 'answer'; readonly id: number; readonly answer: CodeAnswer };

/** What the thread did not survive. */
export type CodeEnd = { readonly kind: 'timeout' } | { readonly kind: 'ended'; readonly why: string };
