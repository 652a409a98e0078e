import type { Json } from '../kernel/index.ts';

/** `query_records`, as it arrives (after schema check). Names are snake_case because agents write them. */
export interface QueryRequest {
  readonly object: string;
  readonly filter?: Json;
  /** Field paths (`amount`, `account.name`) or related measures (`{"count": "tickets", "as": "n"}`). Default: the object's most telling fields. */
  readonly fields?: readonly Json[];
  /** Free text over the object's text fields; rows containing every word. */
  readonly text?: string;
  readonly sort?: readonly { readonly field: Json; readonly dir?: 'asc' | 'desc' }[];
  /** Aggregates instead of records: `{"sum": "amount", "as": "total"}`, `{"count": "*"}`. */
  readonly measures?: readonly Json[];
  readonly group_by?: readonly string[];
  /** Filter over measures (by their `as` name) and group fields. */
  readonly having?: Json;
  readonly limit?: number;
  readonly cursor?: string;
  /** `table` (default): columns and rows; `objects`: one object per row. */
  readonly format?: 'table' | 'objects';
}

export interface SqlRequest {
  readonly sql: string;
  readonly limit?: number;
}

export interface GetRequest {
  readonly object: string;
  /** A reference as answers give it (`crm/Opportunity/006...`), a native id, or the value of the object's key field. */
  readonly id: string;
  readonly fields?: readonly string[];
}

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  /** Pass as `cursor` for the next page; absent on the last one. */
  readonly next_cursor?: string;
  readonly freshness: Freshness;
  /** Where `_ref` values lead: by connection/object prefix, the system and the link for people. */
  readonly sources: readonly AnswerSource[];
  readonly schema_version: string;
  readonly warnings: readonly string[];
}

export interface Freshness {
  /** Upstream read time of the oldest data that the answer touched; null while a first load is running. */
  readonly as_of: string | null;
  readonly age_s: number | null;
}

export interface AnswerSource {
  /** Prefix of `_ref`: `crm/Opportunity/`. */
  readonly ref: string;
  readonly system: string;
  readonly connection: string;
  readonly trust: string;
  /** Put the id in place of `{id}`. */
  readonly link: string | null;
  readonly as_of: string | null;
}
