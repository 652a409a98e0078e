import type { Json, JsonObject } from '../kernel/index.ts';
import type { NativeObject, NativeObjectSummary } from '../schema/index.ts';
import type { ConnectorIntents } from './intents.ts';
import type { NewFieldPlaces } from './new-fields.ts';
import type { SessionPermissions } from './permissions.ts';
import type { AllowanceReading, RateLimits } from './rate-limits.ts';
import type { SessionWrites } from './writes.ts';

export type { AllowanceReading, RateLimit, RateLimits } from './rate-limits.ts';

/**
 * What the rest of Gantry knows of a provider. A connector never stores
 * anything, never sees the vault, and never decides when to run: it turns
 * requests into HTTP and answers into native records.
 */
export interface Connector {
  /** Registry name: `salesforce`. */
  readonly provider: string;
  readonly title: string;
  /** Null where the provider knows credentials only. */
  readonly oauth: OAuthConnector | null;
  /** Ways in without a browser: API keys, key pairs. */
  readonly credentials: readonly CredentialMethod[];
  /** Scopes that writing needs beside those for reading; absent: none. */
  readonly writeScopes?: readonly string[];
  /** What the provider tells by itself; absent: it is only asked. */
  readonly events?: ProviderEvents;
  /** What the provider allows one account; absent: nothing is known of it. */
  readonly rateLimits?: RateLimits;
  /** What people mean, whatever app it happens in, as this one does it; absent: nothing of it. */
  readonly intents?: ConnectorIntents;
  /** Where fields of the customer's own can be made; absent: nowhere. */
  readonly newFields?: NewFieldPlaces;
  /** A session over one connection; cheap, holds no sockets. */
  open(access: ProviderAccess): ConnectorSession;
}

/** The OAuth application that the product team registered with the provider. */
export interface OAuthApp {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the provider's login lives: a real host or a sandbox (`http://127.0.0.1:4001`). */
  readonly loginUrl: string;
}

export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Seconds, as the provider stated it; null where it does not say. */
  readonly expiresInS: number | null;
  readonly scope: string | null;
  /** Address of this customer's API, as the provider stated it at login; never ends with a slash. */
  readonly apiUrl: string;
  /** What else calls need to reach this account (a database, a protocol); sealed with the tokens. */
  readonly context?: AccessContext;
  /** Seconds until the refresh token ends unless it is used before, where that is known. */
  readonly refreshExpiresInS?: number | null;
}

/** By names of the connector's own; it reads them back from `AccessToken`. */
export type AccessContext = Readonly<Record<string, string>>;

/** OAuth 2 code flow with PKCE (S256), as far as it differs between providers. All three speak real HTTP. */
export interface OAuthConnector {
  readonly defaultLoginUrl: string | null;
  /** Hosts of this provider's login pages, `*.` for any subdomain: the client secret goes nowhere else. */
  readonly loginHosts: readonly string[];
  readonly scopes: readonly string[];
  /** `scopes`: beside the connector's own. */
  authorizeUrl(
    app: OAuthApp,
    request: { redirectUri: string; state: string; codeChallenge: string; scopes?: readonly string[] },
  ): string;
  exchangeCode(app: OAuthApp, request: { code: string; redirectUri: string; codeVerifier: string }): Promise<TokenSet>;
  /** Raises `connection_reauth_required` when the grant is gone. A provider that does not rotate returns the old refresh token. */
  refresh(app: OAuthApp, tokens: { refreshToken: string; apiUrl: string }): Promise<TokenSet>;
  /** Ends the grant there; false: not confirmed. Absent: the provider has no call for it. */
  revoke?(
    app: OAuthApp,
    tokens: { readonly refreshToken: string | null; readonly accessToken: string; readonly apiUrl: string },
  ): Promise<boolean>;
  /** Seconds in which the provider takes a refresh token again that it has already replaced; 0: not once. */
  readonly refreshReuseS: number;
}

/**
 * A way in by something that the customer's administrator enters. What was
 * entered is sealed like a refresh token; `signIn` is called again whenever the
 * token has expired or was refused, so it must not have side effects upstream.
 */
export interface CredentialMethod {
  /** `api_key`, `jwt_bearer` */
  readonly name: string;
  readonly title: string;
  readonly fields: readonly CredentialField[];
  /**
   * Turns what was entered into a token set: by a call where the provider
   * exchanges it, without one where the key is the token. Raises
   * `credentials_refused`. `app` is null where none is configured.
   */
  signIn(app: OAuthApp | null, values: Readonly<Record<string, string>>): Promise<TokenSet>;
}

export interface CredentialField {
  readonly name: string;
  readonly title: string;
  readonly secret: boolean;
  readonly optional: boolean;
  /** An address that the connector calls: only these hosts are accepted (`*.` for any subdomain), loopback for sandboxes. */
  readonly hosts?: readonly string[];
}

/** How a session reaches its provider. Implemented by src/connection, with vault and refresh behind it. */
export interface ProviderAccess {
  /** Address of this customer's API, no trailing slash. */
  readonly apiUrl: string;
  /** A token believed valid now. `generation` names it, for `renew`. */
  token(): Promise<AccessToken>;
  /** Called after the provider refused the token of `generation`: refreshes once per generation, whoever asks. */
  renew(generation: number): Promise<AccessToken>;
  /** Told of every upstream call, for logs and the demo's counters. */
  onCall?(call: UpstreamCall): void;
  /** Asked before every attempt of every call; absent: nothing limits but the provider. */
  readonly gate?: CallGate;
  /** `background` where absent. Equal questions of callers who wait are asked once. */
  readonly purpose?: CallPurpose;
}

/**
 * Keeps the calls of everybody who shares a provider account within what the
 * provider allows. Implemented by src/budget. Each attempt is admitted and
 * settled on its own: most providers count refused calls, too.
 */
export interface CallGate {
  /**
   * Resolves when the attempt may be sent. Raises `upstream_rate_limited` with
   * `retryAt` where it would have to wait beyond `deadlineMs` (monotonic), and
   * `upstream_unavailable` while the connection's circuit is open.
   */
  admit(attempt: CallAttempt): Promise<CallPermit>;
}

export interface CallAttempt {
  /** The provider's name for a limit of its own beside the common one (`incremental_exports`); null: the common one only. */
  readonly limit: string | null;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

export interface CallPermit {
  /** Called exactly once, whatever became of the attempt. */
  settle(outcome: CallOutcome): void;
}

export type CallOutcome =
  /** What the answer's headers say of the account's allowance: `reading` of the common limit, `own` of the attempt's `limit`. */
  | { readonly kind: 'answered'; readonly reading: AllowanceReading | null; readonly own?: AllowanceReading | null }
  /** The provider refused for too many calls; `waitMs` as it stated. */
  | {
      readonly kind: 'limited';
      readonly waitMs: number | null;
      readonly reading: AllowanceReading | null;
      readonly own?: AllowanceReading | null;
    }
  /** No answer, or one of a provider in trouble. */
  | { readonly kind: 'failed' }
  /** Given up before it was sent. */
  | { readonly kind: 'unsent' };

/** Who waits for the answer: somebody (an agent, a person), or a job that can as well run later. */
export type CallPurpose = 'interactive' | 'background';

export interface AccessToken {
  readonly accessToken: string;
  readonly generation: number;
  /** As the sign-in found it. */
  readonly context?: AccessContext;
}

export interface UpstreamCall {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface ConnectorSession {
  /** Who we are there: the org, not the user, decides whether two connections are one account. */
  identify(): Promise<AccountIdentity>;
  /**
   * Whether the connected user may change the account itself, or everything in
   * it, as far as the provider tells. Absent: it does not tell.
   */
  adminRight?(): Promise<AdminRight>;
  listObjects(): Promise<NativeObjectSummary[]>;
  /** Raises `upstream_object_missing` when the object is gone or hidden from this user. */
  describeObject(name: string): Promise<NativeObject>;
  /**
   * One page in change order, oldest first, as far as the provider knows an
   * order: what is kept does not depend on it. `cursor` null starts at the
   * beginning of time; the returned cursor is complete in itself, so that
   * another process can go on with it after any page. Deleted records are
   * included as far as the provider tells of them.
   */
  readPage(request: PageRequest): Promise<RecordPage>;
  /** Records there are now, for progress bars; null where the provider does not count. */
  countRecords(object: string): Promise<number | null>;
  /**
   * Ids of all records that exist now, in a fixed order, after `afterId` (null:
   * from the first). Only of providers that tell nothing of deletions: what is
   * not in the list up to `more: false` is gone upstream. Absent: pages tell.
   */
  listIds?(object: NativeObject, afterId: string | null): Promise<IdPage>;
  /**
   * Single records as they are now, for events that name them; at most
   * `recordsByIdMax` ids. Absent: an event makes the object's stream due.
   */
  readRecords?(object: NativeObject, ids: readonly string[]): Promise<RecordsById>;
  /**
   * As `listIds`, with when each record was changed last: what proves that
   * nothing is missing or old here. Absent: only reading everything does.
   */
  listStamps?(object: NativeObject, afterId: string | null): Promise<StampPage>;
  /**
   * A hash of what decides which records the connected user is shown, as far
   * as the provider tells: who it is, profile, groups. Absence is no deletion
   * where it has changed. `<n>:` in front says how it was made: hashes of
   * different `n` say nothing of each other. Null: the provider does not say.
   */
  grantsHash?(): Promise<string | null>;
  /**
   * Fields without which a page has no place. A page of these alone can be
   * asked for, by an object that has only them, and its cursor goes for pages of
   * all fields: so a record that cannot be read is stepped over. Null: not with
   * this object. Absent: not here.
   */
  placeFields?(object: NativeObject): readonly string[] | null;
  /**
   * For a page that cannot be read, however small, where `placeFields` is absent:
   * the first page after it that can be, with the stretch of time that is left
   * out. Null: nothing can be read after it, so far. Absent: not here.
   */
  readPast?(request: PageRequest): Promise<PastPage | null>;
  /** Who is shown what there. Absent: the provider does not tell. */
  readonly permissions?: SessionPermissions;
  /** Absent: the connector only reads. */
  readonly writes?: SessionWrites;
}

export interface PastPage {
  readonly page: RecordPage;
  /** What changed in between was not read: the record in the way, and maybe others. */
  readonly leftOut: { readonly from: Date; readonly to: Date };
}

export interface StampPage extends IdPage {
  /** As `NativeRecord.modifiedAt`, for each of `ids`. */
  readonly stamps: readonly (Date | null)[];
}

export interface RecordsById {
  readonly records: readonly NativeRecord[];
  /** Asked for and not answered: gone, or hidden from the connected user. No proof of deletion. */
  readonly missing: readonly string[];
  /** What was true then is in `records`. */
  readonly readAt: Date;
}

/** A provider tells of changes by calling us, over a line that we hold open, or both. */
export interface ProviderEvents {
  readonly webhooks?: WebhookSource;
  readonly stream?: EventStreamSource;
}

/** One thing that happened there. Says what to look at; what is kept is read afterwards, or proves itself (`deleted`). */
export interface ProviderEvent {
  /** The provider's own id, or what stands for it: the same event delivered twice has the same. At most 200 characters. */
  readonly id: string;
  /** Native object. */
  readonly object: string;
  /** Null: something about the object changed; its stream is read. */
  readonly recordId: string | null;
  readonly what: 'changed' | 'deleted';
  /** When it happened, as the provider says. */
  readonly at: Date | null;
  /** The provider tells before others can see it there: not to be read before so many ms. */
  readonly readAfterMs?: number;
}

/** A delivery as it came, before anything is believed. */
export interface WebhookDelivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Exactly the bytes that were signed. */
  readonly body: Uint8Array;
  /** Address that was called, as the provider knows it. */
  readonly url: string;
  readonly method: string;
  readonly receivedAt: Date;
}

export interface WebhookSource {
  /** Raises `webhook_signature_invalid`; `secret` as it was agreed when the address was registered. */
  verify(delivery: WebhookDelivery, secret: string): void;
  /** Pure, after `verify`. Raises `webhook_unreadable`. */
  read(delivery: WebhookDelivery): WebhookReading;
  /**
   * Has the provider call `url` as it shall now; absent: a person registers it,
   * as docs/connectors say. What is there of `before`, or of an attempt whose
   * answer was lost, stays or is put right, so that repeating it is harmless.
   * Raises `webhook_registration_refused` where rights or settings are in the
   * way, and what calls raise.
   */
  register?(access: ProviderAccess, request: WebhookRegistration): Promise<RegisteredWebhook>;
  /**
   * Ends what `register` made; what is not there any more is no error. Where its
   * answer was lost, `reference` is `{url}`, the address alone: what calls that
   * is found and ended, where the provider can be asked.
   */
  remove?(access: ProviderAccess, reference: JsonObject): Promise<void>;
  /** Scopes that registering needs beside those for reading. */
  readonly scopes?: readonly string[];
  /** Native objects of which it can tell; absent: of any. */
  readonly objects?: readonly string[];
}

export type WebhookReading =
  | { readonly kind: 'events'; readonly events: readonly ProviderEvent[] }
  /** The provider tries the address; the answer is what it wants to hear. */
  | { readonly kind: 'challenge'; readonly answer: { readonly contentType: string; readonly body: string } };

export interface WebhookRegistration {
  readonly url: string;
  readonly secret: string;
  /** Native objects of which the provider shall tell. */
  readonly objects: readonly string[];
  /** Of the last time; null: there was none. */
  readonly before: JsonObject | null;
}

export interface RegisteredWebhook {
  /** What the provider knows it by, for renewing and removing. */
  readonly reference: JsonObject;
  /** Those of the objects of which it really tells. */
  readonly objects: readonly string[];
  /** Secret that the provider chose instead of ours. */
  readonly secret?: string;
  /** It ends then, unless it is registered anew before; null: it does not end. */
  readonly expiresAt: Date | null;
}

/** A line held open to the provider. */
export interface EventStreamSource {
  /**
   * Delivers batches in order until `signal` aborts; the next batch comes after
   * `onBatch` has resolved. Raises `cursor_expired` when `position` is older
   * than what the provider keeps, and what calls raise when the line is lost.
   */
  follow(access: ProviderAccess, request: EventStreamRequest): Promise<void>;
}

export interface EventStreamRequest {
  readonly objects: readonly string[];
  /** Where the line is held, where it is not the provider's usual address. */
  readonly endpoint?: string | null;
  /** Told of objects of which the provider sends no events: they are only read. */
  readonly onUnavailable?: (objects: readonly string[]) => void;
  /** Of the last batch that was kept; null: from now on. */
  readonly position: Cursor | null;
  readonly signal: AbortSignal;
  /** Kept durably when it resolves. */
  readonly onBatch: (batch: EventBatch) => Promise<void>;
}

export interface EventBatch {
  readonly events: readonly ProviderEvent[];
  readonly position: Cursor;
  /** Objects of which the provider lost events (gap, overflow): their streams are read. */
  readonly gaps: readonly string[];
}

export interface IdPage {
  readonly ids: readonly string[];
  readonly more: boolean;
}

/** `admin`: by the right that the provider calls so. `untold`: not to this user. */
export type AdminRight =
  { readonly kind: 'admin'; readonly right: string } | { readonly kind: 'none' } | { readonly kind: 'untold' };

export interface AccountIdentity {
  /** Stable id of the customer's account at the provider (org id, subdomain). */
  readonly accountId: string;
  readonly accountName: string;
  readonly userName: string;
}

/** Opaque to everybody but the connector that made it. Small: it is stored with every page. */
export type Cursor = JsonObject;

export interface PageRequest {
  readonly object: NativeObject;
  readonly cursor: Cursor | null;
  /**
   * Only counts where `cursor` is null: begin with records changed since then
   * instead of at the beginning of time. An object that has no order of change
   * is read whole.
   */
  readonly since?: Date;
}

export interface RecordPage {
  readonly records: readonly NativeRecord[];
  readonly cursor: Cursor;
  /** False: everything that the provider had at `readAt` has been read. */
  readonly more: boolean;
  /**
   * True on the first page after the provider refused to go on from an old
   * cursor: this page begins a whole new reading, and what is not in its pages
   * up to `more: false` is gone upstream.
   */
  readonly restarted?: boolean;
  /** What was true then is in this page or an earlier one: when the provider was asked, less what it holds back. */
  readonly readAt: Date;
  /**
   * True where the provider holds back what changed just before, whatever it
   * was before that: such a record is in no page of a whole reading that ends
   * now, and is not gone for that.
   */
  readonly leavesOut?: boolean;
}

export interface NativeRecord {
  readonly id: string;
  /** Upstream modification time, where the provider tells. */
  readonly modifiedAt: Date | null;
  readonly deleted: boolean;
  /** By native field name, as the provider said it (before type checks). Empty for tombstones. */
  readonly values: { readonly [field: string]: Json };
}
