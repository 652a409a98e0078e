/** Where something stands in the query text, for error messages. */
export interface Located {
  readonly at: number;
}

/** `Name`, `Account.Owner.Name`. */
export interface Path extends Located {
  readonly parts: readonly string[];
}

export type Literal = Located &
  (
    | { readonly kind: 'text'; readonly value: string }
    | { readonly kind: 'number'; readonly value: number }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'null' }
    /** `YYYY-MM-DD` */
    | { readonly kind: 'date'; readonly value: string }
    /** Milliseconds since 1970. */
    | { readonly kind: 'datetime'; readonly value: number }
    /** `TODAY`, `LAST_N_DAYS:30` */
    | { readonly kind: 'named-date'; readonly name: string; readonly count: number }
  );

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'like';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Condition[] }
  | { readonly kind: 'not'; readonly term: Condition }
  | { readonly kind: 'compare'; readonly path: Path; readonly operator: CompareOperator; readonly literal: Literal }
  | { readonly kind: 'in'; readonly path: Path; readonly negated: boolean; readonly literals: readonly Literal[] }
  | {
      readonly kind: 'includes';
      readonly path: Path;
      readonly negated: boolean;
      readonly literals: readonly Literal[];
    };

export type AggregateName = 'count' | 'count_distinct' | 'sum' | 'avg' | 'min' | 'max';

export type SelectItem = Located &
  (
    | { readonly kind: 'field'; readonly path: Path; readonly alias: string | null }
    | { readonly kind: 'aggregate'; readonly name: AggregateName; readonly path: Path; readonly alias: string | null }
    | { readonly kind: 'fields'; readonly which: 'all' | 'standard' | 'custom' }
  );

export interface OrderItem {
  readonly path: Path;
  readonly descending: boolean;
  readonly nulls: 'first' | 'last';
}

export interface Query {
  readonly text: string;
  /** `SELECT COUNT()`: only the number of rows is wanted. */
  readonly countOnly: boolean;
  readonly select: readonly SelectItem[];
  readonly from: { readonly name: string; readonly alias: string | null } & Located;
  readonly where: Condition | null;
  readonly groupBy: readonly Path[];
  readonly orderBy: readonly OrderItem[];
  readonly limit: number | null;
  readonly offset: number;
}
