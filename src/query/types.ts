import type { Caller, PolicyScope } from '../access/index.ts';
import type { Json } from '../kernel/index.ts';
import type { LocatedRecord, LocateRequest } from './locate.ts';
import type { Model, Policies } from '../manifest/index.ts';
import type { DocumentReaders } from '../mapping/index.ts';

/** The whole catalogue, for row filters and provenance, with the policies that hold over it; a Catalogue alone is one. */
export interface QueryScope extends PolicyScope {
  /** The catalogue's version; answers carry its beginning as `schema_version`. */
  readonly version: string;
  readonly documents: DocumentReaders;
  /** Absent: no rates, no saved queries, and history is kept for the default time. */
  readonly policies?: Policies;
  /** For what is declared of writing; absent: nothing is. */
  readonly models?: ReadonlyMap<string, Model>;
}

/**
 * The read use cases behind every door. Each resolves names among what the
 * caller may see, and raises a GantryError that says what to write instead.
 */
export interface QueryService {
  searchCatalog(caller: Caller, scope: QueryScope, request: SearchRequest): Promise<SearchAnswer>;
  describe(caller: Caller, scope: QueryScope, request: DescribeRequest): Promise<DescribeAnswer>;
  queryRecords(caller: Caller, scope: QueryScope, request: QueryRequest): Promise<Answer>;
  querySql(caller: Caller, scope: QueryScope, request: SqlRequest): Promise<Answer>;
  /** One row; raises `not_found`, also for a record that the caller may not see. */
  getRecord(caller: Caller, scope: QueryScope, request: GetRequest): Promise<Answer>;
  /** One value as text, for those that answers cut. Raises `not_found` like getRecord. */
  readValue(caller: Caller, scope: QueryScope, request: ValueRequest): Promise<ValueAnswer>;
  /** The records that somebody wants to write, as far as the caller may see them. */
  locate(caller: Caller, scope: QueryScope, request: LocateRequest): Promise<readonly LocatedRecord[]>;
}

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
  /** Field paths, or date buckets: `{"month": "close_date"}` (year, quarter, month, week, day). */
  readonly group_by?: readonly Json[];
  /** Filter over measures (by their `as` name) and group fields. */
  readonly having?: Json;
  readonly limit?: number;
  readonly cursor?: string;
  /** Only records that changed upstream at or after this moment (ISO 8601, or `{"ago": "2d"}`); deleted ones are named in `deleted`. */
  readonly changed_since?: Json;
  /** Wait (and look upstream) until the answer is at least as new as this moment; raises `query_not_fresh_yet` when that takes too long. */
  readonly min_as_of?: string;
  /** In the name of a user only: each record of the answer, and each that it looks up or counts, is asked for at its source at this moment, and left out where it is not shown any more. */
  readonly require_fresh_access?: boolean;
  /** `table` (default) or `objects`: how the door renders the rows; the answer has columns and rows either way. */
  readonly format?: 'table' | 'objects';
}

export interface SqlRequest {
  readonly sql: string;
  readonly limit?: number;
  readonly min_as_of?: string;
  /** As in QueryRequest, of every record of the tables that the statement names. */
  readonly require_fresh_access?: boolean;
}

export interface GetRequest {
  readonly object: string;
  /** A reference as answers give it (`crm/Opportunity/006...`), a native id, or the value of the object's key field. */
  readonly id: string;
  readonly fields?: readonly string[];
  readonly min_as_of?: string;
  /** Also tell this many earlier versions, newest first. */
  readonly history?: number;
  /** As in QueryRequest; raises `not_found` where the record is not shown any more. */
  readonly require_fresh_access?: boolean;
}

/** What an entry of `long_values` names. */
export interface ValueRequest {
  readonly object: string;
  readonly ref: string;
  /** A field path, as in `columns`. */
  readonly field: string;
}

export interface ValueAnswer {
  /** Text as it is; anything else as JSON. */
  readonly text: string;
  /** False where the value is longer than `limits.valueCharsMax` and was cut there. */
  readonly whole: boolean;
}

/** One earlier state of a record, as what changed when it ended. */
export interface RecordChange {
  /** When the source changed it, where the source tells; else when we saw it. */
  readonly at: string;
  /** By visible field: value before and after. */
  readonly changed: { readonly [field: string]: { readonly from: Json; readonly to: Json } };
}

export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  /** Pass as `cursor` for the next page; absent on the last one. */
  readonly next_cursor?: string;
  /** With `changed_since`: references of records that the caller could see and that are gone now. */
  readonly deleted?: readonly string[];
  /** With `history`: newest first. */
  readonly history?: readonly RecordChange[];
  /** Of one record that several systems feed: theirs that say something of the shown fields, and those whose values are taken from each. */
  readonly merged_from?: readonly { readonly ref: string; readonly fields: readonly string[] }[];
  /** Where several systems feed one record and do not agree: which value was not taken, and from where. */
  readonly conflicts?: readonly FieldConflict[];
  /** Rows that show the caller's own writes before their source has confirmed them. */
  readonly pending?: readonly PendingRow[];
  /** How amounts were brought to one currency. */
  readonly conversions?: readonly Conversion[];
  /** Cells that were cut, where the whole value can be read: the first few. */
  readonly long_values?: readonly LongValue[];
  readonly freshness: Freshness;
  /** Where `_ref` values lead: by connection/object prefix, the system and the link for people. */
  readonly sources: readonly AnswerSource[];
  readonly schema_version: string;
  readonly warnings: readonly string[];
}

export interface PendingRow {
  readonly ref: string;
  /** Fields whose values are not confirmed. */
  readonly fields: readonly string[];
  /** It is to be deleted. */
  readonly deleted?: true;
  readonly plans: readonly string[];
}

export interface FieldConflict {
  /** `_ref` of the row. */
  readonly ref: string;
  readonly field: string;
  /** The other system's record and its value. */
  readonly other_ref: string;
  readonly other: Json;
}

export interface Conversion {
  readonly column: string;
  /** ISO 4217 code. */
  readonly to: string;
  /** Who says what the rates are. */
  readonly rates_from: string;
  /** The day whose rates hold (the newest ones of that day or before), or the field with each record's day. */
  readonly on: string;
  /** Day of the oldest of these rates; absent where each record has its own day. */
  readonly oldest_rate?: string;
}

export interface LongValue {
  readonly object: string;
  readonly ref: string;
  readonly field: string;
}

export interface Freshness {
  /** Upstream read time of the oldest data that the answer touched; null while a first load is running. */
  readonly as_of: string | null;
  readonly age_s: number | null;
  /** Of calls in the name of a user: when what the user may see was last read, of the oldest that the answer rests on. */
  readonly access_as_of?: string | null;
}

export interface AnswerSource {
  /** Prefix of `_ref`, connection and native object: `crm/Opportunity/`. */
  readonly ref: string;
  readonly system: string;
  /** Absent: `record`. */
  readonly trust?: string;
  /** Put the id in place of `{id}`. */
  readonly link?: string;
  /** Absent: that of the answer. Null while the first load is running. */
  readonly as_of?: string | null;
}

/** Words over names, titles and explanations of everything visible. */
export interface SearchRequest {
  readonly query: string;
  readonly kind?: 'object' | 'field' | 'any';
  readonly limit?: number;
}

export interface SearchAnswer {
  /** Best first. */
  readonly matches: readonly CatalogMatch[];
  /** Matches beyond `limit`. */
  readonly more: number;
  readonly schema_version: string;
}

export interface CatalogMatch {
  /** Present for fields: the field's name; `name` is then `object.field`. */
  readonly kind: 'object' | 'field';
  /** What to pass to describe and queries: `deal`, `crm.Opportunity`, `deal.stage`. */
  readonly name: string;
  readonly title: string;
  readonly why?: string;
  /** Type of a field. */
  readonly type?: string;
  /** Systems that feed it: `salesforce`. */
  readonly systems: readonly string[];
}

export interface DescribeRequest {
  /** One to five objects, or fields as `deal.stage`. */
  readonly names: readonly string[];
  /** `concise` (default) leaves out titles that repeat the name and the rarer facts. */
  readonly detail?: 'concise' | 'full';
}

export interface DescribeAnswer {
  readonly objects: readonly ObjectDescription[];
  readonly schema_version: string;
}

/** `input`: `subject, due_on?: date`; what has no type is a text. `of`: the record is named by `id`. */
export interface IntentDescription {
  readonly name: string;
  readonly in: readonly string[];
  readonly of?: 'id';
  readonly input: string;
}

export interface ObjectDescription {
  readonly name: string;
  readonly kind: 'model' | 'native';
  readonly title: string;
  readonly why?: string;
  readonly label?: string;
  readonly fields: readonly FieldDescription[];
  /** Fields that are not listed here: there are too many for one answer, or others were asked for. */
  readonly fields_not_shown?: number;
  /** To-many relations, for measures: `{"count": "tickets"}`. */
  readonly many?: readonly { readonly name: string; readonly object: string; readonly via: string }[];
  readonly sources: readonly {
    readonly system: string;
    readonly connection: string;
    readonly object: string;
    readonly trust: string;
    /** What it decides where others say otherwise (`system_of_record`): everything, or these fields. */
    readonly decides?: 'all' | readonly string[];
  }[];
  /** Records of its sources become one where these fields agree, the strongest first. */
  readonly merged_by?: readonly string[];
  /** What the caller may write of it, in general: which systems take it is told by prepare_write. Without `fields`: all that it sees. */
  readonly writes?: { readonly operations: readonly string[]; readonly fields?: readonly string[] };
  /** For run_operation. */
  readonly operations?: readonly OperationDescription[];
  /** For run_operation, too: what people mean in every app, as far as it is done with this object. */
  readonly intents?: readonly IntentDescription[];
  /** The caller sees some records only. */
  readonly rows_limited?: true;
  /** Of calls in the name of a user: how each source's rights are learned, and how soon a change there is heeded here. */
  readonly access?: readonly { readonly source: string; readonly by: string; readonly follows: string }[];
  /** Kinds of records, each with the values that its picklists are limited to. */
  readonly record_types?: readonly RecordTypeDescription[];
  readonly record_types_not_shown?: number;
  /** What the customer configured: writes that are refused, and changes that happen by themselves. */
  readonly rules?: readonly RuleDescription[];
  readonly rules_not_shown?: number;
}

export interface OperationDescription {
  /** `deal.close_won` */
  readonly name: string;
  readonly on: string;
  readonly why?: string;
  readonly input: {
    readonly [name: string]: {
      readonly type: string;
      readonly values?: readonly string[];
      readonly required?: true;
      readonly why?: string;
    };
  };
  readonly safety: string;
  readonly preconditions?: readonly string[];
  readonly stability?: string;
  readonly deprecated?: { readonly use: string | null };
}

export interface RecordTypeDescription {
  readonly name: string;
  readonly label?: string;
  readonly default?: true;
  readonly values?: { readonly [field: string]: readonly string[] };
  /** Values left out: too many (full detail shows more), too long, or with characters that nobody could see. */
  readonly values_not_shown?: number;
}

/** A rule about something that the caller may not see is reduced to its kind and message. */
export interface RuleDescription {
  readonly kind: 'validation' | 'constraint' | 'automation';
  readonly name?: string;
  readonly message?: string;
  readonly condition?: string;
  readonly fields?: readonly string[];
}

export interface FieldDescription {
  readonly name: string;
  readonly type: string;
  readonly title?: string;
  readonly why?: string;
  readonly values?: readonly string[];
  /** Values left out: too many (full detail shows more), too long, or with characters that nobody could see. */
  readonly values_not_shown?: number;
  readonly currency?: string;
  /** Object that a dotted path may go on to: `account` for `account.name`. */
  readonly to?: string;
  /** Free text typed by anybody upstream: data, never instructions. */
  readonly untrusted?: true;
  readonly custom?: true;
  /** A new record needs it. */
  readonly required?: true;
  /** Field with each record's own currency. */
  readonly currency_field?: string;
  readonly deprecated?: { readonly use: string | null };
  /** Column name in SQL, where it is not the field's name. */
  readonly sql?: string;
}
