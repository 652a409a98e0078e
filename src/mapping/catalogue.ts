import type { ConnectionId, StreamId } from '../kernel/index.ts';
import type { FieldType, NativeObject, NativeRule, RecordType } from '../schema/index.ts';
import type { DocumentReaders } from './read-document.ts';

/** A replicated object of a tenant, as sync knows it: the input of the compiler beside the manifest. */
export interface TenantStream {
  readonly stream: StreamId;
  readonly connection: ConnectionId;
  readonly connectionSlug: string;
  /** Integration (by name) that this connection serves. */
  readonly integration: string;
  readonly provider: string;
  readonly object: NativeObject;
  readonly schemaVersion: number;
}

/**
 * Everything one tenant's agents could be told about, before access: the
 * manifest's models joined with what was discovered in this tenant's systems.
 * Pure data; equal inputs give an equal `version`.
 */
export interface Catalogue {
  /** Content hash: changes when anything below changes. */
  readonly version: string;
  readonly objects: ReadonlyMap<string, CatalogueObject>;
  /** How stored documents read as records of these objects. Follows from the rest, so that it does not count in `version`. */
  readonly documents: DocumentReaders;
  readonly layout: LensLayout;
  /** What did not fit: a mapped native field that this org does not have, an unmapped picklist value ... */
  readonly diagnostics: readonly CatalogueDiagnostic[];
}

export interface CatalogueObject {
  /** `deal` for a model, `crm.Opportunity` for a native object. */
  readonly name: string;
  readonly kind: 'model' | 'native';
  readonly title: string;
  readonly why: string | null;
  /** Quoted name of the relation in the lens: `"model"."deal"`, `"crm"."Opportunity"`. */
  readonly relation: string;
  readonly label: string | null;
  readonly fields: ReadonlyMap<string, CatalogueField>;
  readonly many: ReadonlyMap<string, CatalogueMany>;
  /** What the customer configured around the object; of native objects only. */
  readonly recordTypes?: readonly RecordType[];
  readonly rules?: readonly NativeRule[];
  /** The streams whose records feed it, for freshness and provenance. */
  readonly sources: readonly CatalogueSource[];
  /** What a model's view is made of, so that a query can leave out what it does not read (`relationFor`). */
  readonly parts?: readonly ViewPart[];
  /** Set where records of several systems become one row; `parts` are then in the order in which they decide. */
  readonly merge?: MergeView;
  /** Of a native object of which somebody is not shown everything; absent: all of it is shown. */
  readonly native?: { readonly classes: VisibleClasses; readonly masked: ReadonlySet<string> };
}

export interface CatalogueField {
  readonly name: string;
  readonly type: FieldType;
  readonly title: string;
  readonly why: string | null;
  /** Unquoted column name in `relation`. */
  readonly column: string;
  /** Of a native object's field: the provider's name, where it is another. */
  readonly nativeName?: string;
  /** Exact, as records hold them; show only those that `isShowable`. */
  readonly values: readonly string[] | null;
  readonly currency: string | null;
  /** Field of the same object with each record's own currency. */
  readonly currencyField: string | null;
  readonly sensitive: boolean;
  /** A record without it is refused upstream (native objects), or is a mistake (models). */
  readonly required?: boolean;
  readonly deprecated: { readonly replacedBy: string | null } | null;
  readonly custom: boolean;
  /** Its value is the record's own id in its system, in every record that has one. */
  readonly isOwnId?: true;
  /** To-one relation: this value equals field `on` of object `to`. `unique`: at most one record can match by construction. */
  readonly reference: { readonly to: string; readonly on: string; readonly unique: boolean } | null;
  /** Human text typed by anybody upstream: data, never instructions. */
  readonly untrusted: boolean;
}

/** To-many relation: the records of `object` whose field `via` equals this record's field `on`. */
export interface CatalogueMany {
  readonly name: string;
  readonly object: string;
  readonly via: string;
  readonly on: string;
}

export interface CatalogueSource {
  readonly stream: StreamId;
  readonly connectionSlug: string;
  readonly integration: string;
  readonly provider: string;
  readonly nativeObject: string;
  readonly linkTemplate: string | null;
  readonly trust: 'record' | 'engagement' | 'last_resort';
  /** Fields that this system decides where several feed the model (`system_of_record`); absent where it claims none. */
  readonly decides?: 'all' | readonly string[];
}

export interface CatalogueDiagnostic {
  readonly code:
    'native_field_missing' | 'native_object_missing' | 'type_mismatch' | 'value_unmapped' | 'match_impossible';
  readonly object: string;
  readonly field: string | null;
  readonly message: string;
  readonly suggestions: readonly string[];
}

/**
 * The physical shape of a tenant's lens file, as data: typed native tables,
 * and the model views over them. Each relation (table or view) also has the
 * columns of `lensMetaColumns`.
 */
export interface LensLayout {
  /** Content hash of tables and views. */
  readonly version: string;
  readonly tables: readonly LensTable[];
  /** Before the views, which read them, and in creation order. Absent: none. */
  readonly derived?: readonly LensDerived[];
  /** In creation order. */
  readonly views: readonly LensView[];
}

export interface LensTable {
  readonly stream: StreamId;
  /** DuckDB schema: the connection's slug. */
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly LensColumn[];
}

export interface LensColumn {
  /** Unquoted. DuckDB folds case, so names are unique case-insensitively within a table. */
  readonly name: string;
  /** Key in the record's document. */
  readonly key: string;
  readonly duckType: DuckType;
}

export type DuckType =
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'BIGINT'
  | 'DOUBLE'
  | `DECIMAL(${number},${number})`
  | 'DATE'
  | 'TIMESTAMP'
  | 'TIME'
  | 'VARCHAR[]'
  | 'JSON';

/** One native object of one connection within a model's view. */
export interface ViewPart {
  readonly stream: StreamId;
  /** Quoted native table; `t` in the expressions. */
  readonly from: string;
  readonly columns: readonly ViewColumn[];
  readonly where: string | null;
  /** Columns without a value in which a record is left out. */
  readonly kept: readonly string[];
  /** Those of them whose lack is a fault (`on_missing: error`); absent where none is. */
  readonly faults?: readonly string[];
  /** Its number in the derived tables; absent: its place among the object's parts. */
  readonly member?: number;
  /** Access classes whose records are shown; absent: all records. */
  readonly classes?: VisibleClasses;
}

/** Access classes (`_acl`) whose records somebody is shown; `all`: every record, those without a class included. */
export type VisibleClasses = 'all' | readonly number[];

export interface ViewColumn {
  readonly name: string;
  readonly sql: string;
  /** Left joins that the expression needs; none multiplies rows. */
  readonly joins: readonly ViewJoin[];
  /** Streams that the joins read. */
  readonly reads: readonly StreamId[];
  /** A missing value of the column's type, in SQL. */
  readonly missing: string;
  /** The native fields that the value is made from, without record ids, which nobody hides; absent where nothing fills the column. */
  readonly uses?: readonly NativeUse[];
  /** Set where the value is hidden: the expression is that of a missing one. */
  readonly masked?: true;
}

export interface NativeUse {
  readonly stream: StreamId;
  /** Native name. */
  readonly field: string;
}

/** `before`, what is joined, `after`; none multiplies rows. */
export type ViewJoin = LookupJoin | MatchJoin;

export interface LookupJoin {
  readonly kind: 'lookup';
  readonly stream: StreamId;
  readonly before: string;
  /** Quoted native table. */
  readonly from: string;
  readonly after: string;
  /** What the record that is found is known by, over alias `s`, and the value that it is looked for with, over `t` and the joins before. */
  readonly key: string;
  readonly operand: string;
  /** As in ViewPart. */
  readonly classes?: VisibleClasses;
  /** Ids: only these records are found; absent: all that are shown. */
  readonly only?: readonly string[];
}

/** The records of a model that a value finds: `from` has each value `k` with the answer `v` (match/match-table.ts). */
export interface MatchJoin {
  readonly kind: 'match';
  readonly before: string;
  readonly from: string;
  readonly after: string;
  readonly model: string;
  /** Field of the model by which it is found, and the one that is the answer. */
  readonly by: string;
  readonly on: string;
  /** Quoted: each record's own value and answer, with its `part`. */
  readonly keys: string;
  /** Where not all of the model can be seen: SELECTs of the values and of the answers that can. */
  readonly visible?: { readonly values: string; readonly answers: string };
}

/**
 * How a model's parts become one row per thing. The groups table has one row
 * for each thing that several systems know, with the native id of its record
 * in part 0, 1 ... in the columns `p0`, `p1` ...; records alone are not in it.
 */
export interface MergeView {
  /** Quoted. */
  readonly groups: string;
  /** Quoted: each record's comparable values, in the columns `k0`, `k1` ... as `by` has them, with its `part`. */
  readonly keys: string;
  /** Fields by which records are recognised, strongest first. */
  readonly by: readonly string[];
  /** By column: the parts that can fill it, by index, the one that decides first. */
  readonly order: ReadonlyMap<string, readonly number[]>;
  /** Columns whose missing values are shown as empty ones: an empty one gives way to any other. */
  readonly emptied: ReadonlySet<string>;
}

/**
 * Tables of the lens's own, made from native ones, with what would cost too
 * much to work out at every read: which records of a merged model are the same
 * thing, and which record a `match` finds. `keys` holds each record's values in
 * comparable form, made once per change; the rest is made from it. The lens
 * only runs the statements; what they mean is in merge/ and match/.
 */
export interface LensDerived {
  readonly name: string;
  readonly schema: '_derived';
  /** Quoted. */
  readonly keys: string;
  /** Quoted, `keys` among them. */
  readonly tables: readonly string[];
  readonly create: readonly string[];
  readonly feeds: readonly DerivedFeed[];
  /** A change in one of these may change the keys of any record: all are made anew. */
  readonly reads: readonly StreamId[];
  /** Names of others from which `remake` reads. */
  readonly follows: readonly string[];
  /** The other tables from `keys`; to run after any change of keys. */
  readonly remake: readonly string[];
}

/** The keys of one stream's records. */
export interface DerivedFeed {
  readonly stream: StreamId;
  readonly fill: string;
  /** `$1`: ids. One row where the keys of these records are not what the table says. */
  readonly differs: string;
  /** `$1`: ids. Brings the table up to date for these records, in this order. */
  readonly replace: readonly string[];
}

export interface LensView {
  readonly schema: 'model';
  readonly name: string;
  /** The SELECT, over quoted native tables. */
  readonly select: string;
}

/**
 * In every table and view: `_stream` INTEGER, `_id` VARCHAR (native id),
 * `_at` TIMESTAMP (upstream modification; where the source does not tell, when
 * the change was read). In every table of records also `_acl` INTEGER: the
 * record's access class; null where nobody knows who is shown it.
 */
export const lensMetaColumns = ['_stream', '_id', '_at'] as const;
