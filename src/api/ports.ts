import type { Role } from '../identity/index.ts';
import type { ErrorBody, Json, JsonObject } from '../kernel/index.ts';

/**
 * The tools as REST needs them. `Session` is whatever authentication found out
 * about the caller: the API hands it on and never looks inside. Implemented by
 * the tool door that also stands behind MCP, so both doors do the same.
 */
export interface RestTools<Session> {
  /** Every tool; the OpenAPI document is made from these. */
  readonly all: readonly RestTool[];
  list(session: Session): readonly RestTool[];
  /** Never throws. */
  call(session: Session, name: string, args: Json, more?: { readonly idempotencyKey?: string }): Promise<RestOutcome>;
}

export interface RestTool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly inputSchema: JsonObject;
  readonly outputSchema: JsonObject | null;
}

export type RestOutcome =
  | { readonly kind: 'answer'; readonly requestId: string; readonly answer: JsonObject }
  | { readonly kind: 'error'; readonly requestId: string; readonly status: number; readonly error: RestError };

export type RestError = ErrorBody & { readonly request_id: string };

/** The operator of one tenant or of all; what they may do is decided behind the ports. */
export interface Operator {
  readonly name: string;
  /** Absent: `admin`. */
  readonly role?: Role;
  /** By which token of an identity provider; absent: by a key of ours. `issuedAt`: ISO. */
  readonly token?: { readonly issuer: string; readonly issuedAt: string };
}

/** Connecting systems and moving data, for operators. Implemented by src/app over connection and sync. */
export interface ConnectionUseCases {
  /** Begins a connection: the end user opens `authorizeUrl` in a browser. */
  startConnect(operator: Operator, request: StartConnect): Promise<StartedConnect>;
  /** The provider sent the user back. Raises the connection family's errors: unknown, expired or used state, refused code. */
  finishConnect(request: {
    readonly state: string;
    readonly code: string;
    /** The connect link's token that the browser holds; a sign-in that the page began ends in its own browser only. */
    readonly connectToken?: string | null;
  }): Promise<FinishedConnect>;
  /** The ways in that the integration's provider has. */
  signInMethods(operator: Operator, request: { readonly integration: string }): Promise<SignInMethods>;
  /** Connects with what an administrator entered, at once. Raises the connection family's errors; no message repeats a value. */
  signIn(operator: Operator, request: SignIn): Promise<FinishedConnect>;
  /** The user declined at the provider, or the provider refused: the attempt is over. Raises nothing for an unknown state. */
  abandonConnect(request: { readonly state: string; readonly error: string }): Promise<void>;
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  /** Asks for a sync run now; returns as soon as it is queued. */
  syncNow(operator: Operator, request: SyncNow): Promise<JsonObject>;
}

export interface StartConnect {
  readonly tenant: string;
  /** Integration of the manifest that the connection serves. */
  readonly integration: string;
  /** Slug of the connection; default: the integration's name. */
  readonly connection?: string;
  /** Where this customer signs in, for providers whose accounts have addresses of their own (`https://acme.zendesk.com`). */
  readonly loginUrl?: string;
}

export interface SignInMethods {
  /** Provider's title: `Odoo`. */
  readonly system: string;
  /** Whether `startConnect` works. */
  readonly browser: boolean;
  readonly methods: readonly SignInMethod[];
}

export interface SignInMethod {
  readonly name: string;
  readonly title: string;
  readonly fields: readonly {
    readonly name: string;
    readonly title: string;
    readonly secret: boolean;
    readonly optional: boolean;
  }[];
}

export interface SignIn extends StartConnect {
  /** Name of a `SignInMethod`. */
  readonly method: string;
  /** By field name; some are secret. */
  readonly values: { readonly [field: string]: string };
}

export interface StartedConnect {
  readonly connection: string;
  readonly authorizeUrl: string;
  readonly expiresAt: Date;
}

export interface FinishedConnect {
  readonly tenant: string;
  readonly connection: string;
  /** Provider's title: `Salesforce`. */
  readonly system: string;
  readonly accountName: string;
  /** The connect page began it, so it goes on there. */
  readonly byConnectPage?: boolean;
}

/** What operators do to a connection after it was made. All raise `not_found`. */
export interface ConnectionLifeUseCases {
  /** As in the list of connections, with everything known of its state. */
  show(operator: Operator, request: { readonly tenant: string; readonly connection: string }): Promise<JsonObject>;
  /** All four raise `connection_state_conflict`. */
  pause(operator: Operator, request: ConnectionAct): Promise<JsonObject>;
  resume(operator: Operator, request: ConnectionAct): Promise<JsonObject>;
  revoke(operator: Operator, request: ConnectionAct): Promise<JsonObject>;
  /** Returns once nobody can use it any more; its records are removed in the background. */
  remove(operator: Operator, request: ConnectionAct): Promise<JsonObject>;
  /** What is left of deleted ones: names, times, and what was removed; newest first. */
  deleted(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
}

export interface ConnectionAct {
  readonly tenant: string;
  readonly connection: string;
  readonly note: string | null;
  /** Who, where the operator's key says less. */
  readonly by: string | null;
}

export interface SyncNow {
  readonly tenant: string;
  readonly connection: string;
  /** Native objects; default all of the connection. */
  readonly objects?: readonly string[];
  /** Deletions of these objects that are held (`sync_deletions_held`) are right: carry them out. */
  readonly acceptDeletions?: boolean;
}

/** What is in force: revisions of the project and overlays of tenants, for operators. */
export interface ProjectUseCases {
  /** Newest first. */
  revisions(operator: Operator, request: { readonly limit: number }): Promise<readonly JsonObject[]>;
  /** Raises `not_found` for an unknown tenant, as all here. */
  showOverlay(operator: Operator, request: { readonly tenant: string }): Promise<JsonObject>;
  /** Raises `manifest_invalid` with every mistake, and `overlay_in_project`. */
  setOverlay(operator: Operator, request: { readonly tenant: string; readonly yaml: string }): Promise<JsonObject>;
  removeOverlay(operator: Operator, request: { readonly tenant: string }): Promise<JsonObject>;
}

/** The local copies of tenants, for operators. All raise `not_found` for an unknown tenant. */
export interface LensUseCases {
  status(operator: Operator, request: { readonly tenant: string }): Promise<JsonObject>;
  /** Resolves when it is built. */
  rebuild(operator: Operator, request: { readonly tenant: string }): Promise<JsonObject>;
  /** Raises `lens_snapshots_off`. */
  snapshot(operator: Operator, request: { readonly tenant: string }): Promise<JsonObject>;
}

/** Users' own sign-ins beside a connection's, for operators. */
export interface UserSignInUseCases {
  /** Raises the connection family's errors; no message repeats a value. */
  signIn(operator: Operator, request: OfUser & Pick<SignIn, 'loginUrl' | 'method' | 'values'>): Promise<JsonObject>;
  list(operator: Operator, request: Omit<OfUser, 'user'>): Promise<readonly JsonObject[]>;
  signOut(operator: Operator, request: OfUser): Promise<void>;
}

export interface OfUser {
  readonly tenant: string;
  readonly connection: string;
  /** As the product names them. */
  readonly user: string;
}

/** The keys under which secrets are sealed, for operators. */
export interface VaultUseCases {
  status(operator: Operator): Promise<JsonObject>;
  /**
   * Wraps the data keys of the next tenants after `after` under the present
   * master key; `dataKeys`: new ones are made, and what is sealed is sealed
   * anew. `next` in the answer says where to go on; null: all is done.
   */
  rotate(
    operator: Operator,
    request: { readonly dataKeys: boolean; readonly after: number | null },
  ): Promise<JsonObject>;
}

/** The calls that provider accounts have left, for operators. */
export interface BudgetUseCases {
  /** Of one tenant's connections, or of all. Raises `not_found` for an unknown tenant. */
  list(operator: Operator, request: { readonly tenant?: string }): Promise<readonly JsonObject[]>;
}

/** Whether the process can serve, with the reason where it cannot. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: { readonly [name: string]: 'ok' | 'starting' | 'failed' };
}
