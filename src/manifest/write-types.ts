import type { Filter } from '../filter/index.ts';
import type { Deprecation, SavedQueryParam, Scalar, SourceMark } from './types.ts';

/** A write that somebody thought through: tools, approvals and documents speak of it by `<model>.<name>`. */
export interface Operation {
  readonly name: string;
  readonly title: string;
  readonly why: string | null;
  /** When an agent should use it. */
  readonly intent: string | null;
  readonly on: WriteVerb;
  readonly input: ReadonlyMap<string, OperationInput>;
  /** Model field to what it becomes. */
  readonly sets: ReadonlyMap<string, SetValue>;
  readonly safety: 'safe_write' | 'gated_write' | 'forbidden';
  /** In words. */
  readonly sideEffects: readonly string[];
  readonly preconditions: readonly Precondition[];
  /** As declared; absent: as the provider has it. */
  readonly reversibility?: 'exact' | 'compensating' | 'none';
  readonly stability: 'stable' | 'experimental' | 'deprecated';
  /** What it is worth; null: as a plain write is. */
  readonly impact: ImpactExpression | null;
  readonly deprecated: Deprecation | null;
  /** It is a function of the team's own, and `sets` is empty; absent: it is declared whole. */
  readonly code?: OperationCode;
  readonly at: SourceMark;
}

/** An operation in TypeScript. */
export interface OperationCode {
  readonly file: string;
  /** Of what runs. */
  readonly hash: string;
  /** What runs, and its source map; the hash stands for it where manifests are compared. */
  readonly compiled: { readonly js: string; readonly map: string };
  /** It is about records of its model, which the caller names. */
  readonly takesRecords: boolean;
  /** Fields of its model that it is given of each record. */
  readonly reads: readonly string[];
  /** By object, all that it may write. */
  readonly writes: ReadonlyMap<string, readonly WriteVerb[]>;
  readonly onFailure: 'stop' | 'take_back';
}

export type WriteVerb = 'create' | 'update' | 'upsert' | 'delete';

export interface OperationInput extends SavedQueryParam {
  readonly required: boolean;
}

export type SetValue =
  { readonly kind: 'input'; readonly name: string } | { readonly kind: 'value'; readonly value: Scalar | null };

/** `where` holds of the record before the write; without it people see to it. */
export interface Precondition {
  readonly text: string;
  readonly where: Filter | null;
}

/** Over the fields of a record as it will be; `change`: by how much a field differs from before. Of one currency. */
export type ImpactExpression = ImpactTerm | { readonly kind: 'sum' | 'product'; readonly of: readonly ImpactTerm[] };

export type ImpactTerm =
  | { readonly kind: 'field'; readonly field: string }
  | { readonly kind: 'change'; readonly field: string }
  | { readonly kind: 'number'; readonly value: number };

/** What may be written to an object, and how. The fence of `scope.write` and the integration's mode hold besides. */
export interface ObjectWrite {
  readonly operations: readonly WriteVerb[];
  /** By model field or native one: whether what stands there may be overwritten; absent: always. */
  readonly guards: ReadonlyMap<string, WriteGuard>;
  /** By model field: what becomes of values that no native field of this org takes; absent: an error. */
  readonly unmapped: ReadonlyMap<string, UnmappedRule>;
  /** In words. */
  readonly sideEffects: readonly string[];
}

export type WriteGuard = 'always' | 'never' | 'if_empty';

export type UnmappedRule =
  | { readonly kind: 'skip' }
  | { readonly kind: 'error' }
  | { readonly kind: 'store_in'; readonly field: string }
  /** A field of the customer's own is made for it, when people have agreed. */
  | { readonly kind: 'create_field' };

export interface WriteGrant {
  readonly operations: readonly WriteVerb[];
  /** Field names, or null for every field that it may see. */
  readonly fields: readonly string[] | null;
  /** Only these records, as they are before the write; of new ones, as they will be. */
  readonly where: Filter | null;
  readonly at: SourceMark;
}
