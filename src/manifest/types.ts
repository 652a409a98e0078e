import type { Filter } from '../filter/index.ts';
import type { AlertSettings } from './alert-types.ts';
import type { ApprovalRules } from './approval-types.ts';
import type { ChecklistPolicy } from './checklist-types.ts';
import type { SwitchTrigger } from './switch-types.ts';
import type { ObjectWrite, Operation, WriteGrant } from './write-types.ts';
import type { JsonObject } from '../kernel/index.ts';
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
  readonly policies: Policies;
  /** By tenant slug: what single tenants do differently, as far as the project itself says so. */
  readonly overlays: ReadonlyMap<string, Overlay>;
  /** Absent: nobody is sent alerts; they can be read all the same. */
  readonly alerts?: AlertSettings;
  /** Absent: `limits.accessMaxAgeMs`. */
  readonly access?: AccessDefaults;
}

/** The product's own object, the same for every customer and provider. */
export interface Model {
  readonly name: string;
  readonly title: string;
  readonly why: string | null;
  /** Field that names a record to people; used for links and short renderings. */
  readonly label: string | null;
  /**
   * Fields by which records of several systems are recognised as one and the
   * same, strongest first. Empty: records are never merged, each system's
   * stand side by side.
   */
  readonly match: readonly MatchKey[];
  readonly fields: ReadonlyMap<string, ModelField>;
  readonly many: ReadonlyMap<string, ManyRelation>;
  /** What may be done with its records, by name; absent: nothing is declared. */
  readonly operations?: ReadonlyMap<string, Operation>;
  readonly deprecated: Deprecation | null;
  readonly at: SourceMark;
}

/**
 * Two records match where both have a value in `field` and the values are
 * equal after normalising. `exact`: as they are. `email`: trimmed, lower case.
 * `domain`: host of an address or e-mail without `www.`, lower case; domains
 * of free mail providers match nothing.
 */
export interface MatchKey {
  readonly field: string;
  readonly as: MatchForm;
  readonly at: SourceMark;
}

export type MatchForm = 'exact' | 'email' | 'domain';

/** From `sunset` on (a day), removing the thing is no breaking change any more. */
export interface Deprecation {
  readonly replacedBy: string | null;
  readonly sunset: string | null;
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
  /** Field of the same model that holds each record's own ISO 4217 code; excludes `currency`. */
  readonly currencyField: string | null;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly deprecated: Deprecation | null;
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
  /**
   * What this system decides where several feed one model: whole models
   * (`account`) or single fields (`account.phone`); the narrower name wins.
   */
  readonly systemOfRecord: readonly string[];
  readonly scope: ScopeDocument;
  readonly mode: IntegrationMode;
  /** The human who is paged. */
  readonly onCall: string | null;
  readonly objects: ReadonlyMap<string, IntegrationObject>;
  /** Globs of native objects that are replicated whole without a mapping: `*__c`. */
  readonly alsoSync: readonly string[];
  /** By the name of the provider's limit: how much of it may be used. */
  readonly limits?: ReadonlyMap<string, CallLimit>;
  /**
   * Native fields that stay sensitive though no sensitive model field shows
   * them any more: an overlay took away the mapping that did.
   */
  readonly keptSensitive?: readonly NativeFieldOf[];
  /** Native objects with the model fields that an overlay maps: such a field is as sensitive as what it shows. */
  readonly overlaid?: readonly { readonly object: string; readonly field: string }[];
  readonly at: SourceMark;
}

/** Null: as the provider, or Gantry, has it. */
export interface CallLimit {
  readonly calls: number | null;
  /** Share that background work never takes, 0 to 0.9. */
  readonly reserve: number | null;
}

/** A limit of a provider, as its connector knows it. */
export interface ProviderLimit {
  readonly name: string;
  /** On the provider's largest plan. */
  readonly callsMax: number;
}

/** Ways in which a provider tells of changes, each with the native objects that it tells of. Absent: it does not tell so. */
export interface LiveWays {
  readonly stream?: 'any' | readonly string[];
  readonly webhook?: 'any' | readonly string[];
}

/** Where a connector can make fields of the customer's own, and for values of which types. */
export interface NewFieldWays {
  readonly objects: 'any' | readonly string[];
  readonly types: readonly string[];
}

/** A native field of a native object. */
export interface NativeFieldOf {
  readonly object: string;
  readonly field: NativeFieldRef;
}

/** A fence around the integration, whatever objects, globs and overlays ask for: globs over native objects. */
export interface ScopeDocument {
  readonly read: readonly string[];
  /** Default none. */
  readonly write: readonly string[];
  readonly writeAs: WriteAs;
}

/**
 * With whose sign-in that is written what a user is behind. Always the user's
 * own where there is one; else
 *
 * - user: not at all
 * - checked: the connection's, for what the system itself says that the user may do
 * - connection: the connection's, for all that grant and policy allow
 */
export type WriteAs = 'user' | 'checked' | 'connection';

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
  /** What a new record gets where a required look-up would be empty: native field to value. For writes. */
  readonly defaults: ReadonlyMap<string, Scalar>;
  /** Who is shown its records; absent: as the provider tells. */
  readonly permissions?: ObjectPermissions;
  /** What may be written there; absent: nothing. */
  readonly write?: ObjectWrite;
  readonly at: SourceMark;
}

/** Who is shown the records of an object by a rule of the tenant's own, instead of what the provider tells. */
export type ObjectPermissions = { readonly kind: 'everyone' } | ({ readonly kind: 'rule' } & AccessRule);

/** Native fields; a record is shown to whom any of them names. */
export interface AccessRule {
  /** The user's id there, or the e-mail address. */
  readonly owner: string | null;
  readonly team: string | null;
  readonly territory: string | null;
}

/** How old what is known of rights may be. */
export interface AccessDefaults {
  readonly maxAgeMs: number;
}

export type Scalar = string | number | boolean;

export interface SyncSettings {
  /** Only what changed (where absent), or everything each time. */
  readonly mode?: 'full' | 'incremental';
  /** How often all records are compared with the provider's; absent: as its connector can do it cheaply. */
  readonly reconcile?: 'daily' | 'weekly' | 'never';
  /** Changes come as the provider tells of them, beside the schedule. */
  readonly live?: 'stream' | 'webhook';
  /** Fixed times instead of an interval. */
  readonly at?: { readonly cron: string; readonly timeZone: string };
  /** Null: everything the provider has; else only records changed in the last N days. */
  readonly backfillDays: number | null;
  /** Seconds between scheduled incremental runs. */
  readonly everyS: number;
}

/**
 * What the model shows where the native value is missing after all steps.
 * `empty`: an empty text or list. `skip`: the record is left out of the model
 * (it stays readable as a native object). `error`: left out too, but as a
 * fault: counted by `gantry status`, and answers over the model warn of it.
 */
export type OnMissing = 'null' | 'empty' | 'skip' | 'error';

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
  /** Null only where the first step is `constant`, `template` or `concat`. */
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
  | { readonly kind: 'lookup'; readonly object: string; readonly key: string; readonly take: string }
  /** A source: the native fields that have a value, in order, with `separator` between them; missing where none has. */
  | { readonly kind: 'concat'; readonly fields: readonly string[]; readonly separator: string }
  /** The part of a text between separators: 1 is the first, -1 the last; missing where there is no such part, or it is empty. */
  | { readonly kind: 'split'; readonly separator: string; readonly take: number }
  /** An amount as people write it, with a currency sign or code before or after: `€ 1.234,50`. Missing where the text names another currency than `code`. */
  | { readonly kind: 'money'; readonly decimal: '.' | ','; readonly code: string | null }
  /** A quantity in `from` to the same in `to`; both of one dimension (units.ts). Texts may carry the unit: `12 kg`. */
  | { readonly kind: 'unit'; readonly from: string; readonly to: string }
  /** `50-100` to 75; `500+` and `>500` to 500; a single number to itself. */
  | { readonly kind: 'midpoint'; readonly decimal: '.' | ',' }
  /** A value inside a JSON value or JSON text: keys and list places (from 0), as text, number or boolean of JSON. */
  | { readonly kind: 'json_path'; readonly path: readonly (string | number)[] }
  /**
   * Only for reference fields: the value equals field `by` of the model that
   * the reference leads to (compared as `as` says); the result is that record's
   * field `on`. Missing where no record or several different ones have it.
   */
  | { readonly kind: 'match'; readonly by: string; readonly as: MatchForm };

/** An agent and what it may do. Nothing is granted that is not written here. */
export interface AgentDeclaration {
  readonly name: string;
  readonly title: string;
  /** The accountable human. */
  readonly owner: string | null;
  /** In whose name it asks; absent: `service`. */
  readonly actsFor?: ActsFor;
  /** Absent: `active`. A suspended agent's keys and tokens are not good. */
  readonly status?: 'active' | 'suspended';
  /** Networks (CIDR) from which it may be used; absent: any. */
  readonly ipAllow?: readonly string[];
  /**
   * Client ids of OAuth clients that are this agent, as globs over whole ids:
   * addresses of client metadata documents, or what an identity provider calls
   * its applications. Absent: none but the agent's own name.
   */
  readonly clients?: readonly string[];
  /** Where people go back to from the sign-in of a client whose id is the agent's name; absent: there is no such client. */
  readonly redirectUris?: readonly string[];
  /** What it may move in a day. */
  readonly moneyPerDay?: { readonly amount: string; readonly currency: string };
  readonly grant: Grant;
  readonly at: SourceMark;
}

/** `service`: with the grant alone. `users`: only in the name of a user. `both`: as the call says. */
export type ActsFor = 'service' | 'users' | 'both';

export interface Grant {
  /** By object name: a model (`deal`), a native object (`crm.Opportunity`) or a glob over native ones (`crm.*`). */
  readonly objects: ReadonlyMap<string, ObjectGrant>;
  /** MCP tool names; empty means none. */
  readonly tools: readonly string[];
  /** Saved queries that are tools of their own for this agent. Their objects must be granted too. */
  readonly savedQueries: readonly string[];
  /** By object name, as `objects`: what it may write; absent: nothing. */
  readonly write?: ReadonlyMap<string, WriteGrant>;
  /** Operations that it may run, as `<model>.<name>`; absent: none. */
  readonly operations?: readonly string[];
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

/** policies/*.yaml: what holds across models, integrations and agents. */
export interface Policies {
  readonly savedQueries: ReadonlyMap<string, SavedQuery>;
  /** Null: amounts of different currencies are never added. */
  readonly rates: CurrencyRates | null;
  readonly history: HistoryPolicy;
  /** Absent: those that hold where nobody says anything (src/policy). */
  readonly approvals?: ApprovalRules;
  /** What stops writes by itself; absent: nothing. */
  readonly switches?: readonly SwitchTrigger[];
  /** Absent: nothing is told. */
  readonly checklist?: ChecklistPolicy;
}

/** A question that somebody thought through, as a narrow tool. */
export interface SavedQuery {
  /** Also the tool's name. */
  readonly name: string;
  readonly title: string;
  readonly why: string;
  readonly params: ReadonlyMap<string, SavedQueryParam>;
  /** Arguments of query_records; `{"param": "segment"}` stands where a value may stand. */
  readonly query: JsonObject;
  readonly at: SourceMark;
}

export interface SavedQueryParam {
  readonly name: string;
  readonly type: Extract<FieldType, 'string' | 'boolean' | 'integer' | 'number' | 'date' | 'datetime' | 'enum'>;
  readonly values: readonly string[] | null;
  readonly default: Scalar | null;
  readonly why: string | null;
}

/** Dated rates: one unit of `base` is `rate` units of the currency, from that day on. */
export interface CurrencyRates {
  readonly base: string;
  /** Where the rates come from, told with every conversion: `ECB reference rates`. */
  readonly source: string;
  /** By ISO 4217 code, oldest first. */
  readonly rates: ReadonlyMap<string, readonly { readonly from: string; readonly rate: number }[]>;
  readonly at: SourceMark;
}

export interface HistoryPolicy {
  /** How long earlier versions of records are kept. 0: not at all. */
  readonly keepDays: number;
}

/**
 * What one tenant does differently: applied over the project before anything
 * else sees it (`manifestFor`). Every part is optional.
 */
export interface Overlay {
  /** Slug. */
  readonly tenant: string;
  readonly why: string | null;
  /** More fields for models, in this tenant only. */
  readonly models: ReadonlyMap<string, { readonly fields: ReadonlyMap<string, ModelField> }>;
  readonly integrations: ReadonlyMap<string, IntegrationOverlay>;
  /** Never more than the grant allows. By agent name; `*` for all. */
  readonly limits: ReadonlyMap<string, { readonly rowsMax: number | null; readonly callsPerMinute: number | null }>;
  readonly at: SourceMark;
}

export interface IntegrationOverlay {
  readonly integration: string;
  readonly objects: ReadonlyMap<string, ObjectOverlay>;
  readonly alsoSync: readonly string[];
  readonly limits?: ReadonlyMap<string, CallLimit>;
  readonly at: SourceMark;
}

export interface ObjectOverlay {
  readonly from: string;
  /** For objects that the project does not have: the model they feed. Null keeps what the project says. */
  readonly model: string | null;
  /** By model field. Null: this tenant has no such field. */
  readonly fields: ReadonlyMap<string, FieldMapping | null>;
  /** Records must pass the project's filter and this one. */
  readonly where: Filter | null;
  readonly sync: SyncSettings | null;
  readonly defaults: ReadonlyMap<string, Scalar>;
  readonly permissions?: ObjectPermissions;
  /** Instead of the project's whole block. */
  readonly write?: ObjectWrite;
  readonly at: SourceMark;
}
