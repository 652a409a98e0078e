import type { Filter } from '../filter/index.ts';
import type { FieldType } from '../schema/index.ts';

/** Where something was written, for errors and plans. Lines and columns count from 1. */
export interface SourceMark {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A whole project, validated. What YAML says, with shorthands expanded and names resolved. */
export interface Manifest {
  readonly project: string;
  readonly title: string;
  readonly models: ReadonlyMap<string, Model>;
  readonly integrations: ReadonlyMap<string, Integration>;
  readonly agents: ReadonlyMap<string, AgentDeclaration>;
}

/** The product's own object, the same for every customer and provider. */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly why: string | null;
  /** Field that names a record to people; used for links and short renderings. */
  readonly label: string | null;
  readonly fields: ReadonlyMap<string, ModelField>;
  readonly many: ReadonlyMap<string, ManyRelation>;
  readonly at: SourceMark;
}

export interface ModelField {
  readonly name: string;
  readonly type: FieldType;
  readonly title: string;
  readonly why: string | null;
  /** Allowed values of enum and multi_enum fields. */
  readonly values: readonly string[] | null;
  /** Set for type `reference`: the value equals field `on` of model `to`. */
  readonly reference: { readonly to: string; readonly on: string } | null;
  /** ISO 4217 code of a money field (type `decimal`), where it is fixed. */
  readonly currency: string | null;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly deprecated: { readonly replacedBy: string | null } | null;
  readonly at: SourceMark;
}

/** `many: {tickets: {model: ticket, via: account}}`: the records of `model` whose reference field `via` points here. */
export interface ManyRelation {
  readonly name: string;
  readonly model: string;
  readonly via: string;
  readonly at: SourceMark;
}

export type Trust = 'record' | 'engagement' | 'last_resort';
export type IntegrationMode = 'read_only' | 'propose_only' | 'gated' | 'autonomous';

/** What the product wants from one provider. */
export interface Integration {
  readonly name: string;
  readonly title: string;
  /** Connector registry name. */
  readonly connector: string;
  readonly trust: Trust;
  readonly mode: IntegrationMode;
  /** The human who is paged. */
  readonly onCall: string | null;
  readonly objects: ReadonlyMap<string, IntegrationObject>;
  /** Globs of native objects that are replicated whole without a mapping: `*__c`. */
  readonly alsoSync: readonly string[];
  readonly at: SourceMark;
}

/** One native object: how it is kept up to date and how it feeds a model. */
export interface IntegrationObject {
  readonly from: string;
  readonly sync: SyncSettings;
  /** Null where the object is replicated but feeds no model. */
  readonly model: string | null;
  /** By model field name. */
  readonly fields: ReadonlyMap<string, FieldMapping>;
  /** Only these native records feed the model. Paths are native field names. */
  readonly where: Filter | null;
  readonly at: SourceMark;
}

export interface SyncSettings {
  /** Null: everything the provider has; else only records changed in the last N days. */
  readonly backfillDays: number | null;
  /** Seconds between scheduled incremental runs. */
  readonly everyS: number;
}

/**
 * What the model shows where the native value is missing after all steps.
 * `empty`: an empty text or list. `skip`: the record is left out of the model
 * (it stays readable as a native object).
 */
export type OnMissing = 'null' | 'empty' | 'skip';

/**
 * A native field by its API name, or by the label that people see: some
 * providers name custom fields by a number that differs in every account.
 * Labels are resolved per tenant, when the catalogue is compiled.
 */
export type NativeFieldRef =
  { readonly kind: 'name'; readonly name: string } | { readonly kind: 'label'; readonly label: string };

/** Native field (or constant) to model field, by a chain of steps applied in order. */
export interface FieldMapping {
  readonly field: string;
  /** Null only where the first step is `constant` or `template`. */
  readonly from: NativeFieldRef | null;
  readonly steps: readonly TransformStep[];
  readonly onMissing: OnMissing;
  readonly why: string | null;
  readonly at: SourceMark;
}

/** `ymd`: 2026-11-20, also the date of an ISO moment. `dmy`: 20.11.2026. `mdy`: 11/20/2026. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

/**
 * The transforms of this version. Each compiles to lens SQL and to TypeScript
 * with equal results, missing values included (property-tested).
 */
export type TransformStep =
  | { readonly kind: 'value_map'; readonly map: ReadonlyMap<string, string>; readonly otherwise: 'null' | 'keep' }
  | { readonly kind: 'constant'; readonly value: string | number | boolean }
  | { readonly kind: 'default'; readonly value: string | number | boolean }
  | { readonly kind: 'template'; readonly parts: readonly (string | { readonly field: string })[] }
  /** Text to number; `decimal` is the decimal sign, everything else that groups digits is dropped. */
  | { readonly kind: 'number'; readonly decimal: '.' | ',' }
  /** Text to date; `order` says how day, month and year are written. */
  | { readonly kind: 'date'; readonly order: DateOrder }
  | { readonly kind: 'lower' }
  | { readonly kind: 'trim' }
  | { readonly kind: 'email_domain' }
  /** The value is field `key` of native object `object` of the same connection; the result is that record's field `take`. */
  | { readonly kind: 'lookup'; readonly object: string; readonly key: string; readonly take: string };

/** An agent and what it may do. Nothing is granted that is not written here. */
export interface AgentDeclaration {
  readonly name: string;
  readonly title: string;
  /** The accountable human. */
  readonly owner: string | null;
  readonly grant: Grant;
  readonly at: SourceMark;
}

export interface Grant {
  /** By object name: a model (`deal`), a native object (`crm.Opportunity`) or a glob over native ones (`crm.*`). */
  readonly objects: ReadonlyMap<string, ObjectGrant>;
  /** MCP tool names; empty means none. */
  readonly tools: readonly string[];
  readonly rowsMax: number | null;
  readonly callsPerMinute: number | null;
}

export interface ObjectGrant {
  /** Field names, or null for every field that is not sensitive. */
  readonly fields: readonly string[] | null;
  /** Only these records. Paths may cross to-one relations. */
  readonly where: Filter | null;
  readonly at: SourceMark;
}
