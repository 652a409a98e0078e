import type { Json } from '../kernel/index.ts';
import type { NativeObject } from '../schema/index.ts';
import type { AccessFacts } from './permissions.ts';

/** Writes of one operation to one object, in the name of one user; an upsert is asked as what it would turn out to be. */
export interface WriteRightsQuestion {
  /** The provider's id of the user. */
  readonly user: string;
  readonly object: NativeObject;
  readonly operation: 'create' | 'update' | 'delete';
  readonly writes: readonly WriteWish[];
  /** As of `readFacts`. */
  readonly facts: AccessFacts;
}

export interface WriteWish {
  /** Null for `create`. */
  readonly recordId: string | null;
  /** Native; null also where the value is not known yet. Empty for `delete`. */
  readonly values: { readonly [field: string]: Json };
}

/** What the provider would answer the user, as far as rights decide; whether values fit is another question. */
export type WriteRight =
  | { readonly kind: 'may' }
  /** `fields`: the native fields that it is about; empty: the record, or the whole object. */
  | { readonly kind: 'may_not'; readonly fields: readonly string[] }
  /** The provider does not tell. `why`: a sentence for people, without upstream text. */
  | { readonly kind: 'unknown'; readonly why: string };

export const MAY: WriteRight = { kind: 'may' };
export const MAY_NOT: WriteRight = { kind: 'may_not', fields: [] };

/** With no field in it, it may be done. */
export const mayBut = (fields: readonly string[]): WriteRight =>
  fields.length === 0 ? MAY : { kind: 'may_not', fields };

export const nobodyTells = (why: string): WriteRight => ({ kind: 'unknown', why });
