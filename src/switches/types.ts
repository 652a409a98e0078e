/**
 * What a thrown switch stops:
 *
 * - stop_writes: nothing new is sent; what is under way ends and is audited
 * - stop_all_upstream: no call to the provider at all
 * - read_replica_only: agents read what is here; nothing is prepared or sent
 * - drain: what was accepted is still sent; nothing new is accepted
 */
export type SwitchMode = 'stop_writes' | 'stop_all_upstream' | 'read_replica_only' | 'drain';

/** What a switch is about; each names exactly one thing. `global`: the whole installation. */
export type SwitchScope =
  | { readonly kind: 'global' }
  | { readonly kind: 'tenant' }
  | { readonly kind: 'connection'; readonly connection: string }
  | { readonly kind: 'object'; readonly connection: string; readonly object: string }
  | { readonly kind: 'operation'; readonly operation: string }
  | { readonly kind: 'agent'; readonly agent: string }
  | { readonly kind: 'principal'; readonly principal: string };
