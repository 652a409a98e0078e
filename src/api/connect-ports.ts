import type { JsonObject } from '../kernel/index.ts';
import type { FinishedConnect, Operator, SignInMethod } from './ports.ts';

/** Links to the connect page, for the product's backend. All raise `not_found` for an unknown tenant. */
export interface ConnectTokenUseCases {
  /** Raises `connect_return_refused`, `not_found` for an unknown integration. */
  create(operator: Operator, request: NewConnectLink): Promise<ConnectLink>;
  list(operator: Operator, request: { readonly tenant: string }): Promise<readonly JsonObject[]>;
  /** Raises `not_found` where there is no such link, or nothing to take back. */
  revoke(operator: Operator, request: { readonly tenant: string; readonly id: string }): Promise<JsonObject>;
}

export interface NewConnectLink {
  readonly tenant: string;
  /** Integrations to choose from; default all of the project. */
  readonly integrations: readonly string[];
  /** Slug of the connection; default the integration's name. */
  readonly connection: string | null;
  readonly returnUrl: string | null;
  readonly expiresInS: number;
  /** Who asked, where the operator's key says less. */
  readonly by: string | null;
}

export interface ConnectLink {
  readonly token: string;
  readonly url: string;
  readonly expiresAt: Date;
}

/**
 * What the connect page does for whoever holds a link's token. All raise
 * `connect_token_invalid`, and `not_found` for an integration that the link does not offer.
 */
export interface ConnectPageUseCases {
  /** Cookies travel over TLS only. */
  readonly secure: boolean;
  offer(token: string): Promise<ConnectOffer>;
  consent(token: string, integration: string): Promise<ConnectConsent>;
  /** Where the browser goes to sign in. Raises what starting a connection raises. */
  startBrowser(token: string, request: { readonly integration: string; readonly loginUrl?: string }): Promise<string>;
  /** Raises what connecting with credentials raises; no message repeats a value. */
  enter(
    token: string,
    request: {
      readonly integration: string;
      readonly method: string;
      readonly values: Readonly<Record<string, string>>;
    },
  ): Promise<void>;
  /** What came of the link; null: nothing yet. */
  outcome(token: string): Promise<ConnectOutcome | null>;
}

export interface ConnectOffer {
  /** The product, as its project is titled. */
  readonly product: string;
  readonly tenant: string;
  readonly used: boolean;
  readonly choices: readonly ConnectChoice[];
}

export interface ConnectChoice {
  readonly integration: string;
  readonly title: string;
  /** State of the connection that there is by that name; null: none. */
  readonly present: { readonly account: string | null; readonly needsSignIn: boolean } | null;
}

export interface ConnectConsent extends ConnectChoice {
  readonly product: string;
  readonly tenant: string;
  readonly connection: string;
  /** Provider's title: `Salesforce`. */
  readonly system: string;
  readonly reads: readonly ConsentRead[];
  /** Patterns of further objects that are read whole. */
  readonly alsoReads: readonly string[];
  /** Patterns of objects that may be written; empty: nothing. */
  readonly writes: readonly string[];
  /** What the provider's consent page will list. */
  readonly scopes: readonly string[];
  /** Null where nobody can sign in with a browser. */
  readonly browser: { readonly addressNeeded: boolean; readonly example: string } | null;
  readonly methods: readonly SignInMethod[];
  /** Origins that a form of this page may lead to. */
  readonly formTargets: readonly string[];
  readonly several: boolean;
}

export interface ConsentRead {
  /** The product's word for it. */
  readonly title: string;
  /** The provider's. */
  readonly native: string;
  readonly everyS: number;
  /** Null: all of it. */
  readonly days: number | null;
}

export interface ConnectOutcome extends FinishedConnect {
  readonly product: string;
  /** Where the person goes back to; null: nowhere. */
  readonly returnUrl: string | null;
}
