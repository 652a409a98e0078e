import type { Exchange } from '../identity/index.ts';

/** What people see who sign in for a client of theirs. Implemented by src/app/identity. */
export interface SignInPageUseCases {
  /** Browsers reach us by https. */
  readonly secure: boolean;
  /** The authorization server's own addresses. */
  handle(exchange: Exchange): Promise<void>;
  /**
   * What a single-use link is worth: who this browser is, for a while; whoever
   * was signed in before is so no longer. Raises `sign_in_link_invalid`.
   */
  redeem(exchange: Exchange, token: string): Promise<string>;
  /** `session`: what `redeem` gave this browser. Raises `sign_in_over`, and why the client may not act for this user. */
  visit(exchange: Exchange, session: string | null): Promise<SignInVisit>;
  /** The address to go on to. Raises `sign_in_refused`, `sign_in_over`. */
  withPassword(exchange: Exchange, entered: EnteredPassword): Promise<string>;
  /** The same. */
  decide(exchange: Exchange, allow: boolean): Promise<string>;
}

export interface EnteredPassword {
  readonly organisation: string;
  readonly user: string;
  readonly password: string;
}

export type SignInVisit =
  | { readonly kind: 'go'; readonly to: string }
  | ({ readonly kind: 'login' } & VisitingClient)
  | ({ readonly kind: 'consent' } & AskedConsent);

/** The client that sent the browser here, as it describes itself. */
export interface VisitingClient {
  readonly uid: string;
  /** Title of the product. */
  readonly product: string;
  readonly clientName: string;
  /** Where the answer goes: what can be checked about a client. */
  readonly clientHost: string;
  /** Whether that is a program on the user's own machine, which anybody may call as they like. */
  readonly local: boolean;
  /** Origins that forms may lead to. */
  readonly formTargets: readonly string[];
}

export interface AskedConsent extends VisitingClient {
  readonly tenant: string;
  readonly principal: string;
  /** Title of the agent that the client is, and who answers for it. */
  readonly agent: string;
  readonly owner: string | null;
  readonly scopes: readonly string[];
}
