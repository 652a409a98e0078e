import type { SourceMark } from './types.ts';

/** What stops writes by itself. `per` is what is counted, and what the switch is about. */
export interface SwitchTrigger {
  readonly name: string;
  readonly why: string | null;
  readonly per: 'tenant' | 'agent' | 'connection';
  readonly withinMs: number;
  readonly limit: SwitchLimit;
  readonly mode: 'stop_writes' | 'stop_all_upstream' | 'read_replica_only' | 'drain';
  readonly at: SourceMark;
}

export type SwitchLimit =
  /** More than `share` (0 to 1) of those that ended failed, of at least `least`. */
  | { readonly kind: 'failed'; readonly share: number; readonly least: number }
  /** More records than this were accepted. */
  | { readonly kind: 'records'; readonly most: number }
  /** More money than this was accepted; in the base currency. */
  | { readonly kind: 'amount'; readonly most: number };
